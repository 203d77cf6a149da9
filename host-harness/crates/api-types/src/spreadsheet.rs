//! CSV that a spreadsheet shows and does not run.
//!
//! A cell that begins with `=`, `+`, `-` or `@` is a formula to Excel, LibreOffice and Google Sheets, and a
//! formula can send the rest of the sheet elsewhere
//! (<https://owasp.org/www-community/attacks/CSV_Injection>). Where what comes from a directory could begin
//! one, an apostrophe goes before it: spreadsheets take that for "this is text".

use std::borrow::Cow;

/// A cell's text, as it is to be written. The CSV writer still has to quote it.
pub fn cell(text: &str) -> Cow<'_, str> {
    if is_telephone_number(text) || !begins_formula_anywhere(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 2);
    let mut begins = true;
    for character in text.chars() {
        if begins && is_formula_mark(character) {
            safe.push('\'');
        }
        begins = is_separator(character) || (begins && character.is_whitespace());
        safe.push(character);
    }
    Cow::Owned(safe)
}

/// Several names in one cell: parted by `; `, and in double quotes, which are doubled within, where a name
/// could be taken for several or for another.
pub fn names(names: &[String]) -> String {
    let quoted = |name: &String| {
        let is_plain = !name.contains([';', '"']) && name.trim() == name && !name.is_empty();
        if is_plain {
            name.clone()
        } else {
            format!("\"{}\"", name.replace('"', "\"\""))
        }
    };
    names.iter().map(quoted).collect::<Vec<_>>().join("; ")
}

/// International numbers are what a list of contacts is full of, and digits alone compute nothing.
fn is_telephone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == ' ')
}

fn begins_formula_anywhere(text: &str) -> bool {
    let mut begins = true;
    text.chars().any(|character| {
        let formula = begins && is_formula_mark(character);
        begins = is_separator(character) || (begins && character.is_whitespace());
        formula
    })
}

/// With their full-width forms, which some spreadsheets read alike.
fn is_formula_mark(character: char) -> bool {
    matches!(
        character,
        '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
    )
}

/// Where another cell begins for a spreadsheet that parts cells in another way than by commas, also within
/// quotes that it does not take for such.
fn is_separator(character: char) -> bool {
    matches!(character, ';' | '\t' | '\n' | '\r' | '"' | '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_is_text() {
        for (text, safe) in [
            ("=HYPERLINK(\"http://x\",1)", "'=HYPERLINK(\"http://x\",1)"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("+1+cmd|x", "'+1+cmd|x"),
            ("  =1+1", "  '=1+1"),
            ("\t=1", "\t'=1"),
            ("Sales;=1+1", "Sales;'=1+1"),
            ("Sales; \"=1\"", "Sales; \"'=1\""),
            ("two\r\n=lines", "two\r\n'=lines"),
            ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
            ("+44-7700", "'+44-7700"),
            ("+", "'+"),
        ] {
            assert_eq!(cell(text), safe);
        }
    }

    #[test]
    fn what_is_none_stays_as_it_is() {
        for text in [
            "",
            "Zoe",
            "+44 7700 900123",
            "+447700900123",
            "zoe@contoso.example",
            "A-B=C",
            "Smith, Zoe",
            "{\"a\":\"b\"}",
        ] {
            assert_eq!(cell(text), text);
        }
    }

    #[test]
    fn names_in_a_cell_are_told_apart() {
        let of = |list: &[&str]| {
            names(
                &list
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(&["Sales", "Support"]), "Sales; Support");
        assert_eq!(of(&["Sales; Support"]), "\"Sales; Support\"");
        assert_eq!(of(&["The \"A\" team"]), "\"The \"\"A\"\" team\"");
        assert_eq!(of(&[]), "");
        assert_eq!(of(&[" Sales"]), "\" Sales\"");
    }
}
