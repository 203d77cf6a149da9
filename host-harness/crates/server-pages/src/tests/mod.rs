//! What holds for every page, in every state.

mod contrast;
mod document;
mod forms;
mod gallery;
mod samples;

use std::collections::BTreeSet;

use api_types::views::{Role, SecretView};

use self::document::{Element, elements};
use self::gallery::{CONSENT_ADDRESS, gallery};
use self::samples::{HOSTILE, Samples};
use super::assets::{SCRIPT, STYLESHEET};
use super::disconnect::ENTERPRISE_APPLICATIONS;
use super::overview;

const PLAIN: Samples = Samples { hostile: false };
const ATTACKED: Samples = Samples { hostile: true };

/// Every page, plain and attacked.
fn pages() -> Vec<(String, String)> {
    let named = |samples: Samples, suffix: &str| {
        let pages = gallery(samples).into_iter();
        let named = pages.map(|(name, page)| (format!("{name}{suffix}"), page.into_string()));
        named.collect::<Vec<_>>()
    };
    let mut pages = named(PLAIN, "");
    pages.extend(named(ATTACKED, ", attacked"));
    pages
}

/// The page with this name.
fn page(name: &str) -> String {
    let (_, page) = pages()
        .into_iter()
        .find(|(known, _)| known == name)
        .expect("in the gallery");
    page
}

/// Looks at every element of every page.
fn each_element(mut look: impl FnMut(&str, &Element)) {
    for (name, page) in pages() {
        for element in elements(&page) {
            look(&name, &element);
        }
    }
}

#[test]
fn no_page_has_inline_script_inline_style_or_handlers() {
    each_element(|page, element| {
        assert_ne!(element.name, "style", "{page}");
        if element.name == "script" {
            assert_eq!(
                element.attribute("src"),
                Some(SCRIPT.address.as_str()),
                "{page}"
            );
        }
        for attribute in element.attribute_names() {
            assert_ne!(attribute, "style", "{page}: {element:?}");
            assert!(!attribute.starts_with("on"), "{page}: {element:?}");
        }
        for link in ["href", "src", "action"] {
            let address = element.attribute(link).unwrap_or_default();
            assert!(!address.contains("javascript:"), "{page}: {element:?}");
            assert!(!address.starts_with("//"), "{page}: {element:?}");
            let known = [CONSENT_ADDRESS, ENTERPRISE_APPLICATIONS];
            let elsewhere = address.starts_with("http") && !known.contains(&address);
            assert!(!elsewhere, "{page}: {element:?}");
        }
    });
}

#[test]
fn hostile_names_stay_text() {
    for (name, page) in pages() {
        assert!(!page.contains(HOSTILE), "{name}");
        assert!(!page.contains("<script>"), "{name}");
        assert!(!page.contains("<img"), "{name}");
        let scripts = elements(&page)
            .iter()
            .filter(|element| element.name == "script")
            .count();
        assert_eq!(scripts, 1, "{name}");
    }
}

#[test]
fn ids_are_unique_and_every_reference_has_its_target() {
    for (name, page) in pages() {
        let elements = elements(&page);
        let mut ids = BTreeSet::new();
        for id in elements
            .iter()
            .filter_map(|element| element.attribute("id"))
        {
            assert!(ids.insert(id), "{name}: the id {id} is there twice");
        }
        for element in &elements {
            for referring in [
                "for",
                "aria-describedby",
                "aria-labelledby",
                "data-samples",
                "data-own",
            ] {
                let targets = element.attribute(referring).unwrap_or_default();
                for target in targets.split(' ').filter(|target| !target.is_empty()) {
                    assert!(
                        ids.contains(target),
                        "{name}: {referring}={target} of {element:?}"
                    );
                }
            }
            if let Some(target) = element
                .attribute("href")
                .and_then(|href| href.strip_prefix('#'))
            {
                assert!(ids.contains(target), "{name}: {element:?}");
            }
        }
    }
}

