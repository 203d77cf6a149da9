//! The commands as a user runs them: real processes, their output and their exit codes.

mod address_book;
mod approval;
mod bad_arguments;
mod certificates;
mod comparison;
mod components;
mod conflicts;
mod desk;
mod destination;
mod documents;
mod interruption;
mod network;
mod older_data;
mod operators;
mod package_signatures;
mod packages;
mod people;
mod plans;
mod registries;
mod scim;
mod secrets;
mod shapes;
mod snapshots;
mod undo;

use serde_json::json;

use crate::world::{object_id, person};
use desk::{Desk, program, run};

#[test]
fn the_demo_does_every_step_and_ends_with_0() {
    let demo = run(&["demo"]).with(0);
    for step in 1..=12 {
        assert!(demo.out.contains(&format!("\n{step}. ")), "{demo:#?}");
    }
    assert!(
        demo.out.contains("Every step did what it says."),
        "{demo:#?}"
    );
}

#[test]
fn every_command_has_help_and_those_with_options_have_examples() {
    let all = run(&["--help"]).with(0);
    assert!(all.out.contains("Exit codes"), "{all:#?}");
    for command in [
        "demo",
        "connect",
        "plan",
        "sync",
        "report",
        "explain",
        "retry",
        "undo",
        "contacts",
        "graph-emulator",
        "conformance",
        "inspect",
        "package",
        "pull",
        "push",
        "messagemedia-emulator",
        "bench",
    ] {
        assert!(all.out.contains(command), "{command}: {all:#?}");
        let help = run(&[command, "--help"]).with(0);
        if !matches!(command, "demo" | "bench") {
            assert!(help.out.contains("Examples:"), "{help:#?}");
            assert!(help.out.contains("--data <DIR>"), "{help:#?}");
        }
    }
    run(&["graph-emulator", "--help"])
        .with(0)
        .saying("PATCH /emulator/users/{id or name}");
    for looking_back in ["list", "show", "compare"] {
        run(&["plan", looking_back, "--help"])
            .with(0)
            .saying("Examples:");
    }
    assert!(run(&["--version"]).with(0).out.starts_with("host-harness "));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_for_people_say_what_happened_and_what_comes_next() {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")]).await;
    let connected = desk.connect(json!({ "preset": "mirror" }));
    assert!(
        connected.out.contains("Connected to Contoso"),
        "{connected:#?}"
    );
    assert!(connected.out.contains("`plan`"), "{connected:#?}");
    let plan = desk.run(&["plan", "--details"]).with(0);
    assert!(plan.out.contains("create  2"), "{plan:#?}");
    assert!(plan.out.contains("first_name: (empty) -> Zoe"), "{plan:#?}");
    let sync = desk.run(&["sync"]).with(0);
    assert!(
        sync.out
            .contains("full sync succeeded: 2 people; 2 created"),
        "{sync:#?}"
    );
    let report = desk.run(&["report"]).with(0);
    assert!(report.out.contains("active records    2"), "{report:#?}");
    let contacts = desk.run(&["contacts"]).with(0);
    assert!(
        contacts.out.contains("zoe.vance@contoso.example"),
        "{contacts:#?}"
    );
    assert!(contacts.out.ends_with("2 contacts\n"), "{contacts:#?}");
    for ended in [&connected, &plan, &sync, &report, &contacts] {
        assert!(ended.err.is_empty(), "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_before_connect_say_what_to_do_and_make_nothing() {
    let desk = Desk::with(vec![]).await;
    for command in [
        &["plan"][..],
        &["plan", "list"],
        &["sync"],
        &["report"],
        &["explain", "zoe@contoso.example"],
        &["retry", "1"],
        &["undo"],
        &["undo", "17"],
        &["contacts"],
    ] {
        let ended: desk::Ended = program(command)
            .args(["--data", "misspelt"])
            .current_dir(desk.folder.path())
            .output()
            .unwrap()
            .into();
        ended
            .with(1)
            .saying("connect CONFIG.json")
            .saying("misspelt");
        assert!(
            !desk.path("misspelt").exists(),
            "{command:?} made a directory"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_directory_is_named_at_any_place_of_the_line() {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.run(&["sync"]).with(0);
    for arguments in [
        &[
            "--data", "data", "contacts", "edit", "1", "company", "Fabrikam",
        ][..],
        &[
            "contacts",
            "--data",
            "data",
            "edit",
            "1",
            "company",
            "Northwind",
        ],
        &[
            "contacts", "edit", "1", "company", "Litware", "--data", "data",
        ],
    ] {
        let mut command = program(arguments);
        let ended: desk::Ended = command
            .current_dir(desk.folder.path())
            .output()
            .unwrap()
            .into();
        ended.with(0);
        let company = arguments
            .iter()
            .find(|word| word.starts_with(['F', 'N', 'L']));
        assert_eq!(desk.contacts()[0]["fields"]["company"], *company.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_added_edited_found_and_exported() {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance")]).await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.run(&["sync"]).with(0);
    let added = desk
        .run(&[
            "contacts",
            "add",
            "email=jo@example.com",
            "first_name=Jo",
            "--json",
        ])
        .with(0)
        .json();
    let id = added["id"].as_str().unwrap();
    desk.run(&["contacts", "edit", id, "mobile_phone", "+61 400 000 000"])
        .with(0);
    let edited = desk
        .run(&[
            "contacts",
            "edit",
            id,
            "company",
            "Fabrikam, \"Inc\"",
            "--json",
        ])
        .with(0)
        .json();
    assert_eq!(edited["id"], id);
    // Emptied again; and a spelling mistake is remarked on.
    desk.run(&["contacts", "edit", id, "first_name"]).with(0);
    desk.run(&["contacts", "edit", id, "emial", "x"])
        .with(0)
        .saying("custom field");

    let found = desk
        .run(&["contacts", "--search", "FABRIKAM", "--json"])
        .with(0)
        .json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(
        found[0]["fields"],
        json!({
            "email": "jo@example.com",
            "mobile_phone": "+61 400 000 000",
            "company": "Fabrikam, \"Inc\"",
            "emial": "x",
        })
    );
    let unlinked = desk.run(&["contacts", "--linked", "false"]).with(0);
    assert!(unlinked.out.ends_with("1 contact\n"), "{unlinked:#?}");

    let csv = desk.run(&["contacts", "--csv"]).with(0);
    let mut lines = csv.out.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("id,active,object_id,lists,first_name,")
    );
    assert!(lines.next().unwrap().contains(&object_id(1)));
    assert!(
        lines.next().unwrap().contains(r#""Fabrikam, ""Inc""""#),
        "{csv:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_is_refused_is_not_written() {
    let desk = Desk::with(vec![]).await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.run(&["contacts", "add", "email=jo@example.com"])
        .with(0);
    let before = desk.contacts();
    desk.run(&["contacts", "edit", "17", "email", "x@example.com"])
        .with(1)
        .saying("no contact 17");
    desk.run(&["contacts", "edit", "1", "email", "not an address"])
        .with(1)
        .saying("email");
    desk.run(&[
        "contacts",
        "add",
        "email=no address either",
        "first_name=Jo",
    ])
    .with(1)
    .saying("email");
    assert_eq!(desk.contacts(), before);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::with(
        (1..2_000)
            .map(|id| person(id, "Zoe", &format!("Vance{id}")))
            .collect(),
    )
    .await;
    desk.connect(json!({ "preset": "mirror" }));
    desk.run(&["sync"]).with(0);
    for form in ["--json", "--csv"] {
        let mut child = desk
            .command(&["contacts", form])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = desk::end(child).with(0);
        assert!(ended.err.is_empty(), "{ended:#?}");
    }
}
