//! What was recorded is sent with the ids of the target, and judged by what it means.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use replay::{
    BindingEdit, Call, Credentials, Destination, End, Ended, Event, Ignores, Limits, Measure, Part, Patience, Phase,
    Recorded, ReplayOptions, Reply, Sort, Steer, StepOutcome, Verdict, replay,
};
use tokio::sync::mpsc;

use crate::server::{Server, answer};

fn step(method: &str, path: &str, body: &str, status: u16, reply: &str) -> Recorded {
    let headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    Recorded {
        label: format!("{method} {path}"),
        seq: None,
        offset_us: Some(0),
        elapsed_us: None,
        base_path: "/scim/v2".into(),
        call: Call { method: method.into(), path: path.into(), headers: Vec::new(), body: body.to_owned().into() },
        measure: Measure::Recorded(Reply { status, headers, body: reply.to_owned().into() }),
        unsendable: None,
    }
}

fn user(id: &str, name: &str) -> String {
    format!(
        r#"{{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "{id}", "userName": "{name}",
            "meta": {{"resourceType": "User", "created": "2026-01-31T09:30:00Z", "location": "http://a.example.com/scim/v2/Users/{id}"}}}}"#
    )
}

async fn run(steps: Vec<Recorded>, server: &Server, options: ReplayOptions) -> (Ended, Vec<StepOutcome>) {
    let destination = Destination {
        limits: Limits { connect: Duration::from_secs(5), answer: Duration::from_secs(20), body_bytes: 1 << 20 },
        ..Destination::new(server.target.base.clone(), "t0ken")
    };
    run_at(steps, &destination, options, &Steer::default()).await
}

async fn run_at(
    steps: Vec<Recorded>,
    destination: &Destination,
    options: ReplayOptions,
    steer: &Steer,
) -> (Ended, Vec<StepOutcome>) {
    let (events, mut heard) = mpsc::channel(4);
    let listening = tokio::spawn(async move {
        let mut outcomes = Vec::new();
        while let Some(event) = heard.recv().await {
            if let Event::Step(outcome) = event {
                outcomes.push(*outcome);
            }
        }
        outcomes
    });
    let ended = replay(Arc::new(steps), destination, &options, steer, events).await;
    (ended, listening.await.unwrap())
}

