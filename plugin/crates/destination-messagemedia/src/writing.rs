//! Contacts written: looked at a moment before, and looked at afterwards.

use destination_kit::destination::{Attempt, DestinationError, Failure, Patch, Record};
use destination_kit::{Repeat, Unanswered};
use guest_kit::percent::encode;
use guest_kit::{Method, json};

use crate::client::Failed;
use crate::fields::PHONE_NUMBER;
use crate::messagemedia::MessageMedia;
use crate::patching::{
    ClearProperty, ClearValue, Target, Ways, has_channel, has_only_writable_channels, update,
};
use crate::reading;
use crate::refusal::{CANNOT_CLEAR, NUMBER_KEPT, OTHER_CHANNELS, names_missing, of_field, refusal};
use crate::wire::ContactData;

/// Why a request did not bring a contact where it should be.
enum Stopped {
    /// A custom field of the request is not there any more.
    FieldMissing,
    /// The service takes no such value.
    Invalid(Failure),
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<DestinationError> for Stopped {
    fn from(error: DestinationError) -> Self {
        Self::Failed(error.into())
    }
}

impl MessageMedia<'_> {
    pub(crate) async fn write_one(&self, patch: &Patch) -> Attempt<Record> {
        self.load_book().await?;
        let last = |stopped| match stopped {
            Stopped::FieldMissing => Failure::NotDone("custom-field-gone".to_owned()),
            Stopped::Invalid(failure) | Stopped::Failed(failure) => failure,
        };
        match self.patch(patch).await {
            Err(Stopped::FieldMissing) => {
                self.reload_book().await?;
                self.patch(patch).await.map_err(last)
            }
            answered => answered.map_err(last),
        }
    }

    async fn patch(&self, patch: &Patch) -> Result<Record, Stopped> {
        let tie = patch.tie.as_ref().map(Option::as_ref);
        let target = Target::of(&patch.writes, tie, &self.known_book());
        let target = target.map_err(|refusal| Stopped::Failed(Failure::Refused(refusal)))?;
        let tags: Vec<String> = target.filled_tags().map(str::to_owned).collect();
        self.make_needed(&tags).await?;
        if target.is_empty() {
            // Activity is the kit's to remember, and nothing here changes with it.
            return Ok(patch.known.clone());
        }
        let id = &*patch.known.id;
        let mut contact = ContactData::default();
        let needs_a_look = target.needs_arrays() || !target.cleared_properties().is_empty();
        if needs_a_look {
            contact = self.read(id).await?;
            let record = self.told(&contact);
            if (&record.fields, &record.tie) != (&patch.known.fields, &patch.known.tie) {
                return Err(Failure::Changed.into());
            }
            contact = self.learn(&target, contact).await?;
        }
        self.refuse_what_cannot_be(&target, &contact)?;
        let left = target.left(&contact, &self.known_book());
        if left.is_empty() {
            return Ok(self.told(&contact));
        }
        let contact = self.send(id, &left, &contact, self.known_ways()).await?;
        self.check(&left, &contact)?;
        Ok(self.told(&contact))
    }

    async fn read(&self, id: &str) -> Result<ContactData, Stopped> {
        let contact = reading::by_id(&self.client, id).await?;
        contact.ok_or(Stopped::Failed(Failure::Gone))
    }

    /// Does what is not known yet how to do, one thing at a time, and remembers what worked. The contact as it is
    /// afterwards.
    async fn learn(
        &self,
        target: &Target,
        mut contact: ContactData,
    ) -> Result<ContactData, Stopped> {
        let left = target.left(&contact, &self.known_book());
        if !left.cleared_properties().is_empty() && self.ways.get().clear_property.is_none() {
            contact = self.learn_to_clear_properties(&left, contact).await?;
        }
        if !left.cleared_values().is_empty() && self.ways.get().clear_value.is_none() {
            contact = self.learn_to_clear_values(&left, contact).await?;
        }
        let changes_number = left.number.is_some() && contact.number().is_some();
        if changes_number && self.ways.get().number_goes.is_none() {
            self.refuse_what_cannot_be(&left, &contact)?;
            contact = self.learn_to_change_numbers(&left, contact).await?;
        }
        Ok(contact)
    }

    async fn learn_to_clear_properties(
        &self,
        left: &Target,
        mut contact: ContactData,
    ) -> Result<ContactData, Stopped> {
        let cleared = left.cleared_properties();
        let mut found = None;
        for way in ClearProperty::ALL {
            match self
                .send(&contact.id, &cleared, &contact, (way, ClearValue::LeftOut))
                .await
            {
                Ok(answered) => contact = answered,
                Err(Stopped::Invalid(_)) => continue,
                Err(stopped) => return Err(stopped),
            }
            if cleared.left(&contact, &self.known_book()).is_empty() {
                found = Some(way);
                break;
            }
        }
        self.remember(|ways| ways.clear_property = Some(found));
        Ok(contact)
    }

