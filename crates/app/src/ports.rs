//! Real chance, for the port of the provider; the workspace file, for those of control.

use std::sync::Arc;

use control::facts;
use control::ports::{HistoryHorizon, Removed, StorageUsage, Unwanted};
use journal::{DiskUsage, Durability, Horizon, Journal, LEAST_BUDGET_BYTES};
use listener::Acknowledged;
use traffic::ids::Pos;

use crate::kept;

/// The chance of the operating system.
pub(crate) struct SystemEntropy;

impl provider::Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system has random bytes");
    }
}

/// The disk that the workspace file is on.
pub(crate) struct JournalStorage {
    pub journal: Arc<Journal>,
    /// Whether answers wait for their records.
    pub acknowledged: Acknowledged,
}

impl control::ports::Storage for JournalStorage {
    fn usage(&self) -> StorageUsage {
        let DiskUsage {
            file_bytes,
            used_bytes,
            budget_bytes,
            change_bytes,
            exchanges_pruned,
            flows_pruned,
            changes_pruned,
            horizons,
            ..
        } = self.journal.disk_usage();
        let horizons = horizons.into_iter().map(|Horizon { tenant, revision, pos, at }| HistoryHorizon {
            tenant,
            revision,
            pos,
            at,
        });
        StorageUsage {
            file_bytes,
            used_bytes,
            budget_bytes,
            change_bytes,
            exchanges_pruned,
            flows_pruned,
            changes_pruned,
            horizons: horizons.collect(),
        }
    }

    fn set_budget(&self, bytes: u64) {
        self.journal.set_disk_budget(bytes);
    }

    fn least_budget_bytes(&self) -> u64 {
        LEAST_BUDGET_BYTES
    }

    fn set_durability(&self, durability: facts::Durability) -> Result<(), String> {
        let durability = kept::of_facts(durability);
        let waits = durability != Durability::Relaxed;
        if !waits {
            self.acknowledged.set(false);
        }
        // Whoever waits from now on is told what the new setting promises.
        self.journal.set_durability(durability).map_err(|error| error.to_string())?;
        self.acknowledged.set(waits);
        Ok(())
    }

    fn remove(&self, what: Unwanted) -> Result<Removed, String> {
        let what = match what {
            Unwanted::These(seqs) => journal::Unwanted::These(seqs),
            Unwanted::UpTo { through, tag } => journal::Unwanted::UpTo { through, tag },
        };
        let journal::Removed { seqs, kept } = self.journal.remove(what).map_err(|error| error.to_string())?;
        Ok(Removed { seqs, kept })
    }
}

/// The documents of the workspace file.
pub(crate) struct JournalDocuments(pub Arc<Journal>);

impl control::ports::Documents for JournalDocuments {
    fn put(&self, kind: &str, id: &str, json: &serde_json::Value) -> Result<(), String> {
        self.0.put_document(kind, id, json).map(drop).map_err(|error| error.to_string())
    }

    fn put_text(&self, kind: &str, id: &str, json: &str) -> Result<(), String> {
        self.0.put_document_text(kind, id, json).map(drop).map_err(|error| error.to_string())
    }

    fn list(&self, kind: &str) -> Result<Vec<(String, serde_json::Value)>, String> {
        let stored = self.0.list_documents(kind).map_err(|error| error.to_string())?;
        Ok(stored.into_iter().map(|stored| (stored.id, stored.json)).collect())
    }

    fn get(&self, kind: &str, id: &str) -> Result<Option<serde_json::Value>, String> {
        let stored = self.0.get_document(kind, id).map_err(|error| error.to_string())?;
        Ok(stored.map(|stored| stored.json))
    }

    fn delete(&self, kind: &str, id: &str) -> Result<bool, String> {
        self.0.delete_document(kind, id).map_err(|error| error.to_string())
    }

    fn put_snapshot(&self, id: &str, tenant: &str, pos: Pos, json: &serde_json::Value) -> Result<bool, String> {
        self.0.put_snapshot(id, tenant, pos, json).map_err(|error| error.to_string())
    }

    fn delete_snapshot(&self, id: &str) -> Result<bool, String> {
        self.0.delete_snapshot(id).map_err(|error| error.to_string())
    }
}
