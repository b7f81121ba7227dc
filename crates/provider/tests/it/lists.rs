//! Lists: filters, pages, projection.

use scim::finding::{Place, Severity};

use crate::bench::{Bench, ENTERPRISE, USER, assert_refused, at, body, finding, string, tolerances};

fn page(bench: &Bench, query: &str) -> (String, String, String, usize) {
    let body = body(&bench.get(&format!("/Users?{query}")));
    let resources = body.pointer("/Resources").unwrap().as_array().unwrap().len();
    (at(&body, "/totalResults"), at(&body, "/startIndex"), at(&body, "/itemsPerPage"), resources)
}

#[test]
fn pages_begin_at_one_and_are_never_larger_than_asked() {
    let bench = Bench::tolerant();
    for number in 0..5 {
        bench.user(&format!("user{number}"));
    }
    let expect = |query: &str, start: &str, items: usize| {
        assert_eq!(page(&bench, query), ("5".into(), start.into(), items.to_string(), items), "{query}");
    };
    expect("", "1", 5);
    expect("startIndex=0&count=2", "1", 2);
    expect("startIndex=-5&count=2", "1", 2);
    expect("startIndex=4&count=10", "4", 2);
    expect("startIndex=6", "6", 0);
    expect("count=0", "1", 0);
    expect("count=-1", "1", 0);
    expect("startIndex=99999999999999999999", "9223372036854775807", 0);
    for broken in ["count=ten", "startIndex=1.5", "count="] {
        assert_refused(&bench.get(&format!("/Users?{broken}")), 400, Some("invalidValue"));
    }
}

#[test]
fn nothing_found_is_an_empty_list() {
    let bench = Bench::tolerant();
    let handled = bench.get("/Users?filter=userName%20eq%20%22nobody%22");
    assert_eq!(handled.response.status, 200);
    assert_eq!(at(&body(&handled), "/Resources"), "[]");
    assert_eq!(handled.subject.total_results, Some(0));
    assert_eq!(handled.subject.filter.as_deref(), Some("userName eq \"nobody\""));
    assert_eq!(handled.subject.looked_for, Some(("userName".into(), "nobody".into())));
}

#[test]
fn a_plus_in_a_filter_is_a_blank_and_a_finding_at_its_place() {
    for bench in [Bench::tolerant(), Bench::strict()] {
        let id = bench.user("ada lovelace");
        let target = "/scim/v2/Users?count=5&filter=userName+eq+%22Ada+Lovelace%22";
        let handled = bench.get(target);
        assert_eq!(string(&body(&handled), "/Resources/0/id"), id);
        assert_eq!(tolerances(&handled), ["T1"]);
        assert_eq!(finding(&handled, "T1").place, Place::Target(30..target.len()));
        assert!(tolerances(&bench.get("/Users?filter=userName%20eq%20%22ada%22&attributes=a+b")).is_empty());
    }
}

#[test]
fn a_filter_that_is_wrong_is_refused_with_the_place_in_the_target() {
    let bench = Bench::tolerant();
    let target = "/scim/v2/Users?filter=userName+regex+%22a%22";
    let handled = bench.get(target);
    assert_refused(&handled, 400, Some("invalidFilter"));
    let Place::Target(span) = finding(&handled, "invalidFilter").place.clone() else { panic!("no span") };
    assert_eq!(&target[span], "regex");
    for filter in ["", "(((", "userName%20eq", "active%20gt%20true"] {
        assert_refused(&bench.get(&format!("/Users?filter={filter}")), 400, Some("invalidFilter"));
    }
}

#[test]
fn a_filter_can_ask_for_what_is_computed() {
    let bench = Bench::tolerant();
    let (ada, grace) = (bench.user("ada"), bench.user("grace"));
    let team = bench.group("Team", &[&ada]);
    for filter in [
        format!("groups.value eq \"{team}\""),
        "groups[display eq \"team\"]".into(),
        "groups pr".into(),
        format!("meta.location ew \"/Users/{ada}\""),
    ] {
        let handled = bench.get(&format!("/Users?filter={}", filter.replace(' ', "%20").replace('"', "%22")));
        let body = body(&handled);
        assert_eq!(
            (at(&body, "/totalResults"), string(&body, "/Resources/0/id")),
            ("1".into(), ada.clone()),
            "{filter}"
        );
    }
    let not = body(&bench.get("/Users?filter=not%20(groups%20pr)"));
    assert_eq!((at(&not, "/totalResults"), string(&not, "/Resources/0/id")), ("1".into(), grace));
    let reference = format!("/Groups?filter=members[%24ref%20ew%20%22{ada}%22]");
    assert_eq!(at(&body(&bench.get(&reference)), "/totalResults"), "1");
}

