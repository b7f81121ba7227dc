//! The native menu. The page describes it from its list of commands, so that menu, palette and keys are one list; the host
//! adds only what the page cannot do: editing in the window, the window itself, quitting.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Wry};

use crate::page::Saying;
use crate::{host, window};

/// One of the menus of the bar.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Described {
    /// What stands in the bar.
    pub label: String,
    /// What is in it.
    pub items: Vec<Item>,
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Item {
    /// A command of the page.
    Command {
        /// Its id.
        id: String,
        /// What it is called.
        label: String,
        /// Its key, as the page writes keys: `Mod+k`.
        keys: Option<String>,
        /// Whether it can be done now.
        enabled: bool,
        /// For one of several choices: whether it is the one.
        checked: Option<bool>,
    },
    /// Something that the host does.
    Role {
        /// What.
        role: Role,
        /// What it is called.
        label: String,
    },
    /// A menu inside the menu.
    Submenu {
        /// What it is called.
        label: String,
        /// What is in it.
        items: Vec<Item>,
    },
    /// A line.
    Separator,
}

/// What the host itself can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Takes the last edit of a text back.
    Undo,
    /// Does it again.
    Redo,
    /// Moves what is selected to the clipboard.
    Cut,
    /// Copies what is selected.
    Copy,
    /// Puts the clipboard where the cursor is.
    Paste,
    /// Selects all of the text.
    SelectAll,
    /// Makes the window an icon.
    Minimize,
    /// Fills the screen, or not any more.
    Fullscreen,
    /// Closes the window.
    Close,
    /// Ends everything.
    Quit,
}

impl Role {
    const ALL: [Role; 10] = [
        Role::Undo,
        Role::Redo,
        Role::Cut,
        Role::Copy,
        Role::Paste,
        Role::SelectAll,
        Role::Minimize,
        Role::Fullscreen,
        Role::Close,
        Role::Quit,
    ];

    fn id(self) -> String {
        format!("role:{self:?}")
    }

    fn keys(self) -> Option<&'static str> {
        Some(match self {
            Role::Undo => "CmdOrCtrl+Z",
            Role::Redo => "CmdOrCtrl+Shift+Z",
            Role::Cut => "CmdOrCtrl+X",
            Role::Copy => "CmdOrCtrl+C",
            Role::Paste => "CmdOrCtrl+V",
            Role::SelectAll => "CmdOrCtrl+A",
            Role::Minimize => return None,
            Role::Fullscreen => "F11",
            Role::Close => "CmdOrCtrl+W",
            Role::Quit => "CmdOrCtrl+Q",
        })
    }
}

/// The menu in the window.
#[derive(Default)]
pub struct Shown {
    state: Mutex<Option<Built>>,
}

struct Built {
    described: Vec<Described>,
    commands: HashMap<String, Line>,
}

enum Line {
    Plain(MenuItem<Wry>),
    Choice(CheckMenuItem<Wry>),
}

/// Shows the menu as the page describes it now. Where only states differ, the lines stay and change.
pub fn show(app: &AppHandle, described: Vec<Described>) -> tauri::Result<()> {
    let host = host::of(app);
    let mut state = host.menu.state.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(built) = &mut *state
        && bare(&built.described) == bare(&described)
    {
        for (id, enabled, checked) in states(&described) {
            match built.commands.get(id) {
                Some(Line::Plain(item)) => item.set_enabled(enabled)?,
                Some(Line::Choice(item)) => {
                    item.set_enabled(enabled)?;
                    item.set_checked(checked.unwrap_or_default())?;
                }
                None => {}
            }
        }
        built.described = described;
        return Ok(());
    }
    let mut commands = HashMap::new();
    let bar = Menu::new(app)?;
    for menu in &described {
        let submenu = Submenu::new(app, &menu.label, true)?;
        for item in &menu.items {
            submenu.append(&*line(app, item, &mut commands)?)?;
        }
        bar.append(&submenu)?;
    }
    if let Some(window) = host::window(app) {
        window.set_menu(bar)?;
    }
    *state = Some(Built { described, commands });
    Ok(())
}

fn line(app: &AppHandle, item: &Item, commands: &mut HashMap<String, Line>) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
    Ok(match item {
        Item::Separator => Box::new(PredefinedMenuItem::separator(app)?),
        Item::Role { role, label } => Box::new(MenuItem::with_id(app, role.id(), label, true, role.keys())?),
        Item::Submenu { label, items } => {
            let submenu = Submenu::new(app, label, true)?;
            for item in items {
                submenu.append(&*line(app, item, commands)?)?;
            }
            Box::new(submenu)
        }
        Item::Command { id, label, keys, enabled, checked } => {
            let keys = keys.as_deref().map(accelerator);
            let keys = keys.as_deref();
            let named = format!("command:{id}");
            if let Some(checked) = *checked {
                let item = CheckMenuItem::with_id(app, named, label, *enabled, checked, keys)?;
                commands.insert(id.clone(), Line::Choice(item.clone()));
                Box::new(item)
            } else {
                let item = MenuItem::with_id(app, named, label, *enabled, keys)?;
                commands.insert(id.clone(), Line::Plain(item.clone()));
                Box::new(item)
            }
        }
    })
}

