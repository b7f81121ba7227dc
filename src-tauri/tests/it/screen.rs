//! A display, a driver and the app in it, all gone when the test ends.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

/// How long anything may take to show up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process group that ends with its owner, children and all.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}

/// The app in a window of its own display, driven through WebDriver.
pub struct Screen {
    /// The page.
    pub page: Client,
    _driver: Group,
    _display: Group,
}

impl Screen {
    /// Starts the app with its data in `home`, and waits until the page is there.
    pub async fn open(home: &Path) -> Screen {
        let (display, number) = display();
        let port = free_port();
        let driver = driver(&number, port, home);
        let page = session(port).await;
        Screen { page, _driver: driver, _display: display }
    }

    /// Waits until an element is there, by CSS selector.
    pub async fn wait_for(&self, css: &str) -> fantoccini::elements::Element {
        match self.page.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("no {css} appeared: {error}\n{}", self.text().await),
        }
    }

    /// Waits until the page's text holds a phrase.
    pub async fn wait_for_text(&self, phrase: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.text().await.contains(phrase) {
            assert!(Instant::now() < until, "the page never said {phrase:?}; it says:\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The text of the page as a reader sees it.
    pub async fn text(&self) -> String {
        self.run("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page and gives back what it returns.
    pub async fn run(&self, script: &str) -> serde_json::Value {
        self.page.execute(script, Vec::new()).await.unwrap_or(serde_json::Value::Null)
    }

    /// Clicks an element found by CSS selector.
    pub async fn click(&self, css: &str) {
        self.wait_for(css).await.click().await.unwrap_or_else(|error| panic!("{css} cannot be clicked: {error}"));
    }

    /// Saves a picture of the page for looking at, if the variable `SCIMSCOPE_PICTURES` names a folder.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("SCIMSCOPE_PICTURES") else { return };
        // The frame that WebKit hands out right after a change is the one before it.
        let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));";
        let _ = self.page.execute_async(frames, Vec::new()).await;
        let png = self.page.screenshot().await.expect("a picture");
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), png).expect("a place for pictures");
    }

    /// Closes the window and with it the app.
    pub async fn close(self) {
        self.page.close().await.expect("the session ends");
    }
}

fn display() -> (Group, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("Xvfb is installed (./test does it)");
    let mut number = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut number).expect("Xvfb names its display");
    (Group(child), format!(":{}", number.trim()))
}

fn driver(display: &str, port: u16, home: &Path) -> Group {
    let mut command = Command::new("WebKitWebDriver");
    command
        .arg(format!("--port={port}"))
        .env("DISPLAY", display)
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env_remove("WAYLAND_DISPLAY")
        .stdout(Stdio::null())
        .process_group(0);
    Group(command.spawn().expect("WebKitWebDriver is installed (./test does it)"))
}

async fn session(port: u16) -> Client {
    let until = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the driver never listened");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let options = json!({
        "binary": env!("CARGO_BIN_EXE_scimscope-desktop"),
        "args": ["--listen", format!("127.0.0.1:{}", free_port())],
    });
    let capabilities = [("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect();
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .expect("a session in the window")
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}
