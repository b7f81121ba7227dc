//! Follows the record for those who do not look at the page: the tray and notifications.

use std::time::Duration;

use control::facts::StorageState;
use control::model::{Summary, Verdict};
use control::{Batch, Control, Cursor, Desk};
use futures_util::StreamExt;
use tauri::AppHandle;

use crate::attention::{Attention, News, Seen};
use crate::icon::State;
use crate::{desktop, host};

/// A tray is looked at now and then; the record may move faster.
const EVERY: Duration = Duration::from_millis(500);

/// How the server does and what happened last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// How it does.
    pub state: State,
    /// The SCIM base URL.
    pub url: String,
    /// Whether clients are asked to come later.
    pub paused: bool,
    /// What is wrong, if something is.
    pub problem: Option<String>,
    /// The newest exchange: its number and what happened.
    pub last: Option<(u64, String)>,
}

/// Tells tray and desktop what happens, without end.
pub async fn run(app: AppHandle, desk: Desk, desktop: desktop::Desktop) {
    let mut now = Now::default();
    let mut attention = Attention::default();
    let control = desk.control();
    read(&control, &mut now);
    desktop.show(&now).await;
    let mut workspace = control.facts().workspace.id;
    let place = Cursor { workspace: Some(workspace.clone()), pos: control.log().head().pos.0 };
    drop(control);
    let mut batches = std::pin::pin!(desk.events(place));
    while let Some(batch) = batches.next().await {
        let before = now.clone();
        read(&desk.control(), &mut now);
        if batch.workspace != workspace {
            // What is in a workspace that was opened is no news.
            workspace.clone_from(&batch.workspace);
            now.last = None;
            take(&batch, &mut now);
            desktop.show(&now).await;
            continue;
        }
        take(&batch, &mut now);
        if now != before {
            desktop.show(&now).await;
        }
        for news in batch.items.iter().filter(|item| item.closed).filter_map(|item| attention.see(seen(item))) {
            if wanted(&app) {
                desktop.notify(&news).await;
            }
        }
        // A stream that is read slowly carries more at once.
        tokio::time::sleep(EVERY).await;
    }
}

fn read(control: &Control, now: &mut Now) {
    let facts = control.facts();
    now.url = facts.scim_url;
    now.problem = match facts.workspace.state {
        StorageState::Working => None,
        StorageState::Failed | StorageState::ReadOnly => Some(facts.workspace.problem.unwrap_or_default()),
    };
    now.state = match now.problem {
        Some(_) => State::Error,
        None if control.provider().is_paused() => State::Paused,
        None => State::Listening,
    };
    now.paused = control.provider().is_paused();
}

fn take(batch: &Batch, now: &mut Now) {
    let newest = batch.items.iter().rev().find(|item| !item.sentence.is_empty());
    if let Some(item) = newest
        && now.last.as_ref().is_none_or(|(seq, _)| *seq <= item.seq)
    {
        now.last = Some((item.seq, item.sentence.clone()));
    }
}

/// Whoever looks at the window sees it there.
fn wanted(app: &AppHandle) -> bool {
    let looking = host::window(app)
        .is_some_and(|window| window.is_visible().unwrap_or_default() && window.is_focused().unwrap_or_default());
    !looking && host::of(app).store.get().notifications
}

fn seen(item: &Summary) -> Seen {
    Seen {
        seq: item.seq,
        at: Duration::from_millis(item.at.as_millisecond().max(0).unsigned_abs()),
        sentence: item.sentence.clone(),
        method: item.method.clone(),
        status: item.status,
        broken: item.verdict == Verdict::Broken,
        ours: item.origin.is_some(),
    }
}

impl News {
    /// The exchange that it is about.
    pub fn exchange(&self) -> &Seen {
        match self {
            News::First(seen) | News::NewError(seen) => seen,
        }
    }
}
