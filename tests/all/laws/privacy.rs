//! Law 15: nothing personal leaks. Logs, errors, run records, reports and the connector's state carry
//! object ids and reason codes, not names, addresses, numbers, tokens or secrets: not even where the
//! directory itself puts them into its error messages.

use std::sync::Arc;

use host_harness::contract::{ReportRequest, RunMode, SyncRequest};
use host_harness::graph_emulator::Fault;
use host_harness::runtime::Answer;
use host_harness::store::StoreOptions;
use serde_json::{Value, json};

use crate::world::listener::Listener;
use crate::world::{World, connector, object_id, person_with, request};

const SECRET: &str = "hush-Xq7~secret-value";
const WRONG_SECRET: &str = "hush-Wr0ng~secret-value";

/// Words that occur in people's records and nowhere else.
const PERSONAL: [&str; 15] = [
    "Zyxwina",
    "Quixhollow",
    "Vintermåne",
    "quixhollow@",
    "zyxwina",
    "555 867",
    "5558670",
    "Basketweaver",
    "Department of Secrets",
    "Acme Unspeakable",
    "Corner Office 9",
    "Edited-by-hand",
    "hush-",
    // An access token is a JWT, and the emulator's begin so.
    "eyJ0eXAiOiJKV1Qi",
    "Bearer",
];

/// A sentence as a directory's error message may be.
const QUOTING: &str = "User 'Zyxwina Quixhollow' <zyxwina.quixhollow@quixhollow.example> \
                       (+1 555 867 5309), Basketweaver, used hush-Xq7~secret-value and Bearer eyJ0eXAiOiJKV1Qi";

fn somebody(id: u32, otherwise: Value) -> Value {
    let mut somebody = person_with(
        id,
        "Zyxwina",
        "Quixhollow",
        json!({
            "mail": format!("zyxwina{id}.quixhollow@quixhollow.example"),
            "userPrincipalName": format!("zyxwina{id}@quixhollow.example"),
            "mobilePhone": format!("+1 555 867 53{id:02}"),
            "jobTitle": "Basketweaver",
            "department": "Department of Secrets",
            "companyName": "Acme Unspeakable",
            "officeLocation": "Corner Office 9",
        }),
    );
    somebody
        .as_object_mut()
        .unwrap()
        .extend(otherwise.as_object().unwrap().clone());
    somebody
}

/// Everything that was said, as one text.
#[derive(Default)]
struct Said(Vec<String>);

impl Said {
    /// Keeps an answer as a host could log it.
    fn hear<T: std::fmt::Debug>(&mut self, answer: Answer<T>) {
        self.0.push(answer.output.sensitive_stdout());
        self.0.push(answer.output.sensitive_stderr());
        match answer.result {
            Ok(value) => self.0.push(format!("{value:?}")),
            Err(error) => {
                self.0.push(error.to_string());
                self.0.push(format!("{error:?}"));
            }
        }
    }

    fn assert_impersonal(&self) {
        for text in &self.0 {
            for word in PERSONAL {
                assert!(!text.contains(word), "{word} in: {text}");
            }
        }
    }
}

struct Overheard {
    world: World,
    listener: Arc<Listener>,
    said: Said,
}

impl Overheard {
    async fn begin(people: Vec<Value>, sync: Value) -> Self {
        let mut world = World::with(people, sync)
            .secret(SECRET)
            .emulator(|options| options.tenant.client_secret = SECRET.to_owned())
            .store(StoreOptions {
                mandatory: vec!["last_name".to_owned()],
                ..StoreOptions::default()
            })
            .begin()
            .await;
        let listener = Arc::new(Listener::default());
        world.workspace.control = listener.clone();
        Self {
            world,
            listener,
            said: Said::default(),
        }
    }

    /// Samples are somebody's values, and are asked for as such: all else in the answer is not.
    async fn configure(&mut self) {
        let world = &self.world;
        let mut answer = connector()
            .configure(&world.workspace, &world.document)
            .await;
        if let Ok(report) = &mut answer.result {
            report.samples.clear();
        }
        self.said.hear(answer);
    }

    async fn sync(&mut self, request: SyncRequest) {
        let world = &self.world;
        let answer = connector()
            .sync(&world.workspace, &world.document, request)
            .await;
        self.said.hear(answer);
    }

    async fn plan(&mut self, mode: RunMode) {
        let world = &self.world;
        world.store.begin_plan().unwrap();
        let answer = connector()
            .plan(&world.workspace, &world.document, mode)
            .await;
        self.said.hear(answer);
    }

    async fn report(&mut self) {
        let world = &self.world;
        let request = ReportRequest { running: false };
        let answer = connector()
            .report(&world.workspace, &world.document, request)
            .await;
        self.said.hear(answer);
    }

    /// A run without patience, and what the overview says of it.
    async fn sync_and_report(&mut self, mode: RunMode) {
        let mut impatient = request(mode);
        impatient.slice.max_ms = Some(1);
        for _ in 0..8 {
            self.sync(impatient.clone()).await;
        }
        self.report().await;
    }

    /// Log events and the connector's state on top of what was said.
    fn assert_impersonal(&mut self) {
        self.said.0.extend(self.listener.heard());
        for entry in self.world.store.list("", None, 1_000).unwrap() {
            let value = String::from_utf8_lossy(&entry.value);
            self.said.0.push(format!("{} = {value}", entry.key));
        }
        self.said.assert_impersonal();
    }
}

