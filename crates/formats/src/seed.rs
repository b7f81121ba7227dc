//! Directories that are made up: users and groups as a function of a [`Recipe`].
//!
//! The same recipe gives the same bytes, for ever: what is drawn comes from ChaCha8 with a key made of the seed number and
//! [`VERSION`], and each resource has a stream of its own. So resource number 900,000 can be made without those before it, a
//! preview costs as much as it shows, and more users change nothing in those that were there.
//!
//! People are invented; addresses end in `example.com` and telephone numbers in ranges that are given to nobody.

mod chance;
mod dataset;
mod edge;
mod group;
mod names;
mod office;
mod organization;
mod person;
mod recipe;

pub use dataset::{Dataset, datasets};
pub use names::Locale;
pub use organization::Organization;
pub use recipe::{GroupSizes, MOST_GROUPS, MOST_USERS, Recipe, RecipeError, Share};

use scim::json::Object;

/// The version of the generator. It is part of what is drawn from: when the generator makes other resources, it is another
/// number.
pub const VERSION: u32 = 1;

/// A resource that was made up.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Name of its type: "User" or "Group".
    pub resource_type: &'static str,
    /// Its `id`.
    pub id: String,
    /// The resource as a client would write it, without `id` and `meta`.
    pub object: Object,
}

/// Makes the resources of one recipe.
#[derive(Clone, Debug)]
pub struct Generator {
    recipe: Recipe,
    people: person::People,
}

impl Generator {
    /// A generator for this recipe.
    ///
    /// # Errors
    /// If the recipe asks for what cannot be, in words.
    pub fn new(recipe: Recipe) -> Result<Generator, RecipeError> {
        recipe.check()?;
        let people = person::People::new(&recipe);
        Ok(Generator { recipe, people })
    }

    /// The recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// How many resources there are.
    pub fn len(&self) -> u64 {
        u64::from(self.recipe.users) + u64::from(self.recipe.groups)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// User number `at`, from 0.
    pub fn user(&self, at: u32) -> Made {
        Made { resource_type: "User", id: self.people.id(at), object: self.people.user(at) }
    }

    /// Group number `at`, from 0.
    pub fn group(&self, at: u32) -> Made {
        group::make(&self.recipe, &self.people, at)
    }

    /// All resources in the order in which they can be written: whatever one refers to comes before it. Users first, then
    /// groups, the last one first, since groups hold only later ones.
    pub fn resources(&self) -> impl Iterator<Item = Made> + '_ {
        let users = (0..self.recipe.users).map(|at| self.user(at));
        users.chain((0..self.recipe.groups).rev().map(|at| self.group(at)))
    }
}
