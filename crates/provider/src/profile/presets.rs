//! The profiles that come with the program. Each is a file; another one is another file and a line here.

use std::sync::LazyLock;

use super::Profile;

const FILES: [&str; 5] = [
    include_str!("../../profiles/tolerant.json"),
    include_str!("../../profiles/rfc-strict.json"),
    include_str!("../../profiles/entra-gallery.json"),
    include_str!("../../profiles/okta-oin.json"),
    include_str!("../../profiles/aws-identity-center.json"),
];

static PRESETS: LazyLock<Vec<Profile>> =
    LazyLock::new(|| FILES.map(|text| Profile::from_json(text).expect("a profile of this crate")).into());

impl Profile {
    /// The preset with this name.
    pub fn preset(name: &str) -> Option<Profile> {
        PRESETS.iter().find(|profile| profile.name == name).cloned()
    }

    /// The names of the presets; the first one is the default.
    pub fn names() -> Vec<String> {
        PRESETS.iter().map(|profile| profile.name.clone()).collect()
    }

    /// All presets; the first one is the default.
    pub fn presets() -> &'static [Profile] {
        &PRESETS
    }
}
