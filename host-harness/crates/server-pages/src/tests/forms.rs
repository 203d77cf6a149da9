//! Samples of the set-up's forms.

use api_types::shapes::{CheckStatus, WarningShape};
use api_types::views::*;

use super::samples::Samples;

impl Samples {
    /// Before anything was entered.
    pub(super) fn connect_empty(self) -> ConnectView {
        ConnectView {
            version: "0".to_owned(),
            setting_up: true,
            tenant: String::new(),
            client_id: String::new(),
            cloud: "global".to_owned(),
            clouds: vec![
                self.choice(
                    "global",
                    "Microsoft 365 (worldwide)",
                    "Where most tenants are.",
                ),
                self.choice("china", "Operated by 21Vianet", "Tenants in China."),
            ],
            secret: None,
            certificate: None,
            secret_expires: String::new(),
            consent: ConsentView {
                possible: false,
                redirect_uri: self.says("https://contacts.acme.example/consent"),
                outcome: None,
                granted: None,
            },
            platform: None,
            checks: Vec::new(),
            ready: false,
            tested_at: None,
            tenant_name: None,
            problems: Vec::new(),
            permissions: vec![self.choice(
                "User.Read.All",
                "User.Read.All",
                "Reads people and their attributes.",
            )],
        }
    }

    /// Where whoever operates the server has an application.
    pub(super) fn connect_with_platform(self, in_use: bool, spreading: bool) -> ConnectView {
        let begun = match in_use {
            true => ConnectView {
                client_id: String::new(),
                secret: None,
                certificate: None,
                secret_expires: String::new(),
                ..self.connect()
            },
            false => self.connect_empty(),
        };
        ConnectView {
            platform: Some(PlatformView {
                client_id: self.says("535fb089-9ff3-47b6-9bfb-4f1264799865"),
                in_use,
                spreading,
            }),
            ..begun
        }
    }

    /// What stays when a directory is disconnected.
    pub(super) fn left_in_the_tenant(self) -> DisconnectView {
        DisconnectView {
            application: Some(self.says("535fb089-9ff3-47b6-9bfb-4f1264799865")),
            in_global_cloud: true,
        }
    }

    /// Tested, and found good but for a warning.
    pub(super) fn connect(self) -> ConnectView {
        ConnectView {
            version: "7".to_owned(),
            tenant: self.says("contoso.onmicrosoft.com"),
            client_id: self.says("11111111-2222-3333-4444-555555555555"),
            secret: Some(self.secret()),
            certificate: Some(self.certificate()),
            consent: ConsentView {
                possible: true,
                outcome: Some(self.says("An administrator of Contoso Group agreed.")),
                granted: Some(true),
                ..self.connect_empty().consent
            },
            checks: vec![
                self.check(CheckStatus::Passed, "A token was issued.", None),
                self.check(
                    CheckStatus::Passed,
                    "People can be read: 12,043 in the directory.",
                    None,
                ),
                self.check(
                    CheckStatus::Warning,
                    "Deleted people cannot be looked up.",
                    Some("Grant Directory.Read.All, or removals wait."),
                ),
            ],
            ready: true,
            tested_at: Some("2026-11-21T07:00:00Z".to_owned()),
            tenant_name: Some(self.says("Contoso Group")),
            ..self.connect_empty()
        }
    }

    /// Refused by Microsoft, and with a mistake in the form.
    pub(super) fn connect_refused(self) -> ConnectView {
        ConnectView {
            checks: vec![
                self.check(
                    CheckStatus::Failed,
                    "Microsoft refused the client secret: it has expired.",
                    Some("Make a new secret in the app registration, and enter its value."),
                ),
                self.check(CheckStatus::NotTried, "Reading people was not tried.", None),
            ],
            ready: false,
            tenant_name: None,
            setting_up: false,
            problems: vec![
                self.problem(
                    "client_id",
                    "The application id has 36 characters; this has 35.",
                ),
                self.problem("", "Nothing could be reached at login.microsoftonline.com."),
            ],
            ..self.connect()
        }
    }

