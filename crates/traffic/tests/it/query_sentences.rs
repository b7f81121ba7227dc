//! Queries as sentences.

use crate::query::query;

#[test]
fn a_query_is_said_as_a_sentence() {
    for (text, expected) in [
        ("", "All exchanges"),
        (
            "op:patch status:>=400 user:\"ada\" not(probe)",
            "PATCH requests with status 400 or more about ada, without probes",
        ),
        ("method:get,post", "GET or POST requests"),
        ("not(probe)", "Exchanges without probes"),
        ("-method:get -probe", "Exchanges not with method GET, without probes"),
        ("op:add", "Exchanges with a PATCH operation add"),
        ("status:404,409 dialect:entra,okta", "Exchanges with status 404 or 409 from entra or okta"),
        ("status:4", "Exchanges with status 400 to 499"),
        ("status<500 status:none", "Exchanges with status 499 or less without a response"),
        (
            "finding:T3 -finding:warning finding:any",
            "Exchanges with finding T3 with findings, without a finding of severity warning",
        ),
        ("took:>1.5s took:250us..2ms", "Exchanges that took 1.500001 s or more that took 250 \u{b5}s to 2 ms"),
        ("since:2026-01-31T14:02 until:2026-02-01", "Exchanges since 2026-01-31 14:02 UTC before 2026-02-02 00:00 UTC"),
        ("resource:User/9f resource:group/", "Exchanges about User 9f about any group"),
        (
            "user:\"Ada Lovelace\" group:=staff",
            "Exchanges about \u{201c}Ada Lovelace\u{201d} about group exactly staff",
        ),
        ("diff:active path:=name", "Exchanges that changed active touching exactly name"),
        (
            "header:if-match header:user-agent=okta",
            "Exchanges with header if-match with header user-agent holding \u{201c}okta\u{201d}",
        ),
        (
            "hello -body:x target:/Users",
            "Exchanges with \u{201c}hello\u{201d} with \u{201c}/Users\u{201d} in the target, without \u{201c}x\u{201d} in a body",
        ),
        ("status:404 or user:ada", "Exchanges with status 404 or about ada"),
        ("(status:404 or user:ada) verdict:refused", "Exchanges (with status 404 or about ada) with verdict refused"),
        ("not (status:404 user:ada)", "Exchanges not (with status 404 and about ada)"),
        ("seq:10..20 tenant:default", "Exchanges numbered 10 to 20 of tenant default"),
        ("dialect:none -tenant:none", "Exchanges of no known dialect, of a tenant"),
    ] {
        assert_eq!(query(text).sentence(), expected, "{text}");
    }
}
