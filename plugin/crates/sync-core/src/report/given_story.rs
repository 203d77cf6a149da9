//! What the directory was given of somebody's contact, in a sentence for each attribute and without a value.

use crate::engine::given::{Given, GivenValue};

use super::moment::in_words;

/// Tells it, in the order in which the values were given; then what was about to be given, and heard of no more.
pub(super) fn tell(given: &Given) -> impl Iterator<Item = String> {
    let unheard = given.lately.iter().filter(|value| !value.is_certain);
    given.last.iter().chain(unheard).map(sentence)
}

fn sentence(value: &GivenValue) -> String {
    let GivenValue {
        change,
        at,
        run,
        is_certain,
        base: _,
    } = value;
    let attribute = &change.attribute;
    let when = in_words(*at);
    if *is_certain {
        format!(
            "The directory was given what the contact holds of {attribute} on {when}, by the run {run}."
        )
    } else {
        format!(
            "The run {run} was about to give the directory what the contact holds of {attribute} on {when}, and heard \
             no answer."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{AttributeChange, Timestamp};

    #[test]
    fn it_is_told_when_and_by_which_run_and_not_what() {
        let value = |is_certain| GivenValue {
            change: AttributeChange {
                attribute: "jobTitle".to_owned(),
                before: Some("secret".to_owned()),
                after: Some("secret".to_owned()),
            },
            at: Timestamp(0),
            run: "r1".to_owned(),
            is_certain,
            base: None,
        };
        let given = Given {
            last: vec![value(true)],
            lately: vec![value(true), value(false)],
        };
        let told: Vec<_> = tell(&given).collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].starts_with("The directory was given what the contact holds of jobTitle "));
        assert!(told[0].ends_with(", by the run r1."));
        assert!(told[1].ends_with("and heard no answer."));
        assert!(told.iter().all(|sentence| !sentence.contains("secret")));
    }
}
