//! What was recorded at one server is the same at another, and a server with a fault shows exactly that fault.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;

use app::running::App;
use replay::{
    Destination, Difference, End, Event, Flow, Options, Recorded, ReplayOptions, Steer, StepOutcome, Verdict, play,
    replay,
};
use testkit::Ask;
use testkit::bench::{Bench, TOKEN};
use tokio::sync::mpsc;
use traffic::ids::Seq;

use crate::flows::flows;
use crate::running::{app, target};

/// What an app has recorded.
pub fn recording(app: &App) -> Vec<Recorded> {
    let exchanges = app.log().exchanges(Seq(0), 10_000);
    let first = exchanges.first().map_or(0, |exchange| exchange.opened.at.as_microsecond());
    exchanges.iter().map(|exchange| Recorded::of_exchange(exchange, Some("/scim/v2"), first, &[])).collect()
}

pub async fn run(steps: Vec<Recorded>, destination: &Destination, options: &ReplayOptions) -> (End, Vec<StepOutcome>) {
    let (events, mut heard) = mpsc::channel(16);
    let (steer, mut outcomes) = (Steer::default(), Vec::new());
    let running = replay(Arc::new(steps), destination, options, &steer, events);
    let listening = async {
        while let Some(event) = heard.recv().await {
            if let Event::Step(outcome) = event {
                outcomes.push(*outcome);
            }
        }
    };
    let (ended, ()) = tokio::join!(running, listening);
    (ended.end, outcomes)
}

pub fn destination(app: &App) -> Destination {
    Destination::new(app.scim_url(), app.token())
}

#[tokio::test]
async fn each_flow_recorded_on_a_fresh_server_is_all_the_same_on_another() {
    for flow in flows() {
        let (recorded_at, replayed_at) = (app("tolerant").await, app("tolerant").await);
        let played = play(&flow, &target(&recorded_at), &Options::test(), |_| {}).await;
        assert_eq!(played.verdict(), Verdict::Same, "{}", flow.id);
        for workers in [1, 4] {
            let options = ReplayOptions { check_state: true, clean_up: true, workers, ..ReplayOptions::default() };
            let (end, outcomes) = run(recording(&recorded_at), &destination(&replayed_at), &options).await;
            assert_eq!(end, End::Complete, "{}", flow.id);
            // Users who are created at the same time stand in a list of all in the order in which they arrived.
            let by_chance = |one: &&StepOutcome| workers > 1 && one.call.path.contains("startIndex=");
            let not_same = outcomes.iter().filter(|one| one.verdict != Verdict::Same && !by_chance(one));
            let not_same: Vec<_> = not_same.map(told).collect();
            assert!(not_same.is_empty(), "{} with {workers} workers: {not_same:#?}", flow.id);
            assert!(outcomes.len() >= flow.steps.len());
        }
        recorded_at.stop().await;
        replayed_at.stop().await;
    }
}

/// A step and what counts of it.
fn told(outcome: &StepOutcome) -> (String, Vec<Difference>) {
    let ignores = replay::Ignores::default();
    let counting = outcome.differences.iter().filter(|difference| ignores.counts(difference)).cloned();
    (format!("{} {} {:?}", outcome.call.method, outcome.call.path, outcome.verdict), counting.collect())
}

#[tokio::test]
async fn a_flow_file_is_judged_by_what_it_expects() {
    for flow in flows() {
        let app = app("tolerant").await;
        let steps = flow.recorded(&Options::test().kinds);
        let (end, outcomes) = run(steps, &destination(&app), &ReplayOptions::default()).await;
        assert_eq!(end, End::Complete, "{}", flow.id);
        let not_same: Vec<_> = outcomes.iter().filter(|one| one.verdict != Verdict::Same).map(told).collect();
        assert!(not_same.is_empty(), "{}: {not_same:#?}", flow.id);
        app.stop().await;
    }
}

/// A service provider of the test bench behind a socket: one request after the other, on one connection after the other.
fn serve(rule: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/scim/v2", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let fault = rule.map(|rule| testkit::fault::faults().find(|fault| fault.rule == rule).expect("a fault"));
        let bench = fault.map_or_else(Bench::default, Bench::with_fault);
        let server = bench.tolerant();
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            while let Some(ask) = read(&mut reader) {
                let reply = server.ask_plain(ask);
                let mut text = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
                for (name, value) in
                    reply.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
                {
                    text.push_str(&format!("{name}: {value}\r\n"));
                }
                let bytes = [text.as_bytes(), b"\r\n", &reply.body].concat();
                if (&stream).write_all(&bytes).is_err() {
                    break;
                }
            }
        }
    });
    base
}

fn read(reader: &mut impl BufRead) -> Option<Ask> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Ask { method, path: target, headers, body })
}

/// What counts of the differences of a replay at a server with a fault, as part and path, without repetition.
async fn differences(flow: &str, rule: Option<&'static str>) -> Vec<String> {
    let recorded_at = app("tolerant").await;
    let flow: Flow = flows().into_iter().find(|one| one.id == flow).expect("a flow");
    play(&flow, &target(&recorded_at), &Options::test(), |_| {}).await;
    let options = ReplayOptions { check_state: true, ..ReplayOptions::default() };
    let (end, outcomes) = run(recording(&recorded_at), &Destination::new(serve(rule), TOKEN), &options).await;
    assert_eq!(end, End::Complete);
    recorded_at.stop().await;
    let counting = outcomes.iter().flat_map(|outcome| told(outcome).1);
    let mut found: Vec<String> =
        counting.map(|one| format!("{:?} {}{}", one.part, one.path, one.words.unwrap_or_default())).collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn a_server_with_one_fault_shows_exactly_that_one() {
    let discovery = "generic-01-discovery-crud-etag";
    assert_eq!(differences(discovery, None).await, Vec::<String>::new(), "without a fault nothing is different");
    assert_eq!(differences("okta-06-import", Some("GET-02")).await, ["Body totalResults"], "totalResults as text");
    assert_eq!(differences(discovery, Some("HTTP-03")).await, ["Header Content-Type"], "application/json");
}
