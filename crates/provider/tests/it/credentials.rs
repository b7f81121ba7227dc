//! Every kind of credential, and everything that can be wrong with it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use provider::{Access, Credential, Scope, Secret, Simulation};
use scim::finding::Place;
use traffic::handled::Handled;

use crate::bench::{Bench, TOKEN, assert_refused, at, body, finding, header, string, text};

const KEY: &str = "a-key-in-a-header-of-its-own";
const PASSWORD: &str = "pass:word with ümlaut";

fn credential(id: &str, secret: Secret) -> Credential {
    Credential {
        id: id.into(),
        name: format!("the {id}"),
        secret,
        scopes: Scope::ALL.to_vec(),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        revoked_at: None,
    }
}

fn bearer(id: &str, token: &str) -> Credential {
    credential(id, Secret::Bearer { token: token.into() })
}

fn basic() -> Credential {
    credential("basic", Secret::Basic { username: "okta".into(), password: PASSWORD.into() })
}

fn key() -> Credential {
    credential("key", Secret::Header { header: "X-Api-Key".into(), value: KEY.into() })
}

/// A server that asks for these.
fn asking_for(credentials: Vec<Credential>) -> Bench {
    let bench = Bench::tolerant();
    change(&bench, |access| access.credentials = credentials.iter().cloned().map(Arc::new).collect());
    bench
}

fn change(bench: &Bench, mut change: impl FnMut(&mut Access)) {
    bench.provider.tenant().change(|settings| change(&mut settings.access));
}

fn ask(bench: &Bench, method: &str, headers: &[(&str, &str)]) -> Handled {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    bench.provider.prepare(bench.plain(method, "/scim/v2/Users", headers, "")).execute()
}

fn challenges(handled: &Handled) -> Vec<&str> {
    let fields = handled.response.headers.iter();
    fields.filter(|(name, _)| name == "WWW-Authenticate").map(|(_, value)| value.as_str()).collect()
}

