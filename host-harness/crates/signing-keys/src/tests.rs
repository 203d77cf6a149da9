//! What people have, and what they are told. The files are made by `fixtures/generate.sh`.

use std::time::{Duration, SystemTime};

use connector_contract::SigningError;
use connector_contract::imports::Signer as _;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use secrecy::{ExposeSecret as _, SecretString};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::{KeyRefused, SigningKey};

const APPLICATION: &str = include_str!("../fixtures/application.pem");
const CERTIFICATE: &str = include_str!("../fixtures/certificate.pem");
const OTHER_KEY: &str = include_str!("../fixtures/other-key.pem");
const ELLIPTIC: &str = include_str!("../fixtures/elliptic.pem");
const ENCRYPTED: &str = include_str!("../fixtures/encrypted.pem");
const TRADITIONAL: &str = include_str!("../fixtures/traditional.pem");
const LEGACY: &str = include_str!("../fixtures/legacy-encryption.pem");
const MODERN_PFX: &[u8] = include_bytes!("../fixtures/modern.pfx");
const TRIPLE_DES_PFX: &[u8] = include_bytes!("../fixtures/triple-des.pfx");
const CERTIFICATE_PFX: &[u8] = include_bytes!("../fixtures/certificate-alone.pfx");

const PASSWORD: &str = "open sesame";
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn read(bytes: impl AsRef<[u8]>, password: Option<&str>) -> Result<SigningKey, KeyRefused> {
    let password = password.map(SecretString::from);
    SigningKey::read(bytes.as_ref(), password.as_ref())
}

fn refused(bytes: impl AsRef<[u8]>, password: Option<&str>) -> KeyRefused {
    read(bytes, password).unwrap_err()
}

/// The private key of the application alone.
fn key() -> &'static str {
    &APPLICATION[APPLICATION.find("-----BEGIN PRIVATE KEY").unwrap()..]
}

fn certificate_of(name: &str, years: (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    params
}

/// The application's key with another certificate, which is valid in those years.
fn of_years(from: i32, until: i32) -> String {
    let own = KeyPair::from_pem(key()).unwrap();
    let params = certificate_of("Application of other years", (from, until));
    params.self_signed(&own).unwrap().pem()
}

#[test]
fn every_form_that_people_have_gives_the_same_key_and_certificate() {
    let expected = read(APPLICATION, None).unwrap();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, MODERN_PFX);
    let wrapped = format!("{}\r\n{}\n", &base64[..64], &base64[64..]);
    let crlf = APPLICATION.replace('\n', "\r\n");
    for (what, bytes, password) in [
        ("PEM", APPLICATION.as_bytes(), None),
        (
            "PEM with a password that nobody asked for",
            APPLICATION.as_bytes(),
            Some("x"),
        ),
        ("PEM of Windows", crlf.as_bytes(), None),
        ("PKCS#1 in PEM", TRADITIONAL.as_bytes(), None),
        (
            "encrypted PKCS#8 in PEM",
            ENCRYPTED.as_bytes(),
            Some(PASSWORD),
        ),
        ("PKCS#12", MODERN_PFX, Some(PASSWORD)),
        ("PKCS#12 with TripleDES", TRIPLE_DES_PFX, Some(PASSWORD)),
        ("PKCS#12 in base64", wrapped.as_bytes(), Some(PASSWORD)),
    ] {
        let key = read(bytes, password).unwrap_or_else(|refused| panic!("{what}: {refused}"));
        assert_eq!(key.certificate(), expected.certificate(), "{what}");
        assert_eq!(key.chain(), expected.chain(), "{what}");
        let again = read(key.to_pem().expose_secret(), None).unwrap();
        assert_eq!(again.certificate(), expected.certificate(), "{what}, kept");
    }
    assert_eq!(expected.thumbprint().len(), 40);
    assert!(expected.certificate_pem().contains("BEGIN CERTIFICATE"));
    assert!(!expected.certificate_pem().contains("PRIVATE"));
}

#[test]
fn what_it_signs_its_certificate_verifies() {
    let key = read(MODERN_PFX, Some(PASSWORD)).unwrap();
    let signature = key.sign(b"header.claims").unwrap();
    let chain = key.chain();
    let (_, certificate) = X509Certificate::from_der(&chain[0]).unwrap();
    let public = &certificate.public_key().subject_public_key.data;
    let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public);
    assert!(public.verify(b"header.claims", &signature).is_ok());
    assert!(public.verify(b"something else", &signature).is_err());
}

