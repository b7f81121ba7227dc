//! A session bus with a tray and a notification service on it, as a desktop has them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use tokio::sync::mpsc;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, connection, fdo, interface};

use crate::screen::Group;

/// The bus, and what came to it.
pub struct Session {
    /// Where it is, for `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
    /// Names of tray items, as they register.
    pub items: mpsc::UnboundedReceiver<String>,
    /// Notifications, as they are sent.
    pub notified: mpsc::UnboundedReceiver<Notified>,
    bus: Connection,
    _daemon: Group,
}

/// A notification that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notified {
    /// Its heading.
    pub summary: String,
    /// Its text.
    pub body: String,
}

/// The number that every notification gets.
const ID: u32 = 7;

struct Watcher(mpsc::UnboundedSender<String>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: zbus::message::Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let _ = self.0.send(if service.starts_with('/') { sender } else { service.to_owned() });
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }
}

struct Service(mpsc::UnboundedSender<Notified>);

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the protocol has so many")]
    fn notify(
        &self,
        _app: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        let _ = self.0.send(Notified { summary: summary.into(), body: body.into() });
        ID
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("test".into(), "test".into(), "1".into(), "1.2".into())
    }

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &zbus::object_server::SignalEmitter<'_>,
        id: u32,
        action: &str,
    ) -> zbus::Result<()>;
}

impl Session {
    /// Starts a bus of its own, with both services on it.
    pub async fn start() -> Session {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address=1"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("dbus-daemon is installed (./test does it)");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut address).expect("the bus says where it is");
        let address = address.trim().to_owned();
        let ((register, items), (notify, notified)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let bus = connection::Builder::address(address.as_str())
            .and_then(|builder| builder.serve_at("/StatusNotifierWatcher", Watcher(register)))
            .and_then(|builder| builder.serve_at("/org/freedesktop/Notifications", Service(notify)))
            .and_then(|builder| builder.name("org.kde.StatusNotifierWatcher"))
            .and_then(|builder| builder.name("org.freedesktop.Notifications"))
            .expect("services");
        let bus = bus.build().await.expect("a connection to the bus");
        Session { address, items, notified, bus, _daemon: Group(child) }
    }

    /// The tray's menu of an item: number and text of each line.
    pub async fn menu(&self, item: &str) -> Vec<(i32, String)> {
        type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let none: Vec<&str> = Vec::new();
        let answer = self
            .bus
            .call_method(Some(item), "/MenuBar", Some("com.canonical.dbusmenu"), "GetLayout", &(0, -1, none))
            .await
            .expect("a menu");
        let (_, root): (u32, Layout) = answer.body().deserialize().expect("a layout");
        let lines = root.2.into_iter().map(|line| {
            let (id, what, _): Layout = line.try_into().expect("a line");
            let label = what.get("label").map(|label| String::try_from(label.clone()).unwrap()).unwrap_or_default();
            (id, label)
        });
        lines.collect()
    }

    /// Chooses the line of the tray's menu that begins with a text.
    pub async fn choose(&self, item: &str, text: &str) {
        let menu = self.menu(item).await;
        let (id, _) =
            menu.iter().find(|(_, line)| line.starts_with(text)).unwrap_or_else(|| panic!("{text}: {menu:?}"));
        let event = (*id, "clicked", Value::from(0), 0u32);
        // Who quits does not answer any more.
        let _ = self.bus.call_method(Some(item), "/MenuBar", Some("com.canonical.dbusmenu"), "Event", &event).await;
    }

    /// Clicks on the last notification.
    pub async fn click_notification(&self) {
        let emitter = zbus::object_server::SignalEmitter::new(&self.bus, "/org/freedesktop/Notifications").unwrap();
        Service::action_invoked(&emitter, ID, "default").await.expect("a signal");
    }

    /// Something that the tray asks an item for.
    pub async fn property(&self, item: &str, name: &str) -> OwnedValue {
        let properties = fdo::PropertiesProxy::builder(&self.bus).destination(item.to_owned()).unwrap();
        let properties = properties.path("/StatusNotifierItem").unwrap().build().await.unwrap();
        let interface = "org.kde.StatusNotifierItem".try_into().unwrap();
        properties.get(interface, name).await.expect("a property")
    }
}
