use super::*;
use crate::card::Version;

fn card(lines: &[&str]) -> Card {
    let body: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    Card::read(&format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\n{body}END:VCARD\r\n"
    ))
    .unwrap()
}

/// The lines between the version and the end.
fn body(card: &Card) -> Vec<String> {
    let text = card.text();
    let lines: Vec<_> = text.trim_end().split("\r\n").map(str::to_owned).collect();
    lines[2..lines.len() - 1].to_vec()
}

fn value(card: &Card, name: &str) -> Option<String> {
    let fields = fields(card).into_iter();
    let mut named = fields.filter(|(field, _)| field == name);
    let found = named.next().map(|(_, value)| value);
    assert_eq!(named.next(), None, "each field once");
    found
}

#[track_caller]
fn written(card: &mut Card, name: &str, to: Option<&str>) {
    write(card, name, to).unwrap();
    assert_eq!(value(card, name).as_deref(), to, "{name}: {:?}", body(card));
}

#[test]
fn each_field_is_read_where_programs_write_it() {
    let card = card(&[
        "FN:Ana Röa",
        "N:Roa\\;x;Ana;María,José;Dr.;",
        "item1.EMAIL;type=INTERNET;type=HOME:ana@home.example",
        "EMAIL;TYPE=\"internet,work\":ana@contoso.example",
        "TEL;TYPE=HOME,CELL:1",
        "TEL;type=CELL;type=VOICE:+1 206 555 0109",
        "TEL;TYPE=WORK,FAX:2",
        "TEL;WORK;VOICE:3",
        "ORG:Contoso\\, Ltd;Sales;North",
        "TITLE:Head\\nof",
        "ADR;TYPE=HOME:;;Home street;;;;",
        "ADR;TYPE=WORK:;Room 5;Main St. 1\\, 2nd;Oslo;;0150;Norway",
        "X-ENTRA-GROUP:Sales",
        "X-COST-CENTRE;X-LABEL=\"Cost centre\":17\\, b",
        "X-COST-CENTRE;X-LABEL=\"Cost centre\":18",
        "X-OTHER:not a field",
        "X-OTHER;X-LABEL=email:not a field, either",
        "NOTE:not a field",
    ]);
    let told = fields(&card);
    let told: Vec<_> = told
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    assert_eq!(
        told,
        [
            ("full_name", "Ana Röa"),
            ("family_name", "Roa;x"),
            ("given_name", "Ana"),
            ("middle_name", "María,José"),
            ("email", "ana@contoso.example"),
            ("mobile_phone", "+1 206 555 0109"),
            ("work_phone", "3"),
            ("company", "Contoso, Ltd"),
            ("department", "Sales"),
            ("job_title", "Head\nof"),
            ("office", "Room 5"),
            ("street", "Main St. 1, 2nd"),
            ("city", "Oslo"),
            ("postal_code", "0150"),
            ("country", "Norway"),
            ("group", "Sales"),
            ("Cost centre", "17, b"),
        ]
    );
}

#[test]
fn an_address_that_says_neither_work_nor_home_is_the_one_for_want_of_another() {
    let unsaid = card(&["EMAIL;TYPE=HOME:h@x.example", "EMAIL:u@x.example"]);
    assert_eq!(value(&unsaid, "email").as_deref(), Some("u@x.example"));
    let home = card(&["EMAIL;TYPE=HOME:h@x.example"]);
    assert_eq!(value(&home, "email"), None);
}

#[test]
fn a_value_is_written_in_its_line_and_nothing_else_changes() {
    let lines = [
        "NOTE:somebody's",
        "item1.EMAIL;TYPE=WORK;X-A=\"b:c\":old@contoso.example",
        "item1.X-ABLabel:Desk",
        "ORG:Contoso;Sales;North",
        "N:Roa;Ana;;Dr.;",
        "PHOTO;ENCODING=b:AAAA",
        " BBBB",
    ];
    let mut there = card(&lines);
    written(&mut there, "email", Some("new@contoso.example"));
    written(&mut there, "department", Some("R&D; labs, too"));
    written(&mut there, "family_name", Some("Archer"));
    let mut expected = lines.map(str::to_owned);
    expected[1] = "item1.EMAIL;TYPE=WORK;X-A=\"b:c\":new@contoso.example".to_owned();
    expected[3] = "ORG:Contoso;R&D\\; labs\\, too;North".to_owned();
    expected[4] = "N:Archer;Ana;;Dr.;".to_owned();
    assert_eq!(body(&there), expected);
}

#[test]
fn what_is_as_it_should_be_is_not_even_folded_anew() {
    let lines = [
        "FN:A",
        " na",
        "ORG:Con",
        "\ttoso;",
        "EMAIL;TYPE=WORK:a",
        " @b.example",
    ];
    let mut there = card(&lines);
    written(&mut there, "full_name", Some("Ana"));
    written(&mut there, "company", Some("Contoso"));
    written(&mut there, "email", Some("a@b.example"));
    written(&mut there, "department", None);
    written(&mut there, "no such label", None);
    assert_eq!(body(&there), lines);
}

