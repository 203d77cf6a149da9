//! Why an exchange failed, as `wasi:http` says it.

use wasi::http::types::ErrorCode;

use crate::HttpFailure;

/// What the host says, without the texts that may carry a URL.
pub(super) fn failure(code: &ErrorCode) -> HttpFailure {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => HttpFailure::Denied,
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout | ErrorCode::DestinationNotFound => {
            HttpFailure::Name
        }
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => HttpFailure::Connect,
        ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => HttpFailure::Tls,
        // The host lets so many requests through at a time, and none of them came to its end meanwhile.
        ErrorCode::ConnectionLimitReached
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => HttpFailure::TimedOut,
        ErrorCode::ConnectionTerminated
        | ErrorCode::HttpResponseIncomplete
        | ErrorCode::HttpProtocolError => HttpFailure::Interrupted,
        ErrorCode::HttpResponseBodySize(_) => HttpFailure::Other("response-body-size".to_owned()),
        _ => HttpFailure::Other("wasi-http".to_owned()),
    }
}
