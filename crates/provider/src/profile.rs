//! Profiles: what a tenant supports and how strict it is. Discovery is computed from the same switches.

use std::sync::LazyLock;

use scim::leniency::Leniency;
use serde::{Deserialize, Serialize};

/// What a tenant supports and how strict it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name by which it is chosen.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: String,
    /// Which deviations from the RFC are taken.
    pub leniency: Leniency,
    /// What a successful PATCH is answered with, unless the request names attributes.
    pub patch_answer: PatchAnswer,
    /// A PATCH of a resource with more elements than this in one attribute (a large group) is answered with 204, unless the
    /// request names attributes: RFC 7644 section 3.5.2 leaves the choice.
    pub patch_answer_max_elements: usize,
    /// How many resources a list has if the request does not say.
    pub default_page_size: usize,
    /// How many resources a list has at most; announced as `filter.maxResults`.
    pub max_results: usize,
    /// Whether resources have versions: `ETag`, `meta.version`, `If-Match` and `If-None-Match`; announced as `etag`.
    pub etag: bool,
    /// Whether ServiceProviderConfig can be read without a token (RFC 7643 section 5).
    pub open_service_provider_config: bool,
}

/// What a successful PATCH is answered with (RFC 7644 section 3.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchAnswer {
    /// 200 and the resource.
    Resource,
    /// 204 and nothing.
    NoContent,
}

const FILES: [&str; 2] = [include_str!("../profiles/tolerant.json"), include_str!("../profiles/rfc-strict.json")];

static PRESETS: LazyLock<Vec<Profile>> =
    LazyLock::new(|| FILES.map(|text| serde_json::from_str(text).expect("a profile of this crate")).into());

impl Profile {
    /// The preset with this name.
    pub fn preset(name: &str) -> Option<Profile> {
        PRESETS.iter().find(|profile| profile.name == name).cloned()
    }

    /// The names of the presets; the first one is the default.
    pub fn names() -> Vec<String> {
        PRESETS.iter().map(|profile| profile.name.clone()).collect()
    }
}
