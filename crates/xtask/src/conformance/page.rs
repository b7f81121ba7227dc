//! The page as Markdown.

use std::collections::BTreeSet;

use super::{Group, RULES, Rule, Rules, Run, SUITES, Suites};

const HEAD: &str = "\
# Conformance

Made by `cargo xtask conformance` from a run of the tests; do not edit it by hand. `./test` fails if it is not what the
run shows.

A test names the rules that it proves, five at most. A planted fault breaks a rule on purpose, between a test's client
and the server; the run shows that a test of the rule then fails. Levels: **M** must, **X** must not, **S** should,
**N** should not, **O** may, **–** practice; a rule with M, X or S has a test, or there is no page.
";

/// The whole page.
pub(super) fn render(rules: &Rules, suites: &Suites, run: &Run) -> String {
    let mut page = String::from(HEAD);
    let mut line = |text: String| {
        page.push_str(&text);
        page.push('\n');
    };
    line(format!("\nThe rules are data: [{RULES}](../{RULES}).\n"));
    summary(rules, run).into_iter().for_each(&mut line);
    for group in &rules.group {
        let offered: Vec<_> = group.rules.iter().filter(|(_, rule)| rule.not_offered.is_none()).collect();
        if offered.is_empty() {
            continue;
        }
        line(format!("\n## {}\n", group.title));
        line("| rule | level | section | what it asks for | tests, all pass | planted fault that a test saw |".into());
        line("| --- | --- | --- | --- | --- | --- |".into());
        for (id, rule) in offered {
            let tests = tests_of(id, run);
            let faults = run.faults.get(id).map(|faults| joined(faults.iter().cloned())).unwrap_or_default();
            line(format!("| {} | {tests} | {faults} |", asked(id, rule)));
        }
    }
    not_offered(rules, run).into_iter().for_each(&mut line);
    contradictions(suites).into_iter().for_each(&mut line);
    page
}

fn summary(rules: &Rules, run: &Run) -> Vec<String> {
    let mut lines = vec![
        "| | M, X and S rules | with a test | other rules | with a test | rules with a planted fault |".to_owned(),
        "| --- | --: | --: | --: | --: | --: |".to_owned(),
    ];
    let row = |title: &str, groups: &[&Group]| {
        let all = || groups.iter().flat_map(|group| &group.rules).filter(|(_, rule)| rule.not_offered.is_none());
        let proved = |id: &str| run.tests.contains_key(id);
        let binding = || all().filter(|(_, rule)| rule.is_binding());
        let other = || all().filter(|(_, rule)| !rule.is_binding());
        let tested = |count: usize, of: usize| if of == 0 { String::new() } else { count.to_string() };
        format!(
            "| {title} | {} | {} | {} | {} | {} |",
            binding().count(),
            tested(binding().filter(|(id, _)| proved(id)).count(), binding().count()),
            other().count(),
            tested(other().filter(|(id, _)| proved(id)).count(), other().count()),
            all().filter(|(id, _)| run.faults.contains_key(*id)).count(),
        )
    };
    for group in rules.group.iter().filter(|group| group.rules.values().any(|rule| rule.not_offered.is_none())) {
        lines.push(row(&group.title, &[group]));
    }
    lines.push(row("**all**", &rules.group.iter().collect::<Vec<_>>()));
    let tests: BTreeSet<&String> = run.tests.values().flatten().collect();
    lines.push(format!("\n{} tests.", tests.len()));
    lines
}

fn not_offered(rules: &Rules, run: &Run) -> Vec<String> {
    let mut lines = vec![
        "\n## Not offered\n".to_owned(),
        "| rule | level | section | what it asks for | why not | tests that nothing says otherwise |".to_owned(),
        "| --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    for (id, rule) in rules.group.iter().flat_map(|group| &group.rules) {
        if let Some(why) = &rule.not_offered {
            lines.push(format!("| {} | {why} | {} |", asked(id, rule), tests_of(id, run)));
        }
    }
    lines
}

fn contradictions(suites: &Suites) -> Vec<String> {
    let mut lines = vec![
        "\n## Where a suite contradicts the RFC\n".to_owned(),
        format!("What suites of others expect and the RFCs do not. The list is data: [{SUITES}](../{SUITES})."),
    ];
    for suite in &suites.suite {
        lines.push(format!("\n**{}**: {}\n", suite.name, suite.looked_at));
        if suite.disagreement.is_empty() {
            lines.push("It expects nothing that contradicts the RFCs.".to_owned());
            continue;
        }
        lines.push("| it expects | section | the RFC has | this server |".to_owned());
        lines.push("| --- | --- | --- | --- |".to_owned());
        for one in &suite.disagreement {
            lines.push(format!("| {} | {} | {} | {} |", one.says, one.section, one.rfc, one.here));
        }
    }
    lines
}

fn asked(id: &str, rule: &Rule) -> String {
    format!("{id} | {} | {} | {}", rule.level.letter(), rule.section, rule.text)
}

/// The tests of a rule in words.
fn tests_of(id: &str, run: &Run) -> String {
    run.tests.get(id).map(|tests| joined(tests.iter().map(|name| sentence(name)))).unwrap_or_default()
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("<br>")
}

/// `conformance::patch::a_path_is_read` as words: file and sentence.
fn sentence(name: &str) -> String {
    let mut parts = name.rsplit("::");
    let sentence = parts.next().unwrap_or_default().replace('_', " ");
    match parts.next() {
        Some(file) => format!("{}: {sentence}", file.replace('_', " ")),
        None => sentence,
    }
}
