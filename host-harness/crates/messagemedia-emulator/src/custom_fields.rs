//! `/custom-fields`: pages, and one custom field.

use emulated_http::{Call, Reply};
use http::StatusCode;
use serde_json::{Map, Value};

use crate::contact::CustomField;
use crate::ids;
use crate::page::Asked;
use crate::refusal::{Code, Flaw, Kind, Refusal, as_json};
use crate::state::{State, required_text};
use crate::values::FieldType;

/// Every custom field, as the API tells it.
pub(crate) fn all(state: &State) -> Vec<Value> {
    let fields = state.account.fields();
    fields.map(|(_, field)| field.told()).collect()
}

/// `GET /custom-fields`.
pub(crate) fn page(state: &State, call: &Call) -> Result<Reply, Refusal> {
    let asked = Asked::read(&call.query, &state.behaviour)?;
    let field_ids = asked.ids("customFieldIds")?;
    let (label, merge_tag) = (asked.one("label"), asked.one("mergeTag"));
    let found = state.account.fields().filter(|(_, field)| {
        field_ids.as_ref().is_none_or(|ids| ids.contains(&field.id))
            && label.is_none_or(|label| field.label == label)
            && merge_tag.is_none_or(|merge_tag| field.merge_tag == merge_tag)
    });
    let found: Vec<(u64, &CustomField)> = found.collect();
    let page = asked.page(&found, |field| field.told());
    Ok(as_json(StatusCode::OK, &page))
}

/// `POST /custom-fields`: all four members are required.
pub(crate) fn create(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let body = state.body(call)?;
    let label = required_text(&body, "label")?;
    let merge_tag = required_text(&body, "mergeTag")?;
    let max_length = max_length(&body)?;
    let field_type = match body.get("type") {
        None | Some(Value::Null) => return Err(Refusal::invalid("type", Code::MustNotBeNull)),
        Some(stated) => serde_json::from_value::<FieldType>(stated.clone())
            .map_err(|_| Refusal::invalid("type", Code::InvalidFormat))?,
    };
    if state
        .account
        .fields()
        .any(|(_, field)| field.merge_tag == merge_tag)
    {
        let detail = "Another custom field has this merge tag";
        return Err(Refusal::plain(Kind::Conflict, detail));
    }
    let place = state.account.next();
    let field = CustomField {
        id: ids::made("custom field", place),
        label,
        merge_tag,
        max_length,
        field_type,
        created: state.now,
        modified: state.now,
    };
    let reply = as_json(StatusCode::CREATED, &field.told());
    state.account.add_field(place, field);
    Ok(reply)
}

/// `GET /custom-fields/{customFieldId}`.
pub(crate) fn get(state: &State, id: &str) -> Result<Reply, Refusal> {
    let field = state.account.field(&canonical(id)?).ok_or_else(missing)?;
    Ok(as_json(StatusCode::OK, &field.told()))
}

/// `PATCH /custom-fields/{customFieldId}`: type and merge tag are for ever.
pub(crate) fn update(state: &mut State, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let body = state.body(call)?;
    let id = canonical(id)?;
    state.account.field(&id).ok_or_else(missing)?;
    let stated = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    let label = stated("label")
        .then(|| required_text(&body, "label"))
        .transpose()?;
    let most = stated("maxLength").then(|| max_length(&body)).transpose()?;
    let now = state.now;
    let field = state.account.field_mut(&id).ok_or_else(missing)?;
    if let Some(label) = label {
        field.label = label;
    }
    if let Some(most) = most {
        field.max_length = most;
    }
    field.modified = now;
    Ok(as_json(StatusCode::OK, &field.told()))
}

/// `DELETE /custom-fields/{customFieldId}`.
pub(crate) fn delete(state: &mut State, id: &str) -> Result<Reply, Refusal> {
    if state.account.delete_field(&canonical(id)?) {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    } else {
        Err(missing())
    }
}

fn max_length(body: &Map<String, Value>) -> Result<i32, Refusal> {
    let name = "maxLength";
    match body.get(name) {
        None | Some(Value::Null) => Err(Refusal::invalid(name, Code::MustNotBeNull)),
        Some(stated) => {
            let number = stated
                .as_i64()
                .and_then(|number| i32::try_from(number).ok());
            let number = number.ok_or_else(|| Refusal::invalid(name, Code::TypeMismatch))?;
            if number < 1 {
                return Err(Refusal::Invalid(vec![Flaw::new(
                    name,
                    Code::ConstraintViolation,
                )]));
            }
            Ok(number)
        }
    }
}

fn canonical(id: &str) -> Result<String, Refusal> {
    ids::canonical(id).ok_or_else(|| Refusal::invalid("customFieldId", Code::InvalidFormat))
}

fn missing() -> Refusal {
    Refusal::plain(Kind::NotFound, "No such custom field")
}
