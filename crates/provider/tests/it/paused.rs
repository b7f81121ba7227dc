//! A provider that is paused asks clients to come later, and nothing else.

use traffic::handled::Action;

use crate::bench::{Bench, USER, assert_refused, header};

#[test]
fn while_it_is_paused_clients_are_asked_to_come_later_and_nothing_is_carried_out() {
    let bench = Bench::tolerant();
    let ada = format!(r#"{{"schemas":["{USER}"],"userName":"ada@example.com"}}"#);
    let request = || bench.request("POST", "/Users", &[], &ada);
    assert!(bench.provider.pause(true) && !bench.provider.pause(true));
    let handled = bench.provider.receive(request()).execute();
    assert_refused(&handled, 503, None);
    assert_eq!(header(&handled, "Retry-After"), Some("60"));
    assert_eq!(
        (handled.tenant.as_deref(), handled.action),
        (Some("default"), Action::Create),
        "what it was about is noted"
    );
    assert_eq!(bench.get("/Users").response.status, 200);
    let own = bench.provider.prepare(request()).execute();
    assert_eq!(own.response.status, 201, "what the program itself does goes on");

    assert!(bench.provider.pause(false) && !bench.provider.is_paused());
    assert_refused(&bench.provider.receive(request()).execute(), 409, Some("uniqueness"));
}

#[test]
fn a_client_with_a_wrong_token_learns_of_the_pause_alone() {
    let bench = Bench::tolerant();
    bench.provider.pause(true);
    let handled = bench.provider.receive(bench.plain("GET", "/scim/v2/Users", Vec::new(), "")).execute();
    assert_refused(&handled, 503, None);
    assert_eq!(header(&handled, "WWW-Authenticate"), None);
}
