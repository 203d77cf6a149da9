//! What the vault promises.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

use super::*;

const SCOPE: SecretScope<'static> = SecretScope {
    workspace: "contoso",
    name: "client-secret",
    version: 1,
};
const SECRET: &str = "correct horse battery staple";

fn seal(ring: &KeyRing) -> Sealed {
    ring.seal(SCOPE, &SecretString::from(SECRET)).unwrap()
}

fn key_text(ids_and_bytes: &[(&str, u8)]) -> String {
    let line = |(id, byte): &(&str, u8)| format!("{id} {}\n", STANDARD.encode([*byte; 32]));
    ids_and_bytes.iter().map(line).collect()
}

fn key_file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vault.key");
    fs::write(&path, text).unwrap();
    set_mode(&path, mode);
    (directory, path)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

#[test]
fn what_was_sealed_opens_in_its_place() {
    let ring = KeyRing::generate().unwrap();
    let stored = seal(&ring).to_bytes();
    let sealed = Sealed::from_bytes(&stored).unwrap();
    assert_eq!(ring.open(SCOPE, &sealed).unwrap().expose_secret(), SECRET);
    assert!(
        !stored
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes())
    );
}

#[test]
fn the_same_secret_is_never_sealed_to_the_same_bytes() {
    let ring = KeyRing::generate().unwrap();
    assert_ne!(seal(&ring).to_bytes(), seal(&ring).to_bytes());
}

#[test]
fn another_workspace_or_another_name_does_not_open_it() {
    let ring = KeyRing::generate().unwrap();
    let sealed = seal(&ring);
    for scope in [
        SecretScope {
            workspace: "fabrikam",
            ..SCOPE
        },
        SecretScope {
            name: "other-secret",
            ..SCOPE
        },
    ] {
        assert_eq!(
            ring.open(scope, &sealed).unwrap_err(),
            OpenError::DoesNotOpen
        );
    }
}

#[test]
fn another_ring_does_not_open_it_and_names_the_key_that_would() {
    let sealed = seal(&KeyRing::from_text(&key_text(&[("first", 1)])).unwrap());
    let error = KeyRing::generate()
        .unwrap()
        .open(SCOPE, &sealed)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the stored secret needs the key `first`, which is not among the keys; put that key's line back into the key \
         file, or set the secret again"
    );
    let same_id = KeyRing::from_text(&key_text(&[("first", 2)])).unwrap();
    assert_eq!(
        same_id.open(SCOPE, &sealed).unwrap_err(),
        OpenError::DoesNotOpen
    );
}

#[test]
fn a_value_said_to_be_of_another_key_does_not_open() {
    let one = KeyRing::from_text(&key_text(&[("one", 1)])).unwrap();
    let both = KeyRing::from_text(&key_text(&[("one", 1), ("two", 1)])).unwrap();
    let mut sealed = seal(&one);
    assert!(both.open(SCOPE, &sealed).is_ok());
    sealed.key_id = "two".to_owned();
    assert_eq!(
        both.open(SCOPE, &sealed).unwrap_err(),
        OpenError::DoesNotOpen
    );
}

#[test]
fn no_bit_of_what_is_stored_can_change() {
    let ring = KeyRing::generate().unwrap();
    let stored = seal(&ring).to_bytes();
    for bit in 0..stored.len() * 8 {
        let mut changed = stored.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let opened = Sealed::from_bytes(&changed).map(|sealed| ring.open(SCOPE, &sealed).is_ok());
        assert_ne!(opened, Ok(true), "bit {bit}");
    }
}

#[test]
fn after_a_rotation_old_values_open_and_new_ones_use_the_new_key() {
    let before = KeyRing::generate().unwrap();
    let old = seal(&before);
    let rotated = before.rotated().unwrap();
    assert_eq!(
        rotated.former_ids().collect::<Vec<_>>(),
        [before.current_id()]
    );
    assert!(!rotated.is_current(&old));
    assert_eq!(rotated.open(SCOPE, &old).unwrap().expose_secret(), SECRET);

    let new = rotated.reseal(SCOPE, &old).unwrap();
    assert!(rotated.is_current(&new));
    let retired = rotated.without_former();
    assert_eq!(retired.open(SCOPE, &new).unwrap().expose_secret(), SECRET);
    assert_eq!(
        retired.open(SCOPE, &old).unwrap_err(),
        OpenError::UnknownKey {
            key_id: before.current_id().to_owned()
        }
    );
}

