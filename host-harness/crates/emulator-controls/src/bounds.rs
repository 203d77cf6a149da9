//! What is handed in is what can be done, or is refused in a sentence.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};

/// A clock that is put further ahead is out of the calendar.
pub const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// An answer that is held back for longer is none.
pub const HOUR_MS: u64 = 60 * 60 * 1_000;

/// A number within bounds, by the name that it has in a body.
///
/// # Errors
///
/// Where it is not, with a sentence.
pub fn within(name: &str, number: u64, bounds: RangeInclusive<u64>) -> Result<(), String> {
    if bounds.contains(&number) {
        return Ok(());
    }
    let (least, most) = bounds.into_inner();
    Err(format!(
        "{name} is {number}; write a number from {least} to {most}"
    ))
}

/// The status of an answer.
///
/// # Errors
///
/// Where there is none of this number.
pub fn status(status: Option<u16>) -> Result<(), String> {
    status.map_or(Ok(()), |status| within("status", status.into(), 200..=599))
}

/// How often a fault meets a request.
///
/// # Errors
///
/// Where it is never.
pub fn times(times: Option<u64>) -> Result<(), String> {
    times.map_or(Ok(()), |times| within("times", times, 1..=u64::MAX))
}

/// A method that requests are sent with.
///
/// # Errors
///
/// Where nobody sends one with it.
pub fn method(method: Option<&str>) -> Result<(), String> {
    let known = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    match method {
        Some(method)
            if !known
                .iter()
                .any(|known| known.as_str().eq_ignore_ascii_case(method)) =>
        {
            Err(
                "method is none that is used here; write GET, POST, PUT, PATCH or DELETE"
                    .to_owned(),
            )
        }
        _ => Ok(()),
    }
}

/// Text that is to be found in a path.
///
/// # Errors
///
/// Where it is in every one.
pub fn path(path: Option<&str>) -> Result<(), String> {
    match path {
        Some("") => Err("path is empty, which every path contains; leave it out".to_owned()),
        _ => Ok(()),
    }
}

/// A header of an answer.
///
/// # Errors
///
/// Where it cannot be sent.
pub fn header(name: &str, value: &str) -> Result<(), String> {
    let is_name = HeaderName::from_bytes(name.as_bytes()).is_ok();
    if is_name && HeaderValue::from_str(value).is_ok() {
        return Ok(());
    }
    Err(format!(
        "the header {:?} cannot be sent with this value; leave out line breaks and control characters",
        name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_done_is_told_and_what_can_is_taken() {
        assert!(within("n", 1, 1..=3).is_ok());
        assert_eq!(
            within("seconds", 0, 1..=3),
            Err("seconds is 0; write a number from 1 to 3".to_owned())
        );
        assert!(status(None).is_ok() && status(Some(503)).is_ok());
        assert!(status(Some(0)).is_err() && status(Some(600)).is_err());
        assert!(times(None).is_ok() && times(Some(1)).is_ok() && times(Some(0)).is_err());
        assert!(method(Some("get")).is_ok() && method(None).is_ok());
        assert!(method(Some("BREW")).is_err() && method(Some("")).is_err());
        assert!(path(Some("/lists")).is_ok() && path(Some("")).is_err());
        assert!(header("retry-after", "soon").is_ok());
        assert!(header("retry-after", "1\r\nx: y").is_err());
        assert!(header("two words", "1").is_err());
    }
}
