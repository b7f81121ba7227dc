//! Who may ask.

use scim::finding::Place;

use crate::bench::{Bench, TOKEN, assert_refused, finding, header, text};

fn with_authorization(bench: &Bench, values: &[&str]) -> traffic::handled::Handled {
    let headers = values.iter().map(|value| ("authorization".to_owned(), (*value).to_owned())).collect();
    bench.provider.prepare(bench.plain("GET", "/scim/v2/Users", headers, "")).execute()
}

#[test]
fn a_request_without_a_token_is_refused_with_a_challenge_and_a_scim_error() {
    let bench = Bench::tolerant();
    let handled = with_authorization(&bench, &[]);
    assert_refused(&handled, 401, None);
    assert_eq!(header(&handled, "WWW-Authenticate"), Some("Bearer realm=\"scimscope\""));
    assert_eq!(handled.auth.len(), 1);
    assert_eq!((handled.auth[0].found.as_str(), handled.auth[0].passed), ("none", false));
}

#[test]
fn a_wrong_token_is_refused_and_shown_masked() {
    let bench = Bench::tolerant();
    let handled = with_authorization(&bench, &["Bearer not-the-right-one-at-all"]);
    assert_refused(&handled, 401, None);
    assert_eq!(finding(&handled, "http-401").place, Place::Header("authorization".into()));
    let found: Vec<_> = handled.auth.iter().map(|step| (step.found.as_str(), step.passed)).collect();
    assert_eq!(found, [("Bearer ****-all", true), ("****-all", false)]);
    assert!(!text(&handled).contains("not-the-right"));
}

#[test]
fn the_right_token_passes_in_every_case_of_the_scheme_and_is_shown_masked() {
    let bench = Bench::tolerant();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let handled = with_authorization(&bench, &[&format!("{scheme} {TOKEN}")]);
        assert_eq!(handled.response.status, 200);
        assert!(handled.auth.iter().all(|step| step.passed && !step.found.contains(TOKEN)));
    }
}

#[test]
fn other_schemes_two_headers_and_parts_of_the_token_are_refused() {
    let bench = Bench::tolerant();
    let right = format!("Bearer {TOKEN}");
    for values in [
        &["Basic YTpi"][..],
        &[TOKEN],
        &["Bearer"],
        &["Bearer "],
        &[&right[..right.len() - 1]],
        &[right.as_str(), right.as_str()],
    ] {
        let handled = with_authorization(&bench, values);
        assert_refused(&handled, 401, None);
        assert!(handled.auth.iter().all(|step| !step.found.contains(TOKEN)), "{:?}", handled.auth);
    }
}

#[test]
fn an_empty_token_admits_nobody() {
    let bench = Bench::tolerant();
    bench.provider.tenant().replace_token(String::new());
    assert_refused(&with_authorization(&bench, &["Bearer "]), 401, None);
    assert_refused(&with_authorization(&bench, &["Bearer x"]), 401, None);
}

#[test]
fn another_token_holds_from_the_next_request_on() {
    let bench = Bench::tolerant();
    bench.provider.tenant().replace_token("another-token-altogether".into());
    assert_refused(&with_authorization(&bench, &[&format!("Bearer {TOKEN}")]), 401, None);
    assert_eq!(with_authorization(&bench, &["Bearer another-token-altogether"]).response.status, 200);
}

#[test]
fn only_the_service_provider_config_can_be_read_without_a_token() {
    let bench = Bench::tolerant();
    let ask = |method: &str, path: &str| {
        bench
            .provider
            .prepare(bench.plain(method, &format!("/scim/v2{path}"), Vec::new(), ""))
            .execute()
            .response
            .status
    };
    assert_eq!(ask("GET", "/ServiceProviderConfig"), 200);
    assert_eq!(ask("PUT", "/ServiceProviderConfig"), 401);
    for path in ["/Schemas", "/ResourceTypes", "/Users", "/Me", "/Nothing"] {
        assert_eq!(ask("GET", path), 401, "{path}");
    }
}
