//! What the desktop host announces to the page: that it is one, what it can do, and what it remembers.

use std::path::PathBuf;

use serde::Serialize;

use crate::dialogs;
use crate::settings::{OnClose, Settings};

/// What the host says of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostFacts {
    /// "linux", "macos".
    pub platform: &'static str,
    /// Whether there is a tray that shows our icon.
    pub tray: bool,
    /// Whether the desktop can show notifications.
    pub can_notify: bool,
    /// Whether the host asks for files with the desktop's dialogs.
    pub dialogs: bool,
    /// Where the workspace and the settings of the app are.
    pub data_folder: PathBuf,
    /// Whether links that begin with `scimscope:` are opened with this program.
    pub opens_links: bool,
    /// Names and versions of what the window is made of.
    pub made_of: Vec<(&'static str, String)>,
    /// What closing the window does.
    pub on_close: OnClose,
    /// Whether notifications are wanted.
    pub notifications: bool,
    /// How large the page is drawn.
    pub zoom: f64,
}

impl HostFacts {
    /// The facts with these settings.
    pub fn new(
        settings: &Settings,
        tray: bool,
        can_notify: bool,
        opens_links: bool,
        data_folder: PathBuf,
    ) -> HostFacts {
        HostFacts {
            platform: std::env::consts::OS,
            tray,
            dialogs: dialogs::HERE,
            can_notify,
            data_folder,
            opens_links,
            made_of: made_of(),
            on_close: settings.on_close,
            notifications: settings.notifications,
            zoom: settings.zoom,
        }
    }
}

fn made_of() -> Vec<(&'static str, String)> {
    let engine = tauri::webview_version().unwrap_or_else(|_| "?".into());
    let name = if cfg!(target_os = "linux") { "WebKitGTK" } else { "WebKit" };
    vec![("Tauri", tauri::VERSION.to_owned()), (name, engine)]
}
