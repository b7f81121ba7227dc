//! What the page may ask of the host. Everything else that it does goes through the control router.

use std::path::PathBuf;

use serde::Deserialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State, Theme};

use crate::facts::HostFacts;
use crate::host::{self, Host};
use crate::menu::{self, Described};
use crate::page::Saying;
use crate::settings::OnClose;
use crate::{links, window};

/// The largest file that the page is given, in bytes: it is in the page's memory as a whole.
const LARGEST_GIVEN: u64 = 256 << 20;

/// The page is there: it listens from now on. Answers with what the host is.
#[tauri::command]
pub fn attach(host: State<'_, Host>, channel: Channel<Saying>) -> HostFacts {
    host.page.attach(channel);
    host.facts()
}

/// Shows this menu, and with it the window if it was not shown yet.
#[tauri::command]
pub fn set_menu(app: AppHandle, menus: Vec<Described>) -> Result<(), String> {
    let shown = app.clone();
    // Menus and windows belong to the main thread.
    app.run_on_main_thread(move || {
        if let Err(error) = menu::show(&shown, menus) {
            tracing::error!("the menu could not be shown: {error}");
        }
        if let Some(window) = host::window(&shown) {
            window::ready(&window);
        }
    })
    .map_err(|error| error.to_string())
}

/// Draws what belongs to the desktop, menu and frame, as the page is drawn.
#[tauri::command]
pub fn set_theme(app: AppHandle, theme: Option<Theme>) {
    app.set_theme(theme);
}

/// Changes of the settings; what is absent stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    on_close: Option<OnClose>,
    notifications: Option<bool>,
    zoom: Option<f64>,
}

/// Changes settings of the app.
#[tauri::command]
pub fn change_settings(app: AppHandle, host: State<'_, Host>, change: Change) -> Result<HostFacts, String> {
    let Change { on_close, notifications, zoom } = change;
    let settings = host.store.change(|settings| {
        settings.on_close = on_close.unwrap_or(settings.on_close);
        settings.notifications = notifications.unwrap_or(settings.notifications);
        settings.zoom = zoom.unwrap_or(settings.zoom);
    });
    if zoom.is_some()
        && let Some(window) = host::window(&app)
    {
        window.set_zoom(settings.zoom).map_err(|error| error.to_string())?;
    }
    Ok(host.facts())
}

/// Takes the window away; the server goes on.
#[tauri::command]
pub fn hide_window(app: AppHandle) {
    if let Some(window) = host::window(&app) {
        window::hide(&window);
    }
}

/// Ends everything.
#[tauri::command]
pub fn quit(app: AppHandle) {
    host::quit(&app);
}

/// Shows the data folder in the file manager.
#[tauri::command]
pub async fn reveal_data(host: State<'_, Host>) -> Result<(), String> {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let folder = host.data().to_owned();
    let opened = folder.clone();
    let run = move || std::process::Command::new(opener).arg(opened).stdin(std::process::Stdio::null()).status();
    match tauri::async_runtime::spawn_blocking(run).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        _ => Err(format!("No file manager could be started. The folder is {}.", folder.display())),
    }
}

/// The bytes of a file that was dropped; only what was dropped last can be read.
#[tauri::command]
pub async fn read_given(host: State<'_, Host>, path: PathBuf) -> Result<tauri::ipc::Response, String> {
    if !host.gave(&path) {
        return Err(format!("{} was not dropped on the window", path.display()));
    }
    let read = move || {
        let size = std::fs::metadata(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        if !size.is_file() {
            return Err(format!("{} is no file", path.display()));
        }
        if size.len() > LARGEST_GIVEN {
            return Err(format!("{} is larger than {} MiB", path.display(), LARGEST_GIVEN >> 20));
        }
        std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
    };
    let bytes = tauri::async_runtime::spawn_blocking(read).await.map_err(|error| error.to_string())??;
    Ok(tauri::ipc::Response::new(bytes))
}

/// Has links that begin with `scimscope:` opened with this program.
#[tauri::command]
pub async fn open_links(host: State<'_, Host>) -> Result<HostFacts, String> {
    let written = tauri::async_runtime::spawn_blocking(links::open_with_us).await;
    written.map_err(|error| error.to_string())?.map_err(|error| format!("{error:#}"))?;
    Ok(host.facts())
}
