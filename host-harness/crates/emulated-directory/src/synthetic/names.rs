//! The tables that people are drawn from. Every name is invented or generic, and free of anything
//! that JSON would have to escape.

/// A name as it is written, and as it stands in an address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    pub(crate) written: &'static str,
    pub(crate) address: &'static str,
}

const fn name(written: &'static str, address: &'static str) -> Name {
    Name { written, address }
}

macro_rules! plain {
    ($($written:literal $address:literal),* $(,)?) => { [$(name($written, $address)),*] };
}

pub(crate) const GIVEN: [Name; 48] = plain![
    "Adele" "adele", "Alex" "alex", "Allan" "allan", "Amber" "amber", "Arun" "arun",
    "Beth" "beth", "Brian" "brian", "Cameron" "cameron", "Chris" "chris", "Christie" "christie",
    "Dana" "dana", "Debra" "debra", "Delia" "delia", "Diego" "diego", "Emily" "emily",
    "Enrico" "enrico", "Gerhart" "gerhart", "Grady" "grady", "Grace" "grace", "Hannah" "hannah",
    "Henrietta" "henrietta", "Irvin" "irvin", "Isaiah" "isaiah", "Jamal" "jamal", "Joni" "joni",
    "Jordan" "jordan", "Julian" "julian", "Karim" "karim", "Lee" "lee", "Lidia" "lidia",
    "Lynne" "lynne", "Mallory" "mallory", "Megan" "megan", "Miriam" "miriam", "Nadia" "nadia",
    "Nestor" "nestor", "Omar" "omar", "Patti" "patti", "Pradeep" "pradeep", "Priya" "priya",
    "Quentin" "quentin", "Rosa" "rosa", "Samira" "samira", "Tomas" "tomas", "Uma" "uma",
    "Victor" "victor", "Wanda" "wanda", "Yusuf" "yusuf",
];

pub(crate) const FAMILY: [Name; 64] = plain![
    "Abbott" "abbott", "Adams" "adams", "Archie" "archie", "Baker" "baker", "Bowen" "bowen",
    "Brandt" "brandt", "Campbell" "campbell", "Carver" "carver", "Chen" "chen", "Cline" "cline",
    "Cortez" "cortez", "Dennis" "dennis", "Deyoung" "deyoung", "Diaz" "diaz", "Ellison" "ellison",
    "Farrow" "farrow", "Fischer" "fischer", "Garcia" "garcia", "Gibson" "gibson", "Green" "green",
    "Gruber" "gruber", "Hartmann" "hartmann", "Hughes" "hughes", "Iyer" "iyer", "Jankowski" "jankowski",
    "Johnson" "johnson", "Kapoor" "kapoor", "Keller" "keller", "Khan" "khan", "Kumar" "kumar",
    "Langer" "langer", "Lee" "lee", "Lindgren" "lindgren", "Lopez" "lopez", "Marsh" "marsh",
    "Martin" "martin", "Meyers" "meyers", "Moreau" "moreau", "Morgan" "morgan", "Mueller" "mueller",
    "Nakamura" "nakamura", "Newton" "newton", "Okafor" "okafor", "Olsen" "olsen", "Patel" "patel",
    "Pereira" "pereira", "Quinn" "quinn", "Rao" "rao", "Reyes" "reyes", "Robbins" "robbins",
    "Rossi" "rossi", "Santos" "santos", "Schmidt" "schmidt", "Sherman" "sherman", "Silva" "silva",
    "Smith" "smith", "Svensson" "svensson", "Turner" "turner", "Vance" "vance", "Wagner" "wagner",
    "White" "white", "Wilber" "wilber", "Young" "young", "Zimmer" "zimmer",
];

/// Names with letters outside ASCII whose addresses drop them, as real provisioning does.
pub(crate) const ACCENTED_GIVEN: [Name; 16] = plain![
    "André" "andre", "Åsa" "asa", "Begoña" "begona", "Björn" "bjorn", "Chloé" "chloe",
    "Éloïse" "eloise", "François" "francois", "Günther" "gunther", "İpek" "ipek", "José" "jose",
    "Jürgen" "jurgen", "Łukasz" "lukasz", "Nuño" "nuno", "René" "rene", "Søren" "soren", "Zoë" "zoe",
];

