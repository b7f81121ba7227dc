//! The desktop host while it runs: what its parts share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Manager, State, WebviewWindow};

use crate::facts::HostFacts;
use crate::instance::{Call, Listening};
use crate::link::Link;
use crate::live::Live;
use crate::page::{Page, Saying};
use crate::settings::Store;
use crate::{links, menu};

/// The name of the one window.
pub const WINDOW: &str = "main";

/// What the parts of the host share.
pub struct Host {
    /// What is remembered.
    pub store: Store,
    /// The page.
    pub page: Page,
    /// The menu that the page has described.
    pub menu: menu::Shown,
    data: PathBuf,
    /// Whether there is an app behind the window; otherwise the page only says why not.
    serving: bool,
    tray: AtomicBool,
    notifier: AtomicBool,
    /// Whether the window was shown since the start.
    shown: AtomicBool,
    instance: Mutex<Option<Listening>>,
    /// What was dropped last.
    given: Mutex<Vec<PathBuf>>,
}

/// The host of an app.
pub fn of(app: &AppHandle) -> State<'_, Host> {
    app.state::<Host>()
}

/// The window, as long as there is one.
pub fn window(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(WINDOW)
}

impl Host {
    /// A host with its data here.
    pub fn new(data: PathBuf, serving: bool) -> Host {
        Host {
            store: Store::open(&data),
            page: Page::default(),
            menu: menu::Shown::default(),
            data,
            serving,
            tray: AtomicBool::new(false),
            notifier: AtomicBool::new(false),
            shown: AtomicBool::new(false),
            instance: Mutex::new(None),
            given: Mutex::default(),
        }
    }

    /// Whether there is an app behind the window.
    pub fn serving(&self) -> bool {
        self.serving
    }

    /// Whether the window is shown for the first time now; only one caller is told so.
    pub fn first_shown(&self) -> bool {
        !self.shown.swap(true, Relaxed)
    }

    /// The data folder.
    pub fn data(&self) -> &std::path::Path {
        &self.data
    }

    /// What is announced to the page.
    pub fn facts(&self) -> HostFacts {
        let (tray, can_notify) = (self.tray.load(Relaxed), self.notifier.load(Relaxed));
        HostFacts::new(&self.store.get(), tray, can_notify, links::opened_by_us(), self.data.clone())
    }

    /// A tray shows our icon from now on, or none does.
    pub fn set_tray(&self, shown: bool) {
        if self.tray.swap(shown, Relaxed) != shown {
            self.announce();
        }
    }

    /// The desktop shows notifications from now on, or does not.
    pub fn set_notifier(&self, there: bool) {
        if self.notifier.swap(there, Relaxed) != there {
            self.announce();
        }
    }

    fn announce(&self) {
        self.page.say(Saying::Facts(Box::new(self.facts())));
    }

    /// Files were dropped: the page may read these, and no others.
    pub fn give(&self, paths: &[PathBuf]) {
        *self.given.lock().unwrap_or_else(PoisonError::into_inner) = paths.to_vec();
    }

    /// Whether the page may read a file.
    pub fn gave(&self, path: &std::path::Path) -> bool {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|given| given == path)
    }

    /// Keeps the right to be the only one until the end.
    pub fn keep(&self, instance: Listening) {
        *self.instance.lock().unwrap_or_else(PoisonError::into_inner) = Some(instance);
    }
}

/// Brings the window to the front, wherever it was.
pub fn bring(app: &AppHandle, activation: Option<&str>) {
    let Some(window) = window(app) else { return };
    #[cfg(target_os = "linux")]
    if let Some(token) = activation.filter(|token| !token.contains('\0'))
        && let Ok(gtk) = window.gtk_window()
    {
        // Without what the desktop gave for this start, it may only mark the window as wanting attention.
        gtk::prelude::GtkWindowExt::set_startup_id(&gtk, token);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = activation;
    for done in [window.show(), window.unminimize(), window.set_focus()] {
        if let Err(error) = done {
            tracing::warn!("the window did not come to the front: {error}");
        }
    }
}

/// Does what a start of the app asks for: shows the window, and what it was given in it.
pub fn take(app: &AppHandle, call: Call) {
    let taken = app.clone();
    // The window belongs to the main thread.
    let done = app.run_on_main_thread(move || {
        bring(&taken, call.activation.as_deref());
        if let Some(target) = call.target {
            of(&taken).page.say(saying(&target, call.folder));
        }
    });
    if let Err(error) = done {
        tracing::warn!("a second start was not shown: {error}");
    }
}

/// What the page is told of something given to a start: a link or a file.
fn saying(target: &str, folder: PathBuf) -> Saying {
    if !Link::claims(target) {
        return Saying::Given { paths: vec![folder.join(target).display().to_string()], at: None };
    }
    match Link::parse(target) {
        Ok(link) => Saying::Go { address: link.address() },
        Err(why) => Saying::Refused { why: why.to_string() },
    }
}

/// Ends everything: the server too.
pub fn quit(app: &AppHandle) {
    let host = of(app);
    // Who starts from now on becomes the first as soon as this process is over.
    if let Some(instance) = &*host.instance.lock().unwrap_or_else(PoisonError::into_inner) {
        instance.close();
    }
    app.state::<Live>().stop();
    if let Some(window) = window(app) {
        crate::window::remember(&window);
        let _ = window.hide();
    }
    app.exit(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_a_file_is_given_and_nonsense_is_refused() {
        let folder = || PathBuf::from("/home/ada");
        let go = Saying::Go { address: "#/flows/3".into() };
        assert_eq!(saying("scimscope://flow/3", folder()), go);
        let given = Saying::Given { paths: vec!["/home/ada/work.scimscope".into()], at: None };
        assert_eq!(saying("work.scimscope", folder()), given);
        assert!(matches!(saying("scimscope://drop/everything", folder()), Saying::Refused { .. }));
    }
}
