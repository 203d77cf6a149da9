//! Values that are kept as their names.
//!
//! What `derive` makes for them understands numbers, bytes and contents as well, once for each type: a
//! kilobyte each in the component, for nothing.

/// At which position that name stands.
#[must_use]
pub fn position(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| *known == name)
}

/// Lets an enum without contents be written as its names, and be read by them.
#[macro_export]
macro_rules! kept_by_name {
    ($type:ident: $($variant:ident = $name:literal),+ $(,)?) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self {
                    $(Self::$variant => $name,)+
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                let position = $crate::names::position(&[$($name),+], &name);
                let found = position.and_then(|at| [$(Self::$variant),+].get(at).copied());
                found.ok_or_else(|| serde::de::Error::custom("this is no name that is known"))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::contact::{Effect, RemovalKind};

    #[test]
    fn a_name_leads_back_to_its_value_and_another_one_to_none() {
        for effect in Effect::ALL {
            let written = serde_json::to_string(&effect).unwrap();
            assert_eq!(serde_json::from_str::<Effect>(&written).unwrap(), effect);
        }
        let written = serde_json::to_string(&RemovalKind::Unlink).unwrap();
        assert_eq!(written, "\"unlink\"");
        for unknown in ["\"Unlink\"", "\"\"", "0", "null", "{\"unlink\":null}"] {
            assert!(serde_json::from_str::<RemovalKind>(unknown).is_err());
        }
    }
}
