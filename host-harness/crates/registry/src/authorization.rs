//! How a registry asks who somebody is, and where a token for it is had.
//!
//! A registry refuses with a challenge; the token that it names is had from the server that it names
//! (distribution/distribution, `docs/content/spec/auth/token.md`), with the credentials for the registry, or without
//! any where something is public.

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http::{Request, Response};
use http_auth::parser::ChallengeParser;
use serde::Deserialize;
use url::Url;

use crate::error::RegistryError;
use crate::transport::{Credentials, Transport};

/// The most bytes that a token's answer may have.
const LARGEST_ANSWER: u64 = 1 << 20;

/// What a registry asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// Name and password.
    Basic,
    /// A token of another server.
    Bearer(Token),
}

/// A token, as a challenge names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Token {
    realm: Url,
    service: Option<String>,
    scope: Option<String>,
}

/// What the headers of a refusal ask for; nothing where it is not among what is known here.
pub(crate) fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter();
    texts
        .filter_map(|text| text.to_str().ok())
        .flat_map(|text| ChallengeParser::new(text).flatten())
        .find_map(|challenge| {
            if challenge.scheme.eq_ignore_ascii_case("basic") {
                return Some(Challenge::Basic);
            }
            let is_bearer = challenge.scheme.eq_ignore_ascii_case("bearer");
            let value = |name: &str| {
                let mut parameters = challenge.params.iter();
                let (_, value) = parameters.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
                Some(value.to_unescaped())
            };
            is_bearer.then_some(())?;
            Some(Challenge::Bearer(Token {
                realm: value("realm")?.parse().ok()?,
                service: value("service"),
                scope: value("scope"),
            }))
        })
}

impl Challenge {
    /// What answers it.
    pub(crate) async fn answer<T: Transport>(
        &self,
        transport: &T,
        credentials: Option<&Credentials>,
        is_plain: bool,
    ) -> Result<HeaderValue, RegistryError> {
        let refused = RegistryError::Refused { status: 401 };
        match self {
            Self::Basic => header(&credentials.ok_or(refused)?.basic()),
            Self::Bearer(token) => token.fetch(transport, credentials, is_plain).await,
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

impl Token {
    async fn fetch<T: Transport>(
        &self,
        transport: &T,
        credentials: Option<&Credentials>,
        is_plain: bool,
    ) -> Result<HeaderValue, RegistryError> {
        // A password does not go over plain HTTP because an answer says so.
        if self.realm.scheme() != "https" && !is_plain {
            return Err(RegistryError::Location);
        }
        let mut url = self.realm.clone();
        {
            let mut query = url.query_pairs_mut();
            let asked = [("service", &self.service), ("scope", &self.scope)];
            for (name, value) in asked {
                if let Some(value) = value {
                    query.append_pair(name, value);
                }
            }
        }
        let mut request = Request::get(url.as_str());
        if let Some(credentials) = credentials {
            request = request.header(AUTHORIZATION, header(&credentials.basic())?);
        }
        let request = request.body(Bytes::new());
        let request = request.map_err(|_| RegistryError::Location)?;
        let answer = transport.send(request, LARGEST_ANSWER).await;
        read(&answer.map_err(RegistryError::Transport)?)
    }
}

fn read(answer: &Response<Bytes>) -> Result<HeaderValue, RegistryError> {
    let status = answer.status().as_u16();
    match status {
        200 => {}
        401 | 403 => return Err(RegistryError::Refused { status }),
        _ => {
            let doing = "the request for a token";
            return Err(RegistryError::Answer { doing, status });
        }
    }
    let told: Answer =
        serde_json::from_slice(answer.body()).map_err(|_| RegistryError::Form("token"))?;
    let token = told.token.or(told.access_token);
    header(&format!(
        "Bearer {}",
        token.ok_or(RegistryError::Form("token"))?
    ))
}

fn header(text: &str) -> Result<HeaderValue, RegistryError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| RegistryError::Form("token"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &'static str) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(text));
        challenge(&headers)
    }

    #[test]
    fn a_challenge_names_the_server_of_the_token() {
        assert_eq!(asked("Basic realm=\"registry\""), Some(Challenge::Basic));
        let text = "Bearer realm=\"https://auth.example/token\",service=\"registry.example\",\
                    scope=\"repository:a/b:pull,push\"";
        assert_eq!(
            asked(text),
            Some(Challenge::Bearer(Token {
                realm: "https://auth.example/token".parse().unwrap(),
                service: Some("registry.example".to_owned()),
                scope: Some("repository:a/b:pull,push".to_owned()),
            }))
        );
        for text in [
            "Negotiate",
            "Bearer service=\"x\"",
            "Bearer realm=\"no url\"",
        ] {
            assert_eq!(asked(text), None, "{text}");
        }
    }
}
