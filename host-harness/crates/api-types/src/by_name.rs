//! Enumerations of the contract in JSON: by their names, which scripts rely on.
//!
//! The types are generated, and serde's traits are none of theirs: a field says `#[serde(with = "…")]`.

/// A module that writes an enumeration by its name; where its kind is said, also one that reads it.
macro_rules! by_name {
    ($module:ident, $type:ty $(, read as $kind:literal)?) => {
        pub(crate) mod $module {
            use serde::Serializer;

            pub(crate) fn serialize<S: Serializer>(
                value: &$type,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(value.name())
            }

            $(
                pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<$type, D::Error> {
                    let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                    <$type>::named(&name).ok_or_else(|| {
                        serde::de::Error::custom(format!("`{name}` is no {}", $kind))
                    })
                }
            )?
        }
    };
}

by_name!(check_status, connector_contract::CheckStatus, read as "status of a check");
by_name!(effect, connector_contract::Effect, read as "effect");
by_name!(run_mode, connector_contract::RunMode);
by_name!(run_status, connector_contract::RunStatus);

/// The effect of a change, where there is one.
pub(crate) mod optional_effect {
    use connector_contract::Effect;
    use serde::Serializer;

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Effect>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(effect) => serializer.serialize_some(effect.name()),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use connector_contract::{CheckStatus, Effect};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Serialize, Deserialize)]
    struct Told {
        #[serde(with = "super::effect")]
        effect: Effect,
        #[serde(with = "super::check_status")]
        status: CheckStatus,
    }

    #[test]
    fn a_name_is_written_and_read_and_another_is_refused() {
        let told = r#"{"effect":"reactivate","status":"not-tried"}"#;
        let read: Told = serde_json::from_str(told).unwrap();
        assert_eq!(read.effect, Effect::Reactivate);
        assert_eq!(serde_json::to_string(&read).unwrap(), told);
        let other = told.replace("reactivate", "rename");
        let refused = serde_json::from_str::<Told>(&other).unwrap_err();
        assert!(refused.to_string().contains("`rename` is no effect"));
    }
}
