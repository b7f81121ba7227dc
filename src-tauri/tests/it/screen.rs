//! A display, a driver and the app in it, all gone when the test ends.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

/// How long anything may take to show up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A process group that ends with its owner, children and all.
pub struct Group(pub Child);

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
    /// The name of the display: ":99".
    pub display: String,
    environment: Environment,
    _driver: Group,
    _display: Group,
}

/// Where the app has its data, and which session bus it finds.
#[derive(Clone)]
struct Environment {
    home: PathBuf,
    bus: String,
}

impl Screen {
    /// Starts the app with its data in `home`, and waits until the page is there.
    pub async fn open(home: &Path) -> Screen {
        Screen::open_with(home, "unix:path=/nonexistent", &[]).await
    }

    /// The same on a desktop with a session bus at this address, with more arguments.
    pub async fn open_with(home: &Path, bus: &str, arguments: &[&str]) -> Screen {
        let environment = Environment { home: home.to_owned(), bus: bus.to_owned() };
        let (group, display) = display();
        let port = free_port();
        let driver = driver(&environment, &display, port);
        let page = session(port, arguments).await;
        Screen { page, display, environment, _driver: driver, _display: group }
    }

    /// Starts the program once more on this desktop, and gives back how it ended.
    pub async fn start_again(&self, arguments: &[&str]) -> std::process::ExitStatus {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimscope-desktop"));
        command.args(arguments);
        self.environment.apply(&mut command, &self.display);
        let mut child = command.process_group(0).spawn().expect("the program starts");
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().expect("a child") {
                return status;
            }
            if Instant::now() > until {
                drop(Group(child));
                panic!("a second start did not end");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Saves a picture of the whole display, menu and all, if the variable `SCIMSCOPE_PICTURES` names a folder.
    pub async fn whole_picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("SCIMSCOPE_PICTURES") else { return };
        let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));";
        let _ = self.page.execute_async(frames, Vec::new()).await;
        let path = PathBuf::from(folder).join(format!("{name}.png"));
        let status = Command::new("import").args(["-display", &self.display, "-window", "root"]).arg(path).status();
        assert!(status.is_ok_and(|status| status.success()), "ImageMagick takes pictures of the display");
    }

    /// The addresses of other machines to which the app or its engine has a connection.
    pub fn strangers(&self) -> Vec<String> {
        let mut ours = std::collections::HashSet::from([self._driver.0.id()]);
        let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
            .expect("a list of processes")
            .filter_map(|entry| {
                let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
                let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
                let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
                Some((pid, parent))
            })
            .collect();
        // Children may have lower numbers than their parents.
        while parents.iter().fold(false, |grew, (pid, parent)| ours.contains(parent) && ours.insert(*pid) || grew) {}
        let sockets: std::collections::HashSet<String> = ours
            .iter()
            .filter_map(|pid| std::fs::read_dir(format!("/proc/{pid}/fd")).ok())
            .flatten()
            .filter_map(|fd| Some(std::fs::read_link(fd.ok()?.path()).ok()?.to_str()?.to_owned()))
            .filter_map(|target| Some(target.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect();
        assert!(ours.len() > 2 && !sockets.is_empty(), "the app and its engine are found: {ours:?}");
        let tables = ["tcp", "tcp6", "udp", "udp6"].map(|table| std::fs::read_to_string(format!("/proc/net/{table}")));
        let lines = tables.iter().flatten().flat_map(|table| table.lines().skip(1));
        lines
            .filter_map(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let (remote, inode) = (*fields.get(2)?, *fields.get(9)?);
                // proc(5): addresses in hexadecimal, each four bytes in the order of the machine; 127.0.0.1 ends in 7F, none is zero.
                let address = remote.split(':').next()?;
                let local = address.bytes().all(|byte| byte == b'0')
                    || address.ends_with("7F")
                    || address == "00000000000000000000000001000000"
                    || address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F");
                (sockets.contains(inode) && !local).then(|| remote.to_owned())
            })
            .collect()
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

impl Environment {
    fn apply(&self, command: &mut Command, display: &str) {
        command
            .env("DISPLAY", display)
            .env("HOME", &self.home)
            .env("XDG_DATA_HOME", self.home.join("data"))
            .env("XDG_CACHE_HOME", self.home.join("cache"))
            .env("XDG_CONFIG_HOME", self.home.join("config"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_ACTIVATION_TOKEN")
            .env_remove("DESKTOP_STARTUP_ID");
    }
}

fn driver(environment: &Environment, display: &str, port: u16) -> Group {
    let mut command = Command::new("WebKitWebDriver");
    environment.apply(&mut command, display);
    command
        .arg(format!("--port={port}"))
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .stdout(Stdio::null())
        .process_group(0);
    Group(command.spawn().expect("WebKitWebDriver is installed (./test does it)"))
}

async fn session(port: u16, arguments: &[&str]) -> Client {
    let until = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the driver never listened");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let listen = format!("127.0.0.1:{}", free_port());
    let arguments: Vec<&str> = ["--listen", &listen].into_iter().chain(arguments.iter().copied()).collect();
    let options = json!({ "binary": env!("CARGO_BIN_EXE_scimscope-desktop"), "args": arguments });
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