#[test]
fn a_scan_of_many_is_expensive_and_an_index_is_not() {
    let bench = Bench::tolerant();
    let tenant = bench.provider.tenant();
    let directory = tenant.directory();
    let mut transaction = directory.begin();
    let template = scim::object! { "schemas" => vec![scim::json::Json::from(USER)] };
    for number in 0..2_001 {
        let mut user = template.clone();
        user.insert("userName", format!("user{number}"));
        transaction.create("User", &format!("id{number}"), user, "2026-01-31T09:30:00Z".parse().unwrap()).unwrap();
    }
    transaction.commit(|_| ());
    for (query, expensive) in [
        ("", false),
        ("?startIndex=2000", false),
        ("?filter=userName%20eq%20%22USER77%22", false),
        ("?filter=userName%20co%20%2277%22", true),
        ("?filter=groups%20pr", true),
    ] {
        assert_eq!(bench.prepare("GET", &format!("/Users{query}"), "").is_expensive(), expensive, "{query}");
    }
    assert_eq!(at(&body(&bench.get("/Users?filter=userName%20co%20%2277%22&count=0")), "/totalResults"), "38");
}

#[test]
fn attributes_and_excluded_attributes_shape_every_answer() {
    let bench = Bench::tolerant();
    let post = format!(
        r#"{{"schemas":["{USER}","{ENTERPRISE}"],"userName":"ada","title":"x","name":{{"givenName":"Ada","familyName":"L"}},"{ENTERPRISE}":{{"department":"d"}}}}"#
    );
    let names = |json: &scim::json::Json| -> Vec<String> {
        let members = json.as_object().unwrap().iter().map(|(name, _)| name.to_owned());
        members.filter(|name| name != "meta").collect()
    };
    let made = body(&bench.ask("POST", "/Users?attributes=userName", &post));
    assert_eq!(names(&made), ["schemas", "id", "userName"]);
    let path = format!("/Users/{}", string(&made, "/id"));
    let read = body(&bench.get(&format!("{path}?attributes=NAME.givenName,{ENTERPRISE}")));
    assert_eq!(names(&read), ["schemas", "id", "name", ENTERPRISE]);
    assert_eq!(at(&read, "/name"), r#"{"givenName":"Ada"}"#);
    let read = body(&bench.get(&format!("{path}?excludedAttributes=id,name,title")));
    assert_eq!(names(&read), ["schemas", "id", "userName", ENTERPRISE]);
    let list = body(&bench.get("/Users?attributes=title"));
    assert_eq!(names(list.pointer("/Resources/0").unwrap()), ["schemas", "id", "title"]);
    assert_refused(&bench.get("/Users?attributes=a&excludedAttributes=b"), 400, Some("invalidValue"));
    assert_eq!(finding(&bench.get("/Users?attributes=titel"), "unknown-attribute").severity, Severity::Warning);
}

#[test]
fn unknown_parameters_are_ignored_and_repeated_ones_are_noticed() {
    let bench = Bench::tolerant();
    assert_eq!(bench.get("/Users?foo=bar&x=%zz").response.status, 200);
    let repeated = bench.get("/Users?count=1&count=2");
    assert_eq!(finding(&repeated, "repeated-parameter").severity, Severity::Warning);
}

#[test]
fn groups_and_members_that_are_not_asked_for_are_not_shown_and_part_of_them_can_be() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let group = bench.group("g", &[&ada]);
    let shown = |path: &str, pointer: &str| at(&body(&bench.get(path)), pointer);
    assert_eq!(shown(&format!("/Groups/{group}?excludedAttributes=members"), "/members"), "absent");
    assert_eq!(shown(&format!("/Groups/{group}?attributes=displayName"), "/members"), "absent");
    assert_eq!(
        shown(&format!("/Groups/{group}?attributes=members.value"), "/members"),
        format!(r#"[{{"value":"{ada}"}}]"#)
    );
    let reference = format!(r#"[{{"$ref":"http://127.0.0.1:8787/scim/v2/Users/{ada}"}}]"#);
    assert_eq!(shown(&format!("/Groups/{group}?attributes=members.%24ref"), "/members"), reference);
    assert_eq!(shown(&format!("/Users/{ada}?attributes=groups.display"), "/groups"), r#"[{"display":"g"}]"#);
    assert_eq!(shown(&format!("/Users/{ada}?excludedAttributes=groups"), "/groups"), "absent");
}
