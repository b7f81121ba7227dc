//! Where resources are, as clients outside see it.

use provider::TenantSettings;

use crate::bench::{Bench, TOKEN, body, finding, header, string};

fn change(bench: &Bench, change: impl Fn(&mut TenantSettings)) {
    bench.provider.tenant().change(|settings| change(settings));
}

/// The base URL that a created user's location begins with.
fn base_seen(bench: &Bench, peer: &str, headers: &[(&str, &str)]) -> String {
    let mut request = bench.request("POST", "/Users", headers, &user(&bench.provider.new_id()));
    request.peer = peer.parse().unwrap();
    let handled = bench.provider.prepare(request).execute();
    let location = string(&body(&handled), "/meta/location");
    assert_eq!(header(&handled, "Location"), Some(location.as_str()));
    location.split_once("/Users/").expect("a location of a user").0.to_owned()
}

fn user(name: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}"}}"#)
}

#[test]
fn the_public_url_is_used_wherever_a_resource_is_named() {
    let bench = Bench::tolerant();
    change(&bench, |settings| settings.public_url = Some("https://scim.example.com/".parse().unwrap()));
    let base = "https://scim.example.com/scim/v2";
    assert_eq!(base_seen(&bench, "127.0.0.1", &[("Forwarded", "host=evil.example.net")]), base);
    let id = bench.user("ada");
    let group = bench.group("g", &[&id]);
    let read = body(&bench.get(&format!("/Groups/{group}")));
    assert_eq!(string(&read, "/members/0/$ref"), format!("{base}/Users/{id}"));
    let read = body(&bench.get(&format!("/Users/{id}")));
    assert_eq!(string(&read, "/groups/0/$ref"), format!("{base}/Groups/{group}"));
    let config = body(&bench.get("/ServiceProviderConfig"));
    assert_eq!(string(&config, "/meta/location"), format!("{base}/ServiceProviderConfig"));
    change(&bench, |settings| settings.public_url = Some("https://example.com/acme".parse().unwrap()));
    assert_eq!(base_seen(&bench, "127.0.0.1", &[]), "https://example.com/acme");
}

#[test]
fn forwarded_headers_count_from_declared_peers_only() {
    let direct = "http://127.0.0.1:8787/scim/v2";
    let bench = Bench::tolerant();
    change(&bench, |settings| settings.forwarded_from = vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
    let outside = "https://scim.example.com/scim/v2";
    let old =
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "scim.example.com"), ("X-Forwarded-For", "203.0.113.7")];
    let new = [("Forwarded", "for=203.0.113.7;proto=https;host=scim.example.com")];
    for headers in [&old[..], &new[..]] {
        assert_eq!(base_seen(&bench, "10.1.2.3", headers), outside);
        assert_eq!(base_seen(&bench, "::1", headers), outside);
        assert_eq!(base_seen(&bench, "::ffff:10.1.2.3", headers), outside);
        assert_eq!(base_seen(&bench, "127.0.0.1", headers), direct);
    }
    change(&bench, |settings| settings.forwarded_from.clear());
    assert_eq!(base_seen(&bench, "10.1.2.3", &new), direct);
}

#[test]
fn a_proxy_that_is_not_believed_is_noted() {
    let bench = Bench::tolerant();
    let headers = [("x-forwarded-host", "scim.example.com")];
    let handled = bench.ask_with("GET", "/Users", &headers, "");
    assert!(finding(&handled, "forwarded-ignored").message.contains("127.0.0.1"));
    change(&bench, |settings| settings.forwarded_from = vec!["127.0.0.1".parse().unwrap()]);
    let handled = bench.ask_with("GET", "/Users", &headers, "");
    assert!(handled.findings.iter().all(|finding| finding.code != "forwarded-ignored"));
}

#[test]
fn only_what_trusted_proxies_added_is_believed() {
    let bench = Bench::tolerant();
    change(&bench, |settings| settings.forwarded_from = vec!["10.0.0.0/8".parse().unwrap()]);
    let seen = |headers: &[(&str, &str)]| base_seen(&bench, "10.0.0.1", headers);
    // The client itself wrote the first element; the one proxy added the second.
    let forged = "for=10.9.9.9;host=evil.example.net;proto=http, for=203.0.113.7;host=scim.example.com;proto=https";
    assert_eq!(seen(&[("Forwarded", forged)]), "https://scim.example.com/scim/v2");
    // Two proxies of our own: the outer one knows what the client asked.
    let two = "for=203.0.113.7;host=scim.example.com;proto=https, for=10.0.0.2;host=inner.example.com;proto=http";
    assert_eq!(seen(&[("Forwarded", two)]), "https://scim.example.com/scim/v2");
    let split = [("Forwarded", "for=\"[2001:db8::1]:4711\";host=\"scim.example.com:8443\";proto=https")];
    assert_eq!(seen(&split), "https://scim.example.com:8443/scim/v2");
    let old = [
        ("X-Forwarded-For", "203.0.113.7, 10.0.0.2"),
        ("X-Forwarded-Host", "scim.example.com, inner.example.com"),
        ("X-Forwarded-Proto", "https,http"),
    ];
    assert_eq!(seen(&old), "https://scim.example.com/scim/v2");
    let prefix = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/mock/")];
    assert_eq!(seen(&prefix), "https://127.0.0.1:8787/mock/scim/v2");
}

#[test]
fn what_cannot_be_part_of_a_url_is_not_made_part_of_one() {
    let bench = Bench::tolerant();
    change(&bench, |settings| settings.forwarded_from = vec!["10.0.0.1".parse().unwrap()]);
    for (name, value) in [
        ("Forwarded", "host=\"a/../b\";proto=javascript"),
        ("Forwarded", ";;;,,,===\"\""),
        ("Forwarded", ""),
        ("X-Forwarded-Host", "a b"),
        ("X-Forwarded-Host", "user@host"),
        ("X-Forwarded-Host", ","),
        ("X-Forwarded-Proto", "gopher"),
        ("X-Forwarded-Prefix", "//evil\"<x>"),
    ] {
        assert_eq!(base_seen(&bench, "10.0.0.1", &[(name, value)]), "http://127.0.0.1:8787/scim/v2", "{name}: {value}");
    }
    assert_eq!(bench.ask_with("GET", "/Users", &[("Authorization", TOKEN)], "").response.status, 401);
}
