//! A forward proxy: the operator's way out, where a network has no other.
//!
//! Only an operator names one; the environment's variables decide nothing. Every connection goes through it
//! as a tunnel (CONNECT, RFC 9110, section 9.3.6), so that TLS is spoken with the host itself, and the proxy
//! sees neither token nor people. Where this machine resolves a name, the addresses are judged as without a
//! proxy, and the proxy is asked for the very address; where it does not, the proxy is asked by name, and
//! judging addresses is its own task: host names and certificates are held to the policy all the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The head of an answer to CONNECT, at most, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// How long this machine may take to resolve a name before the proxy is asked by name: in networks that need
/// a proxy, questions about foreign names are often never answered.
pub(super) const PATIENCE_FOR_A_NAME: Duration = Duration::from_secs(3);

/// A forward proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    host: String,
    port: u16,
    by_name: bool,
    /// The value of `proxy-authorization`.
    credentials: Option<String>,
}

/// Why a proxy cannot be used. No message repeats what may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProxy {
    /// A user name or a password in the address.
    #[error(
        "a proxy's address holds no user name and no password, because others could read them there: write \
         http://HOST:PORT, and give USER:PASSWORD with --proxy-credentials @FILE or env:VARIABLE"
    )]
    UserInformation,
    /// SOCKS, or a proxy that speaks TLS itself.
    #[error(
        "only a proxy that is spoken to over plain http is supported: write http://HOST:PORT (what goes through it is encrypted all the same)"
    )]
    Scheme,
    /// Anything else.
    #[error(
        "this is no address of a proxy: write http://HOST:PORT, such as http://proxy.example:3128"
    )]
    Address,
    /// Credentials without a colon, or on several lines.
    #[error("a proxy's credentials are USER:PASSWORD on one line")]
    Credentials,
}

impl Proxy {
    /// A proxy at `http://host:port`.
    ///
    /// # Errors
    ///
    /// Where the address is none, or holds more than that.
    pub fn new(address: &str) -> Result<Self, InvalidProxy> {
        let address = address.trim();
        if address.contains('@') {
            return Err(InvalidProxy::UserInformation);
        }
        let uri: Uri = address.parse().map_err(|_| InvalidProxy::Address)?;
        match uri.scheme_str() {
            Some("http") => {}
            Some(_) => return Err(InvalidProxy::Scheme),
            None => return Err(InvalidProxy::Address),
        }
        let (Some(host), "/" | "", None) = (uri.host(), uri.path(), uri.query()) else {
            return Err(InvalidProxy::Address);
        };
        if host.is_empty() {
            return Err(InvalidProxy::Address);
        }
        Ok(Self {
            host: bare(host).to_owned(),
            port: uri.port_u16().unwrap_or(80),
            by_name: false,
            credentials: None,
        })
    }

    /// The proxy resolves every name, also those that this machine could resolve: for proxies that allow hosts
    /// by name.
    #[must_use]
    pub fn by_name(mut self, by_name: bool) -> Self {
        self.by_name = by_name;
        self
    }

    /// Signs in at the proxy with `USER:PASSWORD` (Basic, RFC 7617).
    ///
    /// # Errors
    ///
    /// Where they have another form.
    pub fn with_credentials(mut self, credentials: &str) -> Result<Self, InvalidProxy> {
        let is_plain = !credentials.contains(char::is_control);
        if !is_plain || !credentials.contains(':') {
            return Err(InvalidProxy::Credentials);
        }
        self.credentials = Some(format!("Basic {}", STANDARD.encode(credentials)));
        Ok(self)
    }

    /// Whether names are left to the proxy.
    pub(super) fn resolves(&self) -> bool {
        self.by_name
    }

    /// Whether it carries a connection to this host. What is on this machine no proxy elsewhere reaches.
    pub(super) fn carries(&self, host: &str) -> bool {
        is_this_machine(&self.host) || !is_this_machine(bare(host))
    }

    /// A tunnel to `target`, an address or a name with a port.
    pub(super) async fn tunnel(&self, target: &str) -> Result<TcpStream, ProxyTrouble> {
        let unreachable = |source| ProxyTrouble::Unreachable {
            proxy: self.to_string(),
            source,
        };
        let mut stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        match establish(&mut stream, target, self.credentials.as_deref()).await {
            Ok(200..=299) => Ok(stream),
            Ok(407) => Err(ProxyTrouble::Credentials {
                proxy: self.to_string(),
                given: self.credentials.is_some(),
            }),
            Ok(status) => Err(ProxyTrouble::Refused {
                proxy: self.to_string(),
                target: target.to_owned(),
                status,
            }),
            Err(_) => Err(ProxyTrouble::NoProxy {
                proxy: self.to_string(),
            }),
        }
    }
}