    pub(super) fn mapping(self, setting_up: bool) -> MappingFormView {
        let row = |field: &str, label: &str, attribute: &str, mandatory, fixed| MappingRowForm {
            field: field.to_owned(),
            label: self.says(label),
            attribute: attribute.to_owned(),
            mandatory,
            fixed,
            problem: None,
            waived: false,
        };
        let attribute = |name: &str, label: &str, sample: Option<&str>| AttributeChoice {
            name: name.to_owned(),
            label: self.says(label),
            sample: sample.map(|sample| self.says(sample)),
        };
        let field = |name: &str, label: &str| FieldChoice {
            name: name.to_owned(),
            label: self.says(label),
        };
        MappingFormView {
            version: "7".to_owned(),
            setting_up,
            preset: "mirror".to_owned(),
            differences: vec![DifferenceView {
                label: self.says("Removed from the directory"),
                value: self.says("Delete"),
                preset: self.says("Unlink"),
            }],
            filled_from: self.says("mirror"),
            filled_in: true,
            proposal: Some(self.proposal()),
            presets: vec![
                self.choice(
                    "additive",
                    "Additive",
                    "Creates contacts for people; never changes one that exists.",
                ),
                self.choice(
                    "mirror",
                    "Mirror",
                    "Keeps contacts as the directory has them.",
                ),
                self.choice(
                    "messaging",
                    "Messaging",
                    "People with a phone number, on one list for each department.",
                ),
            ],
            rows: vec![
                row("first_name", "First name", "givenName", true, true),
                row("last_name", "Last name", "surname", true, true),
                row("email", "Email", "mail", true, false),
                row("mobile", "Mobile phone", "mobilePhone", false, false),
                row("", "Cost centre", "costCenter", false, false),
            ],
            fields: vec![
                field("first_name", "First name"),
                field("last_name", "Last name"),
                field("email", "Email"),
                field("mobile", "Mobile phone"),
                field("company", "Company"),
            ],
            custom_fields: true,
            attributes: vec![
                attribute("givenName", "Given name", Some("Adele")),
                attribute("surname", "Surname", Some("Vance")),
                attribute("mail", "Email", Some("adele.vance@contoso.example")),
                attribute("mobilePhone", "Mobile phone", Some("+61 400 000 001")),
                attribute("costCenter", "Cost centre", None),
            ],
            filtered_by: vec![attribute("assignedLicenses", "Any license", None)],
            filters: vec![FilterRow {
                attribute: "mail".to_owned(),
                operator: "filled".to_owned(),
                values: String::new(),
            }],
            groups: self.groups(),
            policies: self.policies(),
            list: "one".to_owned(),
            list_name: self.says("Contoso Users"),
            list_attribute: String::new(),
            schedule: self.says("every 6 h"),
            time_zone: self.says("Europe/Berlin"),
            schedule_policy: self.says("At most every 60 minutes."),
            problems: Vec::new(),
            conflict: None,
        }
    }

    fn groups(self) -> GroupsView {
        GroupsView {
            scope: "users-and-groups".to_owned(),
            include: vec![self.says("Sales"), self.says("Region*")],
            kinds: vec!["security".to_owned()],
            members: "direct".to_owned(),
            people: "members".to_owned(),
            choices: GroupChoices {
                scope: vec![
                    self.choice("users", "Users", "Users alone are read."),
                    self.choice(
                        "users-and-groups",
                        "Users and groups",
                        "Groups become lists, or say who is in scope.",
                    ),
                ],
                kinds: vec![
                    self.choice("security", "Security groups", "Without a mailbox."),
                    self.choice(
                        "microsoft-365",
                        "Microsoft 365 groups",
                        "As Teams and Outlook make them.",
                    ),
                ],
                members: vec![
                    self.choice("direct", "Direct members", "Who is in the group itself."),
                    self.choice(
                        "transitive",
                        "With groups inside it",
                        "Who is in the group, or in a group that is inside it.",
                    ),
                ],
                people: vec![
                    self.choice("all", "Everybody", "Also who is in none of these groups."),
                    self.choice(
                        "members",
                        "Members of these groups",
                        "Who leaves the last of them leaves the scope.",
                    ),
                ],
            },
        }
    }

