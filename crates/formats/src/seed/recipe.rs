//! What is to be made.

use serde::{Deserialize, Serialize};

use super::names::Locale;
use super::organization::Organization;

/// The most users of one recipe.
pub const MOST_USERS: u32 = 1_000_000;
/// The most groups of one recipe.
pub const MOST_GROUPS: u32 = 100_000;
/// The most members of all groups together, about: what a directory of a million users still holds in memory.
const MOST_MEMBERS: u64 = 5_000_000;
/// The most locales, each named once.
const MOST_WEIGHT: u32 = 1_000;

/// How large groups are that are no department's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupSizes {
    /// All about the same.
    Even,
    /// A few large ones and many small ones: the n-th has an n-th of the first.
    #[default]
    Skewed,
}

/// How much of the people come from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The place.
    pub locale: Locale,
    /// Its weight beside the others'.
    pub weight: u32,
}

/// What a made-up directory is to be like. Everything has a default, so that `{"seed": 7, "users": 100}` is a recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// The number that everything is drawn from.
    pub seed: u64,
    /// How many users, up to [`MOST_USERS`].
    pub users: u32,
    /// How many groups, up to [`MOST_GROUPS`].
    pub groups: u32,
    /// What kind of organization: decides departments, titles and the names of groups.
    pub organization: Organization,
    /// Where the people come from.
    pub locales: Vec<Share>,
    /// How large groups are.
    pub group_sizes: GroupSizes,
    /// How many members the largest group has; what fits the number of users if 0.
    pub largest_group: u32,
    /// How many of a hundred groups hold other groups as well.
    pub nested_groups_percent: u8,
    /// Whether users have managers, up to one who has none.
    pub managers: bool,
    /// How many people report to one manager.
    pub reports_per_manager: u32,
    /// Whether users have the attributes of the enterprise extension (RFC 7643 section 4.3).
    pub enterprise: bool,
    /// How many of a hundred users are not active.
    pub inactive_percent: u8,
    /// How many of a hundred users are hard to deal with: long, empty, emoji, right-to-left, combining and look-alike
    /// characters, markup, the same display name, two hundred addresses.
    pub edge_cases_percent: u8,
}

impl Default for Recipe {
    fn default() -> Recipe {
        Recipe {
            seed: 1,
            users: 100,
            groups: 12,
            organization: Organization::Company,
            locales: vec![
                Share { locale: Locale::En, weight: 4 },
                Share { locale: Locale::De, weight: 2 },
                Share { locale: Locale::Fr, weight: 2 },
                Share { locale: Locale::Es, weight: 1 },
                Share { locale: Locale::Ja, weight: 1 },
            ],
            group_sizes: GroupSizes::Skewed,
            largest_group: 0,
            nested_groups_percent: 10,
            managers: true,
            reports_per_manager: 7,
            enterprise: true,
            inactive_percent: 5,
            edge_cases_percent: 0,
        }
    }
}

/// Why a recipe cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct RecipeError {
    /// The part of the recipe.
    pub field: &'static str,
    /// What is wrong with it, and what would do.
    pub problem: String,
}

impl Recipe {
    /// Tells what is wrong, if something is.
    pub(super) fn check(&self) -> Result<(), RecipeError> {
        let wrong = |field, problem: String| Err(RecipeError { field, problem });
        if self.users > MOST_USERS {
            return wrong("users", format!("{} is more than {MOST_USERS}, the most that is made", self.users));
        }
        if self.groups > MOST_GROUPS {
            return wrong("groups", format!("{} is more than {MOST_GROUPS}, the most that is made", self.groups));
        }
        for (field, percent) in [
            ("inactive_percent", self.inactive_percent),
            ("edge_cases_percent", self.edge_cases_percent),
            ("nested_groups_percent", self.nested_groups_percent),
        ] {
            if percent > 100 {
                return wrong(field, format!("{percent} is more than 100 of a hundred"));
            }
        }
        if self.managers && self.reports_per_manager == 0 {
            return wrong("reports_per_manager", "is 0; it has to be at least 1, or turn managers off".into());
        }
        for (at, share) in self.locales.iter().enumerate() {
            if self.locales[..at].iter().any(|other| other.locale == share.locale) {
                return wrong("locales", format!("{} is there twice", share.locale.tag()));
            }
            if share.weight > MOST_WEIGHT {
                return wrong("locales", format!("a weight of {} is more than {MOST_WEIGHT}", share.weight));
            }
        }
        if self.users > 0 && self.locales.iter().all(|share| share.weight == 0) {
            return wrong("locales", "none has a weight; give at least one of them 1".into());
        }
        let members = self.members();
        if members > MOST_MEMBERS {
            return wrong(
                "largest_group",
                format!(
                    "all groups together would have {members} members, and {MOST_MEMBERS} are the most; take fewer or smaller groups"
                ),
            );
        }
        Ok(())
    }

    /// How many members the largest group has.
    pub(super) fn largest(&self) -> u32 {
        let usual = (self.users / 3).clamp(1, 5_000);
        let wanted = if self.largest_group == 0 { usual } else { self.largest_group };
        wanted.min(self.users)
    }

    /// How many users a group has that is no department's: number `at` of them, from 0.
    pub(super) fn size(&self, at: u32) -> u32 {
        let size = match self.group_sizes {
            GroupSizes::Even => self.largest(),
            GroupSizes::Skewed => self.largest() / (at + 1),
        };
        size.max(2).min(self.users)
    }

    fn members(&self) -> u64 {
        let departments = self.organization.departments().len() as u32;
        let own = u64::from(self.groups.min(departments)) * u64::from(self.largest());
        own + (0..self.groups.saturating_sub(departments)).map(|at| u64::from(self.size(at))).sum::<u64>()
    }
}
