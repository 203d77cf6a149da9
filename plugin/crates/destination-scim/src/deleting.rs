//! Users deleted, and what is left of them in groups.

use destination_kit::destination::{Attempt, Doomed};
use guest_kit::Method;
use guest_kit::percent::encode;

use crate::change::{operation, patch};
use crate::client::Failed;
use crate::paging::{Kind, Listed, equals, filtered};
use crate::reading::user_path;
use crate::resource::Resource;
use crate::scim::Scim;

impl Scim<'_> {
    /// Deletes a user that no other program goes by.
    pub(crate) async fn delete_one(&self, doomed: &Doomed) -> Attempt<()> {
        self.own(&doomed.id).await?;
        let path = user_path(&doomed.id);
        let guard = doomed.guard.as_ref();
        let deleted = self.client.write(Method::Delete, &path, None, guard).await;
        deleted.map_err(Failed::plain)?;
        self.forget_in_groups(&doomed.id).await;
        Ok(())
    }

    /// Takes somebody who is not there any more out of groups: servers exist that leave the id there. What does not
    /// work is left: the user is deleted.
    async fn forget_in_groups(&self, id: &str) {
        if self.ways.finds_by_member.get() == Some(false) {
            return;
        }
        let filter = equals("members.value", id);
        let answer = self
            .client
            .read(&filtered(Kind::Groups, &filter, 100))
            .await;
        let listed = answer.ok().and_then(|body| Listed::read(&body).ok());
        let Some(listed) = listed else {
            self.ways.finds_by_member.set(Some(false));
            return;
        };
        let is_in =
            |group: &&Resource| group.members().is_some_and(|members| members.contains(&id));
        let groups: Vec<_> = listed.resources.iter().filter(is_in).collect();
        if groups.len() < listed.resources.len() {
            // It answers with others.
            self.ways.finds_by_member.set(Some(false));
        }
        for group in groups {
            let path = format!("{}/{}", Kind::Groups.path(), encode(group.id()));
            let body = patch(vec![operation(
                format!("members[{}]", equals("value", id)),
                None,
            )]);
            // Whether it worked, nobody has to know.
            let _ = self
                .client
                .write(Method::Patch, &path, Some(&body), None)
                .await;
        }
    }
}