#[test]
fn a_value_that_does_not_open_is_not_sealed_anew() {
    let ring = KeyRing::generate().unwrap();
    let sealed = seal(&ring);
    let elsewhere = SecretScope { name: "x", ..SCOPE };
    assert!(matches!(
        ring.reseal(elsewhere, &sealed),
        Err(ResealError::Open(OpenError::DoesNotOpen))
    ));
}

#[test]
fn the_text_of_a_ring_is_the_ring() {
    let ring = KeyRing::generate().unwrap().rotated().unwrap();
    let again = KeyRing::from_text(ring.to_text().expose_secret()).unwrap();
    assert_eq!(
        again.open(SCOPE, &seal(&ring)).unwrap().expose_secret(),
        SECRET
    );
    assert_eq!(
        again.former_ids().collect::<Vec<_>>(),
        ring.former_ids().collect::<Vec<_>>()
    );
}

#[test]
fn a_text_that_is_no_ring_is_refused_by_its_line_and_not_repeated() {
    let good = key_text(&[("first", 1)]);
    let short = STANDARD.encode([7; 31]);
    for (text, line, problem) in [
        ("justoneword\n".to_owned(), 1, KeyLineProblem::Form),
        (format!("{good}a b c\n"), 2, KeyLineProblem::Form),
        (
            format!("\n{}", key_text(&[("a/b", 1)])),
            2,
            KeyLineProblem::Id,
        ),
        (key_text(&[(&"x".repeat(33), 1)]), 1, KeyLineProblem::Id),
        (format!("id {short}"), 1, KeyLineProblem::Key),
        ("id not*base64".to_owned(), 1, KeyLineProblem::Key),
        (good.repeat(2), 2, KeyLineProblem::Repeated),
    ] {
        let error = KeyRing::from_text(&text).unwrap_err();
        assert_eq!(error, KeyTextError::Line { line, problem }, "{text}");
        for word in text.split_whitespace().filter(|word| word.len() > 8) {
            assert!(!format!("{error} {error:?}").contains(word));
        }
    }
    assert_eq!(KeyRing::from_text(" \n").unwrap_err(), KeyTextError::Empty);
}

#[test]
fn a_key_file_is_made_once_and_then_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vault.key");
    assert!(matches!(
        KeyRing::from_file(&path),
        Err(KeyFileError::Read { .. })
    ));
    let made = KeyRing::open_or_create(&path).unwrap();
    let read = KeyRing::open_or_create(&path).unwrap();
    assert_eq!(made.current_id(), read.current_id());
    assert!(read.open(SCOPE, &seal(&made)).is_ok());
    let names = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(names, 1, "no temporary file is left");
}

