//! How long the application can go on signing in: what is told of a credential that is about to end.

use guest_kit::{Signing, Timestamp, calendar};

use crate::connection::{Connection, Credential};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How pressing it is: a month, a week and a day before the end, and afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    Month,
    Week,
    Day,
    Over,
}

impl Urgency {
    /// Nothing while there is more than a month.
    fn of(ends: Timestamp, now: Timestamp) -> Option<Self> {
        let left = ends.0.saturating_sub(now.0);
        Some(match left {
            0 => Self::Over,
            _ if left <= DAY_MS => Self::Day,
            _ if left <= 7 * DAY_MS => Self::Week,
            _ if left <= 30 * DAY_MS => Self::Month,
            _ => return None,
        })
    }
}

/// A sentence about each credential that ends within 30, 7 or 1 days, has ended, or has not begun. Asks the host for
/// certificates, and nobody else for anything.
#[must_use]
pub fn warnings(connection: &Connection, signing: &dyn Signing, now: Timestamp) -> Vec<String> {
    let warning = |credential: &Credential| match credential {
        Credential::Secret { expires, .. } => {
            // It is good until the day is over.
            let day = (*expires)?;
            ending(
                credential,
                day,
                Timestamp(day.0.saturating_add(DAY_MS)),
                now,
            )
        }
        Credential::Certificate { key, .. } => {
            let certificate = signing.get(key).ok()?.certificate();
            if certificate.not_before > now {
                let day = day(certificate.not_before);
                return Some(format!(
                    "{} is not valid before {day}.",
                    capital(credential)
                ));
            }
            ending(
                credential,
                certificate.not_after,
                certificate.not_after,
                now,
            )
        }
        Credential::Federated { .. } => None,
    };
    connection.credentials().filter_map(warning).collect()
}

fn ending(
    credential: &Credential,
    told: Timestamp,
    ends: Timestamp,
    now: Timestamp,
) -> Option<String> {
    let (what, day) = (capital(credential), day(told));
    let left = ends.0.saturating_sub(now.0);
    let cure = cure(credential);
    let when = match Urgency::of(ends, now)? {
        Urgency::Over => return Some(format!("{what} expired on {day}. {cure}")),
        Urgency::Day => ", within a day: then nothing is synced any more".to_owned(),
        Urgency::Week => format!(", within {} days", left.div_ceil(DAY_MS)),
        Urgency::Month => String::new(),
    };
    Some(format!("{what} expires on {day}{when}. {cure}"))
}

fn cure(credential: &Credential) -> &'static str {
    match credential {
        Credential::Certificate { .. } => {
            "Make a new certificate, upload it to the app registration, and store it with its key at the host."
        }
        Credential::Secret { .. } | Credential::Federated { .. } => {
            "Make a new client secret in the app registration, and store its value at the host."
        }
    }
}

/// At the beginning of a sentence.
fn capital(credential: &Credential) -> String {
    let text = credential.to_string();
    text.strip_prefix("the ")
        .map_or_else(|| text.clone(), |rest| format!("The {rest}"))
}

/// `2027-06-30`.
fn day(moment: Timestamp) -> String {
    let mut text = calendar::date_time(moment.0 / 1_000);
    text.truncate("2027-06-30".len());
    text
}

#[cfg(test)]
mod tests {
    use guest_kit::{Certificate, NoSigning, Signer, SigningError};

    use super::*;
    use crate::connection::Cloud;

    /// 2027-06-30.
    const END: Timestamp = Timestamp(1_814_313_600_000);

    struct OneKey(Timestamp, Timestamp);

    impl Signing for OneKey {
        fn get(&self, _: &str) -> Result<Box<dyn Signer + '_>, SigningError> {
            Ok(Box::new(Self(self.0, self.1)))
        }
    }

    impl Signer for OneKey {
        fn certificate(&self) -> Certificate {
            Certificate {
                thumbprint_sha256: vec![0; 32],
                thumbprint_sha1: vec![0; 20],
                not_before: self.0,
                not_after: self.1,
            }
        }

        fn chain(&self) -> Vec<Vec<u8>> {
            Vec::new()
        }

        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SigningError> {
            Err(SigningError::AccessDenied)
        }
    }

    fn connection(credential: Credential) -> Connection {
        Connection {
            tenant: "contoso.example".to_owned(),
            cloud: Cloud::Global,
            client_id: "app".to_owned(),
            credential,
            fallback: None,
            login: String::new(),
            graph: String::new(),
        }
    }

    fn days_before(days: u64) -> Timestamp {
        Timestamp(END.0 - days * DAY_MS)
    }

    fn of_certificate(now: Timestamp) -> Vec<String> {
        let credential = Credential::Certificate {
            key: "app".to_owned(),
            send_chain: false,
        };
        warnings(&connection(credential), &OneKey(days_before(365), END), now)
    }

    #[test]
    fn a_certificate_is_warned_of_30_7_and_1_days_before_and_afterwards() {
        assert!(of_certificate(Timestamp(days_before(30).0 - 1)).is_empty());
        for (now, words) in [
            (days_before(30), "expires on 2027-06-30. Make"),
            (days_before(7), "within 7 days"),
            (days_before(6), "within 6 days"),
            (days_before(1), "within a day"),
            (Timestamp(END.0 - 1), "within a day"),
            (END, "expired on 2027-06-30. Make a new certificate"),
        ] {
            let told = of_certificate(now);
            assert_eq!(told.len(), 1, "{words}");
            assert!(told[0].contains(words), "{words}: {told:?}");
            assert!(told[0].starts_with("The certificate of the key \"app\""));
        }
    }

    #[test]
    fn a_certificate_that_has_not_begun_is_told() {
        let told = of_certificate(days_before(366));
        assert!(told[0].contains("not valid before 2026-06-30"), "{told:?}");
    }

    #[test]
    fn a_secret_is_good_until_its_day_is_over() {
        let told = |now| {
            let credential = Credential::Secret {
                name: "client-secret".to_owned(),
                expires: Some(END),
            };
            warnings(&connection(credential), &NoSigning, now)
        };
        assert!(told(days_before(30)).is_empty());
        assert!(told(days_before(29))[0].contains("expires on 2027-06-30"));
        assert!(told(END)[0].contains("within a day"));
        assert!(told(Timestamp(END.0 + DAY_MS))[0].contains("expired on 2027-06-30"));
    }

    #[test]
    fn of_what_is_not_known_to_end_nothing_is_told() {
        for credential in [
            Credential::Secret {
                name: "client-secret".to_owned(),
                expires: None,
            },
            Credential::Federated {
                token: "token".to_owned(),
            },
            Credential::Certificate {
                key: "nobody's".to_owned(),
                send_chain: false,
            },
        ] {
            assert!(warnings(&connection(credential), &NoSigning, END).is_empty());
        }
    }
}
