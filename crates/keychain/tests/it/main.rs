//! The Secret Service with a real keychain on a bus of its own.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use keychain::{Problem, SecretService};

/// A bus that starts nothing by itself.
const CONFIG: &str = r#"<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>"#;

/// A bus, and what runs on it. They end with their owner.
struct Bus {
    address: String,
    processes: Vec<Child>,
    _home: tempfile::TempDir,
}

impl Drop for Bus {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Bus {
    fn start() -> Option<Bus> {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("bus.conf");
        std::fs::write(&config, CONFIG).unwrap();
        let mut process = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Some(Bus { address: address.trim().to_owned(), processes: vec![process], _home: home })
    }

    /// Starts GNOME Keyring on it, unlocked with an empty password. False if it is not installed; `./test` installs it.
    fn with_keychain(&mut self) -> bool {
        let started = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", self._home.path())
            .env("XDG_RUNTIME_DIR", self._home.path())
            .env("XDG_DATA_HOME", self._home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut process) = started else { return false };
        process.stdin.take().unwrap().write_all(b"\n").unwrap();
        // It says where it is when it is ready.
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.processes.push(process);
        true
    }

    fn keychain(&self) -> SecretService {
        SecretService::at(self.address.clone())
    }
}

/// Waits until the keychain is on the bus.
async fn ready(keychain: &SecretService) {
    let waiting = async {
        while let Err(Problem::None(_)) = keychain.find("nothing").await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.expect("the keychain comes up");
}

const HERE: &str = "https://app.example.com/scim/v2";

#[tokio::test]
async fn a_secret_is_kept_found_without_being_told_replaced_and_forgotten() {
    let Some(mut bus) = Bus::start() else { return };
    if !bus.with_keychain() {
        return;
    }
    let keychain = bus.keychain();
    ready(&keychain).await;
    assert_eq!(keychain.find(HERE).await, Ok(None));
    assert_eq!(keychain.get(HERE).await, Ok(None));
    keychain.put(HERE, "bearer", "Scimscope: app.example.com", "t0ken").await.unwrap();
    assert_eq!(keychain.find(HERE).await, Ok(Some("bearer".to_owned())));
    assert_eq!(keychain.get(HERE).await, Ok(Some("t0ken".to_owned())));
    assert_eq!(keychain.find("https://other.example.com").await, Ok(None));
    keychain.put(HERE, "basic", "Scimscope: app.example.com", "ada:pass\u{f6}").await.unwrap();
    assert_eq!(keychain.find(HERE).await, Ok(Some("basic".to_owned())), "one item a name");
    assert_eq!(keychain.get(HERE).await, Ok(Some("ada:pass\u{f6}".to_owned())));
    assert_eq!(keychain.delete(HERE).await, Ok(true));
    assert_eq!(keychain.delete(HERE).await, Ok(false));
    assert_eq!(keychain.get(HERE).await, Ok(None));
}

#[tokio::test]
async fn a_bus_without_a_keychain_and_no_bus_at_all_are_said_to_have_none() {
    let Some(bus) = Bus::start() else { return };
    for keychain in [bus.keychain(), SecretService::at("unix:path=/nonexistent/bus")] {
        let problem = keychain.find(HERE).await.unwrap_err();
        assert!(matches!(problem, Problem::None(_)), "{problem:?}");
        assert!(problem.to_string().contains("no keychain"), "{problem}");
        assert!(
            matches!(keychain.put(HERE, "bearer", "x", "s3cret").await, Err(Problem::None(why)) if !why.contains("s3cret"))
        );
    }
}
