//! One drawn person, and how each property of theirs is written.
//!
//! Rates, of a hundred accounts: 1.5 rooms and 0.5 service accounts (no given name or surname, no
//! department), 8 guests, 5 disabled (and all resource accounts), 4 without mail; of those with
//! mail 1 in 250 shares the address of the account before it. Of the people 8 have accented names,
//! 3 an apostrophe, 4 a name in another script; 18 have no department (guests mostly none), 10 no
//! job title, 35 no mobile phone, 45 no business phone, 60 no company name, 20 no office, 6 have
//! another address besides, 30 come from an on-premises directory; of the members 4 have no manager,
//! besides the head of the company.

use serde_json::{Map, Value, json};

use super::Company;
use super::identity;
use super::names::{
    ACCENTED_FAMILY, ACCENTED_GIVEN, APOSTROPHE_FAMILY, COMPANIES, DEPARTMENTS, Department, FAMILY,
    GIVEN, Name, OTHER_SCRIPTS, PARTNERS, PLACES, Place, ROOMS, SERVICES,
};
use crate::properties::MANAGER;
use crate::rng::Draws;

const NOBODY: Name = Name {
    written: "User",
    address: "user",
};

/// How many people report to one manager, at most.
const SPAN: u64 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Member,
    Guest,
    Room,
    Service,
}

/// Whose address an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mail {
    None,
    Own,
    /// That of the account before it: an address that two accounts claim.
    Previous,
}

/// One account, drawn; cheap to make and to copy.
#[derive(Clone, Copy, Debug)]
pub struct Person<'c> {
    company: &'c Company,
    index: u64,
    kind: Kind,
    given: Name,
    family: Name,
    place: Option<&'static Place>,
    partner: &'static str,
    department: Option<&'static Department>,
    title: Option<&'static str>,
    company_name: Option<&'static str>,
    mail: Mail,
    other_mail: bool,
    enabled: bool,
    synced: bool,
    has_office: bool,
    has_mobile: bool,
    has_desk_phone: bool,
    language_set: bool,
    number: u32,
}

impl<'c> Person<'c> {
    pub(crate) fn draw(company: &'c Company, index: u64) -> Self {
        let mut draws = Draws::of(company.seed, index);
        let kind = match draws.below(1000) {
            0..15 => Kind::Room,
            15..20 => Kind::Service,
            20..100 => Kind::Guest,
            _ => Kind::Member,
        };
        let human = matches!(kind, Kind::Member | Kind::Guest);
        let (given, family) = name_of(kind, &mut draws);
        let place = draws.pick(&PLACES).filter(|_| kind != Kind::Guest);
        let partner = draws.pick(&PARTNERS).copied().unwrap_or("fabrikam.com");
        let no_department = if kind == Kind::Guest { 800 } else { 180 };
        let department = draws
            .pick(&DEPARTMENTS)
            .filter(|_| human && !draws.permille(no_department));
        let titles = department.map_or(&[][..], |department| &department.titles[..]);
        let title = draws.pick(titles).copied();
        let title = title.filter(|_| !draws.permille(100));
        let company_name = draws.pick(&COMPANIES).copied();
        let company_name = company_name.filter(|_| human && !draws.permille(600));
        let mail = match draws.below(1000) {
            _ if kind == Kind::Service => Mail::None,
            0..50 => Mail::None,
            50..54 if index > 0 && kind == Kind::Member => Mail::Previous,
            _ => Mail::Own,
        };
        Self {
            company,
            index,
            kind,
            given,
            family,
            place,
            partner,
            department,
            title,
            company_name,
            mail,
            other_mail: draws.permille(60) && human,
            enabled: !draws.permille(50) && kind != Kind::Room,
            synced: draws.permille(300) && kind == Kind::Member,
            has_office: !draws.permille(200) && kind == Kind::Member,
            has_mobile: !draws.permille(350) && human,
            has_desk_phone: !draws.permille(450) && kind == Kind::Member,
            language_set: !draws.permille(300) && kind == Kind::Member,
            number: draws.below(10_000),
        }
    }

