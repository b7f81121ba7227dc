//! Paths, methods, media types, and what never became a request.

use provider::Refusal;
use scim::finding::{Place, Severity};
use traffic::handled::Action;

use provider::Profile;
use scim::schema::Registry;

use crate::bench::{Bench, USER, assert_refused, body, finding, header, string, text, tolerances};

#[test]
fn what_is_no_endpoint_is_a_scim_404() {
    let bench = Bench::tolerant();
    for path in ["/", "/favicon.ico", "/scim", "/scim/", "/scim/users", "/Users"] {
        let handled = bench.provider.prepare(bench.plain("GET", path, Vec::new(), "")).execute();
        assert_refused(&handled, 404, None);
        assert_eq!(handled.tenant, None);
    }
    for path in ["/Userz", "/users", "/Users/a/b", "/Schemas/a/b"] {
        let handled = bench.get(path);
        assert_refused(&handled, 404, None);
        assert_eq!(handled.tenant.as_deref(), Some("default"));
    }
}

#[test]
fn another_protocol_version_in_the_path_is_refused_as_such() {
    let bench = Bench::tolerant();
    for target in ["/scim/v9/Users", "/scim/v1", "/scim/v1.1/Users/1"] {
        let handled = bench.provider.prepare(bench.plain("GET", target, Vec::new(), "")).execute();
        assert_refused(&handled, 400, Some("invalidVers"));
    }
    assert_refused(&bench.provider.prepare(bench.plain("GET", "/scim/vx/Users", Vec::new(), "")).execute(), 404, None);
}

#[test]
fn methods_that_make_no_sense_are_refused_with_those_that_do() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    for (method, path, allow) in [
        ("DELETE", "/Users".to_owned(), "GET, HEAD, POST, OPTIONS"),
        ("POST", format!("/Users/{id}"), "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("BREW", "/Users".to_owned(), "GET, HEAD, POST, OPTIONS"),
        ("POST", "/Schemas".to_owned(), "GET, HEAD, OPTIONS"),
        ("PUT", format!("/Schemas/{USER}"), "GET, HEAD, OPTIONS"),
        ("DELETE", "/ServiceProviderConfig".to_owned(), "GET, HEAD, OPTIONS"),
    ] {
        let handled = bench.ask(method, &path, "");
        assert_refused(&handled, 405, None);
        assert_eq!(header(&handled, "Allow"), Some(allow));
        let options = bench.ask("OPTIONS", &path, "");
        assert_eq!((options.response.status, header(&options, "Allow")), (204, Some(allow)));
    }
}

#[test]
fn what_is_announced_as_unsupported_is_a_501() {
    let off =
        Profile { bulk: false, search: false, root_query: false, patch: false, ..Profile::preset("tolerant").unwrap() };
    let bench = Bench::with(off, Registry::builtin());
    for (method, path) in [
        ("POST", "/Bulk"),
        ("PATCH", "/Users/1"),
        ("GET", "/Me"),
        ("PATCH", "/Me"),
        ("POST", "/.search"),
        ("POST", "/Users/.search"),
        ("GET", ""),
        ("GET", "/"),
    ] {
        assert_refused(&bench.ask(method, path, ""), 501, None);
    }
}

#[test]
fn head_is_answered_like_get() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    for path in [format!("/Users/{id}"), "/Users".into(), "/Schemas".into()] {
        let (head, get) = (bench.ask("HEAD", &path, ""), bench.get(&path));
        assert_eq!((head.response, head.action), (get.response, get.action));
    }
}

#[test]
fn a_path_is_decoded_and_a_slash_at_its_end_is_noticed() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    let encoded = id.replace('-', "%2D");
    assert_eq!(bench.get(&format!("/%55sers/{encoded}")).response.status, 200);
    let handled = bench.get("/Users/?count=1");
    assert_eq!(handled.response.status, 200);
    assert_eq!(finding(&handled, "trailing-slash").severity, Severity::Info);
    assert_refused(&bench.get("/Users/%zz"), 400, Some("invalidValue"));
    assert_refused(&bench.get("/Users/%ff"), 400, Some("invalidValue"));
}

#[test]
fn an_id_of_another_type_is_not_found() {
    let bench = Bench::tolerant();
    let id = bench.group("g", &[]);
    for method in ["GET", "DELETE"] {
        let handled = bench.ask(method, &format!("/Users/{id}"), "");
        assert_refused(&handled, 404, None);
        assert_eq!(finding(&handled, "http-404").place, Place::Target(15..15 + id.len()));
    }
}