    async fn learn_to_clear_values(
        &self,
        left: &Target,
        mut contact: ContactData,
    ) -> Result<ContactData, Stopped> {
        let cleared = left.cleared_values();
        let mut found = None;
        for way in ClearValue::ALL {
            match self
                .send(&contact.id, &cleared, &contact, (ClearProperty::Text, way))
                .await
            {
                Ok(answered) => contact = answered,
                Err(Stopped::Invalid(_)) => continue,
                Err(stopped) => return Err(stopped),
            }
            if cleared.left(&contact, &self.known_book()).is_empty() {
                found = Some(way);
                break;
            }
        }
        self.remember(|ways| ways.clear_value = Some(found));
        Ok(contact)
    }

    async fn learn_to_change_numbers(
        &self,
        left: &Target,
        contact: ContactData,
    ) -> Result<ContactData, Stopped> {
        let number = left.number_alone();
        let ways = (ClearProperty::Text, ClearValue::LeftOut);
        let former = contact.number().map(|channel| channel.channel_id.clone());
        let contact = self.send(&contact.id, &number, &contact, ways).await?;
        let is_kept = former.is_some_and(|former| has_channel(&contact, &former));
        self.remember(|ways| ways.number_goes = Some(!is_kept));
        Ok(contact)
    }

    fn remember(&self, change: impl FnOnce(&mut Ways)) {
        let mut ways = self.ways.get();
        change(&mut ways);
        self.ways.set(ways);
    }

    /// The ways that are known, and the first of those that are not needed.
    fn known_ways(&self) -> (ClearProperty, ClearValue) {
        let ways = self.ways.get();
        let property = ways.clear_property.flatten().unwrap_or(ClearProperty::Text);
        let value = ways.clear_value.flatten().unwrap_or(ClearValue::LeftOut);
        (property, value)
    }

    /// Refuses what this service has no way to do, before anything is done.
    fn refuse_what_cannot_be(&self, target: &Target, contact: &ContactData) -> Result<(), Stopped> {
        let refused =
            |field: &str, code: &str| Err(Stopped::Failed(Failure::Refused(of_field(field, code))));
        let left = target.left(contact, &self.known_book());
        let ways = self.ways.get();
        let properties = left.cleared_properties();
        if let (Some(None), Some(name)) = (ways.clear_property, properties.properties.keys().next())
        {
            return refused(crate::fields::field_of_property(name), CANNOT_CLEAR);
        }
        let values = left.cleared_values();
        if let (Some(None), Some(tag)) = (ways.clear_value, values.values.keys().next()) {
            let book = self.known_book();
            let field = book.by_tag(tag).and_then(|field| field.name.as_deref());
            return refused(field.unwrap_or(tag), CANNOT_CLEAR);
        }
        let Some(number) = &left.number else {
            return Ok(());
        };
        if !has_only_writable_channels(contact) {
            return refused(PHONE_NUMBER, OTHER_CHANNELS);
        }
        // A second number beside the first is what an earlier try has left where arrays are merged.
        let goes = ways.number_goes.unwrap_or(!has_channel(contact, number));
        if contact.number().is_some() && !goes {
            return refused(PHONE_NUMBER, NUMBER_KEPT);
        }
        Ok(())
    }

    /// Whether a contact came to be what it was to be, where that is not certain.
    fn check(&self, target: &Target, contact: &ContactData) -> Result<(), Stopped> {
        if target
            .number
            .as_ref()
            .is_some_and(|number| !has_channel(contact, number))
        {
            return Err(Stopped::Failed(Failure::Refused(of_field(
                PHONE_NUMBER,
                NUMBER_KEPT,
            ))));
        }
        let left = target.left(contact, &self.known_book());
        if !left.cleared_properties().is_empty() || !left.cleared_values().is_empty() {
            // A way that has worked does so no more: the next contact finds another.
            self.ways.set(Ways::default());
            return Err(Stopped::Failed(Failure::NotDone("not-emptied".to_owned())));
        }
        Ok(())
    }

    /// One update, and the contact afterwards. An answer that was lost is read again.
    async fn send(
        &self,
        id: &str,
        target: &Target,
        contact: &ContactData,
        ways: (ClearProperty, ClearValue),
    ) -> Result<ContactData, Stopped> {
        let book = self.known_book();
        let request = update(target, contact, &book, ways);
        let path = format!("/contacts/{}", encode(id));
        let patched = self.client.write(
            Method::Patch,
            &path,
            Some(&request.body),
            Repeat::Idempotent,
        );
        let why = match patched.await {
            Ok(answer) => match json::from_bytes::<ContactData>(&answer) {
                Some(contact) if contact.id == id => return Ok(contact),
                _ => "answer-not-readable",
            },
            Err(Failed::Invalid(error)) if names_missing(&error, "customFields") => {
                return Err(Stopped::FieldMissing);
            }
            Err(Failed::Invalid(error)) => {
                let refusal = refusal(&error, &request.sent);
                return Err(Stopped::Invalid(Failure::Refused(refusal)));
            }
            Err(Failed::Conflict) => {
                let refusal = of_field(PHONE_NUMBER, "duplicate");
                return Err(Failure::Refused(refusal).into());
            }
            Err(Failed::Unanswered(Unanswered::Lost(why))) => why,
            Err(failed) => return Err(failed.plain().into()),
        };
        let unknown = || Stopped::Failed(Failure::Unknown(why.to_owned()));
        let contact = self.read(id).await.map_err(|_| unknown())?;
        if target.left(&contact, &book).is_empty() {
            Ok(contact)
        } else {
            Err(unknown())
        }
    }
}
