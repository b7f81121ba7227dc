//! The story of the window: it opens ready, shows what arrives, and keeps it.

use std::path::Path;

use crate::scim::{Scim, api};
use crate::screen::Screen;

/// A user.
pub const ADA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com","displayName":"Ada Lovelace","active":true}"#;
const DISABLE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#;

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

async fn open(home: &Path) -> Screen {
    Screen::open(home).await
}

#[tokio::test]
async fn an_entra_run_over_http_appears_in_the_window_with_its_diff_and_its_bytes() {
    let home = home();
    let screen = open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    screen.picture("window-empty").await;
    let scim = Scim::of(&screen).await;

    let (status, ada) = scim.send("POST", "/Users", Some(ADA)).await;
    assert_eq!(status, 201, "{ada}");
    let id = ada["id"].as_str().expect("an id");
    let (status, _) = scim.send("PATCH", &format!("/Users/{id}"), Some(DISABLE)).await;
    assert_eq!(status, 200);

    screen.wait_for_text("disabled Ada Lovelace").await;
    screen.click("[data-seq='2']").await;
    screen.wait_for("[role='tabpanel']").await;
    screen
        .page
        .find(fantoccini::Locator::XPath("//*[@role='tab'][contains(., 'Diff')]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    screen.wait_for_text("active").await;
    let diff = screen.wait_for("[role='tabpanel']").await.text().await.unwrap();
    assert!(diff.contains("true") && diff.contains("false"), "{diff}");
    screen.picture("window-diff").await;

    screen
        .page
        .find(fantoccini::Locator::XPath("//*[@role='tab'][contains(., 'Request')]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    screen.wait_for_text("\"False\"").await;
    let exchange = api(&screen, "/api/v1/exchanges/2").await;
    assert_eq!(exchange["request"]["body"]["text"], DISABLE, "the bytes as they were sent");
    screen.close().await;
}

#[tokio::test]
async fn the_sample_run_streams_into_the_window() {
    let home = home();
    let screen = open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    screen
        .page
        .find(fantoccini::Locator::XPath("//button[contains(., 'Run sample Entra flow')]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    screen.wait_for_text("disabled Ada Lovelace").await;
    screen.wait_for("[data-seq='9']").await;
    screen.picture("window-sample").await;
    screen.close().await;
}

#[tokio::test]
async fn the_token_and_the_record_are_there_again_after_a_restart() {
    let home = home();
    let screen = open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    let scim = Scim::of(&screen).await;
    assert_eq!(scim.send("POST", "/Users", Some(ADA)).await.0, 201);
    screen.wait_for_text("Ada Lovelace").await;
    screen.close().await;

    let screen = open(home.path()).await;
    screen.wait_for_text("Ada Lovelace").await;
    let again = Scim::of(&screen).await;
    assert_eq!(again.token, scim.token);
    let (_, found) = again.send("GET", "/Users?filter=userName%20eq%20%22ADA@example.com%22", None).await;
    assert_eq!(found["totalResults"], 1, "the directory is there again: {found}");
    screen.close().await;
}
