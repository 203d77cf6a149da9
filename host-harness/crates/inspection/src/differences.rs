//! What is new about a component, in sentences for whoever has to approve it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Claims, Inspection, Need};

/// How a component differs from an earlier one, in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What it wants beyond it, and whether it is another component: whoever approved the earlier one has not
    /// approved this.
    pub more: Vec<String>,
    /// What it wants no longer.
    pub less: Vec<String>,
    /// What it is.
    pub identity: Vec<String>,
}

impl Differences {
    /// All of them in the order of a reader: what it wants beyond comes first.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut told: Vec<_> = self.more.iter().chain(&self.less).cloned().collect();
        if told.is_empty() && !self.identity.is_empty() {
            told.push("It asks for nothing else than before.".to_owned());
        }
        told.extend(self.identity.iter().cloned());
        told
    }
}

/// How a component differs from an earlier one. Nothing where the two are the same file.
#[must_use]
pub fn differences(before: &Inspection, after: &Inspection) -> Differences {
    let mut told = Differences::default();
    if before.sha256 == after.sha256 {
        return told;
    }
    let (more, less) = (&mut told.more, &mut told.less);
    if let (Some(before), Some(after)) = (&before.claims, &after.claims) {
        permissions(before, after, more, less);
        hosts(before, after, more, less);
    }
    let (imported, imports) = (interfaces(before), interfaces(after));
    names("imports", &imported, &imports, more, less);
    let (exported, exports) = (plain(&before.exports), plain(&after.exports));
    // What it offers, it does not ask for.
    names("exports", &exported, &exports, &mut told.identity, less);
    if let (Some(before), Some(after)) = (&before.claims, &after.claims)
        && before.name != after.name
    {
        told.more.push(format!(
            "It is called {}, before {}.",
            after.name, before.name
        ));
    }
    told.identity.extend(identity(before, after));
    told
}

fn permissions(before: &Claims, after: &Claims, more: &mut Vec<String>, less: &mut Vec<String>) {
    let added = |needs: &BTreeMap<String, Need>, name: &String| !needs.contains_key(name);
    for (name, need) in &after.permissions {
        match before.permissions.get(name) {
            None if need.optional => more.push(format!(
                "It now also asks for {name}, and works without it: {}",
                need.why
            )),
            None => more.push(format!("It now also asks for {name}: {}", need.why)),
            Some(former) if former.optional && !need.optional => {
                more.push(format!("It no longer works without {name}: {}", need.why));
            }
            Some(former) if !former.optional && need.optional => {
                less.push(format!("It works without {name} now."));
            }
            Some(_) => {}
        }
    }
    let gone = before
        .permissions
        .keys()
        .filter(|name| added(&after.permissions, name));
    less.extend(gone.map(|name| format!("It no longer asks for {name}.")));
}

fn hosts(before: &Claims, after: &Claims, more: &mut Vec<String>, less: &mut Vec<String>) {
    let clouds = |clouds: &BTreeSet<String>| {
        let names: Vec<_> = clouds.iter().map(String::as_str).collect();
        names.join(", ")
    };
    for (host, of) in &after.hosts {
        if !before.hosts.contains_key(host) {
            more.push(format!("It now also reaches {host} ({}).", clouds(of)));
        }
    }
    for (host, of) in &before.hosts {
        if !after.hosts.contains_key(host) {
            less.push(format!("It no longer reaches {host} ({}).", clouds(of)));
        }
    }
}

fn names(
    verb: &str,
    before: &BTreeSet<&str>,
    after: &BTreeSet<&str>,
    more: &mut Vec<String>,
    less: &mut Vec<String>,
) {
    let added = after.difference(before);
    more.extend(added.map(|name| format!("It now also {verb} {name}.")));
    let gone = before.difference(after);
    less.extend(gone.map(|name| format!("It no longer {verb} {name}.")));
}

/// The interfaces that are imported, without their versions: of WASI those follow the compiler.
fn interfaces(inspection: &Inspection) -> BTreeSet<&str> {
    let imports = inspection.imports.values().flatten();
    imports.map(|name| unversioned(name)).collect()
}

fn plain(names: &BTreeSet<String>) -> BTreeSet<&str> {
    names.iter().map(|name| unversioned(name)).collect()
}

fn unversioned(interface: &str) -> &str {
    interface
        .split_once('@')
        .map_or(interface, |(name, _)| name)
}

