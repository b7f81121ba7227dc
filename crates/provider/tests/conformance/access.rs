//! Authentication (RFC 7644 sections 2 and 7).

use serde_json::json;
use testkit::bench::{Bench, TOKEN, user};
use testkit::{Ask, rule_tests};

rule_tests! {
    ["AUTH-01"] who_is_not_known_is_told_which_scheme_to_use;
    ["AUTH-03"] a_bearer_token_admits;
    ["AUTH-06"] the_schemes_can_be_read_without_credentials;
    ["AUTH-08"] a_password_is_in_clear_in_no_state_and_no_change;
    ["AUTH-09"] user_names_are_prepared_before_they_are_compared;
}

fn who_is_not_known_is_told_which_scheme_to_use(bench: &Bench) {
    for server in bench.both() {
        let asks = [
            Ask::new("GET", "/Users"),
            Ask::new("GET", "/Users").with("Authorization", "Bearer wrong"),
            Ask::new("GET", "/Users").with("Authorization", "non-token"),
            Ask::json("POST", "/Users", &user("ada", &json!({}))),
        ];
        for ask in asks {
            let reply = server.ask_plain(ask);
            let challenge = reply.refused(401, None).header("WWW-Authenticate").expect("a challenge");
            assert!(challenge.starts_with("Bearer "), "{challenge}");
        }
        assert_eq!(server.get("/Users").at("/totalResults"), 0);
    }
}

fn a_bearer_token_admits(bench: &Bench) {
    let server = bench.strict();
    for scheme in ["Bearer", "bearer"] {
        let ask = Ask::new("GET", "/Users").with("Authorization", &format!("{scheme} {TOKEN}"));
        server.ask_plain(ask).expect(200);
    }
    let config = server.get("/ServiceProviderConfig");
    assert_eq!(config.at("/authenticationSchemes/0/type"), "oauthbearertoken");
}

fn the_schemes_can_be_read_without_credentials(bench: &Bench) {
    for server in bench.both() {
        let reply = server.ask_plain(Ask::new("GET", "/ServiceProviderConfig"));
        assert!(reply.expect(200).at("/authenticationSchemes/0/name").is_string());
    }
}

fn a_password_is_in_clear_in_no_state_and_no_change(bench: &Bench) {
    const SECRET: &str = "t1meMa$heen";
    const OTHER: &str = "0ther-Secret";
    let server = bench.tolerant();
    let path = server.user("ada", &json!({ "password": SECRET }));
    server.patch(&path, &json!([{ "op": "replace", "path": "password", "value": OTHER }])).expect(200);
    server.put(&path, &user("ada", &json!({ "password": SECRET }))).expect(200);
    let state = format!("{:?}", server.provider.tenant().directory().root().get(testkit::bench::id(&path)));
    let entries = server.log.read(traffic::ids::Pos(0), usize::MAX);
    let changes = serde_json::to_string(&entries.iter().map(|(_, entry)| format!("{entry:?}")).collect::<Vec<_>>());
    for text in [state, changes.expect("text"), server.get(&path).text()] {
        assert!(!text.contains(SECRET) && !text.contains(OTHER), "{text}");
    }
}

fn user_names_are_prepared_before_they_are_compared(bench: &Bench) {
    for server in bench.both() {
        server.user("ada@example.com", &json!({}));
        let wide: String = "ada".chars().filter_map(|letter| char::from_u32(letter as u32 + 0xFEE0)).collect();
        let taken = server.post("/Users", &user(&format!("{wide}@example.com"), &json!({})));
        taken.refused(409, Some("uniqueness"));
        assert_eq!(server.found(&format!("userName eq \"{wide}@EXAMPLE.com\"")), ["ada@example.com"]);
    }
}
