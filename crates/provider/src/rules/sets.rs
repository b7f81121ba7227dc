//! Ready sets of rules. Each is a file; another one is another file and a line here.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::rule::Rule;

/// Rules that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// What names it: `entra-quarantine`.
    #[serde(default)]
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub title: String,
    /// What it is for, in a sentence or two.
    #[serde(default)]
    pub about: String,
    /// The rules in their order.
    pub rules: Vec<Rule>,
}

const FILES: [&str; 4] = [
    include_str!("../../rules/entra-quarantine.json"),
    include_str!("../../rules/rate-limited-api.json"),
    include_str!("../../rules/eventually-consistent-directory.json"),
    include_str!("../../rules/careless-server.json"),
];

static SETS: LazyLock<Vec<RuleSet>> =
    LazyLock::new(|| FILES.iter().map(|text| serde_json::from_str(text).expect("a rule set of this crate")).collect());

/// The ready sets.
pub fn sets() -> &'static [RuleSet] {
    &SETS
}

impl RuleSet {
    /// The ready set with this name.
    pub fn named(name: &str) -> Option<&'static RuleSet> {
        SETS.iter().find(|set| set.name == name)
    }

    /// Rules out of a file: `{"rules": [...]}`, or the list alone.
    ///
    /// # Errors
    /// What is wrong, and with which rule.
    pub fn from_json(text: &str) -> Result<RuleSet, String> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum File {
            List(Vec<serde_json::Value>),
            Set { rules: Vec<serde_json::Value> },
        }
        let text = text.trim_start_matches('\u{feff}');
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        let what = "it has to hold {\"rules\": [...]}, or a list of rules";
        let (File::List(rules) | File::Set { rules }) = serde_json::from_value(value).map_err(|_| what.to_owned())?;
        let read = rules.into_iter().enumerate().map(|(index, rule)| {
            serde_json::from_value::<Rule>(rule).map_err(|error| format!("rule {}: {error}", index + 1))
        });
        let set = RuleSet {
            name: String::new(),
            title: String::new(),
            about: String::new(),
            rules: read.collect::<Result<_, _>>()?,
        };
        Ok(set)
    }

    /// Its rules, each with an id that is not among these.
    pub fn named_rules(&self, taken: &[String]) -> Vec<Rule> {
        let mut taken = taken.to_vec();
        let named = self.rules.iter().map(|rule| {
            let id = free_id(if rule.id.is_empty() { &rule.name } else { &rule.id }, &taken);
            taken.push(id.clone());
            Rule { id, ..rule.clone() }
        });
        named.collect()
    }
}

/// An id made from a name: letters, digits and hyphens, and a number if it is taken.
pub fn free_id(name: &str, taken: &[String]) -> String {
    let mut id = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            id.push(letter);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.truncate(56);
    let id = match id.trim_end_matches('-') {
        "" => "rule",
        id => id,
    };
    let mut numbered = id.to_owned();
    let mut number = 2;
    while taken.contains(&numbered) {
        numbered = format!("{id}-{number}");
        number += 1;
    }
    numbered
}
