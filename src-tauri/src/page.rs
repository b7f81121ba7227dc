//! What the host says to the page, in order, through one channel. What is said before the page listens waits for it.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tauri::ipc::Channel;

use crate::facts::HostFacts;

/// So much waits for a page that never listens; what is older is dropped.
const MOST_WAITING: usize = 32;

/// One thing that the host says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Saying {
    /// Go to an address in the page.
    Go {
        /// From `#/` on.
        address: String,
    },
    /// Run a command of the page's list: its item in the menu was chosen.
    Command {
        /// Its id.
        id: String,
    },
    /// The window was asked to close, and the person has not said yet what that means.
    Closing,
    /// Files are held over the window, or not any more.
    Dragging {
        /// Whether they are.
        over: bool,
    },
    /// Something was given to open: by dropping it, or to a start of the app.
    Given {
        /// Paths of files, in the order in which they were given.
        paths: Vec<String>,
        /// Where they were dropped, in logical pixels of the window; nowhere if they were given to a start.
        at: Option<(f64, f64)>,
    },
    /// What was asked for from outside cannot be done.
    Refused {
        /// Why, for the person.
        why: String,
    },
    /// What the host announces of itself has changed.
    Facts(Box<HostFacts>),
}

/// The page, listening or not yet.
#[derive(Default)]
pub struct Page {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    channel: Option<Channel<Saying>>,
    waiting: Vec<Saying>,
}

impl Page {
    /// The page listens here from now on; one that listened before was loaded anew.
    pub fn attach(&self, channel: Channel<Saying>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for saying in std::mem::take(&mut state.waiting) {
            let _ = channel.send(saying);
        }
        state.channel = Some(channel);
    }

    /// Whether somebody listens.
    pub fn listens(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).channel.is_some()
    }

    /// Says something, now or as soon as the page listens.
    pub fn say(&self, saying: Saying) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = &state.channel
            && channel.send(saying.clone()).is_ok()
        {
            return;
        }
        if state.waiting.len() == MOST_WAITING {
            state.waiting.remove(0);
        }
        state.waiting.push(saying);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn go(number: usize) -> Saying {
        Saying::Go { address: format!("#/live?seq={number}") }
    }

    fn listener() -> (Channel<Saying>, Arc<Mutex<Vec<String>>>) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        let channel = Channel::new(move |body| {
            into.lock().unwrap().push(body.deserialize::<serde_json::Value>()?["address"].to_string());
            Ok(())
        });
        (channel, heard)
    }

    #[test]
    fn what_is_said_before_the_page_listens_is_heard_when_it_does() {
        let page = Page::default();
        (1..=40).for_each(|number| page.say(go(number)));
        let (channel, heard) = listener();
        page.attach(channel);
        page.say(go(41));
        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), MOST_WAITING + 1);
        assert_eq!(heard.first().unwrap(), "\"#/live?seq=9\"", "the oldest are dropped");
        assert_eq!(heard.last().unwrap(), "\"#/live?seq=41\"");
    }
}