/// A key as menus write it.
fn accelerator(keys: &str) -> String {
    keys.replace("Mod", "CmdOrCtrl")
}

/// The description without what changes while the menu stands.
fn bare(described: &[Described]) -> Vec<Described> {
    fn plain(item: &Item) -> Item {
        match item {
            Item::Command { id, label, keys, checked, .. } => Item::Command {
                id: id.clone(),
                label: label.clone(),
                keys: keys.clone(),
                enabled: true,
                checked: checked.map(|_| false),
            },
            Item::Submenu { label, items } => {
                Item::Submenu { label: label.clone(), items: items.iter().map(plain).collect() }
            }
            other => other.clone(),
        }
    }
    described
        .iter()
        .map(|menu| Described { label: menu.label.clone(), items: menu.items.iter().map(plain).collect() })
        .collect()
}

fn states(described: &[Described]) -> Vec<(&str, bool, Option<bool>)> {
    fn collect<'a>(items: &'a [Item], into: &mut Vec<(&'a str, bool, Option<bool>)>) {
        for item in items {
            match item {
                Item::Command { id, enabled, checked, .. } => into.push((id, *enabled, *checked)),
                Item::Submenu { items, .. } => collect(items, into),
                Item::Role { .. } | Item::Separator => {}
            }
        }
    }
    let mut states = Vec::new();
    described.iter().for_each(|menu| collect(&menu.items, &mut states));
    states
}

/// A line was chosen.
pub fn chosen(app: &AppHandle, id: &str) {
    if let Some(command) = id.strip_prefix("command:") {
        host::of(app).page.say(Saying::Command { id: command.to_owned() });
    } else if let Some(role) = Role::ALL.into_iter().find(|role| role.id() == id) {
        play(app, role);
    }
}

fn play(app: &AppHandle, role: Role) {
    let Some(window) = host::window(app) else { return };
    let done = match role {
        Role::Undo => edit(&window, "Undo"),
        Role::Redo => edit(&window, "Redo"),
        Role::Cut => edit(&window, "Cut"),
        Role::Copy => edit(&window, "Copy"),
        Role::Paste => edit(&window, "Paste"),
        Role::SelectAll => edit(&window, "SelectAll"),
        Role::Minimize => window.minimize(),
        Role::Fullscreen => window.is_fullscreen().and_then(|full| window.set_fullscreen(!full)),
        Role::Close => {
            window::asked_to_close(&window);
            Ok(())
        }
        Role::Quit => {
            host::quit(app);
            Ok(())
        }
    };
    if let Err(error) = done {
        tracing::warn!("{role:?} did not work: {error}");
    }
}

/// Carries out a command of the engine's editor, where the cursor is.
#[cfg(target_os = "linux")]
fn edit(window: &tauri::WebviewWindow, command: &'static str) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt;
    window.with_webview(move |webview| webview.inner().execute_editing_command(command))
}

/// Carries out a command of the engine's editor, where the cursor is.
#[cfg(not(target_os = "linux"))]
fn edit(window: &tauri::WebviewWindow, command: &'static str) -> tauri::Result<()> {
    window.eval(format!("document.execCommand({command:?})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(enabled: bool, checked: bool) -> Vec<Described> {
        serde_json::from_value(serde_json::json!([{ "label": "View", "items": [
            { "kind": "command", "id": "go.live", "label": "Live", "keys": null, "enabled": enabled, "checked": null },
            { "kind": "separator" },
            { "kind": "submenu", "label": "Theme", "items": [
                { "kind": "command", "id": "theme.dark", "label": "Dark", "keys": "Mod+d", "enabled": true, "checked": checked },
            ] },
            { "kind": "role", "role": "select-all", "label": "Select all" },
        ] }]))
        .unwrap()
    }

    #[test]
    fn a_menu_in_which_only_states_differ_is_not_built_again() {
        assert_eq!(bare(&described(true, true)), bare(&described(false, false)));
        assert_eq!(states(&described(false, true)), [("go.live", false, None), ("theme.dark", true, Some(true))]);
        let mut renamed = described(true, true);
        renamed[0].label = "Sicht".into();
        assert_ne!(bare(&renamed), bare(&described(true, true)));
    }

    #[test]
    fn every_key_of_a_role_and_of_the_page_is_one_that_menus_know() {
        let keys = ["Mod+k", "Mod+,", "Mod+=", "Mod+-", "Mod+0", "F1", "Mod+Shift+s", "Mod+1"].map(accelerator);
        let of_roles = Role::ALL.into_iter().filter_map(Role::keys).map(str::to_owned);
        for key in keys.into_iter().chain(of_roles) {
            key.parse::<muda::accelerator::Accelerator>().unwrap_or_else(|error| panic!("{key}: {error}"));
        }
    }

    #[test]
    fn no_two_roles_have_one_key() {
        let keys: Vec<_> = Role::ALL.into_iter().filter_map(Role::keys).collect();
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
    }
}