#[test]
fn the_answer_has_the_media_type_that_is_wanted() {
    let bench = Bench::tolerant();
    for (accept, expected, ignored) in [
        (None, "application/scim+json", false),
        (Some("application/scim+json"), "application/scim+json", false),
        (Some("application/json"), "application/json", false),
        (Some("application/json, application/scim+json"), "application/scim+json", false),
        (Some("application/json;q=1.0, application/scim+json;q=0.5"), "application/json", false),
        (Some("*/*"), "application/scim+json", false),
        (Some("text/html, application/xml"), "application/scim+json", true),
    ] {
        let headers: Vec<_> = accept.iter().map(|accept| ("Accept", *accept)).collect();
        let handled = bench.ask_with("GET", "/Users", &headers, "");
        assert_eq!((handled.response.status, header(&handled, "Content-Type")), (200, Some(expected)), "{accept:?}");
        assert_eq!(handled.findings.iter().any(|finding| finding.code == "accept-ignored"), ignored, "{accept:?}");
    }
}

#[test]
fn bodies_are_taken_as_scim_or_json_and_nothing_else() {
    for bench in [Bench::tolerant(), Bench::strict()] {
        let post = |name: &str, content_type: &[(&str, &str)]| {
            let body = format!(r#"{{"schemas":["{USER}"],"userName":"{name}"}}"#);
            bench.ask_with("POST", "/Users", content_type, &body)
        };
        assert!(post("a", &[("Content-Type", "application/scim+json; charset=utf-8")]).findings.is_empty());
        let json = post("b", &[("content-type", "application/json;charset=UTF-8")]);
        assert_eq!((json.response.status, tolerances(&json)), (201, vec!["T9"]));
        assert_eq!(finding(&json, "T9").place, Place::Header("content-type".into()));
        assert_refused(&post("c", &[("Content-Type", "text/plain")]), 415, None);
        assert_refused(&post("c", &[("Content-Type", "")]), 415, None);
        let get = bench.ask_with("GET", "/Users", &[("Content-Type", "application/json")], "");
        assert_eq!(tolerances(&get), ["T9"]);
    }
}

#[test]
fn a_body_without_a_content_type_is_read_and_noticed() {
    let bench = Bench::strict();
    let mut request = bench.request("POST", "/Users", &[], &format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#));
    request.headers.retain(|(name, _)| name != "Content-Type");
    let handled = bench.provider.prepare(request).execute();
    assert_eq!(handled.response.status, 201);
    assert_eq!(finding(&handled, "missing-content-type").severity, Severity::Warning);
}

#[test]
fn a_body_that_has_no_meaning_is_noticed() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    assert_eq!(finding(&bench.ask("GET", "/Users", "{}"), "body-ignored").severity, Severity::Warning);
    let handled = bench.ask("DELETE", &format!("/Users/{id}"), "not json");
    assert_eq!((handled.response.status, finding(&handled, "body-ignored").code.as_str()), (204, "body-ignored"));
}

#[test]
fn a_body_that_is_no_json_is_refused_with_the_position() {
    let bench = Bench::tolerant();
    let handled = bench.ask("POST", "/Users", "{\"userName\": ada}");
    assert_refused(&handled, 400, Some("invalidSyntax"));
    assert!(text(&handled).contains("line 1, column 14"), "{}", text(&handled));
    for broken in ["", "[]", "null", "\"x\""] {
        assert_refused(&bench.ask("POST", "/Users", broken), 400, Some("invalidSyntax"));
    }
}

#[test]
fn what_never_became_a_request_is_a_scim_error_too() {
    let bench = Bench::tolerant();
    for (refusal, status) in [
        (Refusal::NotHttp("no blank in the first line".into()), 400),
        (Refusal::HeadTooLarge { limit: 65_536 }, 431),
        (Refusal::TooManyHeaders { limit: 100 }, 431),
        (Refusal::BodyTooLarge { limit: 1_048_576 }, 413),
        (Refusal::Timeout { what: "the body".into() }, 408),
        (Refusal::Unsupported("Transfer-Encoding: gzip".into()), 501),
        (Refusal::Panicked, 500),
    ] {
        let handled = bench.provider.refuse(refusal);
        assert_refused(&handled, status, None);
        assert_eq!((handled.action, handled.tenant), (Action::Unknown, None));
        assert_eq!(header(&bench.get("/Nothing"), "Content-Type"), Some("application/scim+json"));
    }
    assert!(string(&body(&bench.provider.refuse(Refusal::BodyTooLarge { limit: 77 })), "/detail").contains("77"));
}
