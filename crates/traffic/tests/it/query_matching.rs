//! Which exchanges a query selects.

use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use scim::diff::{Action as LineAction, Line};
use scim::document::Document;
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::Annotation;
use traffic::exchange::{Closed, Ending, Exchange, Received, Sent};
use traffic::handled::{Action, Handled, Operation, OperationOutcome, Response, Subject};
use traffic::ids::{Pos, Revision, Seq};
use traffic::query::{Count, Counter};

use crate::query::{now, query};
use crate::sample::opened;

fn line(path: &str, after: Json) -> Line {
    Line { path: path.to_owned(), action: LineAction::Added, before: None, after: Some(after), operation: Some(0) }
}

fn change(kind: &str, id: &str, display: &str, lines: Vec<Line>) -> Change {
    let document = scim::object! {
        "id" => id,
        "userName" => "ada@example.com",
        "externalId" => "E-77",
        "emails" => vec![Json::Object(scim::object! { "value" => "countess@example.org" })],
    };
    Change {
        resource_type: kind.to_owned(),
        resource_id: id.to_owned(),
        display: display.to_owned(),
        before: None,
        after: Some(Arc::new(Document::pack(&document))),
        lines,
    }
}

fn handled(status: u16, body: &'static str) -> Handled {
    Handled {
        response: Response {
            status,
            headers: vec![("ETag".into(), "W/\"1\"".into())],
            body: Bytes::from_static(body.as_bytes()),
        },
        tenant: Some("default".into()),
        action: Action::Modify,
        subject: Subject {
            resource_type: Some("User".into()),
            resource_id: Some("9fada0c1".into()),
            display: Some("Ada Lovelace".into()),
            ..Subject::default()
        },
        auth: Vec::new(),
        findings: vec![Finding::new("T3", Severity::Tolerated, Place::Request, "a string for a boolean")],
        operations: vec![Operation {
            index: 0,
            op: "Replace".into(),
            path: Some("emails[type eq \"work\"].value".into()),
            outcome: OperationOutcome::Changed,
        }],
        would_have_changed: Vec::new(),
        rules: Vec::new(),
        forwarded: None,
    }
}

fn exchange(seq: u64, method: &str, target: &str) -> Exchange {
    let mut opened = opened(target);
    opened.method = method.to_owned();
    opened.at = now() - SignedDuration::from_mins(5);
    Exchange::begin(Seq(seq), Pos(seq), Arc::new(opened))
}

/// A PATCH of a user, whole.
fn patch() -> Exchange {
    let mut exchange = exchange(12, "PATCH", "/scim/v2/Users/9fada0c1?x=a%20b+c");
    let received = Received {
        head: Bytes::from_static(
            b"PATCH /scim/v2/Users/9fada0c1?x=a%20b+c HTTP/1.1\r\nUser-Agent:  Okta SCIM 1.0 \r\nX: 1\r\n\r\n",
        ),
        body: Bytes::from_static(b"5\r\nHello\r\n7\r\n, World\r\n0\r\n\r\n"),
        chunked: true,
        handled_us: Some(1_500),
        ..Received::default()
    };
    exchange.handled = Some((Arc::new(received), Arc::new(handled(200, "{\"nickName\":\"Countess\"}"))));
    let lines =
        vec![line("emails[type eq \"work\"].value", Json::Bool(true)), line("name.familyName", Json::Bool(true))];
    exchange.committed = Some(Arc::new(Committed {
        tenant: "default".into(),
        revision: Revision(3),
        cause: Cause::Exchange(Seq(12)),
        changes: vec![change("User", "9fada0c1", "Ada Lovelace", lines)],
        ahead: None,
    }));
    let sent = Sent {
        head: Bytes::from_static(b"HTTP/1.1 200 OK\r\nETag: W/\"1\"\r\n\r\n"),
        last_byte_us: Some(2_500),
        ..Sent::default()
    };
    exchange.closed = Some(Arc::new(Closed { ending: Ending::Complete, received: None, sent }));
    exchange.annotation = Some(Arc::new(Annotation {
        dialect: Some("okta".into()),
        sentence: "Okta renamed Ada Lovelace".into(),
        ..Annotation::default()
    }));
    exchange
}

/// A request of which only the beginning is known.
fn bare() -> Exchange {
    exchange(13, "GET", "/scim/v2/Users")
}

fn group() -> Exchange {
    let mut exchange = exchange(14, "PATCH", "/scim/v2/Groups/77");
    let member = scim::object! { "value" => "9fada0c1", "display" => "Ada Lovelace" };
    let mut handled = handled(400, "");
    handled.subject = Subject {
        resource_type: Some("Group".into()),
        resource_id: Some("77".into()),
        display: Some("Staff".into()),
        ..Subject::default()
    };
    handled.would_have_changed = vec![line("members[value eq \"9fada0c1\"]", Json::Object(member))];
    exchange.handled = Some((Arc::new(Received::default()), Arc::new(handled)));
    exchange
}

fn lookup() -> Exchange {
    let mut exchange = exchange(15, "GET", "/scim/v2/Users?filter=userName%20eq%20%22bob%40example.com%22");
    let mut handled = handled(200, "");
    handled.findings = Vec::new();
    handled.operations = Vec::new();
    handled.subject = Subject {
        resource_type: Some("User".into()),
        looked_for: Some(("userName".into(), "bob@example.com".into())),
        ..Subject::default()
    };
    exchange.handled = Some((Arc::new(Received::default()), Arc::new(handled)));
    exchange.annotation = Some(Arc::new(Annotation { probe: true, ..Annotation::default() }));
    exchange
}

fn selects(text: &str, exchange: &Exchange) -> bool {
    let query = query(text);
    assert_eq!(query.diagnostics(), [], "{text}");
    query.matches(exchange)
}

