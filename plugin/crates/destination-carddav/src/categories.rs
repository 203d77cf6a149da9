//! Categories of a card, which are the lists that it is on (RFC 6350, section 6.7.1).
//!
//! A list is known by the comparable form of its name, whichever way a card spells it: that form is its id. It is
//! there as long as a card names it.

use contact_identity::list::comparable;

use crate::card::Card;
use crate::line::Line;
use crate::text::{escaped, parts, unescaped};

const CATEGORIES: &str = "CATEGORIES";

/// The lists of a card: id and name as it is spelt here, each list once.
pub(crate) fn lists(card: &Card) -> Vec<(String, String)> {
    let mut lists: Vec<(String, String)> = Vec::new();
    for (_, line) in card.all(CATEGORIES) {
        for part in parts(line.value(), ',') {
            let name = name(part);
            let id = id(&name);
            if !id.is_empty() && lists.iter().all(|(other, _)| *other != id) {
                lists.push((id, name));
            }
        }
    }
    lists
}

/// The id of the list of a name.
pub(crate) fn id(name: &str) -> String {
    comparable(name).into_owned()
}

/// Puts a card on a list, unless it is on it. A category more in the line that is there, because many programs read
/// one line alone.
pub(crate) fn join(card: &mut Card, list: &str, name: &str) {
    if lists(card).iter().any(|(id, _)| id == list) {
        return;
    }
    let joined = card.all(CATEGORIES).last().map(|(place, line)| {
        let value = match line.value() {
            "" => escaped(name),
            there => format!("{there},{}", escaped(name)),
        };
        (place, line.with_value(&value))
    });
    match joined {
        Some((place, line)) => card.replace(place, line),
        None => card.add(Line::new(CATEGORIES, &escaped(name))),
    }
}

/// Takes a card off a list; the other categories stay as they are written.
pub(crate) fn leave(card: &mut Card, list: &str) {
    rewrite(card, list, None);
}

/// Spells a list otherwise, where the card is on it.
pub(crate) fn respell(card: &mut Card, list: &str, name: &str) {
    rewrite(card, list, Some(&escaped(name)));
}

fn rewrite(card: &mut Card, list: &str, to: Option<&str>) {
    let is_it = |part: &str| id(&name(part)) == list;
    // From the last to the first, since a line that becomes empty goes.
    let lines: Vec<_> = card.all(CATEGORIES).map(|(place, _)| place).collect();
    for place in lines.into_iter().rev() {
        let Some(line) = card.line(place) else {
            continue;
        };
        let parts = parts(line.value(), ',');
        if !parts.iter().any(|part| is_it(part)) {
            continue;
        }
        let mut left: Vec<&str> = Vec::with_capacity(parts.len());
        for part in parts {
            match (is_it(part), to) {
                (false, _) => left.push(part),
                (true, Some(to)) if !left.contains(&to) => left.push(to),
                (true, _) => {}
            }
        }
        if left.is_empty() {
            card.remove(place);
        } else {
            let line = line.with_value(&left.join(","));
            card.replace(place, line);
        }
    }
}

fn name(part: &str) -> String {
    unescaped(part).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(lines: &str) -> Card {
        Card::read(&format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\n{lines}END:VCARD\r\n"
        ))
        .unwrap()
    }

    fn body(card: &Card) -> String {
        let text = card.text();
        let body = text.strip_prefix("BEGIN:VCARD\r\nVERSION:3.0\r\n").unwrap();
        body.strip_suffix("END:VCARD\r\n").unwrap().to_owned()
    }

    #[test]
    fn a_list_is_one_however_it_is_spelt() {
        let card = card("CATEGORIES:Sales,B\\,C, \r\ncategories;X-A=1:SALES,sales\r\n");
        let told = lists(&card);
        let told: Vec<_> = told.iter().map(|(id, name)| (&**id, &**name)).collect();
        assert_eq!(told, [("sales", "Sales"), ("b,c", "B,C")]);
    }

    #[test]
    fn who_joins_is_in_the_line_that_is_there_and_who_is_on_it_stays_as_written() {
        let mut with = card("CATEGORIES;X-A=1:Friends,B\\,C\r\n");
        join(&mut with, "sales, east", "Sales, East");
        assert_eq!(
            body(&with),
            "CATEGORIES;X-A=1:Friends,B\\,C,Sales\\, East\r\n"
        );
        join(&mut with, "friends", "FRIENDS");
        assert_eq!(
            body(&with),
            "CATEGORIES;X-A=1:Friends,B\\,C,Sales\\, East\r\n"
        );
        let mut without = card("");
        join(&mut without, "sales", "Sales");
        assert_eq!(body(&without), "CATEGORIES:Sales\r\n");
    }

    #[test]
    fn who_leaves_takes_no_other_category_along() {
        let mut there = card("CATEGORIES:sales , Friends\\;x\r\nCATEGORIES:SALES\r\nNOTE:x\r\n");
        leave(&mut there, "sales");
        assert_eq!(body(&there), "CATEGORIES: Friends\\;x\r\nNOTE:x\r\n");
        leave(&mut there, "nobody");
        assert_eq!(body(&there), "CATEGORIES: Friends\\;x\r\nNOTE:x\r\n");
    }

    #[test]
    fn a_list_is_spelt_anew_where_it_stands() {
        let mut there = card("CATEGORIES:A,sales,B\r\n");
        respell(&mut there, "sales", "Sales");
        assert_eq!(body(&there), "CATEGORIES:A,Sales,B\r\n");
    }
}
