//! The file dialogs of the desktop. The page gets the path that the person chose, and no access to files.

use serde::Deserialize;
use tauri::AppHandle;

/// Whether this system's dialogs are used; otherwise the page asks for a path.
pub const HERE: bool = cfg!(target_os = "linux");

/// What to ask for, in the page's words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// Whether a file is to be written; it may be one that is not there yet.
    save: bool,
    /// The heading.
    title: String,
    /// What the button says.
    deed: String,
    /// What the other button says.
    cancel: String,
    /// What kind of file it is.
    kind: String,
    /// How the names of such files end: `scimscope`.
    extension: String,
    /// A name to begin with.
    suggestion: Option<String>,
}

/// Asks for a file; nothing if the person does not want to any more.
#[tauri::command]
pub async fn choose_file(app: AppHandle, asking: Asking) -> Result<Option<String>, String> {
    let extension = asking.extension.clone();
    let (save, (answer, chosen)) = (asking.save, tokio::sync::oneshot::channel());
    let shown = app.clone();
    // Dialogs belong to the main thread.
    app.run_on_main_thread(move || system::ask(&shown, &asking, answer)).map_err(|error| error.to_string())?;
    let Ok(Some(path)) = chosen.await else { return Ok(None) };
    let path = if save { ending(path, &extension) } else { path };
    path.into_os_string()
        .into_string()
        .map(Some)
        .map_err(|path| format!("the name of {} is no text; choose another one", path.display()))
}

/// A path with the ending of its kind, if it has none.
fn ending(path: std::path::PathBuf, extension: &str) -> std::path::PathBuf {
    if path.extension().is_some() { path } else { path.with_extension(extension) }
}

#[cfg(target_os = "linux")]
mod system {
    use std::cell::RefCell;
    use std::path::PathBuf;
    use std::rc::Rc;

    use gtk::prelude::*;
    use gtk::{FileChooserAction, FileChooserNative, FileFilter, ResponseType};
    use tauri::AppHandle;
    use tokio::sync::oneshot::Sender;

    use super::Asking;
    use crate::host;

    pub fn ask(app: &AppHandle, asking: &Asking, answer: Sender<Option<PathBuf>>) {
        let action = if asking.save { FileChooserAction::Save } else { FileChooserAction::Open };
        let parent = host::window(app).and_then(|window| window.gtk_window().ok());
        let dialog = FileChooserNative::new(
            Some(&asking.title),
            parent.as_ref(),
            action,
            Some(&asking.deed),
            Some(&asking.cancel),
        );
        dialog.set_modal(true);
        dialog.set_do_overwrite_confirmation(true);
        let filter = FileFilter::new();
        filter.set_name(Some(&asking.kind));
        filter.add_pattern(&format!("*.{}", asking.extension));
        dialog.add_filter(filter);
        if let Some(name) = asking.suggestion.as_deref().filter(|_| asking.save) {
            dialog.set_current_name(name);
        }
        // Nobody else holds on to it while it is open.
        let held = Rc::new(RefCell::new(Some((dialog.clone(), answer))));
        dialog.connect_response(move |_, response| {
            let Some((dialog, answer)) = held.borrow_mut().take() else { return };
            let path = (response == ResponseType::Accept).then(|| dialog.filename()).flatten();
            dialog.hide();
            let _ = answer.send(path);
        });
        dialog.show();
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::path::PathBuf;

    use tauri::AppHandle;
    use tokio::sync::oneshot::Sender;

    use super::Asking;

    pub fn ask(_: &AppHandle, _: &Asking, _: Sender<Option<PathBuf>>) {}
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn a_name_without_an_ending_gets_that_of_its_kind() {
        assert_eq!(ending("/home/ada/work".into(), "scimscope"), std::path::Path::new("/home/ada/work.scimscope"));
        assert_eq!(ending("/home/ada/work.db".into(), "scimscope"), std::path::Path::new("/home/ada/work.db"));
    }
}
