//! Files with users and groups that were handed in and not taken over yet: the last few, in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use formats::resources::{Column, FileKind, Found, JsonLines, Problem, Table, read_json};
use provider::Tenant;

use crate::error::ApiError;

/// The largest file, in bytes.
pub(crate) const MOST_BYTES: usize = 128 << 20;
/// So many are kept, and not more bytes of them than this.
const KEPT: usize = 4;
const KEPT_BYTES: usize = 256 << 20;

/// A file that was handed in.
#[derive(Debug)]
pub(crate) struct Upload {
    pub id: u64,
    pub name: String,
    pub kind: FileKind,
    pub bytes: Bytes,
}

/// How a file is to be read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// For tables: what the rows are, and what the columns.
    pub resource_type: String,
    pub columns: Vec<Column>,
}

/// The last files that were handed in.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    state: Mutex<(u64, VecDeque<Arc<Upload>>)>,
}

impl Uploads {
    pub fn keep(&self, name: &str, bytes: Bytes) -> Arc<Upload> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, kept) = &mut *state;
        *last += 1;
        let kind = FileKind::guess(name, &bytes);
        let upload = Arc::new(Upload { id: *last, name: name.chars().take(200).collect(), kind, bytes });
        kept.push_back(Arc::clone(&upload));
        while kept.len() > KEPT || kept.iter().map(|upload| upload.bytes.len()).sum::<usize>() > KEPT_BYTES {
            kept.pop_front();
        }
        upload
    }

    pub fn get(&self, id: u64) -> Result<Arc<Upload>, ApiError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let found = state.1.iter().find(|upload| upload.id == id).cloned();
        found.ok_or_else(|| ApiError::not_found(format!("the file {id} is not kept any more; hand it in again")))
    }
}

impl Upload {
    /// Goes through the file, resource by resource; `take` says whether to go on.
    ///
    /// # Errors
    /// If it cannot be read at all: no JSON, no table, a column that is no attribute.
    pub fn each(
        &self,
        tenant: &Tenant,
        reading: &Reading,
        take: &mut dyn FnMut(Result<Found, Problem>) -> bool,
    ) -> Result<(), Problem> {
        self.read(tenant, reading, |all| {
            for found in all {
                if !take(found) {
                    break;
                }
            }
        })
    }

    /// Hands the resources of the file to `work`, which takes one after the other: not all have to be in memory.
    ///
    /// # Errors
    /// As [`Upload::each`].
    pub fn read<T>(
        &self,
        tenant: &Tenant,
        reading: &Reading,
        work: impl FnOnce(&mut dyn Iterator<Item = Result<Found, Problem>>) -> T,
    ) -> Result<T, Problem> {
        let registry = tenant.registry();
        match self.kind {
            FileKind::Json => Ok(work(&mut read_json(&self.bytes, registry)?)),
            FileKind::Ndjson => Ok(work(&mut JsonLines::new(&self.bytes, registry))),
            FileKind::Csv => {
                let Some(shape) = registry.shape_named(&reading.resource_type) else {
                    let message = format!("there is no resource type {:?} here", reading.resource_type);
                    return Err(Problem { at: 1, message });
                };
                let rows = Table::new(&self.bytes)?;
                let mut resources = rows.resources(shape, &reading.columns)?;
                Ok(work(&mut resources))
            }
        }
    }
}