#[test]
fn a_patch_is_found_by_everything_that_it_is() {
    for (text, expected) in [
        ("", true),
        ("method:patch", true),
        ("op:patch op:replace", true),
        ("op:add", false),
        ("method!=patch", false),
        ("path:emails", true),
        ("path:value", true),
        ("path:mails", false),
        ("diff:familyname diff:name", true),
        ("diff:=name", false),
        ("diff:=name.familyName", true),
        ("target:/users", true),
        ("target:\"a b c\"", true),
        ("target:=/scim/v2/Users", false),
        ("user:ada user:ADA@EXAMPLE user:countess user:e-7 user:9fada", true),
        ("user:fada0c1", false),
        ("user:=\"ada lovelace\"", true),
        ("user:=ada", false),
        ("group:ada", false),
        ("resource:user resource:User/9fada resource:9fa resource:user/", true),
        ("resource:Group/9fada", false),
        ("resource:User/ada", false),
        ("finding:t3 finding:any finding:tolerated", true),
        ("finding:none", false),
        ("finding:error", false),
        ("status:200 status:2xx status:<300 status:200..204", true),
        ("status:>200", false),
        ("status:none", false),
        ("dialect:Okta", true),
        ("dialect:none", false),
        ("tenant:default", true),
        ("tenant:none", false),
        ("verdict:tolerated", true),
        ("verdict:ok", false),
        ("probe", false),
        ("probe:no", true),
        ("took:2.5ms took:>2ms took:..3ms took<=2500us", true),
        ("took:>2.5ms", false),
        ("since:10m until:5m time:12:25 since:2026-03-04", true),
        ("since:4m", false),
        ("until:6m", false),
        ("time:12:24", false),
        ("seq:12 seq:>=12 seq:10..20 seq!=13", true),
        ("seq:13", false),
        ("header:user-agent header:USER-AGENT=okta header:etag=W/", true),
        ("header:user-agent==\"Okta SCIM 1.0\"", true),
        ("header:user-agent==okta", false),
        ("header:patch", false),
        ("body:\"hello, world\" body:countess", true),
        ("body:\"7\"", false),
        ("text:renamed", true),
        ("renamed \"hello, world\" nickname \"okta scim\" 9fada0c1", true),
        ("nowhere", false),
        ("nowhere or ada", true),
        ("not (ada nowhere)", true),
    ] {
        assert_eq!(selects(text, &patch()), expected, "{text}");
    }
}

#[test]
fn what_is_not_known_yet_is_not_found() {
    let bare = bare();
    for text in
        ["status:..999", "took:>=0us", "user:a", "header:host", "body:a", "finding:any", "dialect:okta", "probe"]
    {
        assert!(!selects(text, &bare), "{text}");
        assert!(selects(&format!("not({text})"), &bare), "{text}");
    }
    for text in ["status:none", "verdict:pending", "dialect:none", "tenant:none", "method:get", "/Users", "seq:13"] {
        assert!(selects(text, &bare), "{text}");
    }
}

#[test]
fn a_user_is_found_where_it_became_a_member_or_would_have() {
    for text in ["user:ada", "user:9fada", "group:staff", "resource:group", "path:members", "verdict:refused"] {
        assert!(selects(text, &group()), "{text}");
    }
    assert!(!selects("user:staff", &group()));
    assert!(!selects("diff:members", &group()), "what would have changed did not change");
}

#[test]
fn a_user_is_found_where_it_was_looked_for() {
    assert!(selects("user:bob@", &lookup()));
    assert!(!selects("group:bob", &lookup()));
    assert!(selects("target:\"userName eq \\\"bob@example.com\\\"\"", &lookup()));
}

#[test]
fn each_clause_counts_what_it_hides() {
    let query = query("method:patch not(probe) status:200");
    let mut counter = Counter::new(&query);
    let selected: Vec<bool> = [patch(), bare(), group(), lookup()].iter().map(|it| counter.matches(it)).collect();
    assert_eq!(selected, [true, false, false, false]);
    let expected = [(2, 0), (1, 0), (2, 1)].map(|(hidden, alone)| Count { hidden, alone });
    assert_eq!(counter.counts(), expected);
}

#[test]
fn only_what_asks_for_text_reads_bytes() {
    assert!(!query("status:404 user:ada target:x -probe since:10m").reads_bytes());
    assert!(query("status:404 or not(body:x)").reads_bytes());
    assert!(query("ada").reads_bytes());
    assert!(query("header:etag").reads_bytes());
}

#[test]
fn the_same_text_at_another_time_selects_by_that_time() {
    let later: Timestamp = "2026-03-04T13:30:00Z".parse().unwrap();
    assert!(!traffic::query::Query::parse("since:10m", later).matches(&patch()));
}

#[test]
fn an_exchange_that_is_not_selected_tells_what_it_has_instead() {
    let exchange = patch();
    let failing = |text: &str| -> Vec<(usize, Option<String>)> {
        query(text).failing(&exchange).into_iter().map(|it| (it.clause, it.instead)).collect()
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(failing("method:patch"), []);
    assert_eq!(failing("method:patch method:post status:500,501"), [(1, said("PATCH")), (2, said("200"))]);
    assert_eq!(failing("-method:patch"), [(0, said("PATCH"))]);
    assert_eq!(failing("user:nobody")[0].1, said("Ada Lovelace"));
    assert_eq!(failing("tenant:other finding:T9 tag:x"), [(0, said("default")), (1, said("T3")), (2, said("none"))]);
    assert_eq!(failing("body:nothing"), [(0, None)]);
    assert_eq!(query("status:200").failing(&bare())[0].instead, said("no response"));
}
