//! `schedule`: when the host is to sync, or `null` for only on request.

pub use configuration_document::{Schedule, ScheduleError};

use super::document::Node;
use super::located::Located;
use super::problem::Findings;

/// The document's schedule; `null` is none, where the preset would have one.
pub(super) fn read(
    place: Option<Located<'_>>,
    preset: Option<&str>,
    findings: &mut Findings,
) -> Option<String> {
    let Some(place) = place else {
        return preset.map(str::to_owned);
    };
    if *place.node == Node::Null {
        return None;
    }
    let text = place.text(findings)?;
    match Schedule::parse(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            findings.problem(place.pointer, error.to_string());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::presets::PRESETS;
    use super::*;

    #[test]
    fn every_preset_has_a_valid_schedule_or_none() {
        for (name, preset) in PRESETS {
            if let Some(schedule) = preset.defaults().schedule {
                assert!(Schedule::parse(schedule).is_ok(), "{name}");
            }
        }
    }
}