pub(crate) const ACCENTED_FAMILY: [Name; 16] = plain![
    "Ångström" "angstrom", "Bäcker" "backer", "Çelik" "celik", "Dvořák" "dvorak",
    "Fernández" "fernandez", "Gonçalves" "goncalves", "Groß" "gross", "Håkansson" "hakansson",
    "Lefèvre" "lefevre", "Müller" "muller", "Nørgaard" "norgaard", "Núñez" "nunez",
    "Óskarsdóttir" "oskarsdottir", "Şahin" "sahin", "Wałęsa" "walesa", "Žižek" "zizek",
];

/// Apostrophes stay in the address: they are legal in a user principal name, and break naive
/// `$filter` strings.
pub(crate) const APOSTROPHE_FAMILY: [Name; 8] = plain![
    "O'Brien" "o'brien", "O'Neill" "o'neill", "D'Angelo" "d'angelo", "D'Souza" "d'souza",
    "L'Estrange" "l'estrange", "O'Sullivan" "o'sullivan", "M'Bala" "m'bala", "N'Diaye" "n'diaye",
];

/// Whole names in other scripts: given name, family name.
pub(crate) const OTHER_SCRIPTS: [(Name, Name); 12] = [
    (name("太郎", "taro"), name("山田", "yamada")),
    (name("花子", "hanako"), name("鈴木", "suzuki")),
    (name("伟", "wei"), name("王", "wang")),
    (name("秀英", "xiuying"), name("李", "li")),
    (name("민준", "minjun"), name("김", "kim")),
    (name("서연", "seoyeon"), name("박", "park")),
    (name("Иван", "ivan"), name("Петров", "petrov")),
    (name("Ольга", "olga"), name("Соколова", "sokolova")),
    (
        name("Γιώργος", "giorgos"),
        name("Παπαδόπουλος", "papadopoulos"),
    ),
    (name("نور", "nour"), name("الحسن", "alhassan")),
    (name("דוד", "david"), name("כהן", "cohen")),
    (name("प्रिया", "priya"), name("शर्मा", "sharma")),
];

/// Meeting rooms and the like: accounts that are no person.
pub(crate) const ROOMS: [Name; 8] = plain![
    "Adams" "adams", "Baker" "baker", "Crystal" "crystal", "Hood" "hood", "Rainier" "rainier",
    "Stevens" "stevens", "Fourth Coffee" "fourthcoffee", "Projector" "projector",
];

/// Accounts that run services.
pub(crate) const SERVICES: [Name; 4] = plain![
    "svc-backup" "svc-backup", "svc-scanner" "svc-scanner", "svc-payroll" "svc-payroll",
    "On-Premises Directory Synchronization Service Account" "sync_aad",
];

/// A department and what people in it are called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Department {
    pub(crate) name: &'static str,
    pub(crate) titles: [&'static str; 4],
}

const fn department(name: &'static str, titles: [&'static str; 4]) -> Department {
    Department { name, titles }
}

pub(crate) const DEPARTMENTS: [Department; 12] = [
    department(
        "Sales",
        [
            "Account Executive",
            "Sales Manager",
            "Sales Engineer",
            "Inside Sales",
        ],
    ),
    department(
        "Support",
        [
            "Support Engineer",
            "Support Lead",
            "Escalation Manager",
            "Support Agent",
        ],
    ),
    department(
        "Engineering",
        [
            "Software Engineer",
            "Principal Engineer",
            "Test Engineer",
            "Engineering Manager",
        ],
    ),
    department(
        "Marketing",
        [
            "Marketing Assistant",
            "Product Marketer",
            "Copy Writer",
            "Marketing Director",
        ],
    ),
    department(
        "Finance",
        ["Accountant", "Controller", "Payroll Clerk", "Finance VP"],
    ),
    department(
        "Legal",
        [
            "Counsel",
            "Paralegal",
            "Contract Manager",
            "Compliance Officer",
        ],
    ),
    department(
        "Operations",
        [
            "Operations Analyst",
            "Shift Lead",
            "Planner",
            "Operations Director",
        ],
    ),
    department(
        "Retail",
        [
            "Retail Manager",
            "Store Associate",
            "Buyer",
            "Visual Merchandiser",
        ],
    ),
    department(
        "R&D",
        ["Scientist", "Lab Technician", "Designer", "Research Lead"],
    ),
    department(
        "Human Resources",
        ["Recruiter", "HR Partner", "Trainer", "HR Manager"],
    ),
    department(
        "IT",
        [
            "Systems Administrator",
            "Network Engineer",
            "Help Desk",
            "Security Analyst",
        ],
    ),
    department(
        "Executive Management",
        ["CEO", "CFO", "Executive Assistant", "Chief of Staff"],
    ),
];