fn identity(before: &Inspection, after: &Inspection) -> Vec<String> {
    let mut told = Vec::new();
    if before.contract != after.contract {
        told.push(format!(
            "It was built for contract {}, before for {}.",
            after.contract, before.contract
        ));
    }
    if let (Some(before), Some(after)) = (&before.claims, &after.claims) {
        if before.version == after.version {
            told.push(format!(
                "It has the same version, {}, and is another file.",
                after.version
            ));
        } else {
            told.push(format!(
                "It is version {}, before {}.",
                after.version, before.version
            ));
        }
        if let (Some(before), Some(after)) = (before.attributes, after.attributes)
            && before != after
        {
            told.push(format!("It maps {after} attributes, before {before}."));
        }
    }
    if before.size != after.size {
        told.push(format!(
            "It has {} bytes, before {}.",
            after.size, before.size
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;

    fn component(permissions: &[(&str, bool)], hosts: &[&str], imports: &[&str]) -> Inspection {
        let imports: Vec<_> = imports.iter().map(|&name| name.to_owned()).collect();
        let exports = ["contact-sync:connector/connector@0.2.0".to_owned()];
        let inspection = Inspection::of(b"one", &imports, &exports);
        let need = |optional| Need {
            optional,
            why: "to read people".to_owned(),
        };
        let global = || BTreeSet::from(["global".to_owned()]);
        Inspection {
            claims: Some(Claims {
                name: "Connector".to_owned(),
                version: "0.1.0".to_owned(),
                hosts: hosts
                    .iter()
                    .map(|&host| (host.to_owned(), global()))
                    .collect(),
                permissions: permissions
                    .iter()
                    .map(|&(name, optional)| (name.to_owned(), need(optional)))
                    .collect(),
                attributes: Some(30),
            }),
            ..inspection
        }
    }

    fn newer(mut inspection: Inspection) -> Inspection {
        inspection.sha256 = "another".to_owned();
        inspection
    }

    #[test]
    fn the_same_file_differs_in_nothing() {
        let one = component(&[("User.Read.All", false)], &["graph.microsoft.com"], &[]);
        let told = differences(&one, &one.clone());
        assert_eq!(told, Differences::default());
        assert_eq!(told.sentences(), Vec::<String>::new());
    }

    #[test]
    fn what_is_asked_for_beyond_comes_first_and_in_words() {
        let before = component(
            &[("User.Read.All", false), ("Organization.Read.All", true)],
            &["graph.microsoft.com"],
            &["wasi:io/poll@0.2.6"],
        );
        let mut after = newer(component(
            &[("Group.Read.All", false), ("Organization.Read.All", false)],
            &["graph.microsoft.com", "graph.example"],
            &["wasi:io/poll@0.2.12", "wasi:sockets/tcp@0.2.12"],
        ));
        after.size = 900_000;
        let told = differences(&before, &after);
        assert_eq!((told.more.len(), told.less.len()), (4, 1));
        assert_eq!(
            told.sentences(),
            [
                "It now also asks for Group.Read.All: to read people",
                "It no longer works without Organization.Read.All: to read people",
                "It now also reaches graph.example (global).",
                "It now also imports wasi:sockets/tcp.",
                "It no longer asks for User.Read.All.",
                "It has the same version, 0.1.0, and is another file.",
                "It has 900000 bytes, before 3.",
            ]
        );
        assert!(after.imports.contains_key(&Class::Sockets));
    }

    #[test]
    fn a_component_of_another_name_is_not_the_one_that_was_approved() {
        let before = component(&[], &[], &[]);
        let mut after = newer(before.clone());
        if let Some(claims) = &mut after.claims {
            claims.name = "Another one".to_owned();
        }
        assert_eq!(
            differences(&before, &after).more,
            ["It is called Another one, before Connector."]
        );
    }

    #[test]
    fn an_update_that_wants_nothing_more_says_so() {
        let before = component(&[("User.Read.All", false)], &[], &["wasi:io/poll@0.2.6"]);
        let mut after = newer(before.clone());
        if let Some(claims) = &mut after.claims {
            claims.version = "0.1.1".to_owned();
        }
        let told = differences(&before, &after);
        assert_eq!((told.more.len(), told.less.len()), (0, 0));
        assert_eq!(
            told.sentences(),
            [
                "It asks for nothing else than before.",
                "It is version 0.1.1, before 0.1.0."
            ]
        );
    }
}
