//! What the host knows about a failure on the way to the directory, and the component does not: which option
//! would help, and which variable of the environment does not.

use connector_contract::{CheckStatus, ConfigurationReport, Error, Run};
use connector_runtime::{CallError, HttpAccess, Trouble};

/// Where tools find a proxy in the environment. This host does not: its operator names one.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Codes of failures in which the directory's host was not reached.
const CODES: [&str; 6] = [
    "name-not-resolved",
    "no-connection",
    "tls-failed",
    "timed-out",
    "connection-interrupted",
    "exchange-failed",
];

/// Whether a failure of this code is one in which the directory's host was not reached.
pub fn is_network_failure(code: &str) -> bool {
    CODES.contains(&code)
}

/// A sentence about what kept the last request from its answer, where an option of this host may help.
pub fn remark(access: &HttpAccess) -> Option<String> {
    let in_environment = VARIABLES
        .into_iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    told(&access.trouble()?, access.has_proxy(), in_environment)
}

fn told(trouble: &Trouble, has_proxy: bool, in_environment: Option<&str>) -> Option<String> {
    match trouble {
        Trouble::Proxy(sentence) => Some(capitalised(sentence)),
        Trouble::Certificate => Some(
            "The certificate is signed by nobody who is trusted here: where a proxy or a gateway decrypts on \
             the way, or the server is one of your own, give its certificate with --ca-file FILE."
                .to_owned(),
        ),
        Trouble::Name | Trouble::Connection if !has_proxy => in_environment.map(|variable| {
            format!(
                "The environment variable {variable} names a proxy, and is not used: where this machine has \
                 no other way out, name it with --proxy http://HOST:PORT."
            )
        }),
        Trouble::Name | Trouble::Connection => None,
    }
}

/// Adds the remark to the check that failed on the way.
pub fn explain_checks(report: &mut ConfigurationReport, access: &HttpAccess) {
    let failed = report.checks.iter_mut().find(|check| {
        let code = check.code.as_deref().unwrap_or_default();
        matches!(check.status, CheckStatus::Failed) && is_network_failure(code)
    });
    if let Some((check, remark)) = failed.zip(remark(access)) {
        check.advice = Some(match check.advice.take() {
            Some(advice) => format!("{advice} {remark}"),
            None => remark,
        });
    }
}

/// Adds the remark to the error of a run that failed on the way, and returns the whole sentence; nothing
/// where there is nothing to add.
pub fn explain_run(run: &mut Run, access: &HttpAccess) -> Option<String> {
    let failed = run
        .errors
        .iter_mut()
        .find(|error| is_network_failure(&error.code));
    let (error, remark) = failed.zip(remark(access))?;
    error.message = format!("{} {remark}", error.message);
    Some(error.message.clone())
}

/// Adds the remark to the advice of a call that failed on the way.
pub fn explain_call(mut error: CallError, access: &HttpAccess) -> CallError {
    if let CallError::Guest {
        error: Error::Network(failure),
        ..
    } = &mut error
        && let Some(remark) = remark(access)
    {
        failure.advice = format!("{} {remark}", failure.advice);
    }
    error
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_only_the_environment_names_is_told_with_the_option() {
        for trouble in [Trouble::Name, Trouble::Connection] {
            let told_of = told(&trouble, false, Some("HTTPS_PROXY")).unwrap();
            assert!(told_of.contains("HTTPS_PROXY names a proxy, and is not used"));
            assert!(told_of.contains("--proxy http://HOST:PORT"), "{told_of}");
            assert_eq!(told(&trouble, false, None), None);
            assert_eq!(told(&trouble, true, Some("HTTPS_PROXY")), None);
        }
    }

    #[test]
    fn a_certificate_that_nobody_trusts_is_told_with_the_option() {
        let told = told(&Trouble::Certificate, true, None).unwrap();
        assert!(told.contains("--ca-file"), "{told}");
    }

    #[test]
    fn what_the_proxy_says_is_repeated_as_a_sentence() {
        let trouble = Trouble::Proxy("the proxy http://p:1 asks for credentials".to_owned());
        assert_eq!(
            told(&trouble, true, Some("HTTPS_PROXY")).unwrap(),
            "The proxy http://p:1 asks for credentials."
        );
    }
}
