//! The scope of a sealed value: the associated data with which alone it opens.

/// Says which format the associated data has, and that it is this vault's: a value that another part
/// of a system sealed with the same key cannot pass for one of ours.
const DOMAIN: &[u8] = b"entra-connector host vault 1\0";

/// Where a sealed value opens, and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretScope<'a> {
    /// The workspace's id.
    pub workspace: &'a str,
    /// The secret's name in that workspace.
    pub name: &'a str,
    /// Which of the secrets of that name, counted from one: an earlier one that is put back does not open
    /// as a later one. 0: nothing is bound, as earlier versions sealed.
    pub version: i64,
}

impl SecretScope<'_> {
    /// What is authenticated beside the secret. Every part is led by its length, so that no two
    /// scopes, and no scope under two keys, give the same bytes.
    pub(super) fn associated_data(&self, key_id: &str) -> Vec<u8> {
        let mut data = DOMAIN.to_vec();
        for part in [key_id, self.workspace, self.name] {
            data.extend_from_slice(&(part.len() as u64).to_le_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        if self.version > 0 {
            data.extend_from_slice(&self.version.to_le_bytes());
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moving_a_letter_from_the_name_to_the_workspace_is_another_scope() {
        let data = |workspace, name| {
            let version = 0;
            SecretScope {
                workspace,
                name,
                version,
            }
            .associated_data("k")
        };
        assert_ne!(data("ab", "c"), data("a", "bc"));
        assert_ne!(data("", "abc"), data("abc", ""));
    }

    proptest! {
        #[test]
        fn two_scopes_never_share_their_associated_data(
            left in (".{0,6}", ".{0,6}", ".{0,6}", 0_i64..3),
            right in (".{0,6}", ".{0,6}", ".{0,6}", 0_i64..3),
        ) {
            let data = |(key, workspace, name, version): &(String, String, String, i64)| {
                SecretScope { workspace, name, version: *version }.associated_data(key)
            };
            prop_assert_eq!(left == right, data(&left) == data(&right));
        }
    }
}
