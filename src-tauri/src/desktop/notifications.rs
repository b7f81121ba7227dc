//! Notifications of the desktop (org.freedesktop.Notifications).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use tauri::AppHandle;
use zbus::zvariant::Value;

use crate::attention::News;
use crate::instance::Call;
use crate::page::Saying;
use crate::{host, words};

/// The action that a click on a notification stands for.
const CLICK: &str = "default";
/// How long what was notified is remembered, counted in notifications.
const MOST: usize = 64;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Service {
    #[expect(clippy::too_many_arguments, reason = "the protocol has so many")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn get_server_information(&self) -> zbus::Result<(String, String, String, String)>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;
}

/// The notification service of this desktop.
pub struct Notifications {
    service: ServiceProxy<'static>,
    /// Which exchange a notification is about.
    about: Arc<Mutex<Vec<(u32, u64)>>>,
}

impl Notifications {
    /// Connects to it, if there is one.
    pub async fn join(app: &AppHandle) -> Option<Notifications> {
        let found = async {
            let bus = zbus::Connection::session().await?;
            let service = ServiceProxy::new(&bus).await?;
            // Starts it where the desktop starts it on demand.
            service.get_server_information().await?;
            let clicks = service.receive_action_invoked().await?;
            Ok::<_, zbus::Error>((service, clicks))
        };
        match found.await {
            Ok((service, mut clicks)) => {
                host::of(app).set_notifier(true);
                let about = Arc::new(Mutex::new(Vec::new()));
                let (app, shown) = (app.clone(), Arc::clone(&about));
                tauri::async_runtime::spawn(async move {
                    while let Some(click) = clicks.next().await {
                        let Ok(click) = click.args() else { continue };
                        clicked(&app, &shown, click.id, &click.action_key);
                    }
                });
                Some(Notifications { service, about })
            }
            Err(error) => {
                tracing::info!("there are no notifications: {error}");
                None
            }
        }
    }

    /// Notifies of something.
    pub async fn notify(&self, news: &News) {
        let heading = match news {
            News::First(_) => words::FIRST,
            News::NewError(_) => words::NEW_ERROR,
        };
        let exchange = news.exchange();
        let body = body(&exchange.sentence);
        let hints = HashMap::from([("desktop-entry", Value::from("Scimscope"))]);
        let sent =
            self.service.notify(words::NAME, 0, "scimscope-desktop", heading, &body, &[CLICK, words::LOOK], hints, -1);
        match sent.await {
            Ok(id) => {
                let mut about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
                about.push((id, exchange.seq));
                let beyond = about.len().saturating_sub(MOST);
                about.drain(..beyond);
            }
            Err(error) => tracing::info!("the desktop did not take a notification: {error}"),
        }
    }
}

fn clicked(app: &AppHandle, shown: &Mutex<Vec<(u32, u64)>>, id: u32, action: &str) {
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    // The ids of other programs' notifications are told to everybody.
    let Some((_, seq)) = shown.iter().find(|(shown, _)| *shown == id) else { return };
    if action == CLICK {
        host::take(app, Call { target: None, folder: Default::default(), activation: None });
        host::of(app).page.say(Saying::Go { address: format!("#/live?seq={seq}") });
    }
}

/// What a notification says; desktops may read it as markup.
fn body(sentence: &str) -> String {
    words::line(sentence, 160).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
