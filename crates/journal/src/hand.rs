//! What the one who writes remembers from one transaction to the next, so that it need not ask the file.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use rusqlite::{Connection as Database, OptionalExtension, params};
use scim::document::Document;
use traffic::change::Change;
use traffic::exchange::Connection;
use traffic::ids::{ConnectionId, Seq};

use crate::pack::Packer;
use crate::{deltas, wires};

/// What is remembered. Everything in it can be forgotten: then the file is asked, or has something twice.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    pub(crate) packer: Packer,
    /// The response bodies of exchanges that are handled and not over: most end with the same bytes, which are not kept
    /// twice.
    pub(crate) decided: HashMap<Seq, Bytes>,
    /// The texts of connections, each made once for all its exchanges.
    pub(crate) connections: Connections,
    /// By the id of a resource: the change that left it as it is. A change that goes on from there needs no comparison.
    left: HashMap<String, (i64, Arc<Document>)>,
}

/// Of how many resources it is remembered what left them; with more, all are forgotten and learnt again.
const LEFT: usize = 8_192;

/// How many texts of connections are kept; with more, all are made again.
const CONNECTIONS: usize = 1024;

/// See [`Hand::connections`].
#[derive(Debug, Default)]
pub(crate) struct Connections(HashMap<ConnectionId, (Connection, String)>);

impl Connections {
    /// The text of a connection.
    pub(crate) fn text_of(&mut self, connection: &Connection) -> &str {
        if self.0.len() >= CONNECTIONS {
            self.0.clear();
        }
        let made = || (connection.clone(), wires::to_text(connection));
        let (known, text) = self.0.entry(connection.id).or_insert_with(made);
        if known != connection {
            (*known, *text) = made();
        }
        text
    }
}

impl Hand {
    /// Remembers which change left a resource in this state, or that it was deleted.
    pub(crate) fn leave(&mut self, resource_id: &str, change: i64, state: Option<&Arc<Document>>) {
        let Some(state) = state else { return drop(self.left.remove(resource_id)) };
        if self.left.len() >= LEFT {
            self.left.clear();
        }
        self.left.insert(resource_id.to_owned(), (change, Arc::clone(state)));
    }

    /// The change that left the state before this one, if one did, and its `since_whole`.
    pub(crate) fn left_by(
        &self,
        tenant: &str,
        change: &Change,
        before: &Arc<Document>,
        to: &Database,
    ) -> rusqlite::Result<Option<(i64, i64)>> {
        let Change { resource_type, resource_id, .. } = change;
        if let Some((id, _)) = self.left.get(resource_id).filter(|(_, state)| Arc::ptr_eq(state, before)) {
            // It may have been pruned, and there may be a resource with this id elsewhere.
            let sql = "SELECT since_whole FROM change
                       WHERE id = ?1 AND tenant = ?2 AND resource_type = ?3 AND resource_id = ?4";
            let mut row = to.prepare_cached(sql)?;
            let found = row.query_row(params![id, tenant, resource_type, resource_id], |row| row.get(0)).optional()?;
            if let Some(since_whole) = found {
                return Ok(Some((*id, since_whole)));
            }
        }
        let mut last = to.prepare_cached(
            "SELECT id, coalesce(head, after) IS ?4, since_whole FROM change
             WHERE tenant = ?1 AND resource_type = ?2 AND resource_id = ?3 ORDER BY id DESC LIMIT 1",
        )?;
        let found = last.query_row(params![tenant, resource_type, resource_id, deltas::head(before)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, row.get::<_, i64>(2)?))
        });
        Ok(found.optional()?.and_then(|(id, is_left, since_whole)| is_left.then_some((id, since_whole))))
    }
}