#[test]
fn every_input_has_a_label() {
    for (name, page) in pages() {
        let elements = elements(&page);
        let labelled: BTreeSet<&str> = elements
            .iter()
            .filter_map(|element| element.attribute("for"))
            .collect();
        for input in elements.iter().filter(|element| {
            ["input", "select", "textarea"].contains(&element.name.as_str())
                && element.attribute("type") != Some("hidden")
        }) {
            let id = input.attribute("id").unwrap_or_default();
            assert!(labelled.contains(id), "{name}: {input:?}");
        }
    }
}

#[test]
fn every_posting_form_of_a_session_says_whose_it_is_and_which_submission() {
    for (name, page) in pages()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("sign-in"))
    {
        let posting = page.matches("method=\"post\"").count();
        assert_eq!(page.matches("name=\"csrf\"").count(), posting, "{name}");
        assert_eq!(
            page.matches("name=\"submission\"").count(),
            posting,
            "{name}"
        );
    }
}

#[test]
fn every_page_has_one_heading_of_the_first_rank_and_skips_no_rank() {
    for (name, page) in pages() {
        let ranks: Vec<u32> = elements(&page)
            .iter()
            .filter_map(|element| element.name.strip_prefix('h')?.parse().ok())
            .collect();
        assert_eq!(
            ranks.iter().filter(|rank| **rank == 1).count(),
            1,
            "{name}: {ranks:?}"
        );
        for pair in ranks.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{name}: {ranks:?}");
        }
    }
}

#[test]
fn nothing_that_acts_is_inside_something_that_acts() {
    each_element(|page, element| {
        if ["a", "button", "form"].contains(&element.name.as_str()) {
            for outer in ["a", "button"] {
                assert!(
                    !element.inside.iter().any(|name| name == outer),
                    "{page}: {element:?}"
                );
            }
        }
        if element.name == "form" {
            assert!(
                !element.inside.iter().any(|name| name == "form"),
                "{page}: {element:?}"
            );
        }
    });
}

#[test]
fn a_password_is_never_sent_to_the_page() {
    let mut seen = 0;
    each_element(|page, element| {
        if element.attribute("type") == Some("password") {
            seen += 1;
            assert_eq!(element.attribute("value"), None, "{page}");
            assert_eq!(element.attribute("autocomplete"), Some("off"), "{page}");
        }
    });
    assert!(seen > 0);
}

#[test]
fn mandatory_rows_have_an_asterisk_and_no_way_to_remove_them() {
    let page = page("map");
    for (number, row) in PLAIN.mapping(true).rows.iter().enumerate() {
        let removable = page.contains(&format!("value=\"remove-row.{number}\""));
        assert_eq!(removable, !row.mandatory, "{row:?}");
    }
    assert_eq!(page.matches("(mandatory)").count(), 3);
}

/// The pages that a member may see.
fn pages_of_a_member() -> Vec<(String, String)> {
    let mut pages = pages();
    pages.retain(|(name, _)| name.contains("-member") || name == "contacts");
    assert!(pages.len() >= 7);
    pages
}

#[test]
fn a_member_sees_no_settings_and_no_button_that_they_may_not_use() {
    for (name, page) in pages_of_a_member() {
        for forbidden in [
            "/setup",
            "/disconnect",
            "/sync",
            "/stop",
            "/test",
            "/undo",
            "/activity",
            "/ledger",
            "/conflicts",
            "/people/missing",
            "/people/not-synced",
        ] {
            assert!(
                !page.contains(&format!("\"/w/acme{forbidden}")),
                "{name}: {forbidden}"
            );
        }
    }
}

#[test]
fn what_a_member_may_not_see_is_left_out_and_never_drawn_as_nothing() {
    for (name, page) in pages_of_a_member() {
        for untrue in [
            "No run yet",
            "Nothing is missing",
            "No synced contact lacks a value",
            "Nobody who was read is left out",
            "Sync history",
            "Mapped attributes",
            "Schedule",
            "schedule",
            "client secret",
        ] {
            assert!(!page.contains(untrue), "{name}: {untrue}");
        }
        assert_eq!(
            page.contains("Ask your admin to configure it"),
            name.starts_with("first-run"),
            "{name}"
        );
    }
}

