//! What Graph makes of a request beyond HTTP: the system query options of OData that every collection
//! shares, the header that asks for the index, and the label of an answer.

use emulated_http::{Call, Query, Reply};
use http::StatusCode;

use crate::failure::Failure;

/// Options that the emulator knows; any other that begins with `$` is refused.
const KNOWN: [&str; 11] = [
    "$count",
    "$deltatoken",
    "$expand",
    "$filter",
    "$format",
    "$orderby",
    "$search",
    "$select",
    "$skip",
    "$skiptoken",
    "$top",
];

/// What a JSON answer from the service says about itself.
pub const ODATA_JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// JSON as Graph labels it.
pub fn reply(status: StatusCode, body: Vec<u8>) -> Reply {
    Reply::typed(status, ODATA_JSON, body).with_header("odata-version", "4.0")
}

/// Whether the caller asked for the index behind advanced queries.
pub fn is_eventual(call: &Call) -> bool {
    call.header("consistencylevel")
        .is_some_and(|level| level.trim().eq_ignore_ascii_case("eventual"))
}

/// Refuses a query that no entity set could serve: an option twice, or one nobody knows.
///
/// # Errors
/// 400 `BadRequest`.
pub fn check(query: &Query) -> Result<(), Failure> {
    for (place, (name, _)) in query.options().enumerate() {
        if !name.starts_with('$') {
            continue;
        }
        if !KNOWN.contains(&name) {
            return Err(Failure::invalid(format!(
                "The query specified in the URI is not valid. The query parameter '{name}' is not \
                 supported."
            )));
        }
        if query.options().take(place).any(|(other, _)| other == name) {
            return Err(Failure::invalid(format!(
                "Query option '{name}' was specified more than once, but it must be specified at \
                 most once."
            )));
        }
    }
    Ok(())
}

/// `$top`, checked against the largest page.
///
/// # Errors
/// 400 for anything that is no number between 1 and `largest`.
pub fn page_size(query: &Query, default: usize, largest: usize) -> Result<usize, Failure> {
    let Some(text) = query.get("$top") else {
        return Ok(default);
    };
    let Ok(size) = text.trim().parse::<u64>() else {
        return Err(Failure::invalid(format!(
            "Invalid value '{text}' for $top query option found. The $top query option \
             requires a non-negative integer value."
        )));
    };
    usize::try_from(size)
        .ok()
        .filter(|size| (1..=largest).contains(size))
        .ok_or_else(|| {
            Failure::bad_request(format!(
                "Invalid page size specified: '{size}'. Must be between 1 and {largest} \
                 inclusive."
            ))
        })
}

/// `$count`.
///
/// # Errors
/// 400 for anything but `true` and `false`.
pub fn is_counted(query: &Query) -> Result<bool, Failure> {
    match query.get("$count").map(str::trim) {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(text) => Err(Failure::invalid(format!(
            "Invalid value '{text}' for $count query option found. Valid values are '0', '1', \
             'true' and 'false'."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_between_one_and_the_largest() {
        let size = |text: &str| page_size(&Query::parse(text), 100, 999);
        assert_eq!(size(""), Ok(100));
        assert_eq!(size("$top=999"), Ok(999));
        for refused in ["$top=0", "$top=1000", "$top=-1", "$top=many", "$top="] {
            assert!(size(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn unknown_and_repeated_options_are_refused_and_plain_parameters_are_ignored() {
        assert!(check(&Query::parse("$tops=1")).is_err());
        assert!(check(&Query::parse("$top=1&%24top=2")).is_err());
        assert!(check(&Query::parse("cache=1&cache=2&$top=1")).is_ok());
    }
}
