//! Directories that are made up.

use std::collections::HashSet;

use formats::seed::{Generator, GroupSizes, Locale, Made, Organization, Recipe, Share, datasets};
use proptest::prelude::*;
use scim::incoming;
use scim::json::Json;
use scim::leniency::{Leniency, Reading};
use scim::schema::Registry;

fn generator(recipe: Recipe) -> Generator {
    Generator::new(recipe).unwrap()
}

fn text_of(made: &Made) -> String {
    format!("{} {} {}\n", made.resource_type, made.id, Json::from(made.object.clone()).to_text())
}

/// FNV-1a over all bytes: what golden values are compared by.
fn hash(generator: &Generator) -> u64 {
    let bytes = generator.resources().flat_map(|made| text_of(&made).into_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn text<'a>(made: &'a Made, pointer: &str) -> &'a str {
    let whole = made.object.get(pointer.split('/').nth(1).unwrap()).unwrap();
    let rest = pointer.splitn(3, '/').nth(2);
    rest.map_or(whole, |rest| whole.pointer(&format!("/{rest}")).unwrap()).as_str().unwrap()
}

fn members(made: &Made) -> Vec<(String, String)> {
    let elements = made.object.get("members").and_then(Json::as_array).unwrap_or_default();
    let part = |element: &Json, name: &str| element.pointer(name).unwrap().as_str().unwrap().to_owned();
    elements.iter().map(|element| (part(element, "/type"), part(element, "/value"))).collect()
}

fn any_recipe() -> impl Strategy<Value = Recipe> {
    let organization =
        prop_oneof![Just(Organization::Company), Just(Organization::University), Just(Organization::Retailer)];
    let sizes = prop_oneof![Just(GroupSizes::Even), Just(GroupSizes::Skewed)];
    let weights =
        prop::collection::vec(0u32..4, 8).prop_filter("one counts", |weights| weights.iter().sum::<u32>() > 0);
    (any::<u64>(), 0u32..180, 0u32..40, organization, sizes, weights, 0u8..=100, 0u8..=100, any::<bool>(), 1u32..12)
        .prop_map(|(seed, users, groups, organization, group_sizes, weights, nested, edge, managers, reports)| Recipe {
            seed,
            users,
            groups,
            organization,
            group_sizes,
            locales: Locale::ALL.into_iter().zip(weights).map(|(locale, weight)| Share { locale, weight }).collect(),
            nested_groups_percent: nested,
            edge_cases_percent: edge,
            managers,
            reports_per_manager: reports,
            ..Recipe::default()
        })
}

#[test]
fn the_same_recipe_gives_the_same_bytes_for_ever() {
    let company = Recipe { seed: 42, users: 200, groups: 25, edge_cases_percent: 10, ..Recipe::default() };
    let university = Recipe { organization: Organization::University, seed: 7, ..company.clone() };
    let retailer = Recipe {
        organization: Organization::Retailer,
        group_sizes: GroupSizes::Even,
        locales: Locale::ALL.map(|locale| Share { locale, weight: 1 }).to_vec(),
        ..company.clone()
    };
    let found = [company, university, retailer].map(|recipe| format!("{:016x}", hash(&generator(recipe))));
    // Whoever changes these makes another generator: raise `VERSION` with them.
    assert_eq!(found, ["8c09e3a6236abe7b", "0becc3f7cb84fa4c", "f96ffff458a65cda"]);
}

#[test]
fn shipped_datasets_have_the_bytes_that_they_always_had() {
    let found: Vec<String> = datasets()
        .iter()
        .map(|dataset| format!("{} {:016x}", dataset.name, hash(&generator(dataset.recipe.clone()))))
        .collect();
    assert_eq!(
        found,
        [
            "small-company 0b395bf9b7fa7d7b",
            "university cb91e0ff1edba16f",
            "retailer 30da8ba4918fd51f",
            "edge-cases f40bb54e8be3c7cf"
        ]
    );
}

#[test]
fn another_seed_gives_other_people_with_other_ids() {
    let of = |seed| generator(Recipe { seed, users: 50, groups: 5, ..Recipe::default() });
    let (one, two) = (of(1), of(2));
    let ids: HashSet<String> = one.resources().map(|made| made.id).collect();
    assert!(two.resources().all(|made| !ids.contains(&made.id)));
    let names = |of: &Generator| {
        of.resources()
            .filter(|made| made.resource_type == "User")
            .map(|made| text(&made, "/displayName").to_owned())
            .collect::<Vec<_>>()
    };
    assert_ne!(names(&one), names(&two));
}

#[test]
fn more_users_change_nothing_in_those_that_were_there() {
    let few = generator(Recipe { users: 20, groups: 0, edge_cases_percent: 10, ..Recipe::default() });
    let many = generator(Recipe { users: 5_000, groups: 0, edge_cases_percent: 10, ..Recipe::default() });
    for at in 0..20 {
        assert_eq!(few.user(at), many.user(at));
    }
}

