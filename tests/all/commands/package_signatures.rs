//! The signature of a package: of one file and one key, checked first, and checked by another program.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use host_harness::component::{component_bytes, component_path};
use serde_json::Value;

use super::desk::run;
use super::packages::{Packaged, inspect, run_in};
use crate::node::{installed, skip};

#[test]
fn a_signature_is_of_one_file_and_one_key() {
    let packaged = Packaged::new();
    let (file, key) = (packaged.component(), packaged.path("key.pub"));
    let required = ["--require-signature", &key];
    let json = inspect(&file, &["--json", "--require-signature", &key]);
    assert_eq!(json.with(0).json()["signedBy"].as_str().unwrap().len(), 64);

    let foreign = packaged.path("foreign.pub");
    inspect(&file, &["--require-signature", &foreign])
        .with(1)
        .saying("the signature is not of this file and this key");
    // A byte more, and a file that is no component at all: the signature is looked at first.
    for bytes in [
        [component_bytes(), b"\0"].concat(),
        b"no component".to_vec(),
    ] {
        let other = packaged.path("other.wasm");
        fs::write(&other, bytes).unwrap();
        fs::copy(format!("{file}.sig"), format!("{other}.sig")).unwrap();
        inspect(&other, &required)
            .with(1)
            .saying("the signature is not of this file and this key");
    }
    let unsigned = component_path().to_str().unwrap();
    inspect(unsigned, &required).with(1).saying("is not signed");
    fs::write(packaged.path("other.wasm.sig"), "no signature").unwrap();
    inspect(&packaged.path("other.wasm"), &required)
        .with(1)
        .saying("no signature in base64");
    inspect(&file, &["--require-signature", &packaged.path("key.pem")])
        .with(2)
        .saying("this is a private key");
}

#[test]
fn another_program_checks_the_signature_of_the_file() {
    if installed("openssl").is_none() {
        return skip("openssl");
    }
    let packaged = Packaged::new();
    let decode = [
        "base64",
        "-d",
        "-A",
        "-in",
        "package/entra_connector.wasm.sig",
        "-out",
        "sig",
    ];
    let folder = packaged.path("");
    assert!(run_in(&folder, "openssl", &decode));
    let verify = |key: &str| {
        let file = "package/entra_connector.wasm";
        let arguments = ["dgst", "-sha256", "-verify", key, "-signature", "sig", file];
        run_in(&folder, "openssl", &arguments)
    };
    assert!(verify("key.pub"));
    assert!(!verify("foreign.pub"));
}

#[test]
fn another_program_checks_the_signature_of_the_manifest() {
    if installed("openssl").is_none() {
        return skip("openssl");
    }
    let packaged = Packaged::new();
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap();
        format!("package/oci/blobs/{}", digest.replace(':', "/"))
    };
    let index = packaged.json("package/oci/index.json");
    let manifests = index["manifests"].as_array().unwrap();
    let signed = packaged.json(&blob(manifests.last().unwrap()));
    let layer = &signed["layers"][0];
    let document = packaged.json(&blob(layer));
    let named = &document["critical"]["image"]["docker-manifest-digest"];
    assert_eq!(*named, manifests[0]["digest"]);
    let signature = &layer["annotations"]["dev.cosignproject.cosign/signature"];
    let signature = STANDARD.decode(signature.as_str().unwrap()).unwrap();
    fs::write(packaged.path("sig"), signature).unwrap();
    let folder = packaged.path("");
    let verify = |key: &str| {
        let file = blob(layer);
        let arguments = [
            "dgst",
            "-sha256",
            "-verify",
            key,
            "-signature",
            "sig",
            &file,
        ];
        run_in(&folder, "openssl", &arguments)
    };
    assert!(verify("key.pub"));
    assert!(!verify("foreign.pub"));
}

#[test]
fn a_key_of_another_program_signs_a_package() {
    if installed("openssl").is_none() {
        return skip("openssl");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let here = path("");
    let curve = "ec_paramgen_curve:P-256";
    let generate = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        curve,
        "-out",
        "key.pem",
    ];
    assert!(run_in(&here, "openssl", &generate));
    let public = ["pkey", "-in", "key.pem", "-pubout", "-out", "key.pub"];
    assert!(run_in(&here, "openssl", &public));
    let (key, out) = (path("key.pem"), path("package"));
    run(&["package", "--out", &out, "--sign", &key]).with(0);
    let file = path("package/entra_connector.wasm");
    inspect(&file, &["--require-signature", &path("key.pub")]).with(0);
}
