//! The organisational contacts of a company: people of its partners, a function of the seed as its people are.
//!
//! Of a hundred, 10 have no mail, 40 no mobile phone, 30 no business phone, 25 no address, 20 no department, and
//! 15 come from an on-premises directory.

use serde_json::json;

use super::identity::{id_bits, write_id};
use super::names::{COMPANIES, DEPARTMENTS, FAMILY, GIVEN, PARTNERS, PLACES};
use crate::record::Record;
use crate::rng::Draws;

/// What sets their ids apart from those of people, groups and others.
const CONTACTS: u64 = 0x636F_6E74_6163;

/// Contact number `index`.
pub(super) fn record(seed: u64, index: u64) -> Record {
    let seed = seed ^ CONTACTS;
    let mut draws = Draws::of(seed, index);
    let mut record = Record::new();
    let mut set = |name: &str, value: serde_json::Value| record.insert(name.to_owned(), value);
    let (Some(given), Some(family)) = (draws.pick(&GIVEN), draws.pick(&FAMILY)) else {
        return record;
    };
    let nickname = format!("{}.{}{index}", given.address, family.address);
    let mut id = Vec::with_capacity(36);
    write_id(id_bits(seed, index), &mut id);
    set("id", json!(String::from_utf8_lossy(&id)));
    set(
        "displayName",
        json!(format!("{} {}", given.written, family.written)),
    );
    set("givenName", json!(given.written));
    set("surname", json!(family.written));
    set("mailNickname", json!(nickname));
    if let Some(company) = draws.pick(&COMPANIES) {
        set("companyName", json!(company));
    }
    let partner = draws.pick(&PARTNERS).copied().unwrap_or("fabrikam.com");
    if !draws.permille(100) {
        let mail = format!("{nickname}@{partner}");
        set("proxyAddresses", json!([format!("SMTP:{mail}")]));
        set("mail", json!(mail));
    }
    if let Some(department) = draws.pick(&DEPARTMENTS).filter(|_| !draws.permille(200)) {
        let title = draws.pick(&department.titles);
        set("department", json!(department.name));
        set("jobTitle", json!(title));
    }
    let number = draws.below(10_000);
    let phones = [("mobile", 400), ("business", 300)];
    let phones = phones
        .into_iter()
        .filter(|(_, without)| !draws.permille(*without));
    let phones: Vec<_> = phones
        .map(|(kind, _)| json!({"type": kind, "number": format!("+1 425 555 {number:04}")}))
        .collect();
    set("phones", json!(phones));
    if let Some(place) = draws.pick(&PLACES).filter(|_| !draws.permille(250)) {
        let address = json!({
            "city": place.city, "countryOrRegion": place.country, "officeLocation": null,
            "postalCode": null, "state": place.state, "street": place.street,
        });
        set("addresses", json!([address]));
    }
    if draws.permille(150) {
        set("onPremisesSyncEnabled", json!(true));
    }
    record.retain(|_, value| !crate::edits::is_unset(value));
    record
}