/// Where people work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) city: &'static str,
    pub(crate) state: Option<&'static str>,
    pub(crate) country: &'static str,
    pub(crate) usage_location: &'static str,
    pub(crate) language: &'static str,
    pub(crate) dialling: &'static str,
    pub(crate) street: &'static str,
}

const fn place(
    city: &'static str,
    state: Option<&'static str>,
    country: [&'static str; 3],
    dialling: &'static str,
    street: &'static str,
) -> Place {
    let [country, usage_location, language] = country;
    Place {
        city,
        state,
        country,
        usage_location,
        language,
        dialling,
        street,
    }
}

pub(crate) const PLACES: [Place; 10] = [
    place(
        "Seattle",
        Some("WA"),
        ["United States", "US", "en-US"],
        "+1 206 555",
        "9256 Towne Center Dr., Suite 400",
    ),
    place(
        "San Diego",
        Some("CA"),
        ["United States", "US", "en-US"],
        "+1 858 555",
        "205 108th Ave. NE, Suite 400",
    ),
    place(
        "Pittsburgh",
        Some("PA"),
        ["United States", "US", "en-US"],
        "+1 412 555",
        "20 Stanwix St.",
    ),
    place(
        "London",
        None,
        ["United Kingdom", "GB", "en-GB"],
        "+44 20 7946",
        "1 Paddington Sq.",
    ),
    place(
        "Sydney",
        Some("NSW"),
        ["Australia", "AU", "en-AU"],
        "+61 2 5550",
        "70 Phillip St.",
    ),
    place(
        "München",
        Some("Bayern"),
        ["Germany", "DE", "de-DE"],
        "+49 89 555",
        "Hohe Straße 10",
    ),
    place(
        "Paris",
        None,
        ["France", "FR", "fr-FR"],
        "+33 1 99 00",
        "37 Quai du Port",
    ),
    place(
        "São Paulo",
        Some("SP"),
        ["Brazil", "BR", "pt-BR"],
        "+55 11 5550",
        "Av. Central 1000",
    ),
    place(
        "Tokyo",
        None,
        ["Japan", "JP", "ja-JP"],
        "+81 3 5550",
        "2-16-3 Konan",
    ),
    place(
        "Tel Aviv",
        None,
        ["Israel", "IL", "he-IL"],
        "+972 3 555",
        "4 Harbour Rd.",
    ),
];

/// Partners that guests come from.
pub(crate) const PARTNERS: [&str; 6] = [
    "fabrikam.com",
    "adatum.com",
    "northwindtraders.com",
    "wingtiptoys.com",
    "litware.example",
    "outlook.example",
];

/// Companies that an account may name; most name none.
pub(crate) const COMPANIES: [&str; 4] = [
    "Contoso",
    "Contoso Ltd.",
    "Contoso Retail",
    "Fabrikam, Inc.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_needs_an_escape_in_json() {
        let names = GIVEN
            .iter()
            .chain(&FAMILY)
            .chain(&ACCENTED_GIVEN)
            .chain(&ACCENTED_FAMILY);
        let names = names
            .chain(&APOSTROPHE_FAMILY)
            .chain(&ROOMS)
            .chain(&SERVICES);
        let scripts = OTHER_SCRIPTS
            .iter()
            .flat_map(|(given, family)| [given, family]);
        let mut texts: Vec<_> = names
            .chain(scripts)
            .flat_map(|n| [n.written, n.address])
            .collect();
        texts.extend(
            DEPARTMENTS
                .iter()
                .flat_map(|d| d.titles.into_iter().chain([d.name])),
        );
        texts.extend(
            PLACES
                .iter()
                .flat_map(|p| [p.city, p.country, p.street, p.state.unwrap_or("")]),
        );
        texts.extend(PARTNERS.iter().chain(&COMPANIES));
        for text in texts {
            assert_eq!(serde_json::to_string(text).unwrap(), format!("\"{text}\""));
        }
    }
}
