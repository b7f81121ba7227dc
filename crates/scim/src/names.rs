//! One table of attribute names for the whole process, so that a resource at rest holds small numbers for them.
//!
//! Only schemas add names (see [`intern`]); what clients send never does, so the table is bounded by configuration.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};

/// Names beyond this many are stored in each document instead.
const CAPACITY: usize = 16 * 1024;

static BY_ID: [OnceLock<&'static str>; CAPACITY] = [const { OnceLock::new() }; CAPACITY];
static IDS: RwLock<Option<HashMap<&'static str, usize>>> = RwLock::new(None);

/// Puts a name into the table, if it is new and there is room.
pub(crate) fn intern(name: &str) {
    if id_of(name).is_some() {
        return;
    }
    let mut ids = IDS.write().unwrap_or_else(PoisonError::into_inner);
    let ids = ids.get_or_insert_default();
    // Zero is not an id: documents use it for names outside the table.
    let id = ids.len() + 1;
    if id < CAPACITY && !ids.contains_key(name) {
        let name: &'static str = Box::leak(name.into());
        if BY_ID[id].set(name).is_ok() {
            ids.insert(name, id);
        }
    }
}

/// The number of a name, if it is in the table.
pub(crate) fn id_of(name: &str) -> Option<usize> {
    IDS.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.get(name).copied()
}

/// The name with this number, which [`id_of`] gave.
pub(crate) fn by_id(id: usize) -> &'static str {
    BY_ID[id].get().copied().unwrap_or_default()
}