    fn policies(self) -> Vec<PolicyForm> {
        let policy = |name: &str, label: &str, value: &str, choices: Vec<Choice>| PolicyForm {
            name: name.to_owned(),
            label: self.says(label),
            value: value.to_owned(),
            choices,
        };
        vec![
            policy(
                "conflict",
                "Somebody edited a contact here",
                "keep-local",
                vec![
                    self.choice(
                        "source-wins",
                        "The directory wins",
                        "The edit is overwritten by the directory’s value.",
                    ),
                    self.choice(
                        "keep-local",
                        "The edit stays",
                        "Only empty fields are filled from the directory.",
                    ),
                ],
            ),
            policy(
                "removed",
                "Removed from the directory",
                "deactivate",
                vec![
                    self.choice("keep", "Keep", "The contact stays as it is."),
                    self.choice(
                        "deactivate",
                        "Deactivate",
                        "The contact stays, marked as inactive.",
                    ),
                    self.choice("delete", "Delete", "The contact is deleted."),
                ],
            ),
            policy(
                "disabled",
                "Account disabled",
                "leave",
                vec![
                    self.choice(
                        "leave",
                        "Nothing",
                        "A disabled account is treated like any other.",
                    ),
                    self.choice(
                        "deactivate",
                        "Deactivate",
                        "The contact is marked as inactive until the account is enabled.",
                    ),
                ],
            ),
        ]
    }

    /// With mistakes, after somebody else has saved, and a row that was just added.
    pub(super) fn mapping_refused(self) -> MappingFormView {
        let mut view = self.mapping(false);
        view.rows[3].problem =
            Some(self.says("Mobile phone is filled twice; choose another field."));
        view.rows.push(MappingRowForm::default());
        view.conflict = Some(self.says("Kim Abara saved other settings 2 minutes ago."));
        view.problems = vec![
            self.problem(
                "schedule",
                "“every 5 min” is more often than the plan allows.",
            ),
            self.problem("time_zone", "There is no time zone Europe/Atlantis."),
            self.problem("filter.0.values", "Say at least one value."),
            self.problem(
                "groups.include",
                "Sales: This stands earlier in the list; remove it here.",
            ),
            self.problem("groups.kinds", "There is no such kind of groups."),
            self.problem("removed", "Delete needs a store that can delete."),
            self.problem("/sync/other", "Something that has no input of its own."),
        ];
        view
    }

    pub(super) fn review(self) -> ReviewView {
        let count = |code: &str, label: &str, sentence: &str, count, takes_away| ReviewCount {
            code: code.to_owned(),
            label: self.says(label),
            sentence: self.says(sentence),
            count,
            takes_away,
        };
        ReviewView {
            kept_by: Some(self.says("MessageMedia")),
            caveats: vec![self.caveat()],
            progress: None,
            changes: 0,
            failure: None,
            digest: Some("9f2c51d0a7be4410".to_owned()),
            made_at: Some("2026-11-21T07:00:00Z".to_owned()),
            stale: false,
            counts: vec![
                count(
                    "create",
                    "Will be created",
                    "People who have no contact yet.",
                    11_204,
                    false,
                ),
                count(
                    "link",
                    "Will be linked",
                    "A contact with the same address exists, and is taken over.",
                    612,
                    false,
                ),
                count(
                    "update",
                    "Will be updated",
                    "Linked contacts whose values differ.",
                    18,
                    false,
                ),
                count(
                    "exists",
                    "Skipped: exists already",
                    "A contact that is not linked has the address.",
                    0,
                    false,
                ),
                count(
                    "missing",
                    "Skipped: mandatory field missing",
                    "Without a last name or an email.",
                    209,
                    false,
                ),
                count(
                    "unlink",
                    "Will be unlinked",
                    "No longer in the directory.",
                    3,
                    true,
                ),
            ],
            warnings: vec![WarningShape {
                field: Some("company".to_owned()),
                message: self.says("Company Name: 36 records missing"),
                count: 36,
            }],
            blocks: Vec::new(),
            setting_up: true,
            removals: RemovalsView {
                unlinked: 3,
                ..RemovalsView::default()
            },
            proposal: None,
            deletes_by_itself: false,
        }
    }
}
