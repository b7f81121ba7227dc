//! docs/conformance.md: every rule of `fixtures/conformance/rules.toml` with the tests that prove it, made from a run of
//! the test targets named `conformance`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use serde::Deserialize;

mod page;

const RULES: &str = "fixtures/conformance/rules.toml";
const SUITES: &str = "fixtures/conformance/suites.toml";
const PAGE: &str = "docs/conformance.md";

/// The rules, in groups.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    group: Vec<Group>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    id: String,
    title: String,
    rules: BTreeMap<String, Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    level: Level,
    section: String,
    text: String,
    /// Why it is about something that is not offered.
    not_offered: Option<String>,
}

/// How binding a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Level {
    #[serde(rename = "M")]
    Must,
    #[serde(rename = "X")]
    MustNot,
    #[serde(rename = "S")]
    Should,
    #[serde(rename = "N")]
    ShouldNot,
    #[serde(rename = "O")]
    May,
    #[serde(rename = "-")]
    Practice,
}

/// What suites of others say that the RFCs do not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suites {
    suite: Vec<Suite>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suite {
    name: String,
    /// Which version was looked at, and how.
    looked_at: String,
    #[serde(default)]
    disagreement: Vec<Disagreement>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disagreement {
    says: String,
    section: String,
    rfc: String,
    here: String,
}

/// A line that a test leaves behind (`testkit::proved` and `testkit::turned_red`).
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Line {
    Test { test: String, rules: Vec<String> },
    Fault { fault: String, what: String, red: Vec<String> },
}

/// What a run showed, by rule.
#[derive(Debug, Default)]
struct Run {
    tests: BTreeMap<String, BTreeSet<String>>,
    faults: BTreeMap<String, BTreeSet<String>>,
}

/// Runs the tests and writes the page; with `check`, compares it with the one that is there.
pub fn run(root: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let rules: Rules = read(root, RULES)?;
    let suites: Suites = read(root, SUITES)?;
    let run = proofs(root)?;
    let faults = complaints(&rules, &run);
    if !faults.is_empty() {
        faults.iter().for_each(|fault| println!("{fault}"));
        return Ok(ExitCode::FAILURE);
    }
    let text = page::render(&rules, &suites, &run);
    let path = root.join(PAGE);
    if !check {
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {PAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    if fs::read_to_string(&path).is_ok_and(|have| have == text) {
        println!("{PAGE} agrees with the run");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{PAGE} is not what the run shows; run `cargo xtask conformance`");
    Ok(ExitCode::FAILURE)
}

fn read<T: serde::de::DeserializeOwned>(root: &Path, path: &str) -> anyhow::Result<T> {
    let text = fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))?;
    toml::from_str(&text).with_context(|| format!("cannot read {path}"))
}

/// Runs the test targets and reads what they leave behind.
fn proofs(root: &Path) -> anyhow::Result<Run> {
    let file = tempfile::NamedTempFile::new()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The whole workspace, so that dependencies are built with the same features as by other steps.
    let tests = ["test", "--quiet", "--workspace", "--test", "conformance"];
    let status = Command::new(cargo).args(tests).current_dir(root).env("CONFORMANCE_OUT", file.path()).status()?;
    if !status.success() {
        bail!("tests failed; nothing was written");
    }
    let mut run = Run::default();
    for line in fs::read_to_string(file.path())?.lines() {
        match serde_json::from_str(line).with_context(|| format!("a test left {line:?} behind"))? {
            Line::Test { test, rules } => {
                for rule in rules {
                    run.tests.entry(rule).or_default().insert(test.clone());
                }
            }
            Line::Fault { fault, what, red } if !red.is_empty() => {
                run.faults.entry(fault).or_default().insert(what);
            }
            Line::Fault { fault, .. } => bail!("the fault {fault} turned no test red"),
        }
    }
    Ok(run)
}

/// What keeps the page from being written.
fn complaints(rules: &Rules, run: &Run) -> Vec<String> {
    let known: BTreeMap<&str, &Rule> =
        rules.group.iter().flat_map(|group| &group.rules).map(|(id, rule)| (id.as_str(), rule)).collect();
    let mut complaints = Vec::new();
    for (id, rule) in &known {
        if rule.is_binding() && rule.not_offered.is_none() && !run.tests.contains_key(*id) {
            complaints.push(format!("{id} has no test: {} ({})", rule.text, rule.section));
        }
    }
    for group in &rules.group {
        let strays = group.rules.keys().filter(|id| id.split('-').next() != Some(&group.id));
        complaints.extend(
            strays.map(|id| format!("{id} is a rule of the group {}, whose name it does not begin with", group.id)),
        );
    }
    for id in run.tests.keys().chain(run.faults.keys()).filter(|id| !known.contains_key(id.as_str())) {
        complaints.push(format!("{id} is named by a test or a fault, but is no rule of {RULES}"));
    }
    let faults = run.faults.len();
    if faults < 40 {
        complaints.push(format!("only {faults} rules have a planted fault; 40 is the least"));
    }
    complaints
}

impl Rule {
    /// Whether a test is asked for.
    fn is_binding(&self) -> bool {
        matches!(self.level, Level::Must | Level::MustNot | Level::Should)
    }
}

impl Level {
    fn letter(self) -> &'static str {
        match self {
            Level::Must => "M",
            Level::MustNot => "X",
            Level::Should => "S",
            Level::ShouldNot => "N",
            Level::May => "O",
            Level::Practice => "–",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let text = r#"
            [[group]]
            id = "A"
            title = "a"
            rules.A-01 = { level = "M", section = "1", text = "must" }
            rules.A-02 = { level = "O", section = "1", text = "may" }
            rules.A-03 = { level = "X", section = "1", text = "must not", not_offered = "is not" }
        "#;
        toml::from_str(text).unwrap()
    }

    fn run(tests: &[&str], faults: usize) -> Run {
        let one = |id: &str| (id.to_owned(), BTreeSet::from(["a::b".to_owned()]));
        let faults = (0..faults).map(|number| one(&format!("A-{number:02}")));
        Run { tests: tests.iter().map(|id| one(id)).collect(), faults: faults.collect() }
    }

    #[test]
    fn a_binding_rule_without_a_test_is_a_complaint_and_others_are_not() {
        let mut run = run(&[], 0);
        let complaints = complaints(&rules(), &run);
        assert_eq!(complaints.len(), 2, "{complaints:?}");
        assert!(complaints[0].starts_with("A-01 has no test"));
        assert!(complaints[1].starts_with("only 0 rules have a planted fault"));
        run.tests.insert("A-01".into(), BTreeSet::new());
        assert_eq!(super::complaints(&rules(), &run).len(), 1);
    }

    #[test]
    fn a_rule_that_does_not_exist_is_a_complaint() {
        let complaints = complaints(&rules(), &run(&["A-01", "A-09"], 0));
        assert!(complaints.iter().any(|one| one.starts_with("A-09 is named")), "{complaints:?}");
    }

    #[test]
    fn the_page_has_a_row_for_each_rule() {
        let page = page::render(&rules(), &Suites { suite: Vec::new() }, &run(&["A-01"], 2));
        assert!(page.contains("| A-01 | M | 1 | must | a: b | a::b |"), "{page}");
        assert!(page.contains("| A-03 | X | 1 | must not | is not |  |"), "{page}");
    }
}
