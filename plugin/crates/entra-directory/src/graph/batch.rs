//! `$batch`: several small requests in one
//! (<https://learn.microsoft.com/graph/json-batching>).
//!
//! Answers come in any order and are told apart by id; each has its own status and headers, and a
//! throttled one says for itself how long to wait. Nothing inside a batch is repeated by the
//! service.

use guest_kit::ordered::Map;
use serde_json::Value;

use guest_kit::json;

/// The most questions of one batch.
const MOST_QUESTIONS: usize = 20;

/// The longest body: one write of a stream of `wasi:io`, so that a host takes it in one piece.
const LONGEST_BODY: usize = 4096;

const OPENING: &str = r#"{"requests":["#;
const CLOSING: &str = "]}";

/// The longest body of writes and of long questions, which are too long for one piece anyhow: twenty of them are one
/// request.
const LONGEST_BODY_OF_WRITES: usize = 64 * 1024;

/// A batch.
#[derive(Debug)]
pub(super) struct Batch {
    /// The caller's numbers of the questions; the position is the id in the batch.
    pub(super) questions: Vec<usize>,
    /// The request body.
    pub(super) body: String,
}

/// Puts questions into as few batches as their number and length allow. A question is the caller's
/// number and a URL relative to the version root, percent-encoded.
pub(super) fn pack(questions: impl IntoIterator<Item = (usize, String)>) -> Vec<Batch> {
    let entries = questions
        .into_iter()
        .map(|(number, url)| (number, format!(r#""method":"GET","url":"{url}""#)));
    pack_entries(&mut entries.into_iter(), LONGEST_BODY)
}

/// The same for questions that are long: twenty of them are one request all the same.
pub(super) fn pack_long(questions: impl IntoIterator<Item = (usize, String)>) -> Vec<Batch> {
    let entries = questions
        .into_iter()
        .map(|(number, url)| (number, format!(r#""method":"GET","url":"{url}""#)));
    pack_entries(&mut entries.into_iter(), LONGEST_BODY_OF_WRITES)
}

/// The same for questions that the index of the directory answers
/// (<https://learn.microsoft.com/graph/aad-advanced-queries>), long ones or not.
pub(super) fn pack_advanced(
    questions: impl IntoIterator<Item = (usize, String)>,
    are_long: bool,
) -> Vec<Batch> {
    let longest = if are_long {
        LONGEST_BODY_OF_WRITES
    } else {
        LONGEST_BODY
    };
    let entries = questions.into_iter().map(|(number, url)| {
        let entry =
            format!(r#""method":"GET","url":"{url}","headers":{{"ConsistencyLevel":"eventual"}}"#);
        (number, entry)
    });
    pack_entries(&mut entries.into_iter(), longest)
}

/// Puts writes into as few batches as their number allows. A write is the caller's number and the members of its
/// entry beside the id.
pub(super) fn pack_writes(writes: impl IntoIterator<Item = (usize, String)>) -> Vec<Batch> {
    pack_entries(&mut writes.into_iter(), LONGEST_BODY_OF_WRITES)
}

fn pack_entries(entries: &mut dyn Iterator<Item = (usize, String)>, longest: usize) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for (number, members) in entries {
        let entry = |id: usize| format!(r#"{{"id":"{id}",{members}}}"#);
        match batches.last_mut() {
            Some(batch) if batch.has_room_for(&entry(batch.questions.len()), longest) => {
                batch.body.push(',');
                batch.body.push_str(&entry(batch.questions.len()));
                batch.questions.push(number);
            }
            _ => batches.push(Batch {
                questions: vec![number],
                body: format!("{OPENING}{}", entry(0)),
            }),
        }
    }
    for batch in &mut batches {
        batch.body.push_str(CLOSING);
    }
    batches
}

impl Batch {
    fn has_room_for(&self, entry: &str, longest: usize) -> bool {
        self.questions.len() < MOST_QUESTIONS
            && self.body.len() + 1 + entry.len() + CLOSING.len() <= longest
    }
}

/// One answer of a batch.
#[derive(Debug)]
pub(super) struct Answer {
    id: String,
    /// The HTTP status.
    pub(super) status: u16,
    headers: Value,
    /// JSON, where there is a body.
    pub(super) body: Value,
}

impl Answer {
    fn read(mut answer: Value) -> Option<Self> {
        Some(Self {
            id: answer.get("id")?.as_str()?.to_owned(),
            status: u16::try_from(answer.get("status")?.as_u64()?).ok()?,
            headers: answer
                .get_mut("headers")
                .map(Value::take)
                .unwrap_or_default(),
            body: answer.get_mut("body").map(Value::take).unwrap_or_default(),
        })
    }

    /// The value of a header, by its name in lower case. A number is taken for its digits.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .headers
            .as_object()?
            .iter()
            .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// The answers to a batch, by the caller's numbers; a question that was not answered is not there.
/// `None` where the body is no answer to a batch. Elements that are no answer are passed over.
pub(super) fn read(batch: &Batch, body: &[u8]) -> Option<Map<usize, Answer>> {
    let mut body = json::value(body)?;
    let Value::Array(responses) = body.get_mut("responses")?.take() else {
        return None;
    };
    let answers = responses.into_iter().filter_map(|response| {
        let answer = Answer::read(response)?;
        let position: usize = answer.id.parse().ok()?;
        Some((*batch.questions.get(position)?, answer))
    });
    Some(answers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions(count: usize, length: usize) -> Vec<(usize, String)> {
        (0..count)
            .map(|number| (number, "u".repeat(length)))
            .collect()
    }

    fn sizes(batches: &[Batch]) -> Vec<usize> {
        batches.iter().map(|batch| batch.questions.len()).collect()
    }

    #[test]
    fn a_batch_is_the_documented_json() {
        let batches = pack([(7, "/users/a".to_owned()), (9, "/users/b".to_owned())]);
        let body: Value = serde_json::from_str(&batches[0].body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"requests": [
                {"id": "0", "method": "GET", "url": "/users/a"},
                {"id": "1", "method": "GET", "url": "/users/b"},
            ]})
        );
    }

    #[test]
    fn twenty_writes_are_one_batch_whatever_their_length() {
        let write = |number| {
            (
                number,
                format!(r#""method":"PATCH","body":"{}""#, "v".repeat(500)),
            )
        };
        let batches = pack_writes((0..21).map(write));
        assert_eq!(sizes(&batches), [20, 1]);
    }

    #[test]
    fn a_question_for_the_index_says_so() {
        let batches = pack_advanced([(0, "/users?$count=true".to_owned())], false);
        let body: Value = serde_json::from_str(&batches[0].body).unwrap();
        assert_eq!(
            body["requests"][0]["headers"],
            serde_json::json!({"ConsistencyLevel": "eventual"})
        );
    }

    #[test]
    fn batches_are_split_by_the_number_of_questions() {
        assert_eq!(sizes(&pack(questions(41, 10))), [20, 20, 1]);
        assert!(pack([]).is_empty());
    }

    #[test]
    fn batches_are_split_by_their_length() {
        let batches = pack(questions(20, 500));
        assert_eq!(sizes(&batches), [7, 7, 6]);
        for batch in &batches {
            assert!(batch.body.len() <= LONGEST_BODY, "{}", batch.body.len());
        }
    }

    #[test]
    fn answers_are_told_apart_by_id_in_any_order() {
        let batch = &pack([
            (7, "a".to_owned()),
            (9, "b".to_owned()),
            (11, "c".to_owned()),
        ])[0];
        let body =
            br#"{"responses":[{"id":"1","status":404,"headers":null},5,{"id":"x","status":200},
            {"id":"0","status":200,"headers":{"Retry-After":3}},{"id":"3","status":200}]}"#;
        let answers = read(batch, body).unwrap();
        assert_eq!(answers.len(), 2);
        assert_eq!(answers.get(&7).unwrap().status, 200);
        assert_eq!(
            answers.get(&7).unwrap().header("retry-after").as_deref(),
            Some("3")
        );
        assert_eq!(answers.get(&9).unwrap().status, 404);
    }

    #[test]
    fn what_is_no_answer_to_a_batch_is_none() {
        let batch = &pack(questions(1, 1))[0];
        for body in ["", "[]", "{}", r#"{"responses":{}}"#] {
            assert!(read(batch, body.as_bytes()).is_none(), "{body}");
        }
    }
}
