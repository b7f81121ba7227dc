//! The words for findings are complete and agree with the switches.

use std::collections::BTreeSet;
use std::path::Path;

use dialects::{codes, finding_text, tolerance, tolerances};
use scim::leniency::Leniency;

#[test]
fn the_tolerances_are_t1_to_t17_in_order() {
    let ids: Vec<&str> = tolerances().iter().map(|tolerance| tolerance.id).collect();
    let expected: Vec<String> = (1..=17).map(|number| format!("T{number}")).collect();
    assert_eq!(ids, expected);
}

#[test]
fn every_switch_of_a_tolerance_is_a_switch_of_leniency_and_the_other_way_round() {
    let switches = serde_json::to_value(Leniency::STRICT).unwrap();
    let switches: BTreeSet<&str> = switches.as_object().unwrap().keys().map(String::as_str).collect();
    let mut named: BTreeSet<&str> = tolerances().iter().filter_map(|tolerance| tolerance.switch).collect();
    // Switches that are no tolerance of their own: one has a finding code, one makes T4 wider.
    named.extend(["unknown_names_in_patch", "replace_creates_missing_element"]);
    assert_eq!(named, switches);
}

#[test]
fn every_text_has_words() {
    for tolerance in tolerances() {
        for text in [tolerance.title, tolerance.explanation, tolerance.rfc_form, tolerance.taken()] {
            assert!(!text.is_empty(), "{}", tolerance.id);
        }
        assert!(tolerance.rfc.starts_with("RFC ") && !tolerance.who.is_empty(), "{}", tolerance.id);
    }
    let mut seen = BTreeSet::new();
    for text in codes() {
        assert!(!text.title.is_empty() && !text.explanation.is_empty(), "{}", text.code);
        assert!(seen.insert(text.code), "{} twice", text.code);
        assert!(tolerance(text.code).is_none(), "{} is a tolerance", text.code);
    }
}

#[test]
fn a_code_has_its_own_text_or_a_general_one() {
    assert_eq!(finding_text("T3").title, "boolean as a string");
    assert_eq!(finding_text("name-case").title, "name in another case");
    assert_eq!(finding_text("never-heard-of").code, "finding");
}

/// The codes in the sources of a room: texts in kebab case that are handed to `Finding::new`, and rules.
fn codes_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes_in(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for call in text.split("Finding::new(").skip(1).chain(text.split("tolerated(").skip(1)) {
            if let Some((code, _)) = call.trim_start().strip_prefix('"').and_then(|call| call.split_once('"')) {
                found.insert(code.to_owned());
            }
        }
    }
}

#[test]
fn every_code_that_the_server_writes_has_words() {
    let mut found = BTreeSet::new();
    for room in ["scim", "provider", "listener"] {
        codes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(room).join("src"), &mut found);
    }
    assert!(found.contains("T3") && found.contains("unknown-attribute"), "{found:?}");
    let silent: Vec<_> = found.iter().filter(|code| finding_text(code).code != code.as_str()).collect();
    assert!(silent.is_empty(), "no words for {silent:?}");
}

#[test]
fn every_keyword_of_an_error_has_words() {
    for keyword in ["invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget"]
    {
        assert_eq!(finding_text(keyword).code, keyword);
    }
}
