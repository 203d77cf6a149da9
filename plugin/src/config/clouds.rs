//! National clouds: their names in a document and the hosts a connection reaches in each.
//!
//! Source: <https://learn.microsoft.com/graph/deployments> and
//! <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>.

use entra_directory::connection::Cloud;

/// The words of a document.
pub(super) const CLOUDS: &[(&str, Cloud)] = &[
    ("global", Cloud::Global),
    ("us-gov-l4", Cloud::UsGovL4),
    ("us-gov-l5", Cloud::UsGovL5),
    ("china", Cloud::China),
];

/// Other words for the clouds: Microsoft's names for its offers, those of its command-line tools, and the
/// impact levels of the United States' Department of Defense. GCC is in the global cloud.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    (
        "global",
        &[
            "gcc",
            "us-gcc",
            "usgcc",
            "gcc-moderate",
            "public",
            "commercial",
            "worldwide",
            "azure",
            "azurecloud",
            "azurepublic",
            "azurepubliccloud",
            "default",
            "com",
            "eu",
            "europe",
        ],
    ),
    (
        "us-gov-l4",
        &[
            "gcc-high",
            "gcchigh",
            "gcc_high",
            "gcch",
            "us-gov",
            "usgov",
            "us-government",
            "usgovernment",
            "government",
            "azureusgovernment",
            "azureusgovernmentcloud",
            "azuregovernment",
            "usgovvirginia",
            "usgovarizona",
            "fairfax",
            "arlington",
            "l4",
            "il4",
            "us",
            "usl4",
        ],
    ),
    (
        "us-gov-l5",
        &[
            "dod",
            "us-dod",
            "usdod",
            "us-gov-dod",
            "usgovdod",
            "usgovernmentdod",
            "azuredod",
            "l5",
            "il5",
            "usl5",
        ],
    ),
    (
        "china",
        &[
            "azurechina",
            "azurechinacloud",
            "21vianet",
            "vianet",
            "mooncake",
            "gallatin",
            "cn",
        ],
    ),
];

/// The cloud that somebody meant with another word for it.
pub(super) fn cloud_meant(word: &str) -> Option<&'static str> {
    let known = OTHER_WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|other| other.eq_ignore_ascii_case(word)));
    known.map(|(name, _)| *name)
}

/// A host that a connection to a tenant of one cloud must be allowed to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloudHost {
    /// The cloud the tenant lives in.
    pub cloud: Cloud,
    /// The host's name, for an allow-list.
    pub host: &'static str,
    /// What it is for.
    pub why: &'static str,
}

/// Why the host of the token endpoint is reached.
pub(crate) const SIGN_IN: &str = "issues the access token";
/// Why the host of Graph is reached.
pub(crate) const GRAPH: &str = "Microsoft Graph, where users are read";

/// Every host of every cloud.
pub const HOSTS: &[CloudHost] = &[
    host(Cloud::Global, "login.microsoftonline.com", SIGN_IN),
    host(Cloud::Global, "graph.microsoft.com", GRAPH),
    host(Cloud::UsGovL4, "login.microsoftonline.us", SIGN_IN),
    host(Cloud::UsGovL4, "graph.microsoft.us", GRAPH),
    host(Cloud::UsGovL5, "login.microsoftonline.us", SIGN_IN),
    host(Cloud::UsGovL5, "dod-graph.microsoft.us", GRAPH),
    host(Cloud::China, "login.partner.microsoftonline.cn", SIGN_IN),
    host(
        Cloud::China,
        "login.chinacloudapi.cn",
        "the earlier name of the host that issues the access token",
    ),
    host(Cloud::China, "microsoftgraph.chinacloudapi.cn", GRAPH),
];

const fn host(cloud: Cloud, host: &'static str, why: &'static str) -> CloudHost {
    CloudHost { cloud, host, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_in_use_is_on_the_list_of_hosts() {
        for (_, cloud) in CLOUDS {
            for root in [cloud.login(), cloud.graph()] {
                let listed = HOSTS.iter().any(|entry| {
                    entry.cloud == *cloud && Some(entry.host) == root.strip_prefix("https://")
                });
                assert!(listed, "{root} of {cloud:?}");
            }
        }
    }

    #[test]
    fn a_cloud_reads_and_prints_under_one_name() {
        for (word, cloud) in CLOUDS {
            assert_eq!(cloud.name(), *word);
            assert_eq!(serde_json::json!(cloud), *word);
        }
    }

    #[test]
    fn other_words_lead_to_a_cloud_and_stand_once() {
        for (word, name) in [
            ("gcc", "global"),
            ("GCC", "global"),
            ("AzureCloud", "global"),
            ("public", "global"),
            ("gcc-high", "us-gov-l4"),
            ("usgov", "us-gov-l4"),
            ("AzureUSGovernment", "us-gov-l4"),
            ("dod", "us-gov-l5"),
            ("AzureChinaCloud", "china"),
        ] {
            assert_eq!(cloud_meant(word), Some(name), "{word}");
        }
        assert_eq!(cloud_meant("mars"), None);
        let mut seen = std::collections::HashSet::new();
        for (name, words) in OTHER_WORDS {
            assert!(CLOUDS.iter().any(|(word, _)| word == name), "{name}");
            for word in *words {
                assert!(seen.insert(word), "{word} twice");
            }
        }
    }

    #[test]
    fn both_sign_in_hosts_of_china_are_listed_and_the_current_one_is_used() {
        let hosts: Vec<_> = HOSTS
            .iter()
            .filter(|entry| entry.cloud == Cloud::China)
            .map(|entry| entry.host)
            .collect();
        assert!(hosts.contains(&"login.chinacloudapi.cn"));
        assert_eq!(
            Cloud::China.login(),
            "https://login.partner.microsoftonline.cn"
        );
    }
}