#[test]
fn of_many_that_make_the_key_file_at_once_all_have_the_same_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vault.key");
    let ids: Vec<String> = std::thread::scope(|scope| {
        let start = || {
            KeyRing::open_or_create(&path)
                .unwrap()
                .current_id()
                .to_owned()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[cfg(unix)]
#[test]
fn a_key_file_is_the_owners_alone_when_it_is_made_and_when_it_is_saved() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_directory, path) = key_file("", 0o644);
    let ring = KeyRing::generate().unwrap();
    ring.save(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        KeyRing::from_file(&path)
            .unwrap()
            .open(SCOPE, &seal(&ring))
            .is_ok()
    );
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused_with_the_way_out() {
    for mode in [0o640, 0o604, 0o620, 0o644] {
        let (_directory, path) = key_file(&key_text(&[("first", 1)]), mode);
        let error = KeyRing::open_or_create(&path).unwrap_err().to_string();
        assert!(
            error.contains(&format!("run `chmod 600 {}`", path.display())),
            "{error}"
        );
        assert!(error.contains(&format!("(mode {mode:04o})")), "{error}");
        set_mode(&path, 0o400);
        assert!(KeyRing::from_file(&path).is_ok());
    }
}

#[test]
fn what_is_no_key_file_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let error = KeyRing::open_or_create(directory.path()).unwrap_err();
    assert!(
        matches!(
            error,
            KeyFileError::NoKeyFile { .. } | KeyFileError::Read { .. }
        ),
        "{error}"
    );
    let (_directory, path) = key_file("", 0o600);
    assert!(matches!(
        KeyRing::open_or_create(&path),
        Err(KeyFileError::Text {
            source: KeyTextError::Empty,
            ..
        })
    ));
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn a_ring_that_cannot_be_saved_says_where() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("missing").join("vault.key");
    let error = KeyRing::open_or_create(&path).unwrap_err();
    assert!(matches!(error, KeyFileError::Write { .. }));
    assert!(error.to_string().contains("missing"));
}

#[test]
fn nothing_that_is_printed_contains_a_key_or_a_secret() {
    let text = key_text(&[("first", 0xAB), ("second", 0xCD)]);
    let ring = KeyRing::from_text(&text).unwrap();
    let sealed = seal(&ring);
    let elsewhere = SecretScope { name: "x", ..SCOPE };
    let printed = [
        format!("{ring:?} {ring:#?}"),
        format!("{sealed:?} {:?}", ring.open(SCOPE, &sealed)),
        format!("{:?}", ring.open(elsewhere, &sealed)),
        format!("{:?}", ring.to_text()),
    ]
    .concat();
    assert!(printed.contains("first"), "the ids may be seen");
    let encoded = [STANDARD.encode([0xAB; 32]), STANDARD.encode([0xCD; 32])];
    for hidden in [
        SECRET,
        &encoded[0],
        &encoded[1],
        "171, 171",
        "205, 205",
        "abab",
        "cdcd",
    ] {
        assert!(!printed.contains(hidden), "{hidden} in {printed}");
    }
}

#[test]
fn keys_that_a_killed_process_left_under_no_name_are_removed_and_other_files_stay() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vault.key");
    let ring = KeyRing::open_or_create(&path).unwrap();
    let beside = |name: &str| directory.path().join(name);
    std::fs::copy(&path, beside(".tmpAbC123")).unwrap();
    std::fs::copy(&path, beside("vault.key.backup")).unwrap();
    std::fs::write(beside(".tmpZzZ999"), "a note").unwrap();
    assert_eq!(KeyRing::remove_unfinished(&path).unwrap(), 1);
    assert!(!beside(".tmpAbC123").exists());
    for kept in ["vault.key", "vault.key.backup", ".tmpZzZ999"] {
        assert!(beside(kept).exists(), "{kept}");
    }
    assert!(
        KeyRing::from_file(&path)
            .unwrap()
            .open(SCOPE, &seal(&ring))
            .is_ok()
    );
}

proptest! {
    #[test]
    fn every_secret_comes_back_as_it_was(
        secret in any::<String>(),
        workspace in any::<String>(),
        name in any::<String>(),
    ) {
        let ring = KeyRing::generate().unwrap();
        let scope = SecretScope { workspace: &workspace, name: &name, version: 1 };
        let sealed = ring.seal(scope, &SecretString::from(secret.as_str())).unwrap();
        let stored = Sealed::from_bytes(&sealed.to_bytes()).unwrap();
        let opened = ring.open(scope, &stored).unwrap();
        prop_assert_eq!(opened.expose_secret(), secret.as_str());
    }

    #[test]
    fn what_was_cut_off_or_lengthened_does_not_open(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        cut in 0_usize..200,
    ) {
        let ring = KeyRing::from_text(&key_text(&[("first", 1)])).unwrap();
        let whole = seal(&ring).to_bytes();
        let mut bytes = whole.clone();
        bytes.truncate(cut);
        bytes.extend_from_slice(&noise);
        let opens = Sealed::from_bytes(&bytes).is_ok_and(|sealed| ring.open(SCOPE, &sealed).is_ok());
        prop_assert_eq!(opens, bytes == whole);
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,80}|([a-z]{0,3} [A-Za-z0-9+/=]{40,48}\n){0,3}") {
        let _ = KeyRing::from_text(&text);
    }
}