#[test]
fn a_field_without_a_line_gets_one_of_the_version_of_the_card() {
    for (version, expected) in [
        (
            Version::V3,
            [
                "EMAIL;TYPE=INTERNET,WORK,PREF:a@b.example",
                "TEL;TYPE=WORK:1",
                "TEL;TYPE=CELL:+1",
                "ORG:;Sales",
                "ADR;TYPE=WORK:;;;Oslo;;;",
                "X-COST-CENTRE;X-LABEL=\"Cost centre\":17",
            ],
        ),
        (
            Version::V4,
            [
                "EMAIL;TYPE=work;PREF=1:a@b.example",
                "TEL;TYPE=work:1",
                "TEL;TYPE=cell:+1",
                "ORG:;Sales",
                "ADR;TYPE=work:;;;Oslo;;;",
                "X-COST-CENTRE;X-LABEL=\"Cost centre\":17",
            ],
        ),
    ] {
        let mut card = Card::empty(version);
        for (name, to) in [
            ("email", "a@b.example"),
            ("mobile_phone", "+1"),
            ("work_phone", "1"),
            ("department", "Sales"),
            ("city", "Oslo"),
            ("Cost centre", "17"),
        ] {
            written(&mut card, name, Some(to));
        }
        assert_eq!(body(&card), expected);
    }
}

#[test]
fn what_is_emptied_goes_and_what_somebody_else_has_beside_it_stays_and_is_not_taken_for_it() {
    let lines = [
        "EMAIL;TYPE=WORK:ours@x.example",
        "EMAIL;TYPE=WORK:theirs@x.example",
        "TITLE:Ours",
        "TITLE:Theirs",
    ];
    let mut there = card(&lines);
    written(&mut there, "email", None);
    written(&mut there, "job_title", None);
    assert_eq!(
        body(&there),
        [
            "EMAIL;TYPE=WORK:theirs@x.example",
            "TITLE:Theirs",
            "X-ENTRA-EMPTY:email,job_title"
        ]
    );
    written(&mut there, "email", Some("again@x.example"));
    written(&mut there, "job_title", None);
    assert_eq!(
        body(&there),
        [
            "EMAIL;TYPE=INTERNET,WORK:again@x.example",
            "EMAIL;TYPE=WORK:theirs@x.example",
            "TITLE:Theirs",
            "X-ENTRA-EMPTY:job_title"
        ]
    );
    written(&mut there, "job_title", Some("Again"));
    assert_eq!(body(&there)[2..], ["TITLE:Again", "TITLE:Theirs"]);
}

#[test]
fn a_component_is_emptied_within_its_line_and_the_line_goes_with_the_last_one() {
    let mut there = card(&[
        "ORG:Contoso;Sales",
        "ADR;TYPE=WORK:;;St 1;;;;",
        "N:Roa;Ana;;;",
    ]);
    written(&mut there, "company", None);
    assert_eq!(body(&there)[0], "ORG:;Sales");
    written(&mut there, "department", None);
    written(&mut there, "street", None);
    written(&mut there, "family_name", None);
    written(&mut there, "given_name", None);
    assert_eq!(body(&there), ["N:;;;;"]);
}

#[test]
fn an_empty_line_keeps_the_one_behind_it_from_being_taken_for_ours() {
    let mut there = card(&["ORG:Ours", "ORG:Theirs;Their part"]);
    written(&mut there, "company", None);
    assert_eq!(value(&there, "department"), None);
    assert_eq!(body(&there), ["ORG:", "ORG:Theirs;Their part"]);
}

#[test]
fn a_number_that_is_a_uri_stays_one_where_it_can_be() {
    let mut there = card(&["TEL;VALUE=uri;TYPE=cell:tel:+1-206-555-0109"]);
    assert_eq!(
        value(&there, "mobile_phone").as_deref(),
        Some("+1-206-555-0109")
    );
    written(&mut there, "mobile_phone", Some("+12065550110"));
    assert_eq!(body(&there), ["TEL;VALUE=uri;TYPE=cell:tel:+12065550110"]);
    written(&mut there, "mobile_phone", Some("+1 206 555 0111, ext. 5"));
    assert_eq!(body(&there), ["TEL;TYPE=cell:+1 206 555 0111\\, ext. 5"]);
}

#[test]
fn a_custom_field_has_any_name_and_goes_wherever_it_stands() {
    let mut there = card(&["X-A;X-LABEL=\"a:b\":1", "X-B;X-LABEL=\"a:b\":2"]);
    written(&mut there, "a:b", Some("3"));
    written(&mut there, "quo\"te^", Some("x;y"));
    assert_eq!(
        body(&there),
        [
            "X-A;X-LABEL=\"a:b\":3",
            "X-B;X-LABEL=\"a:b\":2",
            "X-QUO-TE;X-LABEL=\"quo^'te^^\":x\\;y"
        ]
    );
    written(&mut there, "a:b", None);
    assert_eq!(body(&there).len(), 1);
}

#[test]
fn what_no_card_can_carry_is_refused_by_the_name_of_the_field() {
    let mut there = card(&["FN:Ana"]);
    let refused = write(&mut there, "full_name", Some("A\u{1}")).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("full_name"));
    assert_eq!(refused.code, INVALID_CHARACTERS);
    assert!(write(&mut there, "a\u{1}", Some("x")).is_err());
    assert_eq!(body(&there), ["FN:Ana"]);
}
