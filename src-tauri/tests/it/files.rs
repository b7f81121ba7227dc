//! Files that leave the window and files that are dropped on it.

use std::path::PathBuf;

use fantoccini::Locator;

use crate::drag::drop_file;
use crate::scim::Scim;
use crate::screen::Screen;
use crate::window::ADA;
use crate::x11::{Display, until};

#[tokio::test]
async fn an_export_is_in_the_downloads_and_comes_back_in_when_it_is_dropped() {
    let home = tempfile::tempdir().expect("a folder");
    let screen = Screen::open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    let scim = Scim::of(&screen).await;
    assert_eq!(scim.send("POST", "/Users", Some(ADA)).await.0, 201);
    screen.wait_for_text("created user Ada Lovelace").await;

    screen.run("window.dispatchEvent(new KeyboardEvent('keydown', { key: 'x', bubbles: true }))").await;
    screen.wait_for_text("1 exchange in 1 flow").await;
    let export = "//dialog[@open]//button[normalize-space() = 'Export']";
    screen.page.wait().for_element(Locator::XPath(export)).await.unwrap().click().await.unwrap();
    screen.wait_for_text("Saved as ").await;
    screen.picture("window-export").await;
    let downloads = home.path().join("Downloads");
    let saved: Vec<PathBuf> =
        std::fs::read_dir(&downloads).expect("downloads").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(saved.len(), 1, "{saved:?}");
    let text = std::fs::read_to_string(&saved[0]).expect("a file");
    assert!(text.contains("Ada Lovelace") && !text.contains(&scim.token), "{text}");
    screen.run("document.querySelector('dialog[open]').close()").await;

    let display = Display::open(&screen.display);
    drop_file(&display, &saved[0], (500, 300)).await;
    screen.wait_for_text("1 exchange imported").await;
    screen.picture("window-import").await;
    until("the file where it was", || saved[0].exists().then_some(())).await;
}
