//! A saved workspace is there again after a restart; a temporary one leaves nothing.

use app::config::{Config, Workspace};
use app::running::App;
use replay::{Options, Verdict, play};
use traffic::ids::Seq;

use crate::running::{app, app_in, config, target};

#[tokio::test]
async fn record_directory_token_and_profile_are_the_same_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let first = App::start(Config { token: None, workspace: Workspace::File(file.clone()), ..config() })
        .await
        .expect("it starts");
    let sample = &replay::scenarios()[0];
    // Stop before the deletion at the end, so that the directory has something to keep.
    let mut kept = sample.clone();
    kept.steps.truncate(5);
    assert_eq!(play(&kept, &target(&first), &Options::demo(), |_| {}).await.verdict(), Verdict::Same);
    let token = first.token().to_owned();
    let before: Vec<_> = first.log().exchanges(Seq(0), 100);
    first.stop().await;

    let second = App::start(Config { token: None, workspace: Workspace::File(file), ..config() })
        .await
        .expect("it starts again");
    assert_eq!(second.token(), token);
    let after = second.log().exchanges(Seq(0), 100);
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.received(), after.received());
        assert_eq!(before.outcome(), after.outcome());
        let changes = |exchange: &traffic::exchange::Exchange| {
            exchange.committed.as_ref().map(|committed| (committed.revision, committed.changes.len()))
        };
        assert_eq!(changes(before), changes(after));
        assert!(after.annotation.as_ref().is_some_and(|annotation| !annotation.sentence.is_empty()));
    }
    // The directory knows the user that was created before: creating it again is a conflict.
    let created = before.iter().find(|exchange| exchange.opened.method == "POST").expect("a create");
    let body = created.received().expect("bytes").content().into_owned();
    let mut again = sample.clone();
    again.steps.truncate(2);
    again.steps.remove(0);
    again.steps[0].body = Some(scim::json::parse(&body, scim::json::Limits::default()).expect("JSON"));
    again.steps[0].expect.status = vec![409];
    again.steps[0].expect.body_contains = None;
    again.steps[0].capture.clear();
    let run = play(&again, &target(&second), &Options::demo(), |_| {}).await;
    assert_eq!(run.verdict(), Verdict::Same, "{:#?}", run.failed());
    assert_eq!(second.log().head().seq, Seq(before.len() as u64 + 1), "numbers go on");
    second.stop().await;
}

#[tokio::test]
async fn a_workspace_that_is_open_is_refused_politely() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("work.scimscope");
    let first = app_in(&file).await;
    let Err(error) = App::start(Config { workspace: Workspace::File(file), ..config() }).await else {
        panic!("the same file was opened twice")
    };
    assert!(error.to_string().contains("already open"), "{error:#}");
    first.stop().await;
}

#[tokio::test]
async fn a_temporary_workspace_is_gone_after_a_clean_end() {
    let app = app("tolerant").await;
    let status = status(&app).await;
    let path = std::path::PathBuf::from(status["workspace"]["path"].as_str().expect("a path"));
    assert_eq!(status["workspace"]["kind"], "temporary");
    assert!(path.exists());
    app.stop().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn an_unknown_profile_is_refused_with_those_that_there_are() {
    let Err(error) = App::start(Config { profile: Some("lenient".into()), ..config() }).await else {
        panic!("an unknown profile was taken")
    };
    let message = error.to_string();
    assert!(message.contains("lenient") && message.contains("tolerant") && message.contains("rfc-strict"), "{message}");
}

async fn status(app: &App) -> serde_json::Value {
    let request = http::Request::get("/api/v1/status").body(axum::body::Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
    serde_json::from_slice(&body).expect("JSON")
}
