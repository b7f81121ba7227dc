//! What the desktop app remembers beside the workspace: the file `desktop.json` in the data folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::place::Place;

const FILE: &str = "desktop.json";

/// What closing the window does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnClose {
    /// Says once that the server goes on, and lets the person choose.
    #[default]
    Ask,
    /// Hides the window; the server goes on.
    Keep,
    /// Ends everything.
    Quit,
}

/// Everything that is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What closing the window does.
    pub on_close: OnClose,
    /// Whether the desktop is told of the first request after a quiet period and of new kinds of errors.
    pub notifications: bool,
    /// How large the page is drawn; 1 is as it was made.
    pub zoom: f64,
    /// How the window was left.
    pub window: Option<Place>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { on_close: OnClose::default(), notifications: true, zoom: 1.0, window: None }
    }
}

/// The smallest and the largest zoom.
pub const ZOOM: (f64, f64) = (0.5, 3.0);

/// The settings and their file. What cannot be read is set aside, what cannot be written is only logged: neither is a reason
/// not to work.
pub struct Store {
    path: PathBuf,
    settings: Mutex<Settings>,
}

impl Store {
    /// The settings of this data folder.
    pub fn open(data: &Path) -> Store {
        let path = data.join(FILE);
        let settings = match std::fs::read(&path) {
            Ok(bytes) => read(&path, &bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Settings::default(),
            Err(error) => {
                tracing::warn!("{} cannot be read, so the app begins as it comes: {error}", path.display());
                Settings::default()
            }
        };
        Store { path, settings: Mutex::new(settings) }
    }

    /// The settings now.
    pub fn get(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes something, and writes the file if that made a difference.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let before = settings.clone();
        change(&mut settings);
        settings.zoom = if settings.zoom.is_finite() { settings.zoom.clamp(ZOOM.0, ZOOM.1) } else { 1.0 };
        if *settings != before
            && let Err(error) = self.write(&settings)
        {
            tracing::warn!("{} cannot be written: {error}", self.path.display());
        }
        settings.clone()
    }

    fn write(&self, settings: &Settings) -> std::io::Result<()> {
        // A crash in the middle must leave the file before or the file after.
        let beside = self.path.with_extension("json.new");
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(serde_json::to_string_pretty(settings)?.as_bytes())?;
        file.write_all(b"\n")?;
        std::fs::rename(&beside, &self.path)
    }
}

fn read(path: &Path, bytes: &[u8]) -> Settings {
    serde_json::from_slice::<Settings>(bytes).unwrap_or_else(|error| {
        let aside = path.with_extension("json.unreadable");
        tracing::warn!("{} is not what it should be ({error}); it is kept as {}", path.display(), aside.display());
        if let Err(error) = std::fs::rename(path, &aside) {
            tracing::warn!("{} cannot be set aside: {error}", path.display());
        }
        Settings::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Area;

    #[test]
    fn what_was_changed_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { area: Area { x: 7, y: 8, width: 900, height: 700 }, maximized: true };
        Store::open(folder.path()).change(|settings| {
            settings.on_close = OnClose::Keep;
            settings.notifications = false;
            settings.zoom = 1.25;
            settings.window = Some(place);
        });
        let again = Store::open(folder.path()).get();
        let expected = Settings { on_close: OnClose::Keep, notifications: false, zoom: 1.25, window: Some(place) };
        assert_eq!(again, expected);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_set_aside_and_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "{ half").unwrap();
        let store = Store::open(folder.path());
        assert_eq!(store.get(), Settings::default());
        assert_eq!(std::fs::read_to_string(path.with_extension("json.unreadable")).unwrap(), "{ half");
    }

    #[test]
    fn settings_of_another_version_keep_what_both_know() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), r#"{"zoom": 1.5, "of_the_future": [1]}"#).unwrap();
        assert_eq!(Store::open(folder.path()).get(), Settings { zoom: 1.5, ..Settings::default() });
    }

    #[test]
    fn no_zoom_makes_the_page_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        for (asked, got) in [(0.0, 0.5), (99.0, 3.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)] {
            assert_eq!(store.change(|settings| settings.zoom = asked).zoom, got, "{asked}");
        }
    }
}
