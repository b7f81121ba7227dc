//! The icon in the tray (StatusNotifierItem): state, last event, show, quit.

use control::Desk;
use ksni::menu::StandardItem;
use ksni::{Handle, Icon, MenuItem, OfflineReason, ToolTip, TrayMethods};
use tauri::AppHandle;

use crate::icon::{self, State};
use crate::instance::Call;
use crate::page::Saying;
use crate::watch::Now;
use crate::{host, words};

/// How long a line of the menu may be, in characters.
const LINE: usize = 60;

/// Our icon, if there is a session bus. A tray that comes later takes it up then.
pub struct Tray {
    handle: Handle<Item>,
}

impl Tray {
    /// Offers the icon to the tray.
    pub async fn join(app: &AppHandle, desk: Desk) -> Option<Tray> {
        let image = app.default_window_icon()?;
        let (rgba, side) = (image.rgba().to_vec(), image.width() as usize);
        let item = Item { app: app.clone(), desk, rgba, side, now: Now::default() };
        // Whether it is shown is told by the two calls below; a desktop may start its tray after us.
        host::of(app).set_tray(true);
        match item.assume_sni_available(true).spawn().await {
            Ok(handle) => Some(Tray { handle }),
            Err(error) => {
                tracing::info!("there is no tray: {error}");
                host::of(app).set_tray(false);
                None
            }
        }
    }

    /// Shows how things stand.
    pub async fn show(&self, now: Now) {
        self.handle.update(|item| item.now = now).await;
    }
}

struct Item {
    app: AppHandle,
    desk: Desk,
    rgba: Vec<u8>,
    side: usize,
    now: Now,
}

impl Item {
    fn state(&self) -> String {
        match &self.now.problem {
            Some(problem) => words::storage(problem),
            None if self.now.paused => words::PAUSED.into(),
            None => words::listening(&self.now.url),
        }
    }

    fn last(&self) -> &str {
        self.now.last.as_ref().map_or(words::NOTHING_YET, |(_, sentence)| sentence)
    }

    fn bring(&self) {
        let activation = ksni::current_xdg_activation_token();
        host::take(&self.app, Call { target: None, folder: Default::default(), activation });
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "scimscope".into()
    }

    fn title(&self) -> String {
        words::NAME.into()
    }

    fn status(&self) -> ksni::Status {
        match self.now.state {
            State::Listening | State::Paused => ksni::Status::Active,
            State::Error => ksni::Status::NeedsAttention,
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        let side = icon::SIDE as i32;
        vec![Icon { width: side, height: side, data: icon::argb(&self.rgba, self.side, self.now.state) }]
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        let description = format!("{}\n{}", words::line(&self.state(), LINE), words::line(self.last(), LINE));
        ToolTip { title: words::NAME.into(), description: markup(&description), ..ToolTip::default() }
    }

    fn activate(&mut self, _: i32, _: i32) {
        self.bring();
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let last = self.now.last.as_ref().map(|(seq, _)| *seq);
        vec![
            StandardItem { label: label(&self.state()), enabled: false, ..StandardItem::default() }.into(),
            StandardItem {
                label: label(self.last()),
                enabled: last.is_some(),
                activate: Box::new(move |item: &mut Item| {
                    item.bring();
                    if let Some(seq) = last {
                        host::of(&item.app).page.say(Saying::Go { address: format!("#/live?seq={seq}") });
                    }
                }),
                ..StandardItem::default()
            }
            .into(),
            MenuItem::Separator,
            StandardItem {
                label: label(words::SHOW),
                activate: Box::new(|item: &mut Item| item.bring()),
                ..StandardItem::default()
            }
            .into(),
            StandardItem {
                label: label(if self.now.paused { words::RESUME } else { words::PAUSE }),
                activate: Box::new(|item: &mut Item| {
                    item.now.paused = !item.now.paused;
                    item.desk.control().pause(item.now.paused);
                }),
                ..StandardItem::default()
            }
            .into(),
            MenuItem::Separator,
            StandardItem {
                label: label(words::QUIT),
                activate: Box::new(|item: &mut Item| {
                    let app = item.app.clone();
                    let done = item.app.run_on_main_thread(move || host::quit(&app));
                    if let Err(error) = done {
                        tracing::error!("the app does not take the wish to quit: {error}");
                    }
                }),
                ..StandardItem::default()
            }
            .into(),
        ]
    }

    fn watcher_online(&self) {
        host::of(&self.app).set_tray(true);
    }

    fn watcher_offline(&self, why: OfflineReason) -> bool {
        tracing::info!("there is no tray: {why:?}");
        host::of(&self.app).set_tray(false);
        // One may come.
        true
    }
}

/// A text as a label: one underscore would mark a key.
fn label(text: &str) -> String {
    words::line(text, LINE).replace('_', "__")
}

/// A text as markup.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_of_a_request_is_neither_mnemonic_nor_markup() {
        assert_eq!(super::label("Okta looked for a_b"), "Okta looked for a__b");
        assert_eq!(super::markup("<b>&"), "&lt;b&gt;&amp;");
    }
}
