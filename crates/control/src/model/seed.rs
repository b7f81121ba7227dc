//! Directories that are made up, as the API shows it.

use formats::seed;
use scim::json::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where people come from: names, addresses, time zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeedLocale {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Polish.
    Pl,
    /// Japanese.
    Ja,
    /// Chinese.
    Zh,
    /// Arabic.
    Ar,
}

/// What kind of organization it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeedOrganization {
    /// A company with engineers and an office.
    Company,
    /// A university: most people are students.
    University,
    /// A retailer with stores, where many people come and go.
    Retailer,
}

/// How large groups are that are no department's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeedGroupSizes {
    /// All about the same.
    Even,
    /// A few large ones and many small ones.
    Skewed,
}

/// How much of the people come from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedShare {
    /// The place.
    pub locale: SeedLocale,
    /// Its weight beside the others', up to 1000.
    pub weight: u32,
}

/// What a made-up directory is to be like. The same recipe gives the same users and groups, byte for byte. What is left out
/// is as in the default recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SeedRecipe {
    /// The number that everything is drawn from.
    pub seed: u64,
    /// How many users, up to a million.
    pub users: u32,
    /// How many groups, up to a hundred thousand.
    pub groups: u32,
    /// What kind of organization.
    pub organization: SeedOrganization,
    /// Where the people come from.
    pub locales: Vec<SeedShare>,
    /// How large groups are.
    pub group_sizes: SeedGroupSizes,
    /// How many members the largest group has; what fits the number of users if 0.
    pub largest_group: u32,
    /// How many of a hundred groups hold other groups as well.
    pub nested_groups_percent: u8,
    /// Whether users have managers.
    pub managers: bool,
    /// How many people report to one manager.
    pub reports_per_manager: u32,
    /// Whether users have the attributes of the enterprise extension.
    pub enterprise: bool,
    /// How many of a hundred users are not active.
    pub inactive_percent: u8,
    /// How many of a hundred users are hard to deal with: long, empty, emoji, right-to-left, combining and look-alike
    /// characters, markup, the same display name, two hundred addresses.
    pub edge_cases_percent: u8,
}

/// A recipe under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatasetInfo {
    /// What it is asked for by: `small-company`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What is in it, in a sentence.
    pub description: String,
    /// What it is made by.
    pub recipe: SeedRecipe,
}

/// The recipes under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatasetList {
    /// All of them.
    pub items: Vec<DatasetInfo>,
    /// What a recipe has that says nothing.
    pub default: SeedRecipe,
    /// The version of the generator: the same recipe gives the same bytes as long as it is the same.
    pub version: u32,
}

/// The first of what a recipe makes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SeedPreview {
    /// The first users.
    pub users: Vec<PreviewUser>,
    /// The first groups.
    pub groups: Vec<PreviewGroup>,
}

/// A user that would be made.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PreviewUser {
    /// Its `id`.
    pub id: String,
    /// Its `userName`.
    pub user_name: String,
    /// Its `displayName`.
    pub display_name: String,
    /// Its `title`.
    pub title: String,
    /// Its department, if it has one.
    pub department: Option<String>,
    /// Where it works.
    pub city: String,
    /// Whether it is active.
    pub active: bool,
    /// The whole resource.
    #[schema(value_type = serde_json::Value)]
    pub document: Json,
}

/// A group that would be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewGroup {
    /// Its `id`.
    pub id: String,
    /// Its `displayName`.
    pub display_name: String,
    /// How many users are in it.
    pub users: u64,
    /// How many groups are in it.
    pub groups: u64,
}

macro_rules! same_words {
    ($($ours:ident = $theirs:ident { $($word:ident),* })*) => {
        $(
            impl From<$ours> for seed::$theirs {
                fn from(value: $ours) -> Self {
                    match value { $($ours::$word => seed::$theirs::$word),* }
                }
            }

            impl From<seed::$theirs> for $ours {
                fn from(value: seed::$theirs) -> Self {
                    match value { $(seed::$theirs::$word => $ours::$word),* }
                }
            }
        )*
    };
}

same_words! {
    SeedLocale = Locale { En, De, Fr, Es, Pl, Ja, Zh, Ar }
    SeedOrganization = Organization { Company, University, Retailer }
    SeedGroupSizes = GroupSizes { Even, Skewed }
}

impl Default for SeedRecipe {
    fn default() -> Self {
        seed::Recipe::default().into()
    }
}

impl From<seed::Recipe> for SeedRecipe {
    fn from(recipe: seed::Recipe) -> Self {
        let share = |share: seed::Share| SeedShare { locale: share.locale.into(), weight: share.weight };
        SeedRecipe {
            seed: recipe.seed,
            users: recipe.users,
            groups: recipe.groups,
            organization: recipe.organization.into(),
            locales: recipe.locales.into_iter().map(share).collect(),
            group_sizes: recipe.group_sizes.into(),
            largest_group: recipe.largest_group,
            nested_groups_percent: recipe.nested_groups_percent,
            managers: recipe.managers,
            reports_per_manager: recipe.reports_per_manager,
            enterprise: recipe.enterprise,
            inactive_percent: recipe.inactive_percent,
            edge_cases_percent: recipe.edge_cases_percent,
        }
    }
}

impl From<SeedRecipe> for seed::Recipe {
    fn from(recipe: SeedRecipe) -> Self {
        let share = |share: SeedShare| seed::Share { locale: share.locale.into(), weight: share.weight };
        seed::Recipe {
            seed: recipe.seed,
            users: recipe.users,
            groups: recipe.groups,
            organization: recipe.organization.into(),
            locales: recipe.locales.into_iter().map(share).collect(),
            group_sizes: recipe.group_sizes.into(),
            largest_group: recipe.largest_group,
            nested_groups_percent: recipe.nested_groups_percent,
            managers: recipe.managers,
            reports_per_manager: recipe.reports_per_manager,
            enterprise: recipe.enterprise,
            inactive_percent: recipe.inactive_percent,
            edge_cases_percent: recipe.edge_cases_percent,
        }
    }
}

impl From<&seed::Dataset> for DatasetInfo {
    fn from(dataset: &seed::Dataset) -> Self {
        DatasetInfo {
            name: dataset.name.to_owned(),
            title: dataset.title.clone(),
            description: dataset.description.clone(),
            recipe: dataset.recipe.clone().into(),
        }
    }
}

impl From<seed::Made> for PreviewUser {
    fn from(made: seed::Made) -> Self {
        let text = |pointer: &str| {
            let (name, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
            let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
            made.object.get(name).and_then(|value| value.pointer(&rest)?.as_str()).map(str::to_owned)
        };
        PreviewUser {
            user_name: text("userName").unwrap_or_default(),
            display_name: text("displayName").unwrap_or_default(),
            title: text("title").unwrap_or_default(),
            department: text("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department"),
            city: text("addresses/0/locality").unwrap_or_default(),
            active: made.object.get("active").and_then(Json::as_bool) != Some(false),
            id: made.id,
            document: Json::Object(made.object),
        }
    }
}

impl From<seed::Made> for PreviewGroup {
    fn from(made: seed::Made) -> Self {
        let members = made.object.get("members").and_then(Json::as_array).unwrap_or_default();
        let is_group = |member: &&Json| member.pointer("/type").and_then(Json::as_str) == Some("Group");
        let groups = members.iter().filter(is_group).count() as u64;
        PreviewGroup {
            display_name: made.object.get("displayName").and_then(Json::as_str).unwrap_or_default().to_owned(),
            users: members.len() as u64 - groups,
            groups,
            id: made.id,
        }
    }
}