/// Its address; never its credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') {
            ("[", "]")
        } else {
            ("", "")
        };
        write!(formatter, "http://{open}{}{close}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Proxy")
            .field("address", &self.to_string())
            .field("by_name", &self.by_name)
            .field("credentials", &self.credentials.is_some())
            .finish()
    }
}

/// Why there is no tunnel, in a sentence for an operator.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProxyTrouble {
    #[error("the proxy {proxy} cannot be reached ({source}): check its address")]
    Unreachable {
        proxy: String,
        #[source]
        source: io::Error,
    },
    #[error("{}", credentials(proxy, *.given))]
    Credentials { proxy: String, given: bool },
    #[error("{}", refused(proxy, target, *.status))]
    Refused {
        proxy: String,
        target: String,
        status: u16,
    },
    #[error("what answers at {proxy} is no proxy: it does not understand CONNECT")]
    NoProxy { proxy: String },
}

fn credentials(proxy: &str, given: bool) -> String {
    if given {
        format!(
            "the proxy {proxy} does not accept the credentials that it was given (407): check \
             --proxy-credentials; they are sent as Basic, and other kinds are not supported"
        )
    } else {
        format!(
            "the proxy {proxy} asks for credentials (407): give USER:PASSWORD with --proxy-credentials @FILE \
             or env:VARIABLE"
        )
    }
}

fn refused(proxy: &str, target: &str, status: u16) -> String {
    let by_address = target
        .rsplit_once(':')
        .is_some_and(|(host, _)| bare(host).parse::<IpAddr>().is_ok());
    let by_name = if by_address {
        "; it was asked by address, and --proxy-by-name asks by name"
    } else {
        ""
    };
    match status {
        500..=599 => {
            format!("the proxy {proxy} could not reach {target} ({status}){by_name}")
        }
        _ => format!(
            "the proxy {proxy} does not let {target} pass ({status}): let its operator allow it{by_name}"
        ),
    }
}

/// Asks for a tunnel; the status of the answer.
async fn establish<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    target: &str,
    credentials: Option<&str>,
) -> io::Result<u16> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n");
    if let Some(credentials) = credentials {
        request.push_str(&format!("proxy-authorization: {credentials}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    let mut head = Vec::new();
    // Byte by byte, so that nothing of what follows is taken from the tunnel.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(malformed());
        }
        head.push(stream.read_u8().await?);
    }
    let head = head.strip_prefix(b"HTTP/1.").ok_or_else(malformed)?;
    let status = head.get(2..5).ok_or_else(malformed)?;
    let status = std::str::from_utf8(status).map_err(|_| malformed())?;
    status.parse().map_err(|_| malformed())
}

/// A host without the brackets of an IPv6 address.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host)
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_by_scheme_host_and_port_and_nothing_else() {
        for (address, shown) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            (" http://proxy.example:3128/ ", "http://proxy.example:3128"),
            ("http://10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://proxy.example", "http://proxy.example:80"),
        ] {
            assert_eq!(Proxy::new(address).unwrap().to_string(), shown);
        }
        for (address, why) in [
            (
                "http://me:hunter2@proxy.example:3128",
                InvalidProxy::UserInformation,
            ),
            ("me@proxy.example:3128", InvalidProxy::UserInformation),
            ("https://proxy.example:3128", InvalidProxy::Scheme),
            ("socks5://proxy.example:1080", InvalidProxy::Scheme),
            ("proxy.example:3128", InvalidProxy::Address),
            ("proxy.example", InvalidProxy::Address),
            ("http://proxy.example:3128/path", InvalidProxy::Address),
            ("http://proxy.example:3128?x", InvalidProxy::Address),
            ("http://", InvalidProxy::Address),
            ("", InvalidProxy::Address),
        ] {
            let error = Proxy::new(address).unwrap_err();
            assert_eq!(error, why, "{address}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn credentials_are_never_shown() {
        let proxy = Proxy::new("http://proxy.example:3128").unwrap();
        let proxy = proxy.with_credentials("me:hunter2").unwrap();
        assert_eq!(proxy.credentials.as_deref(), Some("Basic bWU6aHVudGVyMg=="));
        let shown = format!("{proxy} {proxy:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("bWU6"),
            "{shown}"
        );
        for bad in ["me", "me:hunter2\r\nx: y", ""] {
            let proxy = Proxy::new("http://proxy.example:3128").unwrap();
            assert_eq!(proxy.with_credentials(bad), Err(InvalidProxy::Credentials));
        }
    }

    #[test]
    fn this_machine_is_reached_through_a_proxy_of_this_machine_alone() {
        let elsewhere = Proxy::new("http://proxy.example:3128").unwrap();
        let here = Proxy::new("http://127.0.0.1:3128").unwrap();
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            assert!(!elsewhere.carries(host), "{host}");
            assert!(here.carries(host), "{host}");
        }
        assert!(elsewhere.carries("graph.microsoft.com"));
        assert!(here.carries("graph.microsoft.com"));
    }
}
