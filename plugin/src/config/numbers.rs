//! `format` and `phoneCountry`: which rows hold telephone numbers in E.164, and by which country they are read.
//!
//! A row says so itself, or its field is a **channel**: the telephone number without which the store, or the preset,
//! takes no contact. Messages are sent there, and what sends them takes nothing but E.164.

use entra_users::mapping::catalogue::{Attribute, Content};
use entra_users::mapping::numbers::{IN_E164, is_country};
use sync_core::mapping::rows::{Purpose, Row};

use super::located::Object;
use super::problem::Findings;
use super::wording::quoted;

/// How a row holds telephone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// In E.164.
    E164,
    /// As somebody wrote them.
    AsWritten,
}

pub(super) const FORMATS: &[(&str, Format)] =
    &[("e164", Format::E164), ("as-written", Format::AsWritten)];

/// Why a row in E.164 does not write to the directory: what is there would be compared with what was made of it.
pub(super) const NOT_WRITTEN: &str = "Numbers in E.164 are made of what the directory holds, and not given back to it: write \
    \"format\": \"as-written\" or \"direction\": \"one-way\".";

const WITHOUT: &str = "This component is built without the world's numbering plans, and leaves telephone numbers as they \
    are written: leave this out.";

/// What a row says of its numbers, and where that stands.
pub(super) fn of_target(target: &Object<'_>, findings: &mut Findings) -> Option<(Format, String)> {
    let place = target.get("format")?;
    let format = place.choice(FORMATS, findings)?;
    Some((format, place.pointer))
}

/// What a row's field is to the connector once its format is known; `plain` is what it is without one.
pub(super) fn purpose(
    plain: Purpose,
    attribute: &Attribute,
    format: Option<&(Format, String)>,
    findings: &mut Findings,
) -> Purpose {
    let Some((Format::E164, pointer)) = format else {
        return plain;
    };
    let holds_numbers = matches!(attribute.content, Content::Phone | Content::Free);
    let obstacle = if !IN_E164 {
        WITHOUT.to_owned()
    } else if !holds_numbers {
        format!(
            "{} is no telephone number; leave `format` out.",
            quoted(attribute.name)
        )
    } else if matches!(plain, Purpose::Address | Purpose::MatchKey) {
        "This field is an address, or what contacts are found by, and is compared in another way; leave `format` out."
            .to_owned()
    } else {
        return Purpose::E164;
    };
    findings.problem(pointer.as_str(), obstacle);
    plain
}

/// Makes a row's field a channel: its numbers are in E.164 unless the row says that they stay as they are written.
pub(super) fn send_to(row: &mut Row, stays_as_written: bool, findings: &mut Findings) {
    match row.purpose {
        Purpose::E164 => row.purpose = Purpose::Channel,
        Purpose::Telephone if stays_as_written || !IN_E164 => {}
        Purpose::Telephone if row.direction.writes_directory() => findings.warn(format!(
            "The numbers in {} stay as they are written, and are not brought into E.164, since the row writes to the \
             directory.",
            quoted(&row.field)
        )),
        Purpose::Telephone => row.purpose = Purpose::Channel,
        Purpose::Plain | Purpose::Address | Purpose::MatchKey | Purpose::Channel => {}
    }
}

/// The country by which numbers are read of people who have none of their own.
pub(super) fn country(sync: &Object<'_>, findings: &mut Findings) -> Option<String> {
    let place = sync.get("phoneCountry")?;
    let code = place.text(findings)?;
    let is_written_well = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !IN_E164 {
        findings.problem(place.pointer, WITHOUT);
    } else if !is_written_well || !is_country(code) {
        findings.problem(
            place.pointer,
            format!(
                "{} is no country with telephone numbers; write its two capital letters (ISO 3166-1), such as \"DE\".",
                quoted(code)
            ),
        );
    } else {
        return Some(code.to_owned());
    }
    None
}
