//! The state that a change left, from the last whole one before it.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;
use scim::document::Document;

use crate::{deltas, lines};

/// The state after a change, or why it cannot be read. `known` has states by the changes that left them.
pub(crate) fn left_by(
    connection: &Connection,
    change: i64,
    known: &mut HashMap<i64, Arc<Document>>,
) -> rusqlite::Result<Result<Arc<Document>, String>> {
    let mut rows = connection.prepare_cached("SELECT previous, after, lists FROM change WHERE id = ?1")?;
    // Back to a state that is whole, then forward again.
    let mut way = Vec::new();
    let mut at = change;
    let mut state = loop {
        if let Some(state) = known.get(&at) {
            break Arc::clone(state);
        }
        let row = rows.query_row([at], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?, row.get(2)?)))?;
        let (previous, after, lists): (Option<i64>, Option<String>, Option<String>) = row;
        match (after, lists, previous) {
            (Some(head), Some(lists), Some(previous)) => {
                way.push((at, head, lists));
                at = previous;
            }
            (Some(whole), None, _) => match lines::document(&whole) {
                Ok(state) => break state,
                Err(why) => return Ok(Err(format!("change {at}: {why}"))),
            },
            _ => return Ok(Err(format!("change {at} left no state"))),
        }
    };
    while let Some((at, head, lists)) = way.pop() {
        match deltas::redo(&state, &head, &lists) {
            Ok(next) => state = next,
            Err(why) => return Ok(Err(format!("change {at}: {why}"))),
        }
    }
    known.insert(change, Arc::clone(&state));
    Ok(Ok(state))
}
