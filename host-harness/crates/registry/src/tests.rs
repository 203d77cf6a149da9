//! A client and a registry that behaves, and does not.

mod double;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use packaging::oci::{self, Descriptor, Index, Manifest};
use signatures::{PrivateKey, PublicKey, simple_signing, testing};

use self::double::{Behaviour, Files, Registry};
use crate::client::Client;
use crate::error::RegistryError;
use crate::pull::Pulled;
use crate::push::Pushed;
use crate::reference::Target;

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A layout with a component, something that refers to it, and a signature.
fn layout(key: &PrivateKey) -> Files {
    let mut files = BTreeMap::new();
    let mut keep = |media_type: &str, bytes: &[u8]| {
        let descriptor = Descriptor::of(media_type, bytes);
        let path = format!("blobs/{}", descriptor.digest.replace(':', "/"));
        files.insert(path, bytes.to_vec());
        descriptor
    };
    let config = keep(oci::WASM_CONFIG, b"{\"os\":\"wasip2\"}");
    let layer = keep(oci::WASM, COMPONENT);
    let component = keep(oci::MANIFEST, &Manifest::new(config, vec![layer]).json());

    let empty = keep(oci::EMPTY, b"{}");
    let list = keep("application/vnd.cyclonedx+json", b"{\"bom\":1}");
    let mut referrer = Manifest::new(empty.clone(), vec![list]);
    referrer.artifact_type = Some("application/vnd.cyclonedx+json".to_owned());
    referrer.subject = Some(component.clone());
    let referrer = keep(oci::MANIFEST, &referrer.json());

    let document = simple_signing::document("", &component.digest);
    let signature = key.sign(&document).unwrap().to_string();
    let of_file = key.sign(COMPONENT).unwrap().to_string();
    let document = keep(simple_signing::MEDIA_TYPE, &document)
        .annotated(simple_signing::ANNOTATION, &signature)
        .annotated(oci::FILE_SIGNATURE, &of_file);
    let signed = keep(oci::MANIFEST, &Manifest::new(empty, vec![document]).json());
    let tag = simple_signing::tag(&component.digest);
    let index = Index::new(vec![
        component.annotated(oci::REFERENCE, "0.1.0"),
        referrer,
        signed.annotated(oci::REFERENCE, &tag),
    ]);
    files.insert("index.json".to_owned(), index.json());
    Files(files)
}

fn keys() -> (PrivateKey, PublicKey) {
    let (private, public) = testing::pair();
    (
        PrivateKey::read(&private).unwrap(),
        PublicKey::read(&public).unwrap(),
    )
}

fn client(registry: &Registry) -> Client<&Registry> {
    let place = "registry.example/acme/connector".parse().unwrap();
    Client::new(registry, &place, false, None).unwrap()
}

async fn pushed(registry: &Registry, key: &PrivateKey) -> Pushed {
    client(registry).push(&layout(key), None).await.unwrap()
}

async fn pull(
    registry: &Registry,
    target: &Target,
    key: Option<&PublicKey>,
) -> Result<Pulled, RegistryError> {
    client(registry).pull(target, 1 << 20, key).await
}

fn behave(registry: &Registry, change: impl FnOnce(&mut Behaviour)) {
    change(&mut registry.behaviour.lock().unwrap());
}

#[tokio::test]
async fn what_was_pushed_is_pulled_by_tag_and_by_digest() {
    let (private, public) = keys();
    let registry = Registry::default();
    let given = pushed(&registry, &private).await;
    assert_eq!((&*given.tag, given.manifests), ("0.1.0", 3));
    for target in [
        Target::Tag("0.1.0".to_owned()),
        Target::Digest(given.digest.clone()),
    ] {
        let pulled = pull(&registry, &target, Some(&public)).await.unwrap();
        assert_eq!(
            (&*pulled.component, &pulled.digest),
            (COMPONENT, &given.digest)
        );
        let of_file = pulled.signature.unwrap();
        assert_eq!(public.verify(COMPONENT, &of_file), Ok(()));
    }
    let unchecked = pull(&registry, &Target::Digest(given.digest), None).await;
    assert_eq!(unchecked.unwrap().signature, None);
}

#[tokio::test]
async fn what_is_there_is_not_sent_again() {
    let (private, _) = keys();
    let registry = Registry::default();
    pushed(&registry, &private).await;
    registry.asked.lock().unwrap().clear();
    pushed(&registry, &private).await;
    let asked = registry.asked.lock().unwrap();
    let uploads = asked.iter().filter(|(method, _, _)| method == Method::POST);
    // The document and the component are the same.
    assert_eq!(uploads.count(), 0);
}

#[tokio::test]
async fn what_refers_to_a_component_is_listed_once_where_the_registry_does_not() {
    let (private, _) = keys();
    let registry = Registry::default();
    let given = pushed(&registry, &private).await;
    pushed(&registry, &private).await;
    let listed = |registry: &Registry| -> Option<Index> {
        let tag = oci::referrers_tag(&given.digest);
        let kept = registry.kept.lock().unwrap();
        let list = kept.get(&format!("manifests/{tag}"))?;
        serde_json::from_slice(list).ok()
    };
    let list = listed(&registry).unwrap();
    assert_eq!(list.manifests.len(), 1);
    let artifact = list.manifests[0].artifact_type.as_deref();
    assert_eq!(artifact, Some("application/vnd.cyclonedx+json"));
    let registry = Registry::behaving(Behaviour {
        lists_referrers: true,
        ..Behaviour::default()
    });
    pushed(&registry, &private).await;
    assert_eq!(listed(&registry), None);
}

