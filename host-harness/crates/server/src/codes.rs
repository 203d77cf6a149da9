//! What the codes of reasons and refusals mean, as those describe them who use them: the component, and the
//! contact store.

use std::collections::BTreeMap;

use connector_contract::CodeDescription;

/// Said of whoever is left out for a reason about which nothing is to be done.
const NO_ADVICE: &str =
    "They are read with each sync, and arrive as soon as nothing is in the way.";

/// Every code that was described.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeLabels(BTreeMap<String, CodeDescription>);

impl CodeLabels {
    /// Of a code that is described twice, the first description counts.
    pub(crate) fn new(described: impl IntoIterator<Item = CodeDescription>) -> Self {
        let mut codes = BTreeMap::new();
        for description in described {
            codes.entry(description.code.clone()).or_insert(description);
        }
        Self(codes)
    }

    /// In a few words; a code that nobody described stands for itself.
    pub(crate) fn label<'c>(&'c self, code: &'c str) -> &'c str {
        let described = self.0.get(code);
        described.map_or(code, |described| &described.label)
    }

    /// What can be done for whoever is not synced for this reason.
    pub(crate) fn advice(&self, code: &str) -> &str {
        let described = self.0.get(code);
        let advice = described.and_then(|described| described.advice.as_deref());
        advice.unwrap_or(NO_ADVICE)
    }
}

#[cfg(test)]
mod tests {
    use connector_contract::CodeKind;

    use super::*;

    fn described(code: &str, label: &str, advice: Option<&str>) -> CodeDescription {
        CodeDescription {
            code: code.to_owned(),
            kind: CodeKind::Refusal,
            label: label.to_owned(),
            advice: advice.map(str::to_owned),
        }
    }

    #[test]
    fn a_code_is_told_as_the_first_describes_it_and_one_of_nobody_as_itself() {
        let codes = CodeLabels::new([
            described("too-long", "A value is too long", Some("Shorten it.")),
            described("too-long", "Another description", None),
            described("of-a-destination", "The other end refuses it", None),
        ]);
        assert_eq!(codes.label("too-long"), "A value is too long");
        assert_eq!(codes.advice("too-long"), "Shorten it.");
        assert_eq!(codes.label("of-a-destination"), "The other end refuses it");
        assert_eq!(codes.advice("of-a-destination"), NO_ADVICE);
        assert_eq!(codes.label("of-another-version"), "of-another-version");
        assert_eq!(codes.advice("of-another-version"), NO_ADVICE);
    }
}
