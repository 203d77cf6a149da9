//! Whether the directory serves an expression under the request's conditions.

use super::{Comparison, Expression, Literal, Operand};
use crate::failure::Failure;
use crate::schema::Schema;
use emulated_directory::properties::{ENDS_WITH, Need, Property};

pub(super) fn check(
    schema: Schema,
    expression: &Expression,
    advanced: bool,
) -> Result<(), Failure> {
    match expression {
        Expression::All(parts) | Expression::Either(parts) => parts
            .iter()
            .try_for_each(|part| check(schema, part, advanced)),
        Expression::Not(inside) => {
            only_advanced("Not", advanced)?;
            check(schema, inside, advanced)
        }
        Expression::Compare(operand, Comparison::NotEqual, literal) => {
            only_advanced("NotEqualsMatch", advanced)?;
            // `ne null` is served wherever `eq` is: it is how presence is asked for.
            let need = match literal {
                Literal::Null => need(schema, operand, |p| better(p.null, p.equal)),
                _ => need(schema, operand, |p| p.equal),
            };
            allow(schema, need, operand, advanced)
        }
        Expression::Compare(operand, comparison, literal) => {
            let need = need(schema, operand, |property| match (comparison, literal) {
                (Comparison::Equal, Literal::Null) => property.null,
                (Comparison::Equal, _) => property.equal,
                (Comparison::AtLeast | Comparison::AtMost, _) => property.range,
                _ => Need::Never,
            });
            allow(schema, need, operand, advanced)
        }
        Expression::In(operand, _) => allow(
            schema,
            need(schema, operand, |p| p.equal),
            operand,
            advanced,
        ),
        Expression::StartsWith(operand, _) => allow(
            schema,
            need(schema, operand, |property| property.starts),
            operand,
            advanced,
        ),
        Expression::EndsWith(operand, _) => {
            if !ENDS_WITH.contains(&name(operand)) {
                return Err(refuse(schema, operand));
            }
            only_advanced("endsWith", advanced)
        }
        Expression::Any(collection, predicate) => match predicate {
            Some(predicate) => check(schema, predicate, advanced),
            None => counted(schema, collection, advanced),
        },
        Expression::Count(collection, _, _) => counted(schema, collection, advanced),
    }
}

/// Counting a collection is served on three of them, as an advanced query.
fn counted(schema: Schema, collection: &str, advanced: bool) -> Result<(), Failure> {
    let served = schema.countable().contains(&collection);
    if served && advanced {
        return Ok(());
    }
    Err(unsupported(schema, collection))
}

fn only_advanced(operator: &str, advanced: bool) -> Result<(), Failure> {
    if advanced {
        Ok(())
    } else {
        Err(Failure::needs_advanced(operator))
    }
}

fn need(schema: Schema, operand: &Operand, column: impl Fn(&Property) -> Need) -> Need {
    match schema.find(name(operand)) {
        Some(property) => column(property),
        // A directory extension: equality by default, everything else as an advanced query.
        None => Need::Default,
    }
}

fn better(one: Need, other: Need) -> Need {
    if one == Need::Never { other } else { one }
}

fn allow(schema: Schema, need: Need, operand: &Operand, advanced: bool) -> Result<(), Failure> {
    let served = match need {
        Need::Default => true,
        Need::Advanced => advanced,
        Need::OnlyDefault => !advanced,
        Need::Never => false,
    };
    if served {
        Ok(())
    } else {
        Err(refuse(schema, operand))
    }
}

fn name(operand: &Operand) -> &str {
    match operand {
        Operand::Property(name, _) | Operand::Element(name, _) => name,
    }
}

fn refuse(schema: Schema, operand: &Operand) -> Failure {
    unsupported(schema, name(operand))
}

fn unsupported(schema: Schema, property: &str) -> Failure {
    Failure::unsupported_query(format!(
        "Unsupported or invalid query filter clause specified for property '{property}' of \
         resource '{}'.",
        schema.resource()
    ))
}
