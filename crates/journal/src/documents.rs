//! Small JSON documents beside the record: settings, tokens.

use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use crate::error::Error;
use crate::journal::Journal;

/// A document as it is in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its id; unique within its kind.
    pub id: String,
    /// How often it has been written, from 1.
    pub version: u64,
    /// The document.
    pub json: Value,
}

/// Documents are named by a kind ("setting") and an id ("token"). Writing waits for the batch of the record that is
/// being written, if one is.
impl Journal {
    /// The document of this kind and id, if there is one.
    pub fn get_document(&self, kind: &str, id: &str) -> Result<Option<Stored>, Error> {
        let found = self.with_writer("read a document", |connection| {
            connection
                .prepare_cached("SELECT id, version, json FROM document WHERE kind = ?1 AND id = ?2")?
                .query_row(params![kind, id], columns)
                .optional()
        })?;
        found.map(|found| self.stored(kind, found)).transpose()
    }

    /// All documents of a kind, ordered by id.
    pub fn list_documents(&self, kind: &str) -> Result<Vec<Stored>, Error> {
        let found: Vec<_> = self.with_writer("list documents", |connection| {
            connection
                .prepare_cached("SELECT id, version, json FROM document WHERE kind = ?1 ORDER BY id")?
                .query_map([kind], columns)?
                .collect()
        })?;
        found.into_iter().map(|found| self.stored(kind, found)).collect()
    }

    /// Writes a document, over the one of this kind and id if there is one. Tells its new version.
    pub fn put_document(&self, kind: &str, id: &str, json: &Value) -> Result<u64, Error> {
        self.put_document_text(kind, id, &json.to_string())
    }

    /// The same for one that is JSON text already.
    pub fn put_document_text(&self, kind: &str, id: &str, json: &str) -> Result<u64, Error> {
        let sql = "INSERT INTO document (kind, id, version, json) VALUES (?1, ?2, 1, ?3)
                   ON CONFLICT (kind, id) DO UPDATE SET version = version + 1, json = excluded.json
                   RETURNING version";
        let version: i64 = self.with_writer("write a document", |connection| {
            connection.prepare_cached(sql)?.query_row(params![kind, id, json], |row| row.get(0))
        })?;
        Ok(version as u64)
    }

    /// Removes a document. False if there was none.
    pub fn delete_document(&self, kind: &str, id: &str) -> Result<bool, Error> {
        self.with_writer("delete a document", |connection| {
            let sql = "DELETE FROM document WHERE kind = ?1 AND id = ?2";
            Ok(connection.prepare_cached(sql)?.execute(params![kind, id])? > 0)
        })
    }

    fn stored(&self, kind: &str, (id, version, json): (String, i64, String)) -> Result<Stored, Error> {
        match serde_json::from_str(&json) {
            Ok(json) => Ok(Stored { id, version: version as u64, json }),
            Err(error) => Err(self.damaged(format!("document {id:?} of kind {kind:?}"), error)),
        }
    }
}

fn columns(row: &Row<'_>) -> rusqlite::Result<(String, i64, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}