fn mirror() -> Value {
    json!({ "preset": "mirror", "conflict": "merge", "disabled": "deactivate",
            "filters": { "department": "Department of Secrets" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn law_15_the_course_of_an_ordinary_life_says_nothing_personal() {
    let people = vec![
        somebody(1, json!({})),
        somebody(2, json!({ "surname": null })),
        somebody(3, json!({ "givenName": "Zyxwina".repeat(20) })),
        somebody(4, json!({ "mail": "quixhollow@ no address" })),
        somebody(5, json!({ "accountEnabled": false })),
        somebody(6, json!({ "department": "Vintermåne" })),
        somebody(7, json!({})),
        somebody(8, json!({})),
    ];
    // What the filter is set to stands in the configuration, and is no person's secret.
    let mut overheard = Overheard::begin(people, mirror()).await;
    let address = "zyxwina7.quixhollow@quixhollow.example";
    for _ in 0..2 {
        let fields = [("email", address), ("last_name", "Edited-by-hand")];
        overheard.world.add_contact(&fields);
    }
    overheard.configure().await;
    overheard.plan(RunMode::Full).await;
    overheard.sync(request(RunMode::Full)).await;
    overheard.report().await;

    overheard
        .world
        .edit_here(1, "last_name", Some("Edited-by-hand"));
    let control = overheard.world.control();
    let change = json!({ "surname": "Vintermåne", "mobilePhone": "+1 555 867 0000" });
    control.edit_user(&object_id(1), change).unwrap();
    control.disable_user(&object_id(8)).unwrap();
    overheard.plan(RunMode::Incremental).await;
    // Cut off in the middle, so that what is staged stands in the state.
    let mut slice = request(RunMode::Incremental);
    slice.slice.max_pages = Some(1);
    overheard.sync(slice).await;
    overheard.assert_impersonal();
    overheard.sync(request(RunMode::Incremental)).await;
    overheard.report().await;
    assert!(!overheard.world.contact_of(8).unwrap().active);
    overheard.assert_impersonal();
}

#[tokio::test(flavor = "multi_thread")]
async fn law_15_what_graph_quotes_in_its_errors_goes_no_further() {
    let paths = [
        "/token",
        "/organization",
        "/v1.0/users?",
        "/users/delta",
        "/$batch",
        "/directory/deletedItems",
    ];
    for status in [400, 401, 403, 404, 410, 429, 500, 503] {
        for path in paths {
            let people = vec![somebody(1, json!({})), somebody(2, json!({}))];
            let mut overheard = Overheard::begin(people, json!({ "preset": "mirror" })).await;
            overheard.sync(request(RunMode::Full)).await;
            let control = overheard.world.control();
            control.delete_user(&object_id(2)).unwrap();
            control.inject(Fault {
                path: Some(path.to_owned()),
                status: Some(status),
                code: Some(QUOTING.to_owned()),
                message: Some(QUOTING.to_owned()),
                retry_after: Some(QUOTING.to_owned()),
                ..Fault::default()
            });
            overheard.sync_and_report(RunMode::Full).await;
            if !matches!(status, 429 | 500 | 503) {
                // Nothing that would be waited out.
                overheard.configure().await;
            }
            overheard.assert_impersonal();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_15_answers_that_make_no_sense_are_not_quoted() {
    let bodies = [
        (200, QUOTING.to_owned()),
        (200, json!({ "value": QUOTING }).to_string()),
        (200, json!({ "value": [QUOTING] }).to_string()),
        (
            200,
            json!({ "value": [{ "id": object_id(1), "givenName": { "Zyxwina": QUOTING } }] })
                .to_string(),
        ),
        (
            400,
            json!({ "error": { "code": "Zyxwina Quixhollow", "message": QUOTING,
                    "innerError": { "code": QUOTING, "request-id": QUOTING } } })
            .to_string(),
        ),
        (
            400,
            json!({ "error": QUOTING, "error_description": QUOTING, "error_codes": [QUOTING] })
                .to_string(),
        ),
        (
            200,
            json!({ "value": [], "@odata.nextLink": format!("https://quixhollow.example/{QUOTING}") })
                .to_string(),
        ),
        (
            200,
            json!({ "value": [], "@odata.deltaLink": "https://quixhollow.example/?zyxwina" })
                .to_string(),
        ),
        (
            200,
            format!("{{\"value\": [{{\"id\": \"1\", \"displayName\": \"{QUOTING}\""),
        ),
        (
            200,
            json!({ "access_token": "eyJ0eXAiOiJKV1Qi.eyJ0.x", "expires_in": QUOTING }).to_string(),
        ),
        (400, QUOTING.to_owned()),
    ];
    for path in [
        "/token",
        "/organization",
        "/v1.0/users?",
        "/users/delta",
        "/$batch",
    ] {
        for (status, body) in &bodies {
            let people = vec![somebody(1, json!({})), somebody(2, json!({}))];
            let mut overheard = Overheard::begin(people, json!({ "preset": "mirror" })).await;
            overheard.sync(request(RunMode::Full)).await;
            let control = overheard.world.control();
            control.delete_user(&object_id(2)).unwrap();
            control.inject(Fault {
                path: Some(path.to_owned()),
                status: Some(*status),
                body: Some(body.clone()),
                ..Fault::default()
            });
            overheard.sync_and_report(RunMode::Full).await;
            overheard.configure().await;
            overheard.assert_impersonal();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_15_a_wrong_or_expired_secret_is_not_told() {
    let mut overheard = Overheard::begin(vec![somebody(1, json!({}))], mirror()).await;
    overheard.world.control().expire_secret(WRONG_SECRET);
    overheard.configure().await;
    overheard.sync_and_report(RunMode::Incremental).await;
    overheard.world.control().set_secret("hush-another");
    overheard.configure().await;
    overheard.sync_and_report(RunMode::Incremental).await;
    assert_eq!(overheard.world.contacts(), []);
    overheard.assert_impersonal();
}
