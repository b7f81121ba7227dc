//! Commits and their changes, read back.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, Params, Row};
use scim::document::Document;
use traffic::change::{Cause, Change, Committed};
use traffic::ids::{Pos, Revision, Seq};

use super::{Reading, states};
use crate::ahead::{CHANGES_OF_COMMIT, COMMIT_OF_CHANGE};
use crate::{deltas, lines};

const COLUMNS: &str = "
    SELECT revision.pos, revision.tenant, revision, seq, cause, change.id, resource_type, resource_id, display, previous, before,
           after, lines, lists";

/// The commits that a clause over `revision` with these keys selects, in the order of the log.
pub(crate) fn read(connection: &Connection, clause: &str, keys: impl Params) -> Reading<Vec<(Pos, Arc<Committed>)>> {
    let tables = format!("FROM revision LEFT JOIN change ON change.pos IN {CHANGES_OF_COMMIT}");
    select(connection, &tables, clause, keys)
}

/// The same for a clause over `change`: commits with only those of their changes that it selects.
pub(crate) fn read_of_changes(
    connection: &Connection,
    clause: &str,
    keys: impl Params,
) -> Reading<Vec<(Pos, Arc<Committed>)>> {
    select(connection, &format!("FROM change JOIN revision ON revision.pos = {COMMIT_OF_CHANGE}"), clause, keys)
}

fn select(
    connection: &Connection,
    tables: &str,
    clause: &str,
    keys: impl Params,
) -> Reading<Vec<(Pos, Arc<Committed>)>> {
    let sql = format!("{COLUMNS} {tables} {clause} ORDER BY revision.pos, change.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(keys)?;
    let mut commits: Vec<(Pos, Committed)> = Vec::new();
    // States by the change that made them: what one change left is what the next one found.
    let mut states: HashMap<i64, Arc<Document>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let pos = Pos(row.get::<_, i64>("pos")? as u64);
        if commits.last().is_none_or(|(last, _)| *last != pos) {
            let number = |column| row.get::<_, i64>(column).map(|number| number as u64);
            let revision = Revision(number("revision")?);
            let cause = match cause_of(row)? {
                Ok(cause) => cause,
                Err(why) => {
                    return Ok(Err((format!("revision {} of {:?}", revision.0, row.get::<_, String>("tenant")?), why)));
                }
            };
            commits.push((
                pos,
                Committed { tenant: row.get("tenant")?, revision, cause, changes: Vec::new(), ahead: None },
            ));
        }
        let Some(id) = row.get::<_, Option<i64>>("id")? else { continue };
        match change_of(connection, row, id, &mut states)? {
            Ok(change) => commits.last_mut().expect("one was pushed above").1.changes.push(change),
            Err(why) => return Ok(Err((format!("change {id}"), why))),
        }
    }
    Ok(Ok(commits.into_iter().map(|(pos, commit)| (pos, Arc::new(commit))).collect()))
}

fn cause_of(row: &Row<'_>) -> rusqlite::Result<Result<Cause, String>> {
    Ok(match row.get::<_, Option<String>>("cause")? {
        Some(other) => serde_json::from_str(&other).map_err(|error| error.to_string()),
        None => Ok(Cause::Exchange(Seq(row.get::<_, i64>("seq")? as u64))),
    })
}

fn change_of(
    connection: &Connection,
    row: &Row<'_>,
    id: i64,
    states: &mut HashMap<i64, Arc<Document>>,
) -> rusqlite::Result<Result<Change, String>> {
    let before = match row.get("previous")? {
        Some(previous) => states::left_by(connection, previous, states)?.map(Some),
        None => document(row.get("before")?),
    };
    let lists: Option<String> = row.get("lists")?;
    let after = match (&before, lists, row.get::<_, Option<String>>("after")?) {
        (Ok(Some(before)), Some(lists), Some(head)) => deltas::redo(before, &head, &lists).map(Some),
        (Ok(None), Some(_), _) => Err("it changes a long list, and there is no state before".to_owned()),
        (_, _, whole) => document(whole),
    };
    let lines = lines::from_text(&row.get::<_, String>("lines")?);
    let (resource_type, resource_id) = (row.get("resource_type")?, row.get("resource_id")?);
    let display = row.get("display")?;
    Ok((|| {
        let (before, after, lines) = (before?, after?, lines?);
        if let Some(after) = &after {
            states.insert(id, Arc::clone(after));
        }
        Ok(Change { resource_type, resource_id, display, before, after, lines })
    })())
}

fn document(text: Option<String>) -> Result<Option<Arc<Document>>, String> {
    text.as_deref().map(lines::document).transpose()
}