#[test]
fn what_is_wrong_stands_on_the_page_with_its_reason_and_one_button() {
    let page = page("overview-failed");
    let (_, banner) = page.split_once("id=\"trouble\"").expect("a banner");
    let (banner, _) = banner.split_once("<ul class=\"cards\"").expect("cards");
    for told in [
        "the client secret does not work",
        "since",
        "it has expired.",
        "Enter a new secret",
        "Last successful sync",
    ] {
        assert!(banner.contains(told), "{told}: {banner}");
    }
    assert_eq!(banner.matches("class=\"button").count(), 1, "{banner}");
    assert!(!banner.contains("role=\"tooltip\""), "{banner}");
}

#[test]
fn a_button_names_everything_that_it_takes_away_and_what_is_deleted_is_typed() {
    for (name, deed) in [
        ("review-deleting", "confirm the settings and run sync"),
        ("blocked", "run sync"),
        ("undo", "undo the run"),
    ] {
        let page = page(name);
        let label = format!("Delete 75,024 contacts, deactivate 2 and unlink 3, and {deed}");
        assert!(page.contains(&label), "{name}: {label}");
        assert!(
            page.contains("Type 75024 to delete 75,024 contacts"),
            "{name}"
        );
        let elements = elements(&page);
        let input = elements
            .iter()
            .find(|element| element.attribute("name") == Some("deletions"))
            .expect(name);
        assert_eq!(
            input.attribute("value"),
            Some(""),
            "{name}: typed by a person"
        );
        assert_eq!(input.attribute("type"), Some("text"), "{name}");
    }
    let plain = page("review");
    assert!(plain.contains("Unlink 3 contacts, and run sync"));
    assert!(!plain.contains("name=\"deletions\""));
}

#[test]
fn a_number_that_was_refused_is_told_beside_its_input() {
    for name in ["review-deleting-refused", "undo-refused"] {
        let page = page(name);
        let elements = elements(&page);
        let input = elements
            .iter()
            .find(|element| element.attribute("id") == Some("deletions"))
            .expect(name);
        assert_eq!(input.attribute("aria-invalid"), Some("true"), "{name}");
        let described = input.attribute("aria-describedby").expect(name);
        assert!(described.contains("deletions-problem"), "{name}");
    }
}

#[test]
fn settings_that_are_no_preset_say_so_and_what_differs() {
    let shown = |differences| {
        let view = api_types::views::MappingFormView {
            differences,
            ..PLAIN.mapping(false)
        };
        super::mapping(&PLAIN.frame(Role::Administrator), &view).into_string()
    };
    let custom = shown(PLAIN.mapping(false).differences);
    assert!(custom.contains("Custom, from Mirror"), "{custom}");
    assert!(
        custom.contains("Delete <span class=\"muted\">(Mirror: Unlink)"),
        "{custom}"
    );
    let whole = shown(Vec::new());
    assert!(whole.contains("These settings are <strong>Mirror</strong>."));
    assert!(!whole.contains("Custom"));
}

#[test]
fn the_chart_has_thirty_places_and_says_each_run_as_a_row_too() {
    for (name, runs) in [("overview", 30), ("overview-early", 5)] {
        let page = page(name);
        assert_eq!(page.matches("class=\"bar-place").count(), 30, "{name}");
        assert_eq!(page.matches("class=\"bar tone-").count(), runs, "{name}");
        assert_eq!(
            page.matches("<th scope=\"row\"><time").count(),
            runs,
            "{name}"
        );
    }
}

#[test]
fn the_bar_moves_only_where_the_number_of_people_is_known() {
    let value = |name| {
        let page = page(name);
        let elements = elements(&page);
        let bar = elements
            .iter()
            .find(|element| element.name == "progress")
            .expect("a bar");
        bar.attribute("value").map(str::to_owned)
    };
    assert_eq!(value("overview-running").as_deref(), Some("4870"));
    assert_eq!(value("review-planning"), None);
}

