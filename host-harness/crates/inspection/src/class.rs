//! What an import gives to a component, in a word that an operator knows.

use std::fmt;

use serde::Serialize;

/// What an import is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Contacts, state, secrets and what else the contract gives.
    Contract,
    /// The network, as far as the host's policy lets it.
    Http,
    /// The time.
    Clocks,
    /// Random numbers.
    Random,
    /// Streams and waiting, on which the others stand.
    Io,
    /// What a language's runtime asks for in every program: output, arguments, environment. A host gives them empty.
    Program,
    /// Files. This host gives none.
    Files,
    /// Sockets. This host gives none.
    Sockets,
    /// Something else, which this host gives to nobody.
    Other,
}

impl Class {
    /// The class of an interface, by its name.
    pub fn of(interface: &str) -> Self {
        let package = interface
            .split_once('/')
            .map_or(interface, |(package, _)| package);
        match package {
            "contact-sync:connector" => Self::Contract,
            "wasi:http" => Self::Http,
            "wasi:clocks" => Self::Clocks,
            "wasi:random" => Self::Random,
            "wasi:io" => Self::Io,
            "wasi:cli" => Self::Program,
            "wasi:filesystem" => Self::Files,
            "wasi:sockets" => Self::Sockets,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Contract => "contract",
            Self::Http => "http",
            Self::Clocks => "clocks",
            Self::Random => "random",
            Self::Io => "io",
            Self::Program => "program",
            Self::Files => "files",
            Self::Sockets => "sockets",
            Self::Other => "other",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_known_by_its_package() {
        for (interface, class) in [
            ("contact-sync:connector/state@0.2.0", Class::Contract),
            ("wasi:http/outgoing-handler@0.2.12", Class::Http),
            ("wasi:cli/exit@0.2.6", Class::Program),
            ("wasi:filesystem/types@0.2.6", Class::Files),
            ("wasi:https/types@0.2.6", Class::Other),
            ("logger", Class::Other),
        ] {
            assert_eq!(Class::of(interface), class, "{interface}");
        }
    }
}
