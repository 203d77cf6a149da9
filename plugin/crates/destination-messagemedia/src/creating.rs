//! Contacts made, each once: a request whose answer was lost is never sent again, but looked for by the number and
//! the link.

use destination_kit::destination::{Attempt, DestinationError, Draft, Failure, Record};
use destination_kit::{Repeat, Unanswered};
use guest_kit::{Method, calendar, json};

use crate::client::Failed;
use crate::fields::PHONE_NUMBER;
use crate::messagemedia::MessageMedia;
use crate::patching::{Target, creation};
use crate::reading;
use crate::refusal::{names_missing, of_field, refusal};
use crate::wire::ContactData;

/// How far the clocks of two machines may be apart.
const CLOCKS_APART_MS: u64 = 5 * 60 * 1000;

/// Why a contact was not made.
enum Posted {
    /// A custom field of the request is not there any more.
    FieldMissing,
    Failed(Failure),
}

impl Posted {
    /// Where it is not tried again.
    fn last(self) -> Failure {
        match self {
            Self::FieldMissing => Failure::NotDone("custom-field-gone".to_owned()),
            Self::Failed(failure) => failure,
        }
    }
}

impl From<Failure> for Posted {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<DestinationError> for Posted {
    fn from(error: DestinationError) -> Self {
        Self::Failed(error.into())
    }
}

impl MessageMedia<'_> {
    pub(crate) async fn create_one(&self, draft: &Draft) -> Attempt<Record> {
        self.load_book().await?;
        // A custom field that somebody deletes meanwhile is made once more.
        match self.post(draft).await {
            Err(Posted::FieldMissing) => {
                self.reload_book().await?;
                self.post(draft).await.map_err(Posted::last)
            }
            answered => answered.map_err(Posted::last),
        }
    }

    async fn post(&self, draft: &Draft) -> Result<Record, Posted> {
        let target = self.target_of(draft)?;
        let tags: Vec<String> = target.filled_tags().map(str::to_owned).collect();
        self.make_needed(&tags).await?;
        let request = creation(&target, &draft.lists, &self.known_book());
        let posted =
            self.client
                .write(Method::Post, "/contacts", Some(&request.body), Repeat::Once);
        let failed = match posted.await {
            Ok(answer) => match json::from_bytes::<ContactData>(&answer) {
                Some(contact) if !contact.id.is_empty() => return Ok(self.told(&contact)),
                _ => Failed::Unanswered(Unanswered::Lost("answer-not-readable")),
            },
            Err(failed) => failed,
        };
        match failed {
            Failed::Invalid(error) if names_missing(&error, "customFields") => {
                Err(Posted::FieldMissing)
            }
            Failed::Invalid(error) if names_missing(&error, "lists") => {
                Err(Posted::Failed(Failure::Gone))
            }
            Failed::Invalid(error) => {
                let refusal = refusal(&error, &request.sent);
                Err(Posted::Failed(Failure::Refused(refusal)))
            }
            // Somebody has the number: an earlier request for the same draft, or another contact.
            Failed::Conflict => match self.made_before(draft).await? {
                Some(record) => Ok(record),
                None => {
                    let refusal = of_field(PHONE_NUMBER, "duplicate");
                    Err(Posted::Failed(Failure::Refused(refusal)))
                }
            },
            Failed::Unanswered(Unanswered::Lost(why)) => match self.made_before(draft).await {
                Ok(Some(record)) => Ok(record),
                Ok(None) | Err(_) => Err(Posted::Failed(Failure::Unknown(why.to_owned()))),
            },
            failed => Err(Posted::Failed(failed.plain())),
        }
    }

    fn target_of(&self, draft: &Draft) -> Result<Target, Failure> {
        let fields = draft.fields.iter();
        let writes: Vec<_> = fields
            .map(|(name, value)| destination_kit::contract::FieldWrite {
                name: name.clone(),
                value: Some(value.clone()),
            })
            .collect();
        let tie = draft.tie.as_ref().map(Some);
        let target = Target::of(&writes, tie, &self.known_book());
        let target = target.map_err(Failure::Refused)?;
        if target.number.is_none() {
            let refusal = of_field(PHONE_NUMBER, "missing-mandatory");
            return Err(Failure::Refused(refusal));
        }
        Ok(target)
    }

    /// The contact that an earlier request for this draft has made, as far as pages show it. One of the same number
    /// is it only with the same link; one that is nobody's only with the same fields, and not from before.
    pub(crate) async fn made_before(
        &self,
        draft: &Draft,
    ) -> Result<Option<Record>, DestinationError> {
        // What was refused before it was sent was never made.
        let Ok(Some(number)) = self.target_of(draft).map(|target| target.number) else {
            return Ok(None);
        };
        let contacts = reading::by_number(&self.client, &number).await?;
        let mut made = contacts.iter().filter(|contact| self.is_of(draft, contact));
        let Some(contact) = made.next() else {
            return Ok(None);
        };
        // The page may show it as it was.
        let contact = reading::by_id(&self.client, &contact.id).await?;
        Ok(contact.map(|contact| self.told(&contact)))
    }

    fn is_of(&self, draft: &Draft, contact: &ContactData) -> bool {
        let record = self.told(contact);
        if draft.tie.is_some() {
            return record.tie == draft.tie;
        }
        let created = contact.created_date.as_deref().and_then(moment);
        let mut fields = draft.fields.clone();
        fields.sort();
        let is_new =
            created.is_some_and(|created| created + CLOCKS_APART_MS >= draft.decided_at_ms);
        record.tie.is_none() && record.fields == fields && is_new
    }
}

/// Milliseconds since 1970 of a moment as the service writes it, `2026-01-02T03:04:05.678Z`.
fn moment(text: &str) -> Option<u64> {
    Some(calendar::read_date_time(text)?.saturating_mul(1000))
}
