//! The client secret as it may be shown: its age, and when it expires.

use api_types::shapes::moment;
use api_types::views::{CertificateView, SecretView};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use server_db::StoredSecret;

use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::sealed_secrets::SealedSecrets;
use crate::settings::{CERTIFICATE_KEY, CLIENT_SECRET, vault_name};

/// A secret that expires within so many days is a warning.
const EXPIRES_SOON_DAYS: i64 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The client secret without its value, where one is set.
pub(crate) fn secret_view(ws: &WorkspaceContext) -> Result<Option<SecretView>, ServiceError> {
    let secret = ws.app.db.secret(&ws.id, CLIENT_SECRET)?;
    let zone = ws.record()?.time_zone;
    Ok(secret.map(|secret| view(&secret, ws.app.now_ms(), &zone)))
}

/// The certificate without its key, where one is set.
pub(crate) fn certificate_view(
    ws: &WorkspaceContext,
) -> Result<Option<CertificateView>, ServiceError> {
    let Some(stored) = ws.app.db.secret(&ws.id, &vault_name(CERTIFICATE_KEY))? else {
        return Ok(None);
    };
    // Where it does not open, the next sign-in tells why.
    let keys = SealedSecrets::new(&ws.app, &ws.id);
    let thumbprint = keys.key(CERTIFICATE_KEY).map(|key| key.thumbprint()).ok();
    let ends = stored.expires_at_ms.unwrap_or_default();
    let now_ms = ws.app.now_ms();
    Ok(Some(CertificateView {
        thumbprint,
        set_at: moment(stored.set_at_ms.unsigned_abs()),
        expires_at: moment(ends.unsigned_abs()),
        expires_soon: ends < now_ms.saturating_add(EXPIRES_SOON_DAYS * DAY_MS),
        expired: ends <= now_ms,
    }))
}

/// What Microsoft shows of a secret is the day on which it expires, so that is what is kept and told: a day,
/// the same for everybody who looks. It counts as expired when that day is over where the workspace is.
fn view(secret: &StoredSecret, now_ms: i64, time_zone: &str) -> SecretView {
    let age_days = now_ms.saturating_sub(secret.set_at_ms) / DAY_MS;
    let soon = now_ms.saturating_add(EXPIRES_SOON_DAYS * DAY_MS);
    let ends = secret.expires_at_ms.map(|at| end_of_day(at, time_zone));
    SecretView {
        set_at: moment(secret.set_at_ms.unsigned_abs()),
        age_days: u64::try_from(age_days).unwrap_or(0),
        expires_at: secret.expires_at_ms.map(|at| moment(at.unsigned_abs())),
        expires_soon: secret.expires_at_ms.is_some_and(|at| at < soon),
        expired: ends.is_some_and(|ends| ends <= now_ms),
    }
}

/// When a day, which is kept as its first moment in UTC, is over in a time zone.
fn end_of_day(first_ms: i64, time_zone: &str) -> i64 {
    let end = || {
        let first = Timestamp::from_millisecond(first_ms).ok()?;
        let next = first.to_zoned(TimeZone::UTC).date().tomorrow().ok()?;
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        Some(next.to_zoned(zone).ok()?.timestamp().as_millisecond())
    };
    end().unwrap_or_else(|| first_ms.saturating_add(DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_expires_within_a_month_is_told() {
        let at = |days: i64| StoredSecret {
            sealed: Vec::new(),
            version: 1,
            set_at_ms: 0,
            expires_at_ms: Some(days * DAY_MS),
        };
        let seen = |days: i64, now_ms: i64, zone: &str| view(&at(days), now_ms, zone);
        assert!(seen(40, 12 * DAY_MS, "UTC").expires_soon);
        assert!(!seen(40, 12 * DAY_MS, "UTC").expired);
        assert!(!seen(60, 12 * DAY_MS, "UTC").expires_soon);
        assert_eq!(seen(60, 12 * DAY_MS, "UTC").age_days, 12);
    }

    #[test]
    fn a_secret_has_expired_when_its_day_is_over_where_the_workspace_is() {
        let secret = StoredSecret {
            sealed: Vec::new(),
            version: 1,
            set_at_ms: 0,
            expires_at_ms: Some(40 * DAY_MS),
        };
        let hour = DAY_MS / 24;
        for (zone, hours_after_utc) in [
            ("UTC", 0),
            ("Pacific/Honolulu", 10),
            ("Asia/Tokyo", -9),
            ("No/Such", 0),
        ] {
            let end = 41 * DAY_MS + hours_after_utc * hour;
            assert!(!view(&secret, end - 1, zone).expired, "{zone}");
            assert!(view(&secret, end, zone).expired, "{zone}");
        }
    }
}