#[test]
fn a_password_that_is_wrong_or_missing_is_told_apart_from_a_file_that_is_none() {
    for bytes in [ENCRYPTED.as_bytes(), MODERN_PFX, TRIPLE_DES_PFX] {
        assert_eq!(refused(bytes, None), KeyRefused::PasswordMissing);
        assert_eq!(refused(bytes, Some("wrong")), KeyRefused::WrongPassword);
    }
    for bytes in [
        &b""[..],
        b"nonsense",
        b"{}",
        b"\x30\x03\x02\x01\x00",
        &[0xff; 64],
    ] {
        assert_eq!(refused(bytes, Some(PASSWORD)), KeyRefused::Unreadable);
    }
    let truncated = &MODERN_PFX[..MODERN_PFX.len() / 2];
    assert_eq!(refused(truncated, Some(PASSWORD)), KeyRefused::Unreadable);
    assert_eq!(
        refused(LEGACY, Some(PASSWORD)),
        KeyRefused::UnknownEncryption
    );
    assert_eq!(refused(vec![b'A'; 300 * 1024], None), KeyRefused::TooLong);
}

#[test]
fn half_of_what_is_needed_is_told_by_what_is_missing() {
    assert_eq!(refused(CERTIFICATE, None), KeyRefused::NoKey);
    assert_eq!(refused(CERTIFICATE_PFX, Some(PASSWORD)), KeyRefused::NoKey);
    assert_eq!(refused(key(), None), KeyRefused::NoCertificate);
    let two = format!("{APPLICATION}{OTHER_KEY}");
    assert_eq!(refused(two, None), KeyRefused::SeveralKeys);
}

#[test]
fn a_key_that_entra_would_not_take_is_refused_with_a_sentence() {
    assert_eq!(refused(ELLIPTIC, None), KeyRefused::NotRsa);
    assert!(KeyRefused::NotRsa.to_string().contains("not RSA"));
    let mixed = format!("{OTHER_KEY}{CERTIFICATE}");
    assert_eq!(refused(mixed, None), KeyRefused::WrongKey);
}

#[test]
fn of_several_certificates_the_one_of_the_key_is_taken_and_its_issuers_follow_it() {
    let authority = KeyPair::from_pem(OTHER_KEY).unwrap();
    let mut params = certificate_of("Authority", (2020, 2049));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&authority).unwrap();
    let issuer = Issuer::new(params, authority);
    let own = KeyPair::from_pem(key()).unwrap();
    let leaf = certificate_of("Issued", (2020, 2049));
    let leaf = leaf.signed_by(&own, &issuer).unwrap();
    let stranger = &ELLIPTIC[ELLIPTIC.find("-----BEGIN CERTIFICATE").unwrap()..];
    // In any order, with one that has nothing to do with it.
    let file = format!("{}{stranger}{}{}", root.pem(), key(), leaf.pem());
    let key = read(file, None).unwrap();
    assert_eq!(key.chain(), [leaf.der().to_vec(), root.der().to_vec()]);
}

#[test]
fn two_certificates_of_one_key_are_not_chosen_between() {
    let twice = format!("{APPLICATION}{CERTIFICATE}");
    assert!(read(twice, None).is_ok(), "the same one is no other");
    let renewed = format!("{APPLICATION}{}", of_years(2020, 2040));
    assert_eq!(refused(renewed, None), KeyRefused::SeveralCertificates);
}

#[test]
fn a_certificate_that_is_over_or_to_come_signs_nothing() {
    let expired = read(format!("{}{}", key(), of_years(2020, 2021)), None).unwrap();
    let to_come = read(format!("{}{}", key(), of_years(2090, 2091)), None).unwrap();
    let now = SystemTime::UNIX_EPOCH + 55 * YEAR;
    let told = expired.check_time(now).unwrap_err();
    assert!(told.to_string().contains("expired on 2021-01-01"), "{told}");
    let told = to_come.check_time(now).unwrap_err();
    assert!(
        told.to_string().contains("not valid before 2090-01-01"),
        "{told}"
    );
    assert!(read(APPLICATION, None).unwrap().check_time(now).is_ok());
    assert_eq!(
        expired.sign(b"message"),
        Err(SigningError::Expired(expired.certificate().not_after_ms))
    );
    assert!(matches!(
        to_come.sign(b"message"),
        Err(SigningError::NotUsable(_))
    ));
}

#[test]
fn no_output_but_the_one_to_be_sealed_holds_the_private_key() {
    let shown = format!("{:?}", read(APPLICATION, None).unwrap());
    let secret: String = key().lines().nth(1).unwrap().to_owned();
    assert!(
        !shown.contains(&secret) && !shown.contains("PRIVATE"),
        "{shown}"
    );
    for refused in [
        refused(MODERN_PFX, Some("hunter2")),
        refused(OTHER_KEY, Some("hunter2")),
    ] {
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }
}
