//! The last answers to questions that take a look at many resources, so that the next page costs nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use directory::Resource;

/// How many answers are kept.
const KEPT: usize = 4;

/// What was asked, of which state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The tenant's id.
    pub tenant: String,
    /// The revision that was asked.
    pub revision: u64,
    /// Name of the resource type.
    pub resource_type: String,
    /// The filter in canonical writing.
    pub filter: Option<String>,
    /// The attribute that orders, and whether backwards.
    pub order: Option<(String, bool)>,
}

/// An answer: all that fits, in its order.
pub(crate) type Hits = Arc<Vec<Arc<Resource>>>;

/// The last few answers. A revision never changes, so they are good as long as they are there.
#[derive(Debug, Default)]
pub(crate) struct Found {
    last: Mutex<VecDeque<(Asked, Hits)>>,
}

impl Found {
    /// The answer, if it is one of the last; else `find` finds it. Two that ask the same at once may both look.
    pub fn hits(&self, asked: Asked, find: impl FnOnce() -> Vec<Arc<Resource>>) -> Hits {
        let lock = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, hits)) = lock().iter().find(|(have, _)| *have == asked) {
            return Arc::clone(hits);
        }
        let hits = Arc::new(find());
        let mut last = lock();
        last.push_front((asked, Arc::clone(&hits)));
        let keep = KEPT.min(last.len());
        let gone = last.split_off(keep);
        drop(last);
        // Freed when nobody waits for the lock.
        drop(gone);
        hits
    }
}
