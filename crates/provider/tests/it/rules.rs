//! Rules: which requests they are about, how long, and how they are written.

use jiff::SignedDuration;
use proptest::prelude::*;
use provider::Clock;
use provider::rules::{
    Glob, JsonPatch, JsonPath, KeptRule, Occurrence, Rule, RuleSet, RuleState, free_id, sentence, sets,
};
use scim::json::{Json, Limits, parse};
use serde_json::{Value, json};

use crate::bench::{Bench, USER, patch_body};

fn rules(list: Value) -> Vec<Rule> {
    RuleSet::from_json(&list.to_string()).unwrap().named_rules(&[])
}

fn rule(when: Value) -> Rule {
    rules(json!([{ "name": "one", "when": when, "action": { "kind": "status", "status": 503 } }])).remove(0)
}

fn put(bench: &Bench, list: Value) {
    bench.provider.tenant().rules().put(rules(list), bench.clock.now());
}

fn hits(bench: &Bench) -> Vec<u64> {
    bench.provider.tenant().rules().list(bench.clock.now()).iter().map(|standing| standing.counts.hits).collect()
}

/// Whether a rule with these conditions touches a request.
fn touches(when: Value, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> bool {
    let bench = Bench::tolerant();
    bench.provider.tenant().rules().put(vec![rule(when)], bench.clock.now());
    bench.ask_with(method, path, headers, body).response.status == 503
}

#[test]
fn each_condition_lets_through_what_it_is_not_about() {
    let ada = "/Users?filter=userName%20eq%20%22Ada%22";
    let patch = patch_body(r#"{"op":"Replace","path":"active","value":"False"}"#);
    for (when, method, path, headers, body, meant) in [
        (json!({}), "GET", "/Users", &[][..], "", true),
        (json!({ "methods": ["post", "PATCH"] }), "PATCH", "/Users/1", &[], &*patch, true),
        (json!({ "methods": ["post", "PATCH"] }), "GET", "/Users/1", &[], "", false),
        (json!({ "path": "/Users/*" }), "GET", "/Users/1", &[], "", true),
        (json!({ "path": "/Users/*" }), "GET", "/Users", &[], "", false),
        (json!({ "resource_type": "user" }), "GET", "/Users/1", &[], "", true),
        (json!({ "resource_type": "user" }), "GET", "/Groups", &[], "", false),
        (json!({ "filter": "USERNAME eq \"ada" }), "GET", ada, &[], "", true),
        (json!({ "filter": "externalId" }), "GET", ada, &[], "", false),
        (json!({ "filter": "x" }), "GET", "/Users", &[], "", false),
        (
            json!({ "headers": [{ "name": "user-agent", "contains": "OKTA" }] }),
            "GET",
            "/Users",
            &[("User-Agent", "Okta 1")],
            "",
            true,
        ),
        (
            json!({ "headers": [{ "name": "user-agent", "contains": "OKTA" }] }),
            "GET",
            "/Users",
            &[("User-Agent", "curl")],
            "",
            false,
        ),
        (json!({ "headers": [{ "name": "x-none" }] }), "GET", "/Users", &[], "", false),
        (
            json!({ "body": [{ "path": "Operations[*].op", "equals": "replace" }] }),
            "PATCH",
            "/Users/1",
            &[],
            &*patch,
            true,
        ),
        (
            json!({ "body": [{ "path": "$.Operations[0].value", "equals": false }] }),
            "PATCH",
            "/Users/1",
            &[],
            &*patch,
            false,
        ),
        (json!({ "body": [{ "path": "Operations[0].nothing" }] }), "PATCH", "/Users/1", &[], &*patch, false),
        (json!({ "dialect": "entra" }), "PATCH", "/Users/1", &[], &*patch, true),
        (json!({ "dialect": "okta" }), "PATCH", "/Users/1", &[], &*patch, false),
        (json!({ "dialect": "none" }), "GET", "/Users/1", &[], "", true),
        (json!({ "query": "method:patch path:active" }), "PATCH", "/Users/1", &[], &*patch, true),
        (json!({ "query": "op:remove or method:delete" }), "PATCH", "/Users/1", &[], &*patch, false),
        (json!({ "query": "user:ada resource:User" }), "GET", ada, &[], "", false),
        (json!({ "query": "target:Ada resource:User tenant:default not(probe)" }), "GET", ada, &[], "", true),
        (json!({ "probability": 0.0 }), "GET", "/Users", &[], "", false),
        (json!({ "probability": 1.0 }), "GET", "/Users", &[], "", true),
    ] {
        assert_eq!(touches(when.clone(), method, path, headers, body), meant, "{when} and {method} {path}");
    }
}

#[test]
fn a_rule_is_about_the_search_that_asks_the_same() {
    let search = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName sw \"a\""}"#;
    assert!(touches(json!({ "filter": "userName sw" }), "POST", "/Users/.search", &[], search));
}

#[test]
fn a_rule_sees_only_what_is_let_in() {
    let bench = Bench::tolerant();
    put(&bench, json!([{ "name": "all", "action": { "kind": "status", "status": 503 } }]));
    let refused = bench.provider.prepare(bench.plain("GET", "/scim/v2/Users", Vec::new(), "")).execute();
    assert_eq!((refused.response.status, refused.rules.len()), (401, 0));
    assert_eq!(hits(&bench), [0]);
}

#[test]
fn occurrences_pick_out_of_those_that_are_meant() {
    for (occurrence, expected) in [
        (json!({ "kind": "first", "n": 2 }), [503, 503, 200, 200, 200, 200]),
        (json!({ "kind": "after", "n": 4 }), [200, 200, 200, 200, 503, 503]),
        (json!({ "kind": "nth", "n": 3 }), [200, 200, 503, 200, 200, 200]),
        (json!({ "kind": "every", "n": 2 }), [200, 503, 200, 503, 200, 503]),
    ] {
        let bench = Bench::tolerant();
        bench
            .provider
            .tenant()
            .rules()
            .put(vec![rule(json!({ "path": "/Users", "occurrence": occurrence }))], bench.clock.now());
        let statuses = [(); 6].map(|()| {
            // Others are not counted.
            bench.get("/Groups");
            bench.get("/Users").response.status
        });
        assert_eq!(statuses, expected, "{occurrence}");
    }
}

#[test]
fn a_budget_is_used_up_and_comes_back_with_a_reset() {
    let bench = Bench::tolerant();
    put(&bench, json!([{ "name": "Twice", "budget": 2, "action": { "kind": "status", "status": 500 } }]));
    let statuses = [(); 4].map(|()| bench.get("/Users").response.status);
    assert_eq!(statuses, [500, 500, 200, 200]);
    let tenant = bench.provider.tenant();
    let standing = &tenant.rules().list(bench.clock.now())[0];
    assert_eq!((standing.state, standing.counts.hits), (RuleState::Spent, 2));
    assert_eq!(standing.counts.recent, [7, 7], "the numbers of the exchanges");
    assert_eq!(tenant.rules().active(bench.clock.now()), 0);
    bench.clock.advance(SignedDuration::from_secs(1));
    assert!(tenant.rules().reset("twice", bench.clock.now()));
    assert!(!tenant.rules().reset("thrice", bench.clock.now()));
    assert_eq!(bench.get("/Users").response.status, 500);
    assert_eq!(tenant.rules().list(bench.clock.now())[0].counts.since, bench.clock.now());
}

#[test]
fn a_rule_expires() {
    let bench = Bench::tolerant();
    let expires_at = bench.clock.now() + SignedDuration::from_secs(60);
    put(&bench, json!([{ "name": "Soon", "expires_at": expires_at, "action": { "kind": "status", "status": 500 } }]));
    bench.clock.advance(SignedDuration::from_secs(59));
    assert_eq!(bench.get("/Users").response.status, 500);
    bench.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(bench.get("/Users").response.status, 200);
    assert_eq!(bench.provider.tenant().rules().list(bench.clock.now())[0].state, RuleState::Expired);
}

#[test]
fn the_first_rule_that_decides_the_answer_holds_and_the_next_is_not_counted() {
    let bench = Bench::tolerant();
    put(
        &bench,
        json!([
            { "name": "off", "enabled": false, "action": { "kind": "status", "status": 500 } },
            { "name": "once", "budget": 1, "action": { "kind": "status", "status": 501 } },
            { "name": "then", "action": { "kind": "status", "status": 502 } },
            { "name": "late", "action": { "kind": "latency", "delay": { "kind": "fixed", "ms": 5 } } },
        ]),
    );
    let (first, second) = (bench.get("/Users"), bench.get("/Users"));
    assert_eq!([first.response.status, second.response.status], [501, 502]);
    let names: Vec<&str> = first.rules.iter().map(|hit| hit.name.as_str()).collect();
    assert_eq!(names, ["once", "late"]);
    assert_eq!(hits(&bench), [0, 1, 1, 2]);
}

#[test]
fn the_same_seed_meets_the_same_requests() {
    let run = |seed: u64| {
        let bench = Bench::tolerant();
        let chance = json!([{ "name": "x", "when": { "probability": 0.5 }, "seed": seed, "action": { "kind": "status", "status": 500 } }]);
        put(&bench, chance);
        (0..40).map(|_| bench.get("/Users").response.status).collect::<Vec<u16>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    let touched = run(7).iter().filter(|status| **status == 500).count();
    assert!((10..30).contains(&touched), "{touched} of 40");
}

#[test]
fn a_change_that_does_something_else_counts_from_nothing() {
    let bench = Bench::tolerant();
    let list = |name: &str, status: u16| json!([{ "id": "a", "name": name, "action": { "kind": "status", "status": status } }]);
    put(&bench, list("one", 500));
    bench.get("/Users");
    put(&bench, list("another name", 500));
    assert_eq!(hits(&bench), [1]);
    put(&bench, list("another name", 501));
    assert_eq!(hits(&bench), [0]);
}

#[test]
fn rules_are_kept_with_their_counts() {
    let bench = Bench::tolerant();
    put(&bench, json!([{ "name": "Thrice", "budget": 3, "action": { "kind": "status", "status": 500 } }]));
    bench.get("/Users");
    bench.get("/Users");
    assert!(bench.provider.tenant().rules().take_counted());
    assert!(!bench.provider.tenant().rules().take_counted());
    let text = serde_json::to_string(&bench.provider.tenant().rules().kept()).unwrap();
    let later = Bench::tolerant();
    let kept: Vec<KeptRule> = serde_json::from_str(&text).unwrap();
    later.provider.tenant().rules().restore(kept, later.clock.now());
    assert_eq!([(); 2].map(|()| later.get("/Users").response.status), [500, 200]);
    assert_eq!(hits(&later), [3]);
}

#[test]
fn discovery_says_what_the_profile_says_whatever_the_rules_do() {
    let bench = Bench::tolerant();
    let before = bench.get("/ServiceProviderConfig").response;
    put(
        &bench,
        json!([
            { "name": "deaf", "action": { "kind": "patch_ignored" } },
            { "name": "blind", "action": { "kind": "filter_ignored" } },
            { "name": "late", "action": { "kind": "eventual_consistency", "delay_ms": 1000 } },
        ]),
    );
    assert_eq!(bench.get("/ServiceProviderConfig").response, before);
}

#[test]
fn a_tenant_keeps_its_rules_under_another_name() {
    let bench = Bench::tolerant();
    let settings = provider::TenantSettings::clone(&bench.provider.tenant().settings());
    let registry = std::sync::Arc::clone(bench.provider.tenant().registry());
    let tenant = bench.provider.create("acme", settings, registry).unwrap();
    tenant.rules().put(vec![rule(json!({}))], bench.clock.now());
    bench.provider.rename("acme", "other").unwrap();
    assert_eq!(bench.provider.named("other").unwrap().rules().list(bench.clock.now()).len(), 1);
    assert!(!bench.provider.tenant().rules().any());
}

#[test]
fn what_does_not_do_is_said_with_its_place() {
    let now = Bench::tolerant().clock.now();
    for (rule, place) in [
        (json!({ "name": "", "action": { "kind": "malformed" } }), "name"),
        (json!({ "name": "a", "id": "a b", "action": { "kind": "malformed" } }), "id"),
        (json!({ "name": "a", "budget": 0, "action": { "kind": "malformed" } }), "budget"),
        (json!({ "name": "a", "when": { "methods": ["GET /"] }, "action": { "kind": "malformed" } }), "when.methods"),
        (json!({ "name": "a", "when": { "path": "Users" }, "action": { "kind": "malformed" } }), "when.path"),
        (json!({ "name": "a", "when": { "probability": 1.5 }, "action": { "kind": "malformed" } }), "when.probability"),
        (json!({ "name": "a", "when": { "query": "status:404" }, "action": { "kind": "malformed" } }), "when.query"),
        (json!({ "name": "a", "when": { "query": "nofield:x" }, "action": { "kind": "malformed" } }), "when.query"),
        (
            json!({ "name": "a", "when": { "occurrence": { "kind": "nth", "n": 0 } }, "action": { "kind": "malformed" } }),
            "when.occurrence",
        ),
        (json!({ "name": "a", "action": { "kind": "status", "status": 99 } }), "action.status"),
        (json!({ "name": "a", "action": { "kind": "rate_limit", "requests": 0, "per_s": 1 } }), "action"),
        (json!({ "name": "a", "action": { "kind": "drip", "bytes": 0, "every_ms": 1 } }), "action.bytes"),
        (json!({ "name": "a", "action": { "kind": "hang", "at_most_ms": 700_000 } }), "action.at_most_ms"),
        (json!({ "name": "a", "action": { "kind": "content_type", "value": "a\r\nb" } }), "action.value"),
        (json!({ "name": "a", "action": { "kind": "edit", "patch": [] } }), "action.patch"),
        (
            json!({ "name": "a", "action": { "kind": "edit", "patch": [{ "op": "remove", "path": "a" }] } }),
            "action.patch",
        ),
        (
            json!({ "name": "a", "action": { "kind": "latency", "delay": { "kind": "uniform", "from_ms": 5, "to_ms": 1 } } }),
            "action.delay",
        ),
    ] {
        let read: Rule = serde_json::from_value(rule.clone()).unwrap();
        let problems = read.problems(now);
        assert!(problems.iter().any(|problem| problem.place == place), "{rule}: {problems:?}");
    }
    for wrong in [
        json!([{ "name": "a", "action": { "kind": "explode" } }]),
        json!([{ "name": "a", "action": { "kind": "status", "status": 500, "colour": "red" } }]),
        json!([{ "name": "a", "when": { "body": [{ "path": "a..b" }] }, "action": { "kind": "malformed" } }]),
        json!({ "rules": 5 }),
    ] {
        let error = RuleSet::from_json(&wrong.to_string()).unwrap_err();
        assert!(error.contains("rule"), "{error}");
    }
}

#[test]
fn every_ready_set_is_right_and_says_what_it_does() {
    let now = Bench::tolerant().clock.now();
    assert_eq!(sets().len(), 4);
    for set in sets() {
        assert!(RuleSet::named(&set.name).is_some() && !set.title.is_empty() && set.about.ends_with('.'));
        for rule in &set.rules {
            assert_eq!(rule.problems(now), [], "{}", rule.name);
            let text = sentence(rule);
            assert!(text.ends_with('.') && text.len() > 20, "{text}");
        }
        let ids: Vec<String> = set.named_rules(&[]).into_iter().map(|rule| rule.id).collect();
        let again = set.named_rules(&ids);
        assert!(again.iter().all(|rule| !ids.contains(&rule.id)));
    }
}

#[test]
fn a_sentence_says_what_will_happen() {
    let rule = rules(json!([{
        "name": "x",
        "when": { "methods": ["patch"], "path": "/Users/*", "dialect": "entra", "occurrence": { "kind": "first", "n": 3 } },
        "action": { "kind": "status", "status": 409, "retry_after_s": 5 },
        "budget": 10,
    }]));
    assert_eq!(
        sentence(&rule[0]),
        "Answers 409 uniqueness with Retry-After 5 s instead of the server to every PATCH to /Users/* that speaks as entra, \
         the first 3 of them, 10 times in all."
    );
}

#[test]
fn ids_are_made_from_names() {
    assert_eq!(free_id("Entra: 429, twice!", &[]), "entra-429-twice");
    assert_eq!(free_id("...", &[]), "rule");
    assert_eq!(free_id("a", &["a".into(), "a-2".into()]), "a-3");
    assert!(free_id(&"x".repeat(500), &[]).len() <= 64);
}

/// The examples of RFC 6902 appendix A.
#[test]
fn json_patch_does_as_the_rfc_shows() {
    for (document, patch, expected) in [
        (
            json!({ "foo": "bar" }),
            json!([{ "op": "add", "path": "/baz", "value": "qux" }]),
            Some(json!({ "baz": "qux", "foo": "bar" })),
        ),
        (
            json!({ "foo": ["bar", "baz"] }),
            json!([{ "op": "add", "path": "/foo/1", "value": "qux" }]),
            Some(json!({ "foo": ["bar", "qux", "baz"] })),
        ),
        (
            json!({ "baz": "qux", "foo": "bar" }),
            json!([{ "op": "remove", "path": "/baz" }]),
            Some(json!({ "foo": "bar" })),
        ),
        (
            json!({ "foo": ["bar", "qux", "baz"] }),
            json!([{ "op": "remove", "path": "/foo/1" }]),
            Some(json!({ "foo": ["bar", "baz"] })),
        ),
        (
            json!({ "baz": "qux", "foo": "bar" }),
            json!([{ "op": "replace", "path": "/baz", "value": "boo" }]),
            Some(json!({ "baz": "boo", "foo": "bar" })),
        ),
        (
            json!({ "foo": { "bar": "baz", "waldo": "fred" }, "qux": { "corge": "grault" } }),
            json!([{ "op": "move", "from": "/foo/waldo", "path": "/qux/thud" }]),
            Some(json!({ "foo": { "bar": "baz" }, "qux": { "corge": "grault", "thud": "fred" } })),
        ),
        (
            json!({ "foo": ["all", "grass", "cows", "eat"] }),
            json!([{ "op": "move", "from": "/foo/1", "path": "/foo/3" }]),
            Some(json!({ "foo": ["all", "cows", "eat", "grass"] })),
        ),
        (
            json!({ "baz": "qux", "foo": ["a", 2, "c"] }),
            json!([{ "op": "test", "path": "/baz", "value": "qux" }, { "op": "test", "path": "/foo/1", "value": 2 }]),
            Some(json!({ "baz": "qux", "foo": ["a", 2, "c"] })),
        ),
        (json!({ "baz": "qux" }), json!([{ "op": "test", "path": "/baz", "value": "bar" }]), None),
        (
            json!({ "foo": "bar" }),
            json!([{ "op": "add", "path": "/child", "value": { "grandchild": {} } }]),
            Some(json!({ "foo": "bar", "child": { "grandchild": {} } })),
        ),
        (json!({ "foo": "bar" }), json!([{ "op": "add", "path": "/baz/bat", "value": "qux" }]), None),
        (
            json!({ "/": 9, "~1": 10 }),
            json!([{ "op": "test", "path": "/~01", "value": 10 }]),
            Some(json!({ "/": 9, "~1": 10 })),
        ),
        (json!({ "/": 9, "~1": 10 }), json!([{ "op": "test", "path": "/~01", "value": "10" }]), None),
        (
            json!({ "foo": ["bar"] }),
            json!([{ "op": "add", "path": "/foo/-", "value": ["abc", "def"] }]),
            Some(json!({ "foo": ["bar", ["abc", "def"]] })),
        ),
        (json!({ "a": 1 }), json!([{ "op": "copy", "from": "/a", "path": "/b" }]), Some(json!({ "a": 1, "b": 1 }))),
        (json!({ "a": { "b": 1 } }), json!([{ "op": "move", "from": "/a", "path": "/a/b" }]), None),
        (json!({ "a": [1] }), json!([{ "op": "remove", "path": "/a/01" }]), None),
        (json!({ "a": [1] }), json!([{ "op": "replace", "path": "", "value": null }]), Some(json!(null))),
    ] {
        let patch: JsonPatch = serde_json::from_value(patch).unwrap();
        let after = patch.apply(&Json::from(document.clone())).ok();
        let after = after.map(|after| serde_json::from_str::<Value>(&after.to_text()).unwrap());
        assert_eq!(after, expected, "{patch:?} on {document}");
    }
}

#[test]
fn a_path_leads_into_a_body() {
    let body = format!(r#"{{"schemas":["{USER}"],"emails":[{{"value":"a"}},{{"Value":"b"}}],"{USER}":{{"x":1}}}}"#);
    let body = parse(body.as_bytes(), Limits::default()).unwrap();
    for (path, found) in [
        ("emails[*].value", 2),
        ("$.emails[1].value", 1),
        ("EMAILS[2]", 0),
        ("emails.value", 0),
        (&format!("[\"{USER}\"].x"), 1),
        (&format!("['{USER}']['x']"), 1),
        ("schemas[0]", 1),
    ] {
        assert_eq!(path.parse::<JsonPath>().unwrap().values(&body).len(), found, "{path}");
    }
    for wrong in ["", "$", "a[", "a[x]", "a[\"b]", "a..b", "a[0]b", "."] {
        assert!(wrong.parse::<JsonPath>().is_err(), "{wrong}");
    }
}

/// The meaning of a glob, written as short as can be.
fn plainly(pattern: &[&str], path: &[&str]) -> bool {
    fn segment(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => segment(&pattern[1..], text) || (!text.is_empty() && segment(pattern, &text[1..])),
            (Some(left), Some(right)) => left == right && segment(&pattern[1..], &text[1..]),
            _ => false,
        }
    }
    match (pattern.first(), path.first()) {
        (None, None) => true,
        (Some(&"**"), _) => plainly(&pattern[1..], path) || (!path.is_empty() && plainly(pattern, &path[1..])),
        (Some(left), Some(right)) => segment(left.as_bytes(), right.as_bytes()) && plainly(&pattern[1..], &path[1..]),
        _ => false,
    }
}

proptest! {
    #[test]
    fn a_glob_means_what_it_plainly_says(
        pattern in prop::collection::vec(prop::sample::select(vec!["**", "*", "a", "a*", "*b", "a*b", "ab", "**b"]), 0..5),
        path in prop::collection::vec(prop::sample::select(vec!["a", "b", "ab", "aab", "ba", "c"]), 0..6),
    ) {
        let (text, here) = (format!("/{}", pattern.join("/")), format!("/{}", path.join("/")));
        prop_assert_eq!(Glob::new(&text).matches(&here), plainly(&pattern, &path), "{} {}", text, here);
    }

    #[test]
    fn a_glob_of_stars_ends_soon(stars in "(\\*a?){1,40}", path in "a{0,200}") {
        Glob::new(format!("/{stars}")).matches(&format!("/{path}b"));
    }

    #[test]
    fn any_text_is_a_path_or_is_refused_and_never_leads_out(text in "\\PC{0,30}") {
        if let Ok(path) = text.parse::<JsonPath>() {
            let body = parse(br#"{"a":[{"b":null}]}"#, Limits::default()).unwrap();
            path.values(&body);
            prop_assert_eq!(path.to_string().parse::<JsonPath>(), Ok(path));
        }
    }

    #[test]
    fn occurrences_count_from_one(n in 1u64..20, number in 1u64..60) {
        prop_assert_eq!(Occurrence::First { n }.includes(number), !Occurrence::After { n }.includes(number));
        prop_assert_eq!(Occurrence::Nth { n }.includes(number), n == number);
        prop_assert_eq!(Occurrence::Every { n }.includes(number), number % n == 0);
    }

    #[test]
    fn no_body_and_no_target_makes_a_rule_panic(target in "/scim/v2/\\PC{0,40}", body in prop::collection::vec(any::<u8>(), 0..80)) {
        let bench = Bench::tolerant();
        let when = json!({ "path": "/**", "filter": "a", "body": [{ "path": "a[*]" }], "dialect": "entra", "query": "x or y" });
        bench.provider.tenant().rules().put(vec![rule(when), rule(json!({ "query": "method:post" }))], bench.clock.now());
        for method in ["GET", "POST", "PATCH"] {
            let mut request = bench.request(method, "/Users", &[], "");
            request.target.clone_from(&target);
            request.body = body.clone().into();
            bench.provider.prepare(request).execute();
        }
    }
}