    /// The user principal name.
    pub fn principal_name(&self) -> String {
        let mut out = Vec::with_capacity(48);
        self.write_principal_name(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The object id of this person's manager. Guests, rooms and services have none, nor has the
    /// head of the company; a few others' was never entered.
    pub fn manager(&self) -> Option<String> {
        if self.kind != Kind::Member || self.number.is_multiple_of(25) {
            return None;
        }
        let mut index = self.index;
        while index > 0 {
            index = (index - 1) / SPAN;
            let above = self.company.person(index);
            if above.kind == Kind::Member && above.enabled {
                let mut id = Vec::with_capacity(36);
                identity::write_id(identity::id_bits(self.company.seed, index), &mut id);
                return String::from_utf8(id).ok();
            }
        }
        None
    }

    /// Everything that is set, as a record that can be edited.
    pub fn record(&self) -> Map<String, Value> {
        let mut record = Map::new();
        if let Some(id) = self.manager() {
            record.insert(MANAGER.to_owned(), json!({"id": id}));
        }
        let mut text = Vec::with_capacity(64);
        for (name, field) in Field::ALL {
            text.clear();
            if self.write(*field, &mut text)
                && let Ok(value) = serde_json::from_slice(&text)
            {
                record.insert((*name).to_owned(), value);
            }
        }
        record
    }

    fn write_alias(&self, out: &mut Vec<u8>) {
        if self.kind == Kind::Room {
            out.extend_from_slice(b"room.");
        }
        out.extend_from_slice(self.given.address.as_bytes());
        if !self.family.address.is_empty() {
            out.push(b'.');
            out.extend_from_slice(self.family.address.as_bytes());
        }
        write_number(self.index, out);
    }

    fn write_principal_name(&self, out: &mut Vec<u8>) {
        self.write_alias(out);
        match self.kind {
            Kind::Guest => {
                out.push(b'_');
                out.extend_from_slice(self.partner.as_bytes());
                out.extend_from_slice(b"#EXT#@");
                out.extend_from_slice(self.company.initial_domain.as_bytes());
            }
            Kind::Service => {
                out.push(b'@');
                out.extend_from_slice(self.company.initial_domain.as_bytes());
            }
            Kind::Member | Kind::Room => {
                out.push(b'@');
                out.extend_from_slice(self.company.domain.as_bytes());
            }
        }
    }

    fn write_own_address(&self, out: &mut Vec<u8>) {
        self.write_alias(out);
        out.push(b'@');
        let domain = match self.kind {
            Kind::Guest => self.partner,
            _ => &*self.company.domain,
        };
        out.extend_from_slice(domain.as_bytes());
    }

    /// Appends the address; `false` where the account has none.
    fn write_mail(&self, out: &mut Vec<u8>) -> bool {
        match self.mail {
            Mail::None => return false,
            Mail::Own => self.write_own_address(out),
            Mail::Previous => self
                .company
                .person(self.index.saturating_sub(1))
                .write_own_address(out),
        }
        true
    }

    fn write_display_name(&self, out: &mut Vec<u8>) {
        if self.kind == Kind::Room {
            out.extend_from_slice(b"Conf Room ");
        }
        out.extend_from_slice(self.given.written.as_bytes());
        if !self.family.written.is_empty() {
            out.push(b' ');
            out.extend_from_slice(self.family.written.as_bytes());
        }
        if self.kind == Kind::Guest {
            out.extend_from_slice(b" (External)");
        }
    }

    /// Appends the JSON value of a property; `false`, and nothing written, where it is not set.
    pub fn write(&self, field: Field, out: &mut Vec<u8>) -> bool {
        let human = matches!(self.kind, Kind::Member | Kind::Guest);
        match field {
            Field::Id => quoted(out, |out| {
                identity::write_id(identity::id_bits(self.company.seed, self.index), out);
                true
            }),
            Field::UserPrincipalName => quoted(out, |out| {
                self.write_principal_name(out);
                true
            }),
            Field::DisplayName => quoted(out, |out| {
                self.write_display_name(out);
                true
            }),
            Field::GivenName => text(out, human.then_some(self.given.written)),
            Field::Surname => text(out, human.then_some(self.family.written)),
            Field::Mail => quoted(out, |out| self.write_mail(out)),
            Field::MailNickname => quoted(out, |out| {
                self.write_alias(out);
                true
            }),
            Field::OtherMails => self.other_mail && self.write_other_mails(out),
            Field::ProxyAddresses => self.mail == Mail::Own && self.write_proxy_addresses(out),
            Field::BusinessPhones => self.has_desk_phone && self.write_business_phones(out),
            Field::MobilePhone => self.has_mobile && self.write_mobile_phone(out),
            Field::JobTitle => text(out, self.title),
            Field::Department => text(out, self.department.map(|department| department.name)),
            Field::CompanyName => text(out, self.company_name),
            Field::OfficeLocation => self.has_office && self.write_office(out),
            Field::EmployeeId => self.kind == Kind::Member && self.write_employee_id(out),
            Field::StreetAddress => text(out, self.place.map(|place| place.street)),
            Field::City => text(out, self.place.map(|place| place.city)),
            Field::State => text(out, self.place.and_then(|place| place.state)),
            Field::Country => text(out, self.place.map(|place| place.country)),
            Field::UsageLocation => text(out, self.place.map(|place| place.usage_location)),
            Field::PreferredLanguage => text(
                out,
                self.place
                    .filter(|_| self.language_set)
                    .map(|place| place.language),
            ),
            Field::AccountEnabled => literal(out, if self.enabled { "true" } else { "false" }),
            Field::UserType => text(
                out,
                Some(if self.kind == Kind::Guest {
                    "Guest"
                } else {
                    "Member"
                }),
            ),
            Field::CreationType => text(out, (self.kind == Kind::Guest).then_some("Invitation")),
            Field::ExternalUserState => text(out, self.invitation_state()),
            Field::ShowInAddressList => self.kind == Kind::Guest && literal(out, "false"),
            Field::OnPremisesSyncEnabled => self.synced && literal(out, "true"),
            Field::CreatedDateTime => self.write_created(out),
        }
    }

    fn invitation_state(&self) -> Option<&'static str> {
        let pending = self.number.is_multiple_of(5);
        (self.kind == Kind::Guest).then_some(if pending {
            "PendingAcceptance"
        } else {
            "Accepted"
        })
    }

    fn write_other_mails(&self, out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(b"[\"");
        self.write_alias(out);
        out.extend_from_slice(b"@home.example\"]");
        true
    }

    fn write_proxy_addresses(&self, out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(b"[\"SMTP:");
        self.write_own_address(out);
        out.extend_from_slice(b"\",\"smtp:");
        self.write_alias(out);
        out.push(b'@');
        out.extend_from_slice(self.company.initial_domain.as_bytes());
        out.extend_from_slice(b"\"]");
        true
    }

    fn write_business_phones(&self, out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(b"[\"");
        out.extend_from_slice(
            self.place
                .map_or("+1 425 555", |place| place.dialling)
                .as_bytes(),
        );
        out.push(b' ');
        write_padded(self.number, out);
        out.extend_from_slice(b"\"]");
        true
    }

    fn write_mobile_phone(&self, out: &mut Vec<u8>) -> bool {
        quoted(out, |out| {
            out.extend_from_slice(b"+1 425 555 ");
            write_padded((self.number + 4_999) % 10_000, out);
            true
        })
    }

    fn write_office(&self, out: &mut Vec<u8>) -> bool {
        quoted(out, |out| {
            write_number(u64::from(self.number % 40 + 1), out);
            out.push(b'/');
            write_number(
                u64::from(self.number % 9 + 1) * 1000 + u64::from(self.number % 300),
                out,
            );
            true
        })
    }

    fn write_employee_id(&self, out: &mut Vec<u8>) -> bool {
        quoted(out, |out| {
            out.push(b'E');
            write_number(100_000 + self.index, out);
            true
        })
    }

    /// When the account was created: the digits of the moment up to the second, `20240301090000`.
    pub(crate) fn created(&self) -> u64 {
        let number = u64::from(self.number);
        let (year, month, day) = (
            number % 10 + 2015,
            number / 10 % 12 + 1,
            number / 120 % 28 + 1,
        );
        let date = (year * 100 + month) * 100 + day;
        date * 1_000_000 + 90_000 + number % 60 * 100
    }

    fn write_created(&self, out: &mut Vec<u8>) -> bool {
        let digits = self.created().to_string();
        quoted(out, |out| {
            for (digit, before) in digits
                .bytes()
                .zip(["", "", "", "", "-", "", "-", "", "T", "", ":", "", ":", ""])
            {
                out.extend_from_slice(before.as_bytes());
                out.push(digit);
            }
            out.push(b'Z');
            true
        })
    }
}

fn name_of(kind: Kind, draws: &mut Draws) -> (Name, Name) {
    const NONE: Name = Name {
        written: "",
        address: "",
    };
    let mut pick = |table: &[Name]| draws.pick(table).copied().unwrap_or(NOBODY);
    match kind {
        Kind::Room => return (pick(&ROOMS), NONE),
        Kind::Service => return (pick(&SERVICES), NONE),
        Kind::Member | Kind::Guest => {}
    }
    let (given, family) = (pick(&GIVEN), pick(&FAMILY));
    match draws.below(1000) {
        0..40 => draws
            .pick(&OTHER_SCRIPTS)
            .copied()
            .unwrap_or((given, family)),
        40..80 => (
            given,
            draws.pick(&ACCENTED_FAMILY).copied().unwrap_or(family),
        ),
        80..120 => (
            draws.pick(&ACCENTED_GIVEN).copied().unwrap_or(given),
            family,
        ),
        120..150 => (
            given,
            draws.pick(&APOSTROPHE_FAMILY).copied().unwrap_or(family),
        ),
        _ => (given, family),
    }
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
    out.push(b'"');
    if write(out) {
        out.push(b'"');
        true
    } else {
        out.pop();
        false
    }
}

fn text(out: &mut Vec<u8>, value: Option<&str>) -> bool {
    quoted(out, |out| {
        out.extend_from_slice(value.unwrap_or_default().as_bytes());
        value.is_some()
    })
}

fn literal(out: &mut Vec<u8>, value: &str) -> bool {
    out.extend_from_slice(value.as_bytes());
    true
}

fn write_number(number: u64, out: &mut Vec<u8>) {
    if number >= 10 {
        write_number(number / 10, out);
    }
    out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
}

fn write_two(number: u32, out: &mut Vec<u8>) {
    write_number(u64::from(number / 10 % 10), out);
    write_number(u64::from(number % 10), out);
}

fn write_padded(number: u32, out: &mut Vec<u8>) {
    write_two(number / 100, out);
    write_two(number, out);
}

macro_rules! fields {
    ($($field:ident $name:literal),* $(,)?) => {
        /// The properties that a drawn person may have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field { $(#[doc = $name] $field),* }

        impl Field {
            const ALL: &'static [(&'static str, Field)] = &[$(($name, Field::$field)),*];
        }
    };
}

fields! {
    Id "id", UserPrincipalName "userPrincipalName", DisplayName "displayName",
    GivenName "givenName", Surname "surname", Mail "mail", MailNickname "mailNickname",
    OtherMails "otherMails", ProxyAddresses "proxyAddresses", BusinessPhones "businessPhones",
    MobilePhone "mobilePhone", JobTitle "jobTitle", Department "department",
    CompanyName "companyName", OfficeLocation "officeLocation", EmployeeId "employeeId",
    StreetAddress "streetAddress", City "city", State "state", Country "country",
    UsageLocation "usageLocation", PreferredLanguage "preferredLanguage",
    AccountEnabled "accountEnabled", UserType "userType", CreationType "creationType",
    ExternalUserState "externalUserState", ShowInAddressList "showInAddressList",
    OnPremisesSyncEnabled "onPremisesSyncEnabled", CreatedDateTime "createdDateTime",
}

impl Field {
    /// The field that holds a property, by the property's own spelling.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, field)| *field)
    }
}
