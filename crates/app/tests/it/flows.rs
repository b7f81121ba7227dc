//! What real identity providers send is answered as they need it, and every tolerance that it took is shown.

use std::path::PathBuf;

use replay::{Flow, Mode, Options, Player, Step, StepKind, Verdict, play};
use scim::finding::Severity;
use traffic::ids::Seq;
use traffic::log::Log;

use crate::running::{app, target};

/// The flows of `fixtures/flows`, in the order of their names.
pub fn flows() -> Vec<Flow> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flows");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    let flow = |path: &PathBuf| {
        let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Flow::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let flows: Vec<Flow> = paths.iter().map(flow).collect();
    assert!(flows.len() >= 21, "the flows are there");
    flows
}

/// The rules of tolerances that an exchange shows, in order, without repetition.
fn tolerances(log: &Log, seq: Seq) -> Vec<String> {
    let exchange = log.exchange(seq).expect("recorded");
    let findings = &exchange.outcome().expect("handled").findings;
    let rules = findings.iter().map(|finding| finding.code.clone());
    let mut rules: Vec<String> = rules.filter(|code| is_rule(code)).collect();
    rules.sort();
    rules.dedup();
    rules
}

/// T1 to T17.
fn is_rule(code: &str) -> bool {
    code.strip_prefix('T').is_some_and(|number| number.parse::<u8>().is_ok())
}

#[tokio::test]
async fn each_flow_passes_in_the_tolerant_profile_and_shows_exactly_the_tolerances_it_needs() {
    for flow in flows() {
        let (app, id) = (app("tolerant").await, &flow.id);
        let run = play(&flow, &target(&app), &Options::test(), |_| {}).await;
        assert_eq!(run.verdict(), Verdict::Same, "{id}: {:#?}", run.failed());
        assert_eq!(run.steps.len(), flow.steps.len(), "{id} ended early");
        for (at, step) in flow.steps.iter().enumerate() {
            let mut expected = step.tolerances.clone();
            expected.sort();
            assert_eq!(tolerances(&app.log(), Seq(at as u64 + 1)), expected, "{id}, step {at}: {}", step.label);
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn flows_without_a_mode_pass_in_the_strict_profile_too_and_nothing_is_called_tolerated() {
    for flow in flows() {
        let id = &flow.id;
        if flow.requires.mode == Mode::Tolerant {
            continue;
        }
        let app = app("rfc-strict").await;
        let run = play(&flow, &target(&app), &Options::test(), |_| {}).await;
        assert_eq!(run.verdict(), Verdict::Same, "{id}: {:#?}", run.failed());
        for (at, step) in flow.steps.iter().enumerate() {
            let exchange = app.log().exchange(Seq(at as u64 + 1)).expect("recorded");
            let findings = &exchange.outcome().expect("handled").findings;
            let tolerated = findings.iter().find(|finding| finding.severity == Severity::Tolerated);
            assert_eq!(tolerated, None, "{id}, step {at}: {}", step.label);
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn the_flows_of_a_client_pass_in_the_profile_made_for_it() {
    for (profile, idp) in [("entra-gallery", "entra"), ("okta-oin", "okta")] {
        for flow in flows().into_iter().filter(|flow| flow.idp == idp) {
            let app = app(profile).await;
            let run = play(&flow, &target(&app), &Options::test(), |_| {}).await;
            assert_eq!(run.verdict(), Verdict::Same, "{} in {profile}: {:#?}", flow.id, run.failed());
            app.stop().await;
        }
    }
}

#[tokio::test]
async fn after_a_tolerant_set_up_the_strict_profile_answers_each_deviation_as_the_rfc_asks() {
    let mut checked = 0;
    for flow in flows() {
        let id = &flow.id;
        for (at, step) in flow.steps.iter().enumerate() {
            let Some(strict) = &step.expect_strict else { continue };
            let app = app("tolerant").await;
            let mut player = Player::new(&target(&app), &Options::test());
            for (before, step) in flow.steps[..at].iter().enumerate() {
                let result = player.step(before, step, &step.expect).await;
                assert_eq!(result.verdict, Verdict::Same, "{id}, step {before}: {:?}", result.differences);
            }
            switch_profile(&app, "rfc-strict").await;
            // The flow does not go on from here, so nothing of a refusal has to be remembered.
            let alone = Step { capture: Vec::new(), ..step.clone() };
            let result = player.step(at, &alone, strict).await;
            assert_eq!(result.verdict, Verdict::Same, "{id}, step {at}: {:?}", result.differences);
            let exchange = app.log().exchange(app.log().head().seq).expect("recorded");
            let findings = &exchange.outcome().expect("handled").findings;
            assert!(findings.iter().any(|finding| finding.severity == Severity::Error), "a refusal says why");
            assert!(findings.iter().all(|finding| finding.severity != Severity::Tolerated), "{findings:?}");
            app.stop().await;
            checked += 1;
        }
    }
    assert!(checked >= 8, "the flows hold strict expectations");
}

#[tokio::test]
async fn the_sample_run_is_nine_requests_that_all_succeed() {
    let app = app("tolerant").await;
    let sample = replay::scenarios().iter().find(|flow| flow.id == "entra-sample").expect("the sample");
    assert_eq!(sample.steps.len(), 9);
    assert!(
        sample.steps.iter().all(|step| step.kind == StepKind::Client),
        "a demo has nothing a client would not send"
    );
    let run = play(sample, &target(&app), &Options::demo(), |_| {}).await;
    assert_eq!(run.verdict(), Verdict::Same, "{:#?}", run.failed());
    app.stop().await;
}

async fn switch_profile(app: &app::running::App, name: &str) {
    let request = http::Request::put("/api/v1/profile")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(format!("{{\"name\":{name:?}}}")))
        .expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    assert!(response.status().is_success(), "{}", response.status());
}
