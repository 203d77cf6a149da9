//! `$expand=manager`: the one relationship that the emulator can put inside a user.

use super::directory::Directory;
use super::failure::Failure;
use super::properties::MANAGER;
use super::query::Query;
use super::selection::{Reading, Selection};
use super::subject::{Subject, Unset, write_text};

/// A manager to be stated inside each user.
#[derive(Clone, Debug)]
pub(super) struct ManagerExpansion {
    selection: Selection,
}

impl ManagerExpansion {
    /// Reads `$expand`.
    ///
    /// # Errors
    /// 400 for any relationship but `manager`, and for options other than `$select`.
    pub(super) fn parse(query: &Query, directory: &Directory) -> Result<Option<Self>, Failure> {
        let Some(text) = query.filled("$expand").map(str::trim) else {
            return Ok(None);
        };
        let (name, options) = match text.split_once('(') {
            Some((name, rest)) => (name.trim(), rest.strip_suffix(')').unwrap_or(rest)),
            None => (text, ""),
        };
        if !name.eq_ignore_ascii_case(MANAGER) {
            return Err(Failure::new(
                http::StatusCode::BAD_REQUEST,
                "ExpandNotSupported",
                format!("Expand is not allowed for property '{name}'."),
            ));
        }
        let mut select = None;
        for option in options.split(';').map(str::trim).filter(|o| !o.is_empty()) {
            match option.split_once('=') {
                Some((name, value)) if name.trim().eq_ignore_ascii_case("$select") => {
                    select = Some(value);
                }
                _ => {
                    return Err(Failure::unsupported_query(format!(
                        "The expand option '{option}' is not supported."
                    )));
                }
            }
        }
        let selection = Selection::parse(select, Reading::Collection, directory)?.with_id();
        Ok(Some(Self { selection }))
    }

    /// `"manager":{…}` for a user whose manager is known and live.
    pub(super) fn member(&self, subject: &Subject<'_>, directory: &Directory) -> Option<Vec<u8>> {
        let ordinal = directory.find(subject.manager()?)?;
        let manager = directory.subject(ordinal)?;
        let mut member = Vec::with_capacity(512);
        member.extend_from_slice(b"\"manager\":{\"@odata.type\":");
        write_text("#microsoft.graph.user", &mut member);
        member.push(b',');
        manager.write_members(&self.selection, Unset::Null, &mut member);
        member.push(b'}');
        Some(member)
    }
}
