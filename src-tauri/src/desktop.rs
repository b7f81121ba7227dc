//! What surrounds the window: the tray and notifications. On Linux both are services of the session bus, which is spoken to
//! directly: nothing has to be installed, and a desktop without them is no error.

#[cfg(target_os = "linux")]
mod notifications;
#[cfg(target_os = "linux")]
mod tray;

use control::Desk;
use tauri::AppHandle;

use crate::attention::News;
use crate::watch::Now;

/// The tray and the notifications, as far as this desktop has them.
pub struct Desktop {
    #[cfg(target_os = "linux")]
    tray: Option<tray::Tray>,
    #[cfg(target_os = "linux")]
    notifications: Option<notifications::Notifications>,
}

#[cfg(target_os = "linux")]
impl Desktop {
    /// Connects to what is there.
    pub async fn join(app: &AppHandle, desk: &Desk) -> Desktop {
        Desktop {
            tray: tray::Tray::join(app, desk.clone()).await,
            notifications: notifications::Notifications::join(app).await,
        }
    }

    /// Shows in the tray how things stand.
    pub async fn show(&self, now: &Now) {
        if let Some(tray) = &self.tray {
            tray.show(now.clone()).await;
        }
    }

    /// Notifies of something.
    pub async fn notify(&self, news: &News) {
        if let Some(notifications) = &self.notifications {
            notifications.notify(news).await;
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Desktop {
    /// This system's tray and notifications are not used.
    pub async fn join(_: &AppHandle, _: &Control) -> Desktop {
        Desktop {}
    }

    /// There is no tray.
    pub async fn show(&self, _: &Now) {}

    /// There are no notifications.
    pub async fn notify(&self, _: &News) {}
}