fn basic_header(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[test]
fn each_kind_of_credential_admits_and_no_other_does() {
    let right_basic = basic_header(&format!("okta:{PASSWORD}"));
    let right_bearer = format!("bearer {TOKEN}");
    let bench = asking_for(vec![bearer("a", "another-token-of-this-tenant"), bearer("b", TOKEN), basic(), key()]);
    let table: &[(&[(&str, &str)], u16)] = &[
        (&[("Authorization", &right_bearer)], 200),
        (&[("Authorization", "Bearer another-token-of-this-tenant")], 200),
        (&[("Authorization", &right_basic)], 200),
        (&[("x-api-key", KEY)], 200),
        // A wrong header does no harm beside a right one.
        (&[("X-Api-Key", "wrong"), ("Authorization", &right_bearer)], 200),
        (&[("X-Api-Key", KEY), ("Authorization", "Bearer wrong")], 200),
        (&[], 401),
        (&[("Authorization", "")], 401),
        (&[("Authorization", "Bearer")], 401),
        (&[("Authorization", TOKEN)], 401),
        (&[("Authorization", "Bearer wrong")], 401),
        (&[("Authorization", "Digest username=okta")], 401),
        (&[("Authorization", "Basic %%%")], 401),
        (&[("Authorization", &basic_header("okta"))], 401),
        (&[("Authorization", &basic_header("okta:wrong"))], 401),
        (&[("Authorization", &basic_header(&format!("Okta:{PASSWORD}")))], 401),
        // What is right in one place is not right in another.
        (&[("Authorization", &format!("Bearer {KEY}"))], 401),
        (&[("X-Api-Key", TOKEN)], 401),
        (&[("X-Api-Key", "")], 401),
        (&[("Authorization", &right_bearer), ("Authorization", &right_bearer)], 401),
    ];
    for (headers, status) in table {
        let handled = ask(&bench, "GET", headers);
        assert_eq!(handled.response.status, *status, "{headers:?}: {}", text(&handled));
        assert_eq!(handled.auth.last().map(|step| step.passed), Some(*status == 200), "{headers:?}");
        for step in &handled.auth {
            for secret in [TOKEN, KEY, PASSWORD, "another-token", "wrong"] {
                assert!(!step.found.contains(secret), "{step:?} shows a secret");
            }
        }
        if *status == 401 {
            assert_refused(&handled, 401, None);
            let schemes: Vec<&str> = challenges(&handled).iter().map(|challenge| &challenge[..6]).collect();
            assert_eq!(schemes, ["Bearer", "Basic ", "ApiKey"], "{headers:?}");
        }
    }
}

#[test]
fn a_tenant_that_asks_for_nothing_lets_everyone_in_and_announces_no_scheme() {
    let bench = Bench::tolerant();
    change(&bench, |access| access.open = true);
    let handled = ask(&bench, "GET", &[("Authorization", "Bearer wrong")]);
    assert_eq!(handled.response.status, 200);
    assert_eq!(handled.auth.len(), 1);
    assert!(handled.auth[0].found.contains("asks for none"));
    assert_eq!(at(&body(&bench.get("/ServiceProviderConfig")), "/authenticationSchemes"), "[]");
}

#[test]
fn a_tenant_without_credentials_lets_nobody_in_and_says_so() {
    let bench = asking_for(Vec::new());
    let handled = ask(&bench, "GET", &[("Authorization", &format!("Bearer {TOKEN}"))]);
    assert_refused(&handled, 401, None);
    assert!(text(&handled).contains("no credentials"), "{}", text(&handled));
    assert_eq!(challenges(&handled), ["Bearer realm=\"scimscope\""]);
}

#[test]
fn service_provider_config_announces_the_ways_in() {
    let client = Secret::OauthClient { client_id: "a".into(), client_secret: "b".into(), federated: None };
    let bench =
        asking_for(vec![basic(), bearer("b", TOKEN), credential("client", client), key(), bearer("c", "other")]);
    let config = body(&bench.get("/ServiceProviderConfig"));
    let kinds: Vec<String> = (0..4).map(|n| string(&config, &format!("/authenticationSchemes/{n}/type"))).collect();
    assert_eq!(kinds, ["oauthbearertoken", "oauth2", "httpbasic", "apikey"]);
    let primary: Vec<String> = (0..4).map(|n| at(&config, &format!("/authenticationSchemes/{n}/primary"))).collect();
    assert_eq!(primary, ["true", "false", "false", "false"]);
    assert_eq!(at(&config, "/authenticationSchemes/4"), "absent");
}

#[test]
fn a_token_that_is_replaced_is_good_until_the_overlap_is_over() {
    let now = Bench::tolerant().provider.now();
    let soon = now + jiff::SignedDuration::from_secs(60);
    let old = Credential { expires_at: Some(soon), ..bearer("old", "the-token-that-goes-away") };
    let bench = asking_for(vec![old, bearer("new", "the-token-that-comes-in")]);
    let with = |token: &str| ask(&bench, "GET", &[("Authorization", &format!("Bearer {token}"))]);
    let both = [with("the-token-that-goes-away"), with("the-token-that-comes-in")];
    assert_eq!(both.map(|handled| handled.response.status), [200, 200]);
    bench.clock.advance(jiff::SignedDuration::from_secs(60));
    let late = with("the-token-that-goes-away");
    assert_refused(&late, 401, None);
    assert!(text(&late).contains("expired at 2026-01-31T09:31:00Z"), "{}", text(&late));
    assert_eq!(late.auth.last().map(|step| step.checked.as_str()), Some("expiry"));
    let challenge = header(&late, "WWW-Authenticate").unwrap();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    assert_eq!(with("the-token-that-comes-in").response.status, 200);
}

#[test]
fn a_revoked_credential_is_refused_and_says_so_in_the_trace() {
    for (kind, name, value) in [
        (bearer("b", TOKEN), "Authorization", format!("Bearer {TOKEN}")),
        (basic(), "Authorization", basic_header(&format!("okta:{PASSWORD}"))),
        (key(), "X-Api-Key", KEY.to_owned()),
    ] {
        let bench = asking_for(vec![Credential { revoked_at: Some(Timestamp::UNIX_EPOCH), ..kind }]);
        let handled = ask(&bench, "GET", &[(name, &value)]);
        assert_refused(&handled, 401, None);
        assert!(text(&handled).contains("revoked"), "{}", text(&handled));
        assert_eq!(handled.auth.last().map(|step| step.checked.as_str()), Some("revocation"));
    }
}

#[test]
fn expiry_and_revocation_can_be_simulated_and_the_trace_says_that_they_are() {
    let bench = Bench::tolerant();
    let ask = || bench.get("/Users");
    for (simulation, word) in [(Simulation::Expired, "expire"), (Simulation::Revoked, "revoke")] {
        change(&bench, |access| access.simulate = Some(simulation));
        let handled = ask();
        assert_refused(&handled, 401, None);
        assert!(text(&handled).contains(word) && !text(&handled).contains("simulat"), "{}", text(&handled));
        assert!(handled.auth.last().is_some_and(|step| step.found.contains("simulated")), "{:?}", handled.auth);
        assert!(header(&handled, "WWW-Authenticate").is_some_and(|challenge| challenge.contains("invalid_token")));
    }
    change(&bench, |access| access.simulate = None);
    assert_eq!(ask().response.status, 200);
}

#[test]
fn http_13_a_scope_that_is_not_enough_is_403_and_not_401() {
    let only = |scopes: &[Scope]| Credential { scopes: scopes.to_vec(), ..bearer("b", TOKEN) };
    let bench = asking_for(vec![only(&[Scope::Read])]);
    assert_eq!(bench.get("/Users").response.status, 200);
    for (method, path) in [
        ("POST", "/Users"),
        ("PUT", "/Users/1"),
        ("PATCH", "/Users/1"),
        ("DELETE", "/Users/1"),
        ("POST", "/Bulk"),
        ("POST", "/Nothing"),
    ] {
        let handled = bench.ask(method, path, "{}");
        assert_refused(&handled, 403, None);
        assert!(text(&handled).contains("scim.write"));
        let challenge = header(&handled, "WWW-Authenticate").unwrap();
        assert!(challenge.contains("insufficient_scope") && challenge.contains("scope=\"scim.write\""), "{challenge}");
        assert_eq!(handled.auth.last().map(|step| (step.found.as_str(), step.passed)), Some(("scim.read", false)));
    }
    // A search by POST reads.
    assert_ne!(bench.ask("POST", "/Users/.search", "{}").response.status, 403);
    let bench = asking_for(vec![only(&[Scope::Write])]);
    assert_refused(&bench.get("/Users"), 403, None);
    assert_ne!(bench.ask("POST", "/Users", "{}").response.status, 403);
    let bench = asking_for(vec![only(&[])]);
    assert_refused(&bench.get("/Users"), 403, None);
}

#[test]
fn the_finding_of_a_refusal_points_at_the_header_that_is_at_fault() {
    let bench = asking_for(vec![key()]);
    let handled = ask(&bench, "GET", &[("x-API-key", "wrong")]);
    assert_eq!(finding(&handled, "http-401").place, Place::Header("x-API-key".into()));
    assert_eq!(finding(&ask(&bench, "GET", &[]), "http-401").place, Place::Request);
}

#[test]
fn secrets_are_not_shown_by_debug() {
    for kind in [bearer("b", TOKEN), basic(), key()] {
        let shown = format!("{kind:?}");
        for secret in [TOKEN, KEY, PASSWORD] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn access_is_the_same_after_it_was_kept_as_json() {
    let client =
        Secret::OauthClient { client_id: "a".into(), client_secret: "b".into(), federated: Some(Default::default()) };
    let bench = asking_for(vec![basic(), bearer("b", TOKEN), credential("client", client), key()]);
    change(&bench, |access| access.simulate = Some(Simulation::Revoked));
    let settings = bench.provider.tenant().settings();
    let kept = serde_json::to_string(&*settings).unwrap();
    assert_eq!(serde_json::from_str::<provider::TenantSettings>(&kept).unwrap(), *settings);
    assert!(kept.contains("\"profile\":\"tolerant\""), "a preset is kept by its name: {kept}");
}