fn recording() -> Vec<Recorded> {
    let group = r#"{"members": [{"value": "rec-user-1", "$ref": "http://a.example.com/scim/v2/Users/rec-user-1"}]}"#;
    vec![
        step("POST", "/Users", r#"{"userName": "ada"}"#, 201, &user("rec-user-1", "ada")),
        step("GET", "/Users/rec-user-1", "", 200, &user("rec-user-1", "ada")),
        step("PUT", "/Groups/9", group, 204, ""),
    ]
}

#[tokio::test]
async fn ids_of_the_target_take_the_places_of_recorded_ones() {
    let server = Server::saying(vec![
        answer("201 Created", &user("new-7", "ada")),
        answer("200 OK", &user("new-7", "ada")),
        "HTTP/1.1 204 No Content\r\n\r\n".into(),
    ])
    .await;
    let (ended, outcomes) = run(recording(), &server, ReplayOptions::default()).await;
    assert_eq!((ended.end, ended.ids, ended.created), (End::Complete, 1, 1));
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Same), "{outcomes:#?}");
    let heard = server.heard();
    assert!(heard[1].starts_with("GET /scim/v2/Users/new-7 HTTP/1.1"), "{}", heard[1]);
    let base = server.target.base.trim_end_matches('/');
    assert!(
        heard[2].ends_with(&format!(r#"{{"members": [{{"value": "new-7", "$ref": "{base}/Users/new-7"}}]}}"#)),
        "{}",
        heard[2]
    );
    assert!(heard[1].contains("Authorization: Bearer t0ken"), "{}", heard[1]);
    let shown = &outcomes[1].call.headers;
    assert_eq!(shown.last().unwrap().1, "Bearer ****", "credentials are no part of a result");
    assert_eq!(outcomes[1].bound[0].sent, "new-7");
}

#[tokio::test]
async fn another_value_is_told_with_its_path_and_other_ids_and_times_are_not() {
    let other = user("new-7", "ada").replace("\"ada\"", "\"ADA L\"").replace("09:30", "10:45");
    let server = Server::saying(vec![answer("200 OK", &other)]).await;
    let steps = vec![step("GET", "/Users/rec-user-1", "", 200, &user("rec-user-1", "ada"))];
    let (_, outcomes) = run(steps, &server, ReplayOptions::default()).await;
    let counting: Vec<_> = outcomes[0].differences.iter().filter(|one| Ignores::default().counts(one)).collect();
    assert_eq!(outcomes[0].verdict, Verdict::Different);
    assert_eq!(counting.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["userName"]);
    let sorts: Vec<Sort> = outcomes[0].differences.iter().map(|one| one.sort).collect();
    assert!(sorts.contains(&Sort::Id) && sorts.contains(&Sort::Time), "{sorts:?}");
    let ignoring = Ignores { paths: vec!["userName".into()], ..Ignores::default() };
    assert_eq!(ignoring.judge(&outcomes[0].differences), Verdict::SameExceptIgnored);
}

#[tokio::test]
async fn a_member_that_is_somebody_else_is_a_difference_although_ids_do_not_count() {
    let group = |member: &str| {
        format!(
            r#"{{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g", "displayName": "G", "members": [{{"value": "{member}"}}]}}"#
        )
    };
    let steps = vec![
        step("POST", "/Users", r#"{"userName": "ada"}"#, 201, &user("rec-user-1", "ada")),
        step("POST", "/Users", r#"{"userName": "bob"}"#, 201, &user("rec-user-2", "bob")),
        step("GET", "/Groups/g", "", 200, &group("rec-user-1")),
        step("GET", "/Groups/g", "", 200, &group("rec-user-1")),
    ];
    let server = Server::saying(vec![
        answer("201 Created", &user("new-1", "ada")),
        answer("201 Created", &user("new-2", "bob")),
        answer("200 OK", &group("new-1")),
        answer("200 OK", &group("new-2")),
    ])
    .await;
    let (_, outcomes) = run(steps, &server, ReplayOptions::default()).await;
    let verdicts: Vec<Verdict> = outcomes.iter().map(|outcome| outcome.verdict).collect();
    assert_eq!(verdicts, [Verdict::Same, Verdict::Same, Verdict::Same, Verdict::Different]);
}

#[tokio::test]
async fn what_needs_a_value_that_never_came_is_skipped_and_not_sent_with_the_recorded_one() {
    let refused = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409", "detail": "taken"}"#;
    let server = Server::saying(vec![answer("409 Conflict", refused)]).await;
    let (ended, outcomes) = run(recording(), &server, ReplayOptions::default()).await;
    assert_eq!(ended.end, End::Complete);
    let verdicts: Vec<Verdict> = outcomes.iter().map(|outcome| outcome.verdict).collect();
    assert_eq!(verdicts, [Verdict::Different, Verdict::Skipped, Verdict::Skipped]);
    assert!(outcomes[1].differences[0].words.as_ref().unwrap().contains("step 1"), "{:?}", outcomes[1]);
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn a_binding_can_be_kept_as_recorded_or_set_to_another_value() {
    let edits = vec![
        BindingEdit::Keep { step: 1, place: "path".into(), value: "rec-user-1".into() },
        BindingEdit::Set {
            step: 2,
            place: "body /members/0/value".into(),
            value: "rec-user-1".into(),
            with: "by-hand".into(),
        },
    ];
    let none = "HTTP/1.1 204 No Content\r\n\r\n";
    let server = Server::saying(vec![answer("201 Created", &user("new-7", "ada")), none.into(), none.into()]).await;
    run(recording(), &server, ReplayOptions { bindings: edits, ..ReplayOptions::default() }).await;
    assert!(server.heard()[1].starts_with("GET /scim/v2/Users/rec-user-1 "));
    assert!(server.heard()[2].contains(r#""value": "by-hand""#));
}

#[tokio::test]
async fn a_run_stops_at_the_first_difference_if_it_should() {
    let server = Server::saying(vec![answer("500 Oops", "{}")]).await;
    let options = ReplayOptions { stop_at_difference: true, ..ReplayOptions::default() };
    let steps = vec![step("GET", "/A/1", "", 200, "{}"), step("GET", "/A/2", "", 200, "{}")];
    let (ended, outcomes) = run(steps, &server, options).await;
    assert_eq!((ended.end, outcomes.len(), server.heard().len()), (End::AtDifference(0), 1, 1));
    assert_eq!(outcomes[0].differences[0].part, Part::Status);
}

#[tokio::test]
async fn a_server_that_does_things_later_is_asked_again() {
    let busy = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    let server = Server::saying(vec![
        busy.into(),
        answer("201 Created", &user("new-7", "ada")),
        answer("404 Not Found", "{}"),
        answer("200 OK", &user("new-7", "ada")),
    ])
    .await;
    let patience = Some(Patience { within: Duration::from_secs(20), every: Duration::from_millis(1) });
    let steps = recording()[..2].to_vec();
    let (_, outcomes) = run(steps, &server, ReplayOptions { patience, ..ReplayOptions::default() }).await;
    assert_eq!(outcomes.iter().map(|one| (one.verdict, one.attempts)).collect::<Vec<_>>(), [(Verdict::Same, 2); 2]);
}

#[tokio::test]
async fn the_state_is_read_back_and_what_was_created_is_deleted() {
    let none = "HTTP/1.1 204 No Content\r\n\r\n";
    let server = Server::saying(vec![
        answer("201 Created", &user("new-7", "ada")),
        answer("200 OK", &user("new-7", "ada").replace("ada", "eve")),
        none.into(),
    ])
    .await;
    let options = ReplayOptions { check_state: true, clean_up: true, ..ReplayOptions::default() };
    let (_, outcomes) = run(recording()[..1].to_vec(), &server, options).await;
    let ends: Vec<_> = outcomes.iter().map(|one| (one.phase, one.verdict)).collect();
    assert_eq!(
        ends,
        [(Phase::Replay, Verdict::Same), (Phase::State, Verdict::Different), (Phase::CleanUp, Verdict::Same)]
    );
    assert!(server.heard()[2].starts_with("DELETE /scim/v2/Users/new-7 "));
}

#[tokio::test]
async fn step_by_step_nothing_is_sent_until_somebody_says_so() {
    let server = Server::saying(vec![answer("200 OK", "{}"), answer("200 OK", "{}")]).await;
    let steer = Steer::new(true);
    let steps = vec![step("GET", "/A/1", "", 200, "{}"), step("GET", "/A/2", "", 200, "{}")];
    let destination = Destination::new(server.target.base.clone(), "");
    let (events, mut heard) = mpsc::channel(4);
    let (source, inner) = (Arc::new(steps), steer.clone());
    let options = ReplayOptions::default();
    let running = tokio::spawn(async move { replay(source, &destination, &options, &inner, events).await });
    assert!(matches!(heard.recv().await, Some(Event::Planned(_))));
    assert!(server.heard().is_empty());
    steer.step();
    assert!(matches!(heard.recv().await, Some(Event::Step(_))));
    assert_eq!(server.heard().len(), 1);
    steer.stop();
    assert_eq!(running.await.unwrap().end, End::Stopped);
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn no_server_hangs_the_player_or_leads_it_away() {
    let hostile = [
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/away\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\u{1}\u{2}\u{3}\u{4}\u{5}",
    ];
    for bytes in hostile {
        let answers = if bytes.is_empty() { vec![] } else { vec![bytes.to_owned()] };
        let server = Server::saying(answers).await;
        let limits = Limits { answer: Duration::from_millis(80), ..Limits::default() };
        let destination = Destination { limits, ..Destination::new(server.target.base.clone(), "") };
        let options = ReplayOptions { workers: 4, check_state: true, clean_up: true, ..ReplayOptions::default() };
        let (ended, outcomes) = run_at(recording(), &destination, options, &Steer::default()).await;
        assert_eq!(ended.end, End::Complete, "{bytes:?}");
        assert!(
            matches!(outcomes[0].verdict, Verdict::Error | Verdict::Different),
            "{bytes:?}: {:?}",
            outcomes[0].verdict
        );
        assert!(outcomes[1..].iter().all(|one| one.verdict == Verdict::Skipped), "{bytes:?}: {outcomes:#?}");
    }
}

#[tokio::test]
async fn nobody_at_the_address_ends_the_run_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    drop(listener);
    let (ended, outcomes) =
        run_at(recording(), &Destination::new(base, ""), ReplayOptions::default(), &Steer::default()).await;
    assert!(matches!(ended.end, End::Unreachable(_)), "{ended:?}");
    assert_eq!(outcomes.len(), 1);
}

#[tokio::test]
async fn a_recorded_refusal_for_credentials_is_not_sent_with_good_ones() {
    let server = Server::saying(vec![answer("401 Unauthorized", "{}")]).await;
    let mut one = step("GET", "/Users/1", "", 401, "{}");
    one.call.headers = vec![("Authorization".into(), "Bearer the-recorded-one".into())];
    let basic = Credentials::Basic { user: "u".into(), password: "p".into() };
    let destination = Destination { credentials: basic, ..Destination::new(server.target.base.clone(), "") };
    let (_, outcomes) = run_at(vec![one], &destination, ReplayOptions::default(), &Steer::default()).await;
    assert_eq!(outcomes[0].verdict, Verdict::Same);
    let heard = &server.heard()[0];
    assert!(!heard.contains("the-recorded-one") && !heard.contains("Basic"), "{heard}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever ids a recording has, and whatever ids the target gives: every request names the target's ids and none of the
    /// recorded ones, and all answers are the same.
    #[test]
    fn every_recorded_id_becomes_that_of_the_target(
        ids in proptest::collection::btree_set("[a-z0-9-]{9,20}", 1..6),
        prefix in "[A-Z]{3,5}",
        uses in proptest::collection::vec((0usize..6, 0usize..4), 0..12),
    ) {
        let ids: Vec<String> = ids.into_iter().map(|id| format!("r{id}")).collect();
        let there = |id: &str| format!("{prefix}{}", id.chars().rev().collect::<String>());
        let (mut steps, mut answers, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (at, id) in ids.iter().enumerate() {
            steps.push(step("POST", "/Users", &format!(r#"{{"userName": "u{at}"}}"#), 201, &user(id, &format!("u{at}"))));
            answers.push(answer("201 Created", &user(&there(id), &format!("u{at}"))));
            wanted.push(format!("u{at}"));
        }
        for (which, how) in uses {
            let id = &ids[which % ids.len()];
            let (method, path, body) = match how {
                0 => ("GET", format!("/Users/{id}"), String::new()),
                1 => ("GET", format!("/Users?filter=id+eq+%22{id}%22"), String::new()),
                2 => ("PATCH", "/Groups/9".into(), format!(r#"{{"Operations":[{{"op":"remove","path":"members[value eq \"{id}\"]"}}]}}"#)),
                _ => ("PATCH", "/Groups/9".into(), format!(r#"{{"Operations":[{{"op":"add","path":"members","value":[{{"value":"{id}"}}]}}]}}"#)),
            };
            steps.push(step(method, &path, &body, 204, ""));
            answers.push("HTTP/1.1 204 No Content\r\n\r\n".to_owned());
            wanted.push(there(id));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::saying(answers).await;
            let (ended, outcomes) = run(steps, &server, ReplayOptions::default()).await;
            assert_eq!(ended.end, End::Complete);
            assert!(outcomes.iter().all(|one| one.verdict == Verdict::Same), "{outcomes:#?}");
            for (heard, wanted) in server.heard().iter().zip(&wanted) {
                assert!(heard.contains(wanted.as_str()), "{heard} has no {wanted}");
                assert!(!ids.iter().any(|id| heard.contains(id.as_str())), "{heard}");
            }
        });
    }
}
