//! `$search` on users and groups: quoted `"property:text"` clauses joined by `AND` and `OR`
//! (<https://learn.microsoft.com/graph/search-query-parameter>).
//!
//! `displayName` and `description` are matched word by word; every other property from its beginning.

use serde_json::Value;

use crate::failure::Failure;
use crate::schema::Schema;
use emulated_directory::subject::Subject;

/// A search: any of the groups, of which all clauses must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search(Vec<Vec<Clause>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Clause {
    property: &'static str,
    text: String,
}

impl Search {
    /// Parses the value of `$search`.
    ///
    /// # Errors
    /// 400 for anything but quoted clauses.
    pub fn parse(schema: Schema, text: &str) -> Result<Self, Failure> {
        let syntax = || Failure::invalid(format!("Syntax error in the search clause '{text}'."));
        let mut groups = vec![Vec::new()];
        let mut rest = text.trim();
        loop {
            let (clause, after) = rest
                .strip_prefix('"')
                .and_then(|rest| rest.split_once('"'))
                .ok_or_else(syntax)?;
            if let Some(group) = groups.last_mut() {
                group.push(Clause::parse(schema, clause)?);
            }
            rest = after.trim_start();
            if let Some(after) = rest.strip_prefix("OR ") {
                groups.push(Vec::new());
                rest = after.trim_start();
            } else if let Some(after) = rest.strip_prefix("AND ") {
                rest = after.trim_start();
            } else if rest.is_empty() {
                return Ok(Self(groups));
            } else {
                return Err(syntax());
            }
        }
    }

    /// Whether an object is found.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.0
            .iter()
            .any(|group| group.iter().all(|clause| clause.matches(subject)))
    }
}

impl Clause {
    fn parse(schema: Schema, clause: &str) -> Result<Self, Failure> {
        let (name, text) = clause.split_once(':').unwrap_or(("displayName", clause));
        let property = schema
            .searchable()
            .iter()
            .copied()
            .find(|property| property.eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| {
                Failure::unsupported_query(format!(
                    "Unsupported or invalid search clause specified for property '{name}' of \
                     resource '{}'.",
                    schema.resource()
                ))
            })?;
        Ok(Self {
            property,
            text: text.trim().to_lowercase(),
        })
    }

    fn matches(&self, subject: &Subject<'_>) -> bool {
        let value = subject.value(self.property);
        let Some(text) = value.as_deref().and_then(Value::as_str) else {
            return false;
        };
        let text = text.to_lowercase();
        if text.starts_with(&self.text) {
            return true;
        }
        ["displayName", "description"].contains(&self.property)
            && text
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| !word.is_empty() && word.starts_with(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn clauses_match_words_and_beginnings() {
        let user = json!({"displayName": "Megan O'Brien", "mail": "megan@contoso.com"});
        let found = |text: &str| {
            Search::parse(Schema::User, text)
                .unwrap()
                .matches(&Subject::Stated(user.as_object().unwrap()))
        };
        assert!(found("\"displayName:bri\""));
        assert!(found("\"displayName:x\" OR \"mail:megan\""));
        assert!(!found("\"displayName:x\" AND \"mail:megan\""));
        assert!(!found("\"mail:contoso\""));
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for text in [
            "displayName:x",
            "\"displayName:x",
            "\"shoe:x\"",
            "",
            "\"a:b\" \"c:d\"",
        ] {
            assert!(Search::parse(Schema::User, text).is_err(), "{text}");
        }
    }
}
