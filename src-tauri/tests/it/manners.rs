//! The manners of a desktop app: closing, coming back, one instance, links, tray, notifications, the place of the window.

use std::path::Path;

use serde_json::{Value, json};

use crate::scim::{Scim, api};
use crate::screen::Screen;
use crate::session::{Notified, Session};
use crate::window::ADA;
use crate::x11::{Display, until};

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn remembered(home: &Path) -> Value {
    let text = std::fs::read_to_string(home.join("data/scimscope/desktop.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

async fn click_button(screen: &Screen, text: &str) {
    let path = format!("//dialog[@open]//button[contains(., '{text}')] | //main//button[contains(., '{text}')]");
    let button = screen.page.wait().for_element(fantoccini::Locator::XPath(&path)).await.expect(text);
    button.click().await.unwrap_or_else(|error| panic!("{text} cannot be clicked: {error}"));
}

/// Quits in the page. Who has quit does not answer any more.
async fn quit(screen: &Screen) {
    let script = "[...document.querySelectorAll('dialog[open] button')].find((button) => \
                  button.textContent.includes('Quit')).click()";
    screen.run(script).await;
}

async fn hash(screen: &Screen) -> String {
    screen.run("return location.hash").await.as_str().unwrap_or_default().to_owned()
}

async fn wait_for_hash(screen: &Screen, expected: &str) {
    let end = std::time::Instant::now() + crate::screen::PATIENCE;
    while hash(screen).await != expected {
        assert!(std::time::Instant::now() < end, "the page went to {}, not to {expected}", hash(screen).await);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Waits until nobody answers at the SCIM address any more.
async fn wait_until_over(scim: &Scim) {
    let address = scim.base.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    until("an end of the server", || std::net::TcpStream::connect(&address).is_err().then_some(())).await;
}

#[tokio::test]
async fn closing_the_window_is_explained_once_and_the_server_goes_on() {
    let home = home();
    let screen = Screen::open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    let scim = Scim::of(&screen).await;
    let display = Display::open(&screen.display);
    display.wait_until_shown(true).await;

    display.ask_to_close().await;
    screen.wait_for_text("Scimscope goes on serving").await;
    assert!(display.is_shown());
    screen.whole_picture("desktop-closing").await;
    click_button(&screen, "Close window").await;
    display.wait_until_shown(false).await;
    assert_eq!(scim.send("POST", "/Users", Some(ADA)).await.0, 201, "the server goes on");

    assert!(screen.start_again(&[]).await.success());
    display.wait_until_shown(true).await;
    screen.wait_for_text("Ada Lovelace").await;
    display.ask_to_close().await;
    display.wait_until_shown(false).await;
    assert_eq!(remembered(home.path())["on_close"], "keep", "it is asked once");
}

#[tokio::test]
async fn quitting_where_it_is_asked_ends_the_server() {
    let home = home();
    let screen = Screen::open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    let scim = Scim::of(&screen).await;
    let display = Display::open(&screen.display);
    display.ask_to_close().await;
    screen.wait_for_text("Scimscope goes on serving").await;
    quit(&screen).await;
    wait_until_over(&scim).await;
}

#[tokio::test]
async fn a_second_start_brings_the_window_to_the_front_and_hands_over_its_link() {
    let home = home();
    let screen = Screen::open_with(home.path(), "unix:path=/nonexistent", &["scimscope://exchange/1"]).await;
    wait_for_hash(&screen, "#/live?seq=1").await;
    let scim = Scim::of(&screen).await;
    assert_eq!(scim.send("POST", "/Users", Some(ADA)).await.0, 201);
    screen.wait_for("[data-seq='1']").await;

    assert!(screen.start_again(&["scimscope://flow/1"]).await.success());
    wait_for_hash(&screen, "#/flows/1").await;
    screen.picture("window-link").await;
    assert!(screen.start_again(&["scimscope://exchange/1?then=delete"]).await.success());
    screen.wait_for_text("has no number that an exchange can have").await;
    assert_eq!(hash(&screen).await, "#/flows/1", "a link that is refused leads nowhere");
    assert_eq!(api(&screen, "/api/v1/status").await["head"], 1, "nothing was changed by any of them");
}

#[tokio::test]
async fn a_second_start_with_a_workspace_asks_before_it_takes_the_place_of_the_open_one() {
    let home = home();
    let other = home.path().join("other.scimscope");
    let screen = Screen::open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    let path = other.to_str().unwrap();
    let request = json!({ "path": path });
    // Makes the other one, with a user in it, and comes back to the first.
    let first = api(&screen, "/api/v1/status").await["workspace"]["path"].clone();
    assert_eq!(call(&screen, "/api/v1/workspace/new", &request).await, 200);
    screen.wait_for_text("other.scimscope").await;
    assert_eq!(Scim::of(&screen).await.send("POST", "/Users", Some(ADA)).await.0, 201);
    assert_eq!(call(&screen, "/api/v1/workspace/open", &json!({ "path": first })).await, 200);
    screen.wait_for_text("Default.scimscope").await;

    assert!(screen.start_again(&[path]).await.success());
    screen.wait_for_text("Open another workspace?").await;
    screen.whole_picture("desktop-open").await;
    click_button(&screen, "Open").await;
    screen.wait_for_text("1 User").await;
    assert_eq!(api(&screen, "/api/v1/status").await["workspace"]["path"], path);
}

/// Calls the control API through the window's own scheme, and gives back the status.
async fn call(screen: &Screen, path: &str, body: &Value) -> u64 {
    let script = "const [path, body, done] = arguments;
        fetch(path, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
            .then((answer) => done(answer.status), (error) => done(String(error)))";
    let status =
        screen.page.execute_async(script, vec![json!(path), json!(body.to_string())]).await.expect("an answer");
    status.as_u64().unwrap_or_else(|| panic!("{status}"))
}

#[tokio::test]
async fn the_tray_shows_how_things_stand_brings_the_window_back_and_quits() {
    let home = home();
    let mut session = Session::start().await;
    let screen = Screen::open_with(home.path(), &session.address, &[]).await;
    screen.wait_for_text("Run sample Entra flow").await;
    let item = session.items.recv().await.expect("an item");
    let scim = Scim::of(&screen).await;
    let lines = session.menu(&item).await;
    assert!(lines.iter().any(|(_, line)| line.contains(&scim.base)), "{lines:?}");
    assert!(lines.iter().any(|(_, line)| line == "No request yet"), "{lines:?}");

    assert_eq!(scim.send("POST", "/Users", Some(ADA)).await.0, 201);
    let end = std::time::Instant::now() + crate::screen::PATIENCE;
    while !session.menu(&item).await.iter().any(|(_, line)| line.contains("Ada Lovelace")) {
        assert!(std::time::Instant::now() < end, "the last event is not in the tray: {:?}", session.menu(&item).await);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    session.choose(&item, "Pause").await;
    assert_eq!(scim.send("GET", "/Users", None).await.0, 503);
    screen.wait_for_text("Paused").await;
    session.choose(&item, "Resume").await;
    assert_eq!(scim.send("GET", "/Users", None).await.0, 200);
    let title = session.property(&item, "Title").await;
    assert_eq!(String::try_from(title).unwrap(), "Scimscope");

    let display = Display::open(&screen.display);
    display.ask_to_close().await;
    screen.wait_for_text("Its icon in the tray").await;
    click_button(&screen, "Close window").await;
    display.wait_until_shown(false).await;
    session.choose(&item, "Show").await;
    display.wait_until_shown(true).await;
    session.choose(&item, "Quit").await;
    wait_until_over(&scim).await;
}

#[tokio::test]
async fn the_desktop_is_notified_of_the_first_request_and_of_new_errors_while_nobody_looks() {
    let home = home();
    let mut session = Session::start().await;
    let screen = Screen::open_with(home.path(), &session.address, &[]).await;
    screen.wait_for_text("Run sample Entra flow").await;
    session.items.recv().await.expect("an item");
    let scim = Scim::of(&screen).await;
    let display = Display::open(&screen.display);
    display.ask_to_close().await;
    click_button(&screen, "Close window").await;
    display.wait_until_shown(false).await;

    assert_eq!(scim.send("POST", "/Users", Some(ADA)).await.0, 201);
    let first = session.notified.recv().await.unwrap();
    assert_eq!(first.summary, "A request arrived");
    assert!(first.body.contains("Ada Lovelace"), "{first:?}");
    for _ in 0..2 {
        assert_eq!(scim.send("POST", "/Users", Some(ADA)).await.0, 409);
    }
    assert_eq!(scim.send("POST", "/Users", Some("{")).await.0, 400);
    let errors = [session.notified.recv().await.unwrap(), session.notified.recv().await.unwrap()];
    assert!(errors.iter().all(|Notified { summary, .. }| summary == "A request failed in a new way"), "{errors:?}");

    session.click_notification().await;
    display.wait_until_shown(true).await;
    wait_for_hash(&screen, "#/live?seq=1").await;

    screen.run("location.hash = '#/settings/desktop'").await;
    screen.wait_for_text("The default workspace and the settings").await;
    screen.click("[role='switch'][aria-label='Notifications']").await;
    until("the setting in the file", || (remembered(home.path())["notifications"] == json!(false)).then_some(())).await;
    screen.picture("window-settings").await;
    assert!(session.notified.try_recv().is_err(), "there were three: the conflict was told once");
}

#[tokio::test]
async fn the_window_is_where_and_as_large_as_it_was_left() {
    let home = home();
    let screen = Screen::open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    let display = Display::open(&screen.display);
    display.wait_until_shown(true).await;
    let place = (90, 40, 1010, 700);
    display.put(place).await;
    let area = json!({ "x": 90, "y": 40, "width": 1010, "height": 700 });
    until("the place in the file", || (remembered(home.path())["window"]["area"] == area).then_some(())).await;
    screen.run("location.hash = '#/settings/desktop'").await;
    screen.wait_for_text("The default workspace and the settings").await;
    screen.click("[aria-label='Zoom in']").await;
    until("the zoom in the file", || (remembered(home.path())["zoom"] == json!(1.1)).then_some(())).await;
    let scim = Scim::of(&screen).await;
    display.ask_to_close().await;
    screen.wait_for_text("Scimscope goes on serving").await;
    quit(&screen).await;
    wait_until_over(&scim).await;
    drop(screen);

    let screen = Screen::open(home.path()).await;
    screen.wait_for("main").await;
    screen.run("location.hash = '#/settings/desktop'").await;
    screen.wait_for_text("110 %").await;
    let display = Display::open(&screen.display);
    display.wait_until_shown(true).await;
    assert_eq!(display.geometry().await, place);
}

#[tokio::test]
async fn nothing_is_asked_of_any_host_but_our_own() {
    let home = home();
    let screen = Screen::open(home.path()).await;
    screen.wait_for_text("Run sample Entra flow").await;
    click_button(&screen, "Run sample Entra flow").await;
    screen.wait_for("[data-seq='9']").await;
    for place in ["flows", "directory", "checks", "connect", "settings/desktop", "live?seq=5&tab=diff"] {
        screen.run(&format!("location.hash = '#/{place}'")).await;
        screen.wait_for("main").await;
    }
    let strangers = screen.strangers();
    assert!(strangers.is_empty(), "{strangers:?}");

    // And nothing could be: the policy stops it before a name is looked up.
    let script = "const done = arguments[0]; const found = [];
        addEventListener('securitypolicyviolation', (event) => found.push(event.effectiveDirective));
        const image = new Image(); image.src = 'https://example.com/pixel.png';
        fetch('https://example.com/').then(() => done('answered'), () => setTimeout(() => done(found.sort().join()), 0));";
    let stopped = screen.page.execute_async(script, Vec::new()).await.expect("an answer");
    assert_eq!(stopped, "connect-src,img-src");
}
