//! Whether an expression holds for a user. Text is compared without regard to case, as the
//! directory does.

use serde_json::Value;

use super::{Comparison, Expression, Literal, Operand};
use emulated_directory::subject::Subject;

pub(super) fn holds(
    expression: &Expression,
    subject: &Subject<'_>,
    element: Option<&Value>,
) -> bool {
    match expression {
        Expression::All(parts) => parts.iter().all(|part| holds(part, subject, element)),
        Expression::Either(parts) => parts.iter().any(|part| holds(part, subject, element)),
        Expression::Not(inside) => !holds(inside, subject, element),
        Expression::Compare(operand, comparison, literal) => {
            with_value(operand, subject, element, |value| {
                compare(value, *comparison, literal)
            })
        }
        Expression::In(operand, literals) => with_value(operand, subject, element, |value| {
            literals.iter().any(|literal| equal(value, literal))
        }),
        Expression::StartsWith(operand, start) => with_text(operand, subject, element, |text| {
            text.to_lowercase().starts_with(&start.to_lowercase())
        }),
        Expression::EndsWith(operand, end) => with_text(operand, subject, element, |text| {
            text.to_lowercase().ends_with(&end.to_lowercase())
        }),
        Expression::Any(collection, predicate) => {
            let Some(value) = subject.value(collection) else {
                return false;
            };
            let elements = value.as_array().map_or(&[][..], Vec::as_slice);
            match predicate {
                Some(predicate) => elements
                    .iter()
                    .any(|element| holds(predicate, subject, Some(element))),
                None => !elements.is_empty(),
            }
        }
        Expression::Count(collection, comparison, number) => {
            let value = subject.value(collection);
            let count = value.and_then(|value| value.as_array().map(Vec::len));
            let count = Value::from(count.unwrap_or(0));
            compare(Some(&count), *comparison, &Literal::Number(*number))
        }
    }
}

fn with_value(
    operand: &Operand,
    subject: &Subject<'_>,
    element: Option<&Value>,
    judge: impl FnOnce(Option<&Value>) -> bool,
) -> bool {
    match operand {
        Operand::Property(name, member) => {
            let value = subject.value(name);
            judge(
                value
                    .as_deref()
                    .and_then(|value| descend(value, member.as_deref())),
            )
        }
        Operand::Element(_, member) => {
            judge(element.and_then(|element| descend(element, member.as_deref())))
        }
    }
}

fn descend<'v>(value: &'v Value, member: Option<&str>) -> Option<&'v Value> {
    let value = match member {
        Some(member) => value.get(member)?,
        None => value,
    };
    (!value.is_null()).then_some(value)
}

fn with_text(
    operand: &Operand,
    subject: &Subject<'_>,
    element: Option<&Value>,
    judge: impl FnOnce(&str) -> bool,
) -> bool {
    with_value(operand, subject, element, |value| {
        value.and_then(Value::as_str).is_some_and(judge)
    })
}

fn compare(value: Option<&Value>, comparison: Comparison, literal: &Literal) -> bool {
    match comparison {
        Comparison::Equal => equal(value, literal),
        Comparison::NotEqual => !equal(value, literal),
        Comparison::AtLeast => order(value, literal).is_some_and(std::cmp::Ordering::is_ge),
        Comparison::AtMost => order(value, literal).is_some_and(std::cmp::Ordering::is_le),
        Comparison::Above => order(value, literal).is_some_and(std::cmp::Ordering::is_gt),
        Comparison::Below => order(value, literal).is_some_and(std::cmp::Ordering::is_lt),
    }
}

fn equal(value: Option<&Value>, literal: &Literal) -> bool {
    match (value, literal) {
        (None, Literal::Null) => true,
        (Some(Value::Bool(value)), Literal::Flag(literal)) => value == literal,
        (Some(Value::String(value)), Literal::Text(literal) | Literal::Bare(literal)) => {
            value.to_lowercase() == literal.to_lowercase()
        }
        (Some(Value::Number(_)), Literal::Number(_)) => {
            order(value, literal).is_some_and(std::cmp::Ordering::is_eq)
        }
        _ => false,
    }
}

/// Moments are written in UTC with the same number of digits, so that text order is time order; a
/// date stands for its first moment.
fn order(value: Option<&Value>, literal: &Literal) -> Option<std::cmp::Ordering> {
    match (value?, literal) {
        (Value::Number(value), Literal::Number(literal)) => value.as_f64()?.partial_cmp(literal),
        (Value::String(value), Literal::Bare(literal) | Literal::Text(literal)) => Some(
            value
                .trim_end_matches('Z')
                .cmp(literal.trim_end_matches('Z')),
        ),
        _ => None,
    }
}