#[test]
fn problems_are_beside_their_inputs_and_lead_to_them() {
    let page = page("map-refused");
    let elements = elements(&page);
    for id in [
        "schedule",
        "time_zone",
        "filter-0-values",
        "row-3-attribute",
    ] {
        let input = elements
            .iter()
            .find(|element| element.attribute("id") == Some(id))
            .expect(id);
        assert_eq!(input.attribute("aria-invalid"), Some("true"), "{id}");
        let described = input.attribute("aria-describedby").expect(id);
        assert!(described.contains(&format!("{id}-problem")), "{id}");
        assert!(page.contains(&format!("<a href=\"#{id}\">")), "{id}");
    }
}

#[test]
fn the_overview_weighs_less_than_100_kb_with_all_that_it_loads() {
    let weight = page("overview").len() + STYLESHEET.content.len() + SCRIPT.content.len();
    assert!(weight < 100_000, "{weight} bytes");
}

#[test]
fn what_a_page_fetches_anew_is_what_it_showed() {
    let frame = PLAIN.frame(Role::Administrator);
    let view = PLAIN.overview();
    let page = super::overview(&frame, &view).into_string();
    assert!(page.contains(&super::overview_live(&frame, &view).into_string()));
}

/// With `PAGES_GALLERY` naming a folder, the pages are left there to be looked at.
#[test]
fn the_gallery_can_be_drawn_and_every_page_is_a_whole_document() {
    let folder = std::env::var_os("PAGES_GALLERY").map(std::path::PathBuf::from);
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder.join("assets")).expect("the folder can be made");
        for asset in [&*STYLESHEET, &*SCRIPT] {
            std::fs::write(folder.join(&asset.path[1..]), &asset.content).expect("written");
        }
    }
    for (name, page) in gallery(PLAIN) {
        let page = page.into_string();
        assert!(
            page.starts_with("<!DOCTYPE html><html lang=\"en\">"),
            "{name}"
        );
        assert!(page.contains("id=\"main\""), "{name}");
        assert!(page.ends_with("</html>"), "{name}");
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{name}.html")), page).expect("written");
        }
    }
}

#[test]
fn a_secret_that_expires_soon_is_told_on_the_overview_and_one_that_does_not_is_not() {
    let samples = PLAIN;
    let frame = samples.frame(Role::Administrator);
    let told = |secret: Option<SecretView>| {
        let view = samples.overview_with(|view| view.secret = secret);
        overview(&frame, &view).into_string()
    };
    assert!(told(Some(samples.secret())).contains("The client secret expires on"));
    let expired = SecretView {
        expired: true,
        ..samples.secret()
    };
    assert!(told(Some(expired)).contains("The client secret expired on"));
    let fine = SecretView {
        expires_soon: false,
        ..samples.secret()
    };
    for quiet in [Some(fine), None] {
        assert!(!told(quiet).contains("client secret exp"));
    }
}

#[test]
fn a_filter_on_something_that_the_page_does_not_offer_stays_chosen() {
    let mut view = PLAIN.mapping(false);
    view.filters[0].attribute = "assignedLicenses/skuId".to_owned();
    let page = super::mapping(&PLAIN.frame(Role::Administrator), &view).into_string();
    let chosen = elements(&page).into_iter().any(|element| {
        element.attribute("value") == Some("assignedLicenses/skuId")
            && element.attribute("selected").is_some()
    });
    assert!(chosen, "whoever saves the form would lose it");
}

#[test]
fn people_are_filtered_by_licenses_which_no_field_and_no_list_takes() {
    let page =
        super::mapping(&PLAIN.frame(Role::Administrator), &PLAIN.mapping(false)).into_string();
    let offered = page.matches("value=\"assignedLicenses\"").count();
    assert_eq!(offered, 1, "in the one filter, and nowhere else");
}
