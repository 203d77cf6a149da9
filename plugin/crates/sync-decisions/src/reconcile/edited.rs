//! Somebody whose contact others wrote, and of whom the directory has told no change.
//!
//! What the directory holds of them is then what it was last reconciled with: the base. So the person need not be
//! asked for to find out what the directory is to be given; right before it is written, that is compared with what
//! the directory holds. For the rows that only read it is an assumption: where the contact would be written for it,
//! the person is asked for.

use crate::contact::Contact;
use crate::mapping::person::{Person, PersonKind, Scope, Stated, WantedLists};
use crate::mapping::rows::{Direction, Row};

use super::decide::Rules;
use super::decision::{Action, Decision};
use super::merge::Base;
use super::reason::Reason;

impl Rules<'_> {
    /// The user of a linked contact, as the base tells of them. `None` where it does not: the contact has no link,
    /// holds a value that was never compared, or has lost one that comes back from the directory.
    #[must_use]
    pub fn as_last_reconciled(&self, contact: &Contact) -> Option<Person> {
        let link = contact.link.as_ref()?;
        let mut fields = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            fields.push(self.stated_by_base(row, contact)?);
        }
        Some(Person {
            object_id: link.object_id.clone(),
            kind: PersonKind::User,
            enabled: None,
            scope: Scope::Inside,
            fields,
            match_key: None,
            lists: WantedLists::Unstated,
            is_whole: false,
            address_is_open: false,
            address_may_be_gone: false,
            number_is_open: false,
            states_changes_only: false,
            is_agent: false,
            names_by_id: false,
            mastered_elsewhere: false,
            invalid: None,
        })
    }

    fn stated_by_base(&self, row: &Row, contact: &Contact) -> Option<Stated> {
        if row.only_on_create {
            return Some(Stated::Unstated);
        }
        let base = Base::of(contact, &row.field, self.reconciled);
        if !row.direction.writes_directory() {
            let assumed = base.value().map(str::to_owned);
            return Some(assumed.map_or(Stated::Unstated, Stated::Assumed));
        }
        match base {
            Base::Value(_) if row.always_filled && contact.field(&row.field).is_none() => None,
            Base::Value(value) => Some(Stated::Value(value.to_owned())),
            // While the contact had none, the directory kept what it liked.
            Base::Nothing
                if row.direction == Direction::Reverse && contact.field(&row.field).is_some() =>
            {
                None
            }
            Base::Nothing => Some(Stated::Empty),
            // Nobody has written what is empty and was never compared.
            Base::None if contact.field(&row.field).is_none() => Some(Stated::Unstated),
            Base::None => None,
        }
    }
}

impl Rules<'_> {
    /// Whether the base of a row stays behind what the directory states of somebody: of a contact that the directory
    /// follows, and that lost the value, another one of the directory is kept.
    #[must_use]
    pub fn leaves_base_behind(&self, person: &Person, contact: &Contact) -> bool {
        let mut rows = self.rows.iter().zip(&person.fields);
        rows.any(|(row, stated)| {
            let stated = match stated {
                Stated::Value(value) => Some(value.as_str()),
                Stated::Empty => None,
                Stated::Unstated | Stated::Assumed(_) => return false,
            };
            let base = contact.base(&row.field);
            row.direction == Direction::Reverse
                && contact.field(&row.field).is_none()
                && base.is_some()
                && !row.form().is_same(base, stated)
        })
    }
}

impl Decision {
    /// Whether a linked contact is left alone for something that only the directory tells: it is kept although the
    /// person left the scope, or the account is disabled or an agent's.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        matches!(self.action, Action::Skip(Some(_)) | Action::Leave(_))
            && matches!(
                self.reason,
                Reason::KeptByPolicy | Reason::AccountDisabled | Reason::Agent
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Field, ObjectId};
    use crate::mapping::rows::Winner;
    use crate::reconcile::correlate::Correlation;
    use crate::reconcile::decision::Addition;
    use crate::reconcile::test_samples::{linked_contact, mirroring, person, row};

    fn two_way(attribute: &'static str, field: &str) -> Row {
        Row {
            direction: Direction::TwoWay(Winner::Directory),
            ..row(attribute, field)
        }
    }

    fn rows() -> Vec<Row> {
        vec![
            row("givenName", "first_name"),
            two_way("companyName", "company"),
            two_way("jobTitle", "job_title"),
        ]
    }

    /// A contact that was in step, with other values since.
    fn edited(values: &[(&str, &str)]) -> Contact {
        let held = [("first_name", "Kim"), ("company", "Contoso")];
        let mut contact = linked_contact("1", "u1", &held);
        for (name, value) in values {
            contact.fields.retain(|field| field.name != *name);
            contact.fields.push(Field {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            });
        }
        contact
    }

