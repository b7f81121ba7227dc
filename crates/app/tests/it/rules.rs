//! Rules in a running app: from the configuration, over a restart, on the way of a real request.

use app::config::Config;
use app::running::App;
use traffic::query::Query;

use crate::raw;
use crate::running::{TOKEN, address, app_in, config};

const LIMIT: &str = r#"[{ "name": "Twice", "budget": 3, "when": { "methods": ["GET"], "path": "/Users" },
    "action": { "kind": "status", "status": 503, "retry_after_s": 5 } }]"#;

async fn status(app: &App) -> String {
    let request = format!("GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    let answer = raw::exchange(address(app), request.as_bytes()).await;
    String::from_utf8(answer[9..12].to_vec()).expect("a status")
}

#[tokio::test]
async fn rules_of_the_configuration_hold_and_their_budget_lasts_over_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let workspace = app::config::Workspace::File(file.clone());
    let first = App::start(Config { rules: Some(LIMIT.into()), workspace, ..config() }).await.expect("it starts");
    assert_eq!([status(&first).await, status(&first).await], ["503", "503"]);
    first.stop().await;

    let second = app_in(&file).await;
    assert_eq!([status(&second).await, status(&second).await], ["503", "200"]);
    let touched = Query::strict("rule:twice", jiff::Timestamp::now()).expect("a query");
    let record = second.log().exchanges(traffic::ids::Seq(0), 10);
    assert_eq!(record.iter().filter(|exchange| touched.matches(exchange)).count(), 3);
    assert!(record.iter().all(|exchange| exchange.outcome().is_some()));
    second.stop().await;
}

#[tokio::test]
async fn a_ready_set_is_named_and_an_unknown_one_is_refused_with_those_there_are() {
    let set = App::start(Config { rules: Some("rate-limited-api".into()), ..config() }).await.expect("it starts");
    let now = jiff::Timestamp::now();
    assert_eq!(set.control().provider().tenant().rules().active(now), 2);
    set.stop().await;
    for (rules, what) in [
        ("rate-limited", "careless-server"),
        ("[{}]", "rule 1"),
        (r#"{"rules":[{"name":"x","action":{"kind":"status","status":9}}]}"#, "action.status"),
    ] {
        let refused = App::start(Config { rules: Some(rules.into()), ..config() }).await.err().expect("it is refused");
        assert!(format!("{refused:#}").contains(what), "{refused:#}");
    }
}
