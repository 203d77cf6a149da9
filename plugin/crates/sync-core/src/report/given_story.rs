//! What the directory was given of somebody's contact, in a sentence for each attribute and without a value.

use crate::engine::given::{Given, GivenValue};

use super::moment::in_words;

/// Tells it, in the order in which the values were given.
pub(super) fn tell(given: &Given) -> impl Iterator<Item = String> {
    given.values.iter().map(sentence)
}

fn sentence(value: &GivenValue) -> String {
    let GivenValue {
        change,
        at,
        run,
        is_certain,
    } = value;
    let what = match change.after {
        Some(_) => "the contact's value",
        None => "that it has no value any more",
    };
    let attribute = &change.attribute;
    let when = in_words(*at);
    if *is_certain {
        format!("The directory was given {what} of {attribute} on {when}, by the run {run}.")
    } else {
        format!(
            "The run {run} was about to give the directory {what} of {attribute} on {when}, and heard no answer."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{AttributeChange, Timestamp};

    #[test]
    fn it_is_told_when_and_by_which_run_and_not_what() {
        let value = |after: Option<&str>, is_certain| GivenValue {
            change: AttributeChange {
                attribute: "jobTitle".to_owned(),
                before: Some("secret".to_owned()),
                after: after.map(str::to_owned),
            },
            at: Timestamp(0),
            run: "r1".to_owned(),
            is_certain,
        };
        let given = Given {
            values: vec![value(Some("secret"), true), value(None, false)],
        };
        let told: Vec<_> = tell(&given).collect();
        assert!(told[0].starts_with("The directory was given the contact's value of jobTitle "));
        assert!(told[0].ends_with(", by the run r1."));
        assert!(told[1].ends_with("and heard no answer."));
        assert!(told.iter().all(|sentence| !sentence.contains("secret")));
    }
}