    #[test]
    fn what_is_given_is_decided_on_the_base() {
        let (rows, policies) = (rows(), mirroring());
        let rules = Rules::new(&rows, &policies);
        let contact = edited(&[("company", "Fabrikam"), ("first_name", "Jo")]);
        let person = rules.as_last_reconciled(&contact).unwrap();
        assert_eq!(person.object_id, ObjectId::new("u1"));
        let decision = rules.live(&person, Correlation::Linked(&contact));
        assert_eq!(decision.action, Action::Wait);
        let staged = decision.staged.unwrap();
        assert_eq!(staged.fields, []);
        let [change] = &staged.directory[..] else {
            panic!("{staged:?}");
        };
        assert_eq!(change.attribute, "companyName");
        assert_eq!(change.before.as_deref(), Some("Contoso"));
        assert_eq!(change.after.as_deref(), Some("Fabrikam"));
    }

    #[test]
    fn a_row_that_only_reads_is_assumed_to_be_as_it_was() {
        let (rows, policies) = (rows(), mirroring());
        let rules = Rules::new(&rows, &policies);
        let contact = edited(&[("first_name", "Jo")]);
        let person = rules.as_last_reconciled(&contact).unwrap();
        let linked = Correlation::Linked(&contact);
        assert!(matches!(
            rules.live(&person, linked).action,
            Action::Leave(_)
        ));
        let taken = person.taken_as_stated(&rows).unwrap();
        assert!(matches!(rules.live(&taken, linked).action, Action::Add(_)));
    }

    #[test]
    fn what_the_directory_never_lets_be_empty_is_asked_about_where_the_contact_lost_it() {
        let mut rows = rows();
        rows[1].always_filled = true;
        let policies = mirroring();
        let rules = Rules::new(&rows, &policies);
        let mut contact = edited(&[]);
        assert!(rules.as_last_reconciled(&contact).is_some());
        contact.fields.retain(|field| field.name != "company");
        assert_eq!(rules.as_last_reconciled(&contact), None);
    }

    #[test]
    fn a_value_that_was_never_compared_is_asked_about_unless_it_was_reconciled_with_nothing() {
        let (rows, policies) = (rows(), mirroring());
        let rules = Rules::new(&rows, &policies);
        let contact = edited(&[("job_title", "Head")]);
        assert_eq!(rules.as_last_reconciled(&contact), None);
        let reconciled = ["job_title".to_owned()];
        let rules = Rules {
            reconciled: &reconciled,
            ..rules
        };
        let person = rules.as_last_reconciled(&contact).unwrap();
        assert_eq!(person.fields[2], Stated::Empty);
    }

    #[test]
    fn a_contact_that_is_being_linked_is_not_known_to_be_in_step_where_rows_write() {
        let policies = mirroring();
        let found = Contact {
            link: None,
            ..edited(&[("company", "Fabrikam")])
        };
        for (rows, is_in_step) in [(rows(), false), (vec![row("companyName", "company")], true)] {
            let rules = Rules::new(&rows, &policies);
            let mut person = person("u1", "Kim", "kim@contoso.com");
            person.fields = vec![Stated::Value("Contoso".to_owned()); rows.len()];
            let matching = Correlation::Matching(&found);
            let decision = rules.live(&person, matching);
            assert!(matches!(decision.action, Action::Add(Addition::Link(_))));
            assert_eq!(rules.leaves_in_step(&decision, matching), is_in_step);
        }
    }

    #[test]
    fn where_the_contact_alone_counts_its_first_value_is_asked_about() {
        let mut rows = rows();
        rows[2].direction = Direction::Reverse;
        let (reconciled, policies) = (["job_title".to_owned()], mirroring());
        let rules = Rules {
            reconciled: &reconciled,
            ..Rules::new(&rows, &policies)
        };
        assert!(rules.as_last_reconciled(&edited(&[])).is_some());
        let first = edited(&[("job_title", "Head")]);
        assert_eq!(rules.as_last_reconciled(&first), None);
    }

    #[test]
    fn the_base_is_left_behind_where_a_contact_that_leads_has_lost_what_the_directory_changed() {
        let mut rows = rows();
        let policies = mirroring();
        let mut contact = edited(&[]);
        contact.fields.retain(|field| field.name != "company");
        let mut somebody = person("u1", "Kim", "kim@contoso.com");
        for (direction, stated, is_left) in [
            (
                Direction::Reverse,
                Stated::Value("Northwind".to_owned()),
                true,
            ),
            (
                Direction::Reverse,
                Stated::Value("Contoso".to_owned()),
                false,
            ),
            (Direction::Reverse, Stated::Empty, true),
            (Direction::Reverse, Stated::Unstated, false),
            (
                Direction::TwoWay(Winner::Contact),
                Stated::Value("Northwind".to_owned()),
                false,
            ),
        ] {
            rows[1].direction = direction;
            somebody.fields = vec![Stated::Unstated, stated.clone(), Stated::Unstated];
            let rules = Rules::new(&rows, &policies);
            let is_behind = rules.leaves_base_behind(&somebody, &contact);
            assert_eq!(is_behind, is_left, "{direction:?} {stated:?}");
        }
    }

    #[test]
    fn a_contact_that_is_nobodys_tells_of_nobody() {
        let (rows, policies) = (rows(), mirroring());
        let contact = Contact {
            link: None,
            ..edited(&[])
        };
        assert_eq!(
            Rules::new(&rows, &policies).as_last_reconciled(&contact),
            None
        );
    }
}
