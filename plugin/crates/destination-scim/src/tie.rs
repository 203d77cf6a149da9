//! Whose user it is, as `externalId` says.

use destination_kit::destination::Tie;
use guest_kit::percent::encode;

/// With which every text begins that this destination writes there.
const OURS: &str = "contact-sync:";

/// To whom a user belongs, by the `externalId`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Nobody has said so.
    Nobody,
    /// A connector of this kind, for this person of a directory.
    Connector(Tie),
    /// Whoever wrote a text that is not of this form: another program, which goes by it.
    Somebody,
}

impl Owner {
    /// Reads an `externalId`.
    pub(crate) fn of(external_id: Option<&str>) -> Self {
        match external_id {
            None | Some("") => Self::Nobody,
            Some(text) => read(text).map_or(Self::Somebody, Self::Connector),
        }
    }
}

/// The text that a tie is kept as: `contact-sync:`, the object id, a colon, the source. The object id is
/// percent-encoded, so that its end is certain; of a GUID that changes nothing.
pub(crate) fn written(tie: &Tie) -> String {
    format!("{OURS}{}:{}", encode(&tie.object_id), tie.source)
}

fn read(text: &str) -> Option<Tie> {
    let (object_id, source) = text.strip_prefix(OURS)?.split_once(':')?;
    let object_id = decoded(object_id)?;
    let is_whole = !object_id.is_empty() && !source.is_empty();
    is_whole.then(|| Tie {
        source: source.to_owned(),
        object_id,
    })
}

/// `None` where a percent sign does not encode a byte, or the bytes are no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tie(object_id: &str) -> Tie {
        Tie {
            source: "entra:84841066-274d-4ec0-a5c1-276be684bdd3".to_owned(),
            object_id: object_id.to_owned(),
        }
    }

    #[test]
    fn a_tie_is_read_as_it_was_written_whatever_the_object_id_has_in_it() {
        for object_id in ["0a0a0a0a-1111-4222-8333-444444444401", "a:b%3A c", "é"] {
            let text = written(&tie(object_id));
            assert_eq!(Owner::of(Some(&text)), Owner::Connector(tie(object_id)));
        }
    }

    #[test]
    fn the_object_id_of_a_directory_stands_there_as_it_is() {
        let text = written(&tie("0a0a0a0a-1111-4222-8333-444444444401"));
        let expected = "contact-sync:0a0a0a0a-1111-4222-8333-444444444401:entra:84841066-274d-4ec0-a5c1-276be684bdd3";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_bare_object_id_a_nickname_and_any_other_text_is_somebody_elses() {
        for text in [
            "0a0a0a0a-1111-4222-8333-444444444401",
            "zoe.adams",
            "contact-sync",
            "contact-sync:",
            "contact-sync:x",
            "contact-sync:x:",
            "contact-sync::entra:1",
            "contact-sync:%zz:entra:1",
            "contact-sync:%ff:entra:1",
            "Contact-Sync:x:entra:1",
        ] {
            assert_eq!(Owner::of(Some(text)), Owner::Somebody, "{text}");
        }
        for nothing in [None, Some("")] {
            assert_eq!(Owner::of(nothing), Owner::Nobody);
        }
    }
}
