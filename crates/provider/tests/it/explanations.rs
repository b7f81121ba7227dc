//! Why a request was answered as it was.

use provider::explain::{Clause, Explanation, Joined, Recorded};
use scim::json::Json;

use crate::bench::Bench;

fn explain(bench: &Bench, target: &str, filter: Option<&str>, revision: Option<u64>) -> Explanation {
    let target = format!("/scim/v2{target}");
    let told = bench.provider.explain("default", &Recorded { target: &target, filter, revision });
    told.expect("an explanation")
}

fn tree(told: &Explanation) -> &Clause {
    told.filters[0].clause.as_ref().expect("a filter that can be read")
}

#[test]
fn a_route_is_told_with_the_methods_that_it_offers() {
    let bench = Bench::tolerant();
    for (target, route, kind) in [
        ("/Users", "/Users", Some("User")),
        ("/Groups/7?attributes=id", "/Groups/{id}", Some("Group")),
        ("/Schemas", "/Schemas", None),
        ("/Nonsense", "no endpoint", None),
    ] {
        let told = explain(&bench, target, None, None);
        assert_eq!((told.route.as_str(), told.resource_type.as_deref()), (route, kind));
        assert_eq!(told.methods.is_empty(), target == "/Nonsense", "{target}");
    }
    assert_eq!(bench.provider.explain("nobody", &Recorded { target: "/Users", filter: None, revision: None }), None);
}

#[test]
fn each_clause_of_a_filter_tells_how_many_meet_it_and_what_the_nearest_has_there() {
    let bench = Bench::tolerant();
    let (ada, _) = (bench.user("ada"), bench.user("grace"));
    let filter = r#"userName eq "ada" and not (externalId pr or USERNAME sw "z")"#;
    let told = explain(&bench, "/Users?filter=x", Some(filter), None);
    let clause = tree(&told);
    assert_eq!((clause.joined, clause.met_by, clause.holds), (Joined::And, 1, Some(true)));
    let (name, not) = (&clause.parts[0], &clause.parts[1]);
    assert_eq!((name.text.as_str(), name.met_by, name.holds), (r#"userName eq "ada""#, 1, Some(true)));
    assert_eq!(name.values, [Json::from("ada")]);
    assert_eq!((not.joined, not.met_by, not.parts[0].joined), (Joined::Not, 2, Joined::Or));
    let question = &not.parts[0].parts[1];
    assert_eq!((question.met_by, question.holds, &question.values[..]), (0, Some(false), &[Json::from("ada")][..]));
    let filtered = &told.filters[0];
    assert_eq!((filtered.plan.index.as_deref(), filtered.plan.scanned), (Some("userName"), 1));
    assert_eq!((filtered.resources, filtered.asked), (2, 2));
    assert_eq!(filtered.nearest.as_ref().map(|(id, _)| id), Some(&ada));
}

#[test]
fn a_filter_that_nothing_meets_tells_what_comes_nearest() {
    let bench = Bench::tolerant();
    bench.user("grace");
    let told = explain(&bench, "/Users", Some(r#"userName eq "ada" or meta.resourceType eq "User""#), None);
    assert_eq!(tree(&told).parts[0].values, [Json::from("grace")]);
    assert_eq!(told.filters[0].plan.index, None);
    let told = explain(&bench, "/Users", Some(r#"userName eq "ada""#), None);
    assert_eq!((told.filters[0].nearest.clone(), tree(&told).holds), (None, None));
}

#[test]
fn a_filter_that_cannot_be_read_says_why() {
    let bench = Bench::tolerant();
    let told = explain(&bench, "/Users", Some("userName eq"), None);
    assert!(told.filters[0].clause.as_ref().is_err_and(|why| why.contains("character")), "{told:?}");
    let told = explain(&bench, "/Users", Some("active gt true"), None);
    assert!(told.filters[0].clause.is_err());
}

#[test]
fn the_directory_is_looked_at_as_it_was_then_while_it_is_kept() {
    let bench = Bench::tolerant();
    bench.user("ada");
    bench.user("grace");
    let then = explain(&bench, "/Users", Some("userName pr"), Some(1));
    assert_eq!((then.revision, then.is_of_then, tree(&then).met_by), (1, true, 1));
    let now = explain(&bench, "/Users", Some("userName pr"), Some(99));
    assert_eq!((now.revision, now.is_of_then, tree(&now).met_by), (2, false, 2));
}
