//! `/Me` (RFC 7644 section 3.11), conditions that a profile demands, and passwords.

use provider::Profile;
use provider::profile::Me;
use scim::diff::Action;
use scim::schema::Registry;

use crate::bench::{BASE, Bench, USER, assert_refused, at, body, header, patch_body, string, text};

fn bench(me: Me) -> Bench {
    let profile = Profile { me, me_user_name: "ADA".into(), ..Profile::preset("tolerant").unwrap() };
    profile.check().unwrap();
    Bench::with(profile, Registry::builtin())
}

#[test]
fn without_the_switch_there_is_no_me() {
    let bench = Bench::tolerant();
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        assert_refused(&bench.ask(method, "/Me", ""), 501, None);
    }
}

#[test]
fn me_is_another_name_of_the_users_own_resource() {
    let bench = bench(Me::Alias);
    assert_refused(&bench.get("/Me"), 404, None);
    let ada = bench.user("ada");
    let read = bench.get("/Me?attributes=userName");
    assert_eq!(string(&body(&read), "/id"), ada);
    assert_eq!(read.subject.resource_id, Some(ada.clone()));
    let patched = bench.patch("/Me", r#"{"op":"add","path":"title","value":"x"}"#);
    assert_eq!(string(&body(&patched), "/meta/location"), format!("{BASE}/Users/{ada}"));
    let put = bench.ask("PUT", "/Me", &format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#));
    assert_eq!((put.response.status, at(&body(&put), "/title")), (200, "absent".into()));
    assert_refused(&bench.ask("POST", "/Me", "{}"), 405, None);
    assert_eq!(bench.ask("DELETE", "/Me", "").response.status, 204);
    assert_eq!(bench.get(&format!("/Users/{ada}")).response.status, 404);
}

#[test]
fn me_can_be_a_pointer() {
    let bench = bench(Me::Redirect);
    let ada = bench.user("ada");
    let answer = bench.get("/Me");
    assert_eq!((answer.response.status, header(&answer, "Location")), (308, Some(&*format!("{BASE}/Users/{ada}"))));
}

#[test]
fn a_profile_can_demand_that_a_write_says_which_version_it_expects() {
    let profile = Profile { require_if_match: true, ..Profile::preset("tolerant").unwrap() };
    let bench = Bench::with(profile, Registry::builtin());
    let path = format!("/Users/{}", bench.user("ada"));
    let patch = patch_body(r#"{"op":"add","path":"title","value":"x"}"#);
    let put = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    for (method, body) in [("PATCH", patch.as_str()), ("PUT", put.as_str()), ("DELETE", "")] {
        assert_refused(&bench.ask(method, &path, body), 428, None);
    }
    for (method, body, status) in [("PATCH", patch.as_str(), 200), ("PUT", put.as_str(), 200), ("DELETE", "", 204)] {
        assert_eq!(bench.ask_with(method, &path, &[("If-Match", "*")], body).response.status, status);
    }
}

#[test]
fn a_write_that_wants_another_version_than_there_is_is_refused() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("ada"));
    let patch = patch_body(r#"{"op":"add","path":"title","value":"x"}"#);
    for condition in ["*", "W/\"1\""] {
        assert_refused(&bench.ask_with("PATCH", &path, &[("If-None-Match", condition)], &patch), 412, None);
    }
    assert_eq!(bench.ask_with("PATCH", &path, &[("If-None-Match", "W/\"7\"")], &patch).response.status, 200);
}

#[test]
fn a_password_that_is_set_again_is_a_change_and_nobody_sees_it() {
    let bench = Bench::tolerant();
    let user = |password: &str| format!(r#"{{"schemas":["{USER}"],"userName":"ada","password":"{password}"}}"#);
    let made = bench.ask("POST", "/Users", &user("first-secret"));
    let path = format!("/Users/{}", string(&body(&made), "/id"));
    let patched = bench.patch(&path, r#"{"op":"replace","path":"password","value":"second-secret"}"#);
    assert_eq!(header(&patched, "ETag"), Some("W/\"2\""));
    let pathless = bench.patch(&path, r#"{"op":"replace","value":{"password":"third-secret"}}"#);
    assert_eq!(header(&pathless, "ETag"), Some("W/\"3\""));
    let put = bench.ask("PUT", &path, &user("fourth-secret"));
    assert_eq!(header(&put, "ETag"), Some("W/\"4\""));
    let without = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    assert_eq!(header(&bench.ask("PUT", &path, &without), "ETag"), Some("W/\"4\""), "an omitted password stays");
    let line = bench.commits()[1].changes[0].lines[0].clone();
    assert_eq!((line.path.as_str(), line.action, line.operation), ("password", Action::Changed, Some(0)));
    assert!(!format!("{:?}", bench.commits()).contains("secret"));
    for handled in [made, patched, pathless, put, bench.get(&path), bench.get(&format!("{path}?attributes=password"))] {
        assert!(!text(&handled).contains("password") && !text(&handled).contains("secret"));
    }
}

#[test]
fn user_names_that_are_written_alike_are_the_same_user_name() {
    let bench = Bench::tolerant();
    bench.user("ren\u{e9}e");
    for alike in ["REN\u{c9}E", "rene\u{301}e", "\u{ff32}en\u{e9}e"] {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"{alike}"}}"#);
        assert_refused(&bench.ask("POST", "/Users", &body), 409, Some("uniqueness"));
    }
    let found = bench.get("/Users?filter=userName%20eq%20%22%EF%BC%B2EN%C3%89E%22");
    assert_eq!(at(&body(&found), "/totalResults"), "1");
}
