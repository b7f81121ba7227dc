//! Recipes under a name.

use std::sync::OnceLock;

use serde::Deserialize;

use super::recipe::Recipe;

/// A directory under a name (`fixtures/datasets`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// What it is asked for by: `small-company`.
    pub name: &'static str,
    /// What people call it.
    pub title: String,
    /// What is in it, in a sentence.
    pub description: String,
    /// What it is made by.
    pub recipe: Recipe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    description: String,
    recipe: Recipe,
}

const FILES: [(&str, &str); 4] = [
    ("small-company", include_str!("../../../../fixtures/datasets/small-company.json")),
    ("university", include_str!("../../../../fixtures/datasets/university.json")),
    ("retailer", include_str!("../../../../fixtures/datasets/retailer.json")),
    ("edge-cases", include_str!("../../../../fixtures/datasets/edge-cases.json")),
];

/// All of them, the smallest of its kind first.
pub fn datasets() -> &'static [Dataset] {
    static ALL: OnceLock<Vec<Dataset>> = OnceLock::new();
    ALL.get_or_init(|| {
        let files = FILES.iter().map(|(name, text)| {
            let File { title, description, recipe } = serde_json::from_str(text).expect("a shipped dataset is right");
            Dataset { name, title, description, recipe }
        });
        files.collect()
    })
}