#[tokio::test]
async fn a_registry_that_answers_another_digest_is_refused() {
    let (private, _) = keys();
    let registry = Registry::default();
    let given = pushed(&registry, &private).await;
    let target = Target::Digest(given.digest.clone());
    behave(&registry, |behaviour| behaviour.another_manifest = true);
    let error = pull(&registry, &target, None).await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.contains("another manifest"), "{sentence}");
    assert!(sentence.contains(&given.digest), "{sentence}");
    behave(&registry, |behaviour| {
        behaviour.another_manifest = false;
        behaviour.another_blob = true;
    });
    let error = pull(&registry, &target, None).await.unwrap_err();
    let is_another = matches!(error, RegistryError::AnotherDigest { what: "file", .. });
    assert!(is_another, "{error}");
}

#[tokio::test]
async fn a_signature_is_asked_for_before_the_component_is() {
    let (private, public) = keys();
    let (_, foreign) = keys();
    let registry = Registry::default();
    let given = pushed(&registry, &private).await;
    let target = Target::Digest(given.digest.clone());
    registry.asked.lock().unwrap().clear();
    let error = pull(&registry, &target, Some(&foreign)).await.unwrap_err();
    assert!(matches!(error, RegistryError::Foreign { .. }), "{error}");
    let component = oci::digest(COMPONENT);
    let asked = registry.asked.lock().unwrap().clone();
    assert!(!asked.iter().any(|(_, url, _)| url.contains(&component)));
    // A signature of something else, at the place of this one.
    let other = simple_signing::document("", &component);
    let signature = private.sign(&other).unwrap().to_string();
    let other = Bytes::from(other);
    let layer = Descriptor::of(simple_signing::MEDIA_TYPE, &other)
        .annotated(simple_signing::ANNOTATION, &signature);
    registry.keep(&format!("blobs/{}", layer.digest), &other);
    let signed = Manifest::new(Descriptor::of(oci::EMPTY, b"{}"), vec![layer]);
    let place = format!("manifests/{}", simple_signing::tag(&given.digest));
    registry.keep(&place, &signed.json().into());
    let error = pull(&registry, &target, Some(&public)).await.unwrap_err();
    assert!(error.to_string().contains(&component), "{error}");
    registry.kept.lock().unwrap().remove(&place);
    let error = pull(&registry, &target, Some(&public)).await.unwrap_err();
    assert!(matches!(error, RegistryError::Unsigned(_)), "{error}");
}

#[tokio::test]
async fn a_token_is_had_where_the_registry_says_and_shown_to_it_alone() {
    let (private, _) = keys();
    let registry = Registry::behaving(Behaviour {
        wants_token: true,
        redirects: true,
        ..Behaviour::default()
    });
    let given = pushed(&registry, &private).await;
    let pulled = pull(&registry, &Target::Digest(given.digest), None).await;
    assert_eq!(pulled.unwrap().component, COMPONENT);
    let asked = registry.asked.lock().unwrap();
    let tokens = asked
        .iter()
        .filter(|(_, url, _)| url.contains("auth.example"));
    // One for each client.
    assert_eq!(tokens.count(), 2);
}

#[tokio::test]
async fn nobody_is_led_astray_or_round_in_a_circle() {
    let (private, _) = keys();
    let registry = Registry::behaving(Behaviour {
        leads_astray: true,
        ..Behaviour::default()
    });
    let error = client(&registry).push(&layout(&private), None).await;
    let error = error.unwrap_err();
    assert!(matches!(error, RegistryError::Location), "{error}");
    let registry = Registry::default();
    let given = pushed(&registry, &private).await;
    behave(&registry, |behaviour| {
        behaviour.redirects = true;
        behaviour.goes_round = true;
    });
    let error = pull(&registry, &Target::Digest(given.digest), None).await;
    let error = error.unwrap_err();
    assert!(matches!(error, RegistryError::Location), "{error}");
}

#[tokio::test]
async fn what_is_no_component_or_too_large_or_not_there_is_told() {
    let (private, _) = keys();
    let registry = Registry::default();
    let given = pushed(&registry, &private).await;
    let error = pull(&registry, &Target::Tag("9.9.9".to_owned()), None).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "the registry has no manifest 9.9.9"
    );
    let signature = Target::Tag(simple_signing::tag(&given.digest));
    let error = pull(&registry, &signature, None).await.unwrap_err();
    assert!(matches!(error, RegistryError::NotAComponent(_)), "{error}");
    let target = Target::Digest(given.digest);
    let error = client(&registry).pull(&target, 7, None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the component has 8 bytes, and 7 is the most that is taken"
    );
}

#[tokio::test]
async fn a_layout_that_is_not_what_it_says_is_not_given_away() {
    let (private, _) = keys();
    let registry = Registry::default();
    let mut damaged = layout(&private);
    let component = oci::digest(COMPONENT).replace(':', "/");
    let changed = b"something else".to_vec();
    damaged.0.insert(format!("blobs/{component}"), changed);
    let error = client(&registry).push(&damaged, None).await.unwrap_err();
    assert!(error.to_string().ends_with("is not what its name says"));
    let mut outside = layout(&private);
    let index = String::from_utf8(outside.0["index.json"].clone()).unwrap();
    let index = index.replacen("sha256:", "../../", 1);
    outside
        .0
        .insert("index.json".to_owned(), index.into_bytes());
    let error = client(&registry).push(&outside, None).await.unwrap_err();
    assert!(
        error.to_string().ends_with("a digest in it is none"),
        "{error}"
    );
}
