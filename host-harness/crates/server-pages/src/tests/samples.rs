//! Values to draw. Everything that comes from outside goes through [`Samples::says`], so that the same
//! values can be had as an attacker would make them.

use api_types::shapes::{
    BlockShape, CheckShape, CheckStatus, ConflictShape, Effect, ErrorShape, LedgerEntryShape,
    LedgerShape, MappingShape, ProblemShape, QualityShape, RunMode, RunShape, RunStatus,
    WarningShape,
};
use api_types::views::*;

/// What an attacker would put into a name.
pub(super) const HOSTILE: &str = "<script>alert(1)</script>\"' onclick=\"alert(1) <img src=x>&amp;";

/// Makes samples, plain or hostile.
#[derive(Clone, Copy)]
pub(super) struct Samples {
    pub(super) hostile: bool,
}

impl Samples {
    pub(super) fn says(self, text: &str) -> String {
        if self.hostile {
            format!("{text}{HOSTILE}")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn frame(self, role: Role) -> Frame {
        Frame {
            root: "/w/acme".to_owned(),
            workspace: self.says("Acme Logistics"),
            viewer: self.says("Robin Vale"),
            role,
            csrf: self.says("csrf-token"),
            submission: self.says("submission-1"),
            notice: None,
            demo: true,
        }
    }

    pub(super) fn run(self, number: u64, status: RunStatus, processed: u64) -> RunShape {
        let warnings = match status {
            RunStatus::Warnings => vec![WarningShape {
                field: Some(self.says("company")),
                message: self.says("Company Name: 36 records missing"),
                count: 36,
            }],
            _ => Vec::new(),
        };
        let errors = match status {
            RunStatus::Failed => vec![ErrorShape {
                code: "token-refused".to_owned(),
                message: self.says("Microsoft refused the client secret: it has expired."),
                count: 1,
            }],
            _ => Vec::new(),
        };
        RunShape {
            run_id: format!("run-{number}"),
            mode: if processed > 1000 {
                RunMode::Full
            } else {
                RunMode::Incremental
            },
            trigger: if number.is_multiple_of(7) {
                "manual"
            } else {
                "schedule"
            }
            .to_owned(),
            status,
            started_at: format!(
                "2026-11-{:02}T{:02}:00:00Z",
                14 + number / 4,
                number % 4 * 6
            ),
            finished_at: (status != RunStatus::Running).then(|| {
                format!(
                    "2026-11-{:02}T{:02}:01:12Z",
                    14 + number / 4,
                    number % 4 * 6
                )
            }),
            processed,
            created: processed / 40,
            updated: processed / 12,
            unchanged: processed - processed / 40 - processed / 12 - processed / 60,
            skipped: processed / 60,
            removed: 0,
            failed: 0,
            skips: Vec::new(),
            requests: 2,
            throttled_ms: 0,
            warnings,
            errors,
            block: (status == RunStatus::Blocked).then(|| self.block()),
            approved: None,
            given: 0,
            undoes: None,
        }
    }

    pub(super) fn history(self, runs: u64) -> Vec<RunShape> {
        (0..runs)
            .map(|number| {
                let status = match number {
                    4 | 17 => RunStatus::Warnings,
                    9 => RunStatus::Failed,
                    13 => RunStatus::Stopped,
                    21 => RunStatus::Blocked,
                    22 => RunStatus::Incomplete,
                    _ => RunStatus::Succeeded,
                };
                let processed = if number % 12 == 0 {
                    12_043
                } else {
                    number * 37 % 91
                };
                self.run(number, status, processed)
            })
            .collect()
    }

    pub(super) fn block(self) -> BlockShape {
        BlockShape {
            breaker: "removals".to_owned(),
            message: self.says("412 of 12,043 contacts would be removed; the limit is 120."),
            cause: self.says(
                "Most of them left the filter department is Sales. Was a department renamed in the directory?",
            ),
            digest: "9f2c51d0a7be4410".to_owned(),
        }
    }

    pub(super) fn blocked(self) -> BlockedView {
        BlockedView {
            run_id: "run-21".to_owned(),
            at: "2026-11-21T06:01:12Z".to_owned(),
            mode: RunMode::Incremental,
            block: self.block(),
        }
    }

    pub(super) fn block_of(self, concerned: ConcernedView) -> BlockView {
        BlockView {
            blocked: self.blocked(),
            removals: Some(self.removals()),
            concerned,
        }
    }

    pub(super) fn concerned(self) -> ConcernedView {
        ConcernedView::Named {
            plan: "9f2c51d0a7be4410".to_owned(),
            people: self.people("Who is concerned"),
        }
    }

    pub(super) fn progress(self) -> ProgressView {
        ProgressView {
            task: Task::Sync,
            phase: self.says("Reading the directory"),
            done: 4_870,
            total: Some(12_043),
            remaining_seconds: Some(555),
            started_at: "2026-11-21T07:00:00Z".to_owned(),
            queued: false,
            stopping: false,
        }
    }

    pub(super) fn activity(self, entries: i64) -> Vec<AuditEntryView> {
        let words = [
            (
                "robin.vale",
                "settings-saved",
                "Changed the mapping",
                Some("version 7"),
            ),
            (
                "scheduler",
                "sync-started",
                "Started an incremental sync",
                Some("run-29"),
            ),
            (
                "connector",
                "secret-used",
                "Used the client secret",
                Some("client-secret"),
            ),
            ("Robin Vale", "signed-in", "Signed in", None),
        ];
        (0..entries)
            .map(|number| {
                let (who, action, text, subject) = words[number as usize % words.len()];
                AuditEntryView {
                    number: 412 - number,
                    at: format!("2026-11-21T06:{:02}:00Z", 59 - number % 60),
                    who: self.says(who),
                    action: action.to_owned(),
                    words: self.says(text),
                    subject: subject.map(|subject| self.says(subject)),
                }
            })
            .collect()
    }

    pub(super) fn overview(self) -> OverviewView {
        OverviewView {
            workspace: self.says("Acme Logistics"),
            tenant: Some(self.says("Contoso Group")),
            connection: ConnectionState::Connected,
            status: StatusView {
                code: StatusCode::Succeeded,
                label: self.says("Synced successfully"),
                explanation: self.says(
                    "The last sync finished without a warning. 12,043 people were looked at.",
                ),
            },
            last_success: Some("2026-11-21T06:01:12Z".to_owned()),
            active_records: 12_043,
            progress: None,
            changes: 0,
            administrator: Some(self.of_administrator()),
        }
    }

    pub(super) fn of_administrator(self) -> AdministratorView {
        let quality = [
            ("companyName", "Company Name", 3_610),
            ("mobilePhone", "Mobile phone", 2_204),
            ("jobTitle", "Job title", 977),
            ("department", "Department", 431),
            ("officeLocation", "Office location", 388),
            ("businessPhones", "Business phone", 201),
            ("city", "City", 96),
            ("country", "Country", 44),
            ("postalCode", "Postal code", 36),
            ("streetAddress", "Street", 21),
            ("surname", "Last name", 4),
            ("mail", "Email", 1),
        ];
        let mappings = [
            ("first_name", "givenName", "First name", true),
            ("last_name", "surname", "Last name", true),
            ("email", "mail", "Email", true),
            ("mobile", "mobilePhone", "Mobile phone", false),
            ("company", "companyName", "Company", false),
            (
                "custom:cost-centre",
                "employeeOrgData/costCenter",
                "Cost centre",
                false,
            ),
        ];
        let reason = |code: &str, label: &str, people| NotSyncedReason {
            code: self.says(code),
            label: self.says(label),
            people,
        };
        AdministratorView {
            mapped_attributes: 6,
            schedule: ScheduleView {
                text: Some("every 6 h".to_owned()),
                words: "Every 6 hours".to_owned(),
                time_zone: "Europe/Berlin".to_owned(),
                next_run: Some("2026-11-21T12:00:00Z".to_owned()),
                note: None,
            },
            secret: None,
            warnings: Vec::new(),
            trouble: None,
            proposal: None,
            data_insights: 4_102,
            blocked: None,
            history: self.history(30),
            data_quality: quality
                .into_iter()
                .map(|(attribute, label, missing)| DataQualityView {
                    field: label.to_lowercase().replace(' ', "_"),
                    quality: QualityShape {
                        attribute: self.says(attribute),
                        label: self.says(label),
                        missing,
                    },
                    reported_at: Some("2026-11-21T06:01:12Z".to_owned()),
                })
                .collect(),
            mappings: mappings
                .into_iter()
                .map(|(field, attribute, label, mandatory)| MappingShape {
                    field: self.says(field),
                    attribute: self.says(attribute),
                    label: self.says(label),
                    mandatory,
                })
                .collect(),
            not_synced: NotSyncedView {
                reasons: vec![
                    reason("not-written", "A value could not be written", 4),
                    reason("missing-mandatory", "A mandatory field is missing", 209),
                    reason("out-of-scope", "Not in the filter", 1_480),
                ],
            },
            asks: true,
            ledger: self.ledger(),
            activity: self.activity(20),
        }
    }

    /// The overview with what an administrator sees of it otherwise.
    pub(super) fn overview_with(self, alter: impl FnOnce(&mut AdministratorView)) -> OverviewView {
        let mut administrator = self.of_administrator();
        alter(&mut administrator);
        OverviewView {
            administrator: Some(administrator),
            ..self.overview()
        }
    }

    pub(super) fn trouble(self, posts: bool) -> TroubleView {
        TroubleView {
            cause: "secret",
            title: self.says("The sync failed: the client secret does not work"),
            since: Some("2026-11-19T06:01:12Z".to_owned()),
            reason: self.says("Microsoft refused the client secret: it has expired."),
            remedy: RemedyView {
                code: "enter-secret",
                label: self.says("Enter a new secret"),
                path: if posts { "/sync" } else { "/setup/connect" },
                posts,
            },
        }
    }

    pub(super) fn proposal(self) -> ProposalView {
        ProposalView {
            by: self.says("Kim Abara"),
            at: "2026-11-21T06:40:00Z".to_owned(),
        }
    }

    pub(super) fn removals(self) -> RemovalsView {
        RemovalsView {
            deleted: 75_024,
            deactivated: 2,
            unlinked: 3,
        }
    }

    /// What taking a run back would do.
    pub(super) fn undo(self) -> UndoView {
        UndoView {
            run_id: self.says("1795248000000-0a1b2c3d"),
            run: Some(self.run(24, RunStatus::Succeeded, 12_043)),
            progress: None,
            changes: 0,
            failure: None,
            digest: Some("9f2c51d0a7be4410".to_owned()),
            made_at: Some("2026-11-21T07:00:00Z".to_owned()),
            done_at: None,
            counts: self.review().counts,
            removals: self.removals(),
            warnings: self.review().warnings,
            given: 12,
            limits: vec![self.says(
                "12 of 40 people would be changed in the directory; at most 10 may be in one run",
            )],
        }
    }

    /// A client secret that expires soon.
    pub(super) fn certificate(self) -> CertificateView {
        CertificateView {
            thumbprint: Some(self.says("6B1F0A9C2D3E4F5061728394A5B6C7D8E9F00112")),
            set_at: "2026-11-09T08:00:00Z".to_owned(),
            expires_at: "2026-12-09T00:00:00Z".to_owned(),
            expires_soon: true,
            expired: false,
        }
    }

    pub(super) fn secret(self) -> SecretView {
        SecretView {
            set_at: "2026-11-09T08:00:00Z".to_owned(),
            age_days: 12,
            expires_at: Some("2026-12-09T00:00:00Z".to_owned()),
            expires_soon: true,
            expired: false,
        }
    }

    /// As the server gives it to a member: without what they may not see.
    pub(super) fn overview_of_a_member(self) -> OverviewView {
        OverviewView {
            administrator: None,
            ..self.overview()
        }
    }

    pub(super) fn destination(self) -> DestinationView {
        DestinationView {
            version: "7".to_owned(),
            setting_up: false,
            settings: None,
            text: self.says("{\n  \"name\": \"messagemedia\"\n}"),
            secret: Some(DestinationSecretView {
                set_at: "2026-11-09T08:00:00Z".to_owned(),
            }),
            destinations: vec!["messagemedia".to_owned()],
            label: Some(self.says("MessageMedia")),
            servers: vec![ServerView {
                root: "https://eu.app.api.sinch.com".to_owned(),
                why: self.says("Contacts, lists and custom fields."),
            }],
            caveats: vec![self.caveat()],
            problems: vec![ProblemShape {
                pointer: "settings".to_owned(),
                message: self.says("key: Write the API key."),
            }],
        }
    }

    pub(super) fn caveat(self) -> CaveatView {
        CaveatView {
            code: "not-atomic".to_owned(),
            meaning: self.says("A sync is as many requests as it has changes."),
        }
    }

    pub(super) fn conflicts(self) -> ConflictsView {
        let one = |decided| ConflictView {
            name: self.says("Adele Vance"),
            seen_at_ms: 1_795_219_200_250,
            value: ConflictShape {
                object_id: "00000000-0000-4000-8000-000000000001".to_owned(),
                attribute: "jobTitle".to_owned(),
                field: "job_title".to_owned(),
                label: self.says("Job title"),
                directory: Some(self.says("Head of Sales")),
                contact: None,
                base: Some(self.says("Sales")),
                seen_at: "2026-11-21T00:00:00.25Z".to_owned(),
                run: "r1".to_owned(),
                decided,
                directory_alone: false,
            },
        };
        let mut alone = one(None);
        alone.value.directory_alone = true;
        ConflictsView {
            values: vec![one(None), alone],
            decided: vec![one(Some("contact")), one(Some("directory"))],
            next: Some("00000000-0000-4000-8000-000000000001".to_owned()),
            is_later: true,
        }
    }

    pub(super) fn ledger(self) -> LedgerShape {
        let entry = |given_up, tries| LedgerEntryShape {
            object_id: self.says("6f1f6e1c-3f0e-4d7e-9a52-0f6c0a7f1b11"),
            code: "value-too-long".to_owned(),
            field: Some(self.says("job_title")),
            tries,
            given_up,
            first: "2026-11-18T06:00:00Z".to_owned(),
            last: "2026-11-21T06:00:00Z".to_owned(),
        };
        LedgerShape {
            waiting: 3,
            given_up: 1,
            entries: vec![entry(false, 1), entry(true, 5)],
        }
    }

    pub(super) fn person(self, name: &str, address: &str) -> PersonView {
        PersonView {
            name: self.says(name),
            address: Some(self.says(address)),
            object_id: Some(self.says("6f1f6e1c-3f0e-4d7e-9a52-0f6c0a7f1b11")),
            contact_id: Some(self.says("c-1029")),
            change: Some(Effect::Update),
            why: Some(self.says("The directory’s value is newer.")),
            active: true,
            lists: vec![self.says("Contoso Users")],
            leaves: vec![self.says("Contoso Guests")],
            values: vec![
                ValueView {
                    label: self.says("Job title"),
                    before: Some(self.says("Buyer")),
                    after: Some(self.says("Senior buyer")),
                },
                ValueView {
                    label: "Mobile phone".to_owned(),
                    before: Some("+61 400 000 001".to_owned()),
                    after: None,
                },
            ],
        }
    }

    pub(super) fn people(self, title: &str) -> PeopleView {
        let mut last = self.person("Lidia Holloway", "lidia.holloway@contoso.example");
        last.active = false;
        last.change = Some(Effect::Deactivate);
        PeopleView {
            title: title.to_owned(),
            explanation: self.says("Their contact would be changed as shown."),
            total: Some(412),
            people: vec![
                self.person("Adele Vance", "adele.vance@contoso.example"),
                self.person("Étienne Ōkubo", "etienne@contoso.example"),
                last,
            ],
            next: Some("c-1029".to_owned()),
        }
    }

    pub(super) fn choice(self, value: &str, label: &str, sentence: &str) -> Choice {
        Choice {
            value: value.to_owned(),
            label: self.says(label),
            sentence: self.says(sentence),
        }
    }

    pub(super) fn check(
        self,
        status: CheckStatus,
        message: &str,
        advice: Option<&str>,
    ) -> CheckShape {
        CheckShape {
            name: "token".to_owned(),
            status,
            message: self.says(message),
            advice: advice.map(|advice| self.says(advice)),
            code: advice.map(|_| "AADSTS7000222".to_owned()),
        }
    }

    pub(super) fn problem(self, pointer: &str, message: &str) -> ProblemShape {
        ProblemShape {
            pointer: pointer.to_owned(),
            message: self.says(message),
        }
    }
}
