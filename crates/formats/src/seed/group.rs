//! Groups: one for each department first, then others.

use scim::json::Json;
use scim::object;

use super::Made;
use super::chance::{Chance, Purpose, coprime, mixed};
use super::person::People;
use super::recipe::Recipe;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// How many groups a group that holds groups holds, at most.
const HELD: u32 = 3;

/// Group number `at`.
pub(super) fn make(recipe: &Recipe, people: &People, at: u32) -> Made {
    let mut chance = Chance::new(recipe.seed, Purpose::Group, at);
    let mut members: Vec<Json> = numbers(recipe, people, at, &mut chance)
        .into_iter()
        .map(|user| object! { "value" => people.id(user), "type" => "User" }.into())
        .collect();
    for held in held(recipe, at, &mut chance) {
        members.push(object! { "value" => id(recipe, held), "type" => "Group" }.into());
    }
    let mut group = object! {
        "schemas" => vec![Json::from(GROUP)],
        "externalId" => format!("G{:06}", u64::from(at) + 1),
        "displayName" => name(recipe, at),
    };
    if !members.is_empty() {
        group.insert("members", members);
    }
    Made { resource_type: "Group", id: id(recipe, at), object: group }
}

fn id(recipe: &Recipe, at: u32) -> String {
    Chance::new(recipe.seed, Purpose::GroupId, at).uuid()
}

/// The users in it.
fn numbers(recipe: &Recipe, people: &People, at: u32, chance: &mut Chance) -> Vec<u32> {
    let departments = recipe.organization.departments().len() as u32;
    if at < departments {
        return people.of_department(at as usize).take(recipe.largest() as usize).collect();
    }
    let size = recipe.size(at - departments);
    if size == 0 {
        return Vec::new();
    }
    let users = u64::from(recipe.users);
    let factor = coprime(u64::from(chance.below(recipe.users)) + 1, users);
    let shift = u64::from(chance.below(recipe.users));
    (0..u64::from(size)).map(|member| mixed(member, users, factor, shift) as u32).collect()
}

/// The groups in it: later ones, so that none comes to hold itself.
fn held(recipe: &Recipe, at: u32, chance: &mut Chance) -> Vec<u32> {
    let later = recipe.groups - at - 1;
    if later == 0 || !chance.percent(recipe.nested_groups_percent) {
        return Vec::new();
    }
    let count = (chance.below(HELD) + 1).min(later);
    let mut held: Vec<u32> = Vec::new();
    for _ in 0..count {
        let group = at + 1 + chance.below(later);
        if !held.contains(&group) {
            held.push(group);
        }
    }
    held
}

fn name(recipe: &Recipe, at: u32) -> String {
    let departments = recipe.organization.departments();
    if let Some(department) = departments.get(at as usize) {
        return department.name.to_owned();
    }
    let at = at as usize - departments.len();
    let (kinds, words) = recipe.organization.group_words();
    let round = at / (kinds.len() * words.len());
    let name = format!("{} {}", kinds[at % kinds.len()], words[at / kinds.len() % words.len()]);
    if round == 0 { name } else { format!("{name} {}", round + 1) }
}