#[test]
fn a_hundred_thousand_user_names_and_ids_are_all_different() {
    let all = generator(Recipe { users: 100_000, groups: 0, ..Recipe::default() });
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for made in (0..100_000).map(|at| all.user(at)) {
        assert!(names.insert(text(&made, "/userName").to_lowercase()), "{}", text(&made, "/userName"));
        assert!(ids.insert(made.id));
    }
}

#[test]
fn a_department_has_a_group_of_its_own_people() {
    let all =
        generator(Recipe { users: 300, groups: 12, largest_group: 300, nested_groups_percent: 0, ..Recipe::default() });
    let group = all.group(0);
    assert_eq!(text(&group, "/displayName"), "Engineering");
    let people: HashSet<String> = members(&group).into_iter().map(|(_, id)| id).collect();
    assert!(people.len() > 20);
    for made in (0..300).map(|at| all.user(at)) {
        let enterprise = made.object.get("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User").unwrap();
        let within = enterprise.pointer("/department").and_then(Json::as_str) == Some("Engineering");
        assert_eq!(people.contains(&made.id), within);
    }
}

#[test]
fn skewed_groups_become_smaller_and_even_ones_do_not() {
    let sizes = |group_sizes| {
        let all = generator(Recipe {
            users: 1_000,
            groups: 30,
            group_sizes,
            largest_group: 100,
            nested_groups_percent: 0,
            ..Recipe::default()
        });
        (10..30).map(|at| members(&all.group(at)).len()).collect::<Vec<_>>()
    };
    assert_eq!(sizes(GroupSizes::Even), [100; 20]);
    assert_eq!(sizes(GroupSizes::Skewed)[..5], [100, 50, 33, 25, 20]);
}

#[test]
fn edge_cases_are_as_many_as_asked_and_of_every_kind() {
    let all = generator(Recipe { users: 100, groups: 0, edge_cases_percent: 100, ..Recipe::default() });
    let users: Vec<Made> = (0..100).map(|at| all.user(at)).collect();
    let same = users.iter().filter(|made| text(made, "/displayName") == "Alex Morgan").count();
    assert_eq!(same, 10);
    let many = users.iter().filter(|made| made.object.get("emails").and_then(Json::as_array).unwrap().len() == 200);
    assert_eq!(many.count(), 10);
    assert_eq!(users.iter().filter(|made| text(made, "/displayName").is_empty()).count(), 10);
    assert_eq!(users.iter().filter(|made| text(made, "/userName").len() > 200).count(), 10);
    let tenth = generator(Recipe { users: 100, groups: 0, edge_cases_percent: 10, ..Recipe::default() });
    let plain = generator(Recipe { users: 100, groups: 0, ..Recipe::default() });
    assert_eq!((0..100).filter(|at| tenth.user(*at) != plain.user(*at)).count(), 10);
}

#[test]
fn a_recipe_that_cannot_be_made_says_which_part_of_it() {
    let wrong = [
        (Recipe { users: 1_000_001, ..Recipe::default() }, "users: 1000001 is more than 1000000"),
        (Recipe { inactive_percent: 101, ..Recipe::default() }, "inactive_percent: 101 is more than 100"),
        (Recipe { reports_per_manager: 0, ..Recipe::default() }, "reports_per_manager: is 0"),
        (Recipe { locales: Vec::new(), ..Recipe::default() }, "locales: none has a weight"),
        (
            Recipe { users: 1_000_000, groups: 100_000, group_sizes: GroupSizes::Even, ..Recipe::default() },
            "largest_group: all groups together would have",
        ),
    ];
    for (recipe, words) in wrong {
        let error = Generator::new(recipe).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_resource_is_taken_by_a_strict_server_as_it_is(recipe in any_recipe()) {
        let registry = Registry::builtin();
        for made in generator(recipe).resources() {
            let shape = registry.shapes().iter().find(|shape| shape.resource_type.name == made.resource_type).unwrap();
            let mut reading = Reading::new(shape, Leniency::STRICT);
            let taken = incoming::resource(&mut reading, made.object.clone().into(), None);
            prop_assert!(taken.is_ok(), "{taken:?}\n{}", text_of(&made));
            prop_assert!(reading.findings.is_empty(), "{:?}\n{}", reading.findings, text_of(&made));
        }
    }

    #[test]
    fn whatever_a_resource_refers_to_comes_before_it_and_nothing_is_there_twice(recipe in any_recipe()) {
        let (mut there, mut names) = (HashSet::new(), HashSet::new());
        for made in generator(recipe).resources() {
            let members = members(&made);
            let own: HashSet<&String> = members.iter().map(|(_, id)| id).collect();
            prop_assert_eq!(own.len(), members.len(), "a member is there twice");
            for (_, id) in &members {
                prop_assert!(there.contains(id), "{} holds {id}, which is not there yet", made.id);
            }
            let manager = made.object.get("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User");
            if let Some(manager) = manager.and_then(|enterprise| enterprise.pointer("/manager/value")) {
                prop_assert!(there.contains(manager.as_str().unwrap()));
            }
            if made.resource_type == "User" {
                prop_assert!(names.insert(text(&made, "/userName").to_lowercase()));
            }
            prop_assert!(there.insert(made.id));
        }
    }
}
