//! A workspace that has been opened and read, and does not serve yet.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use control::facts::Recovered;
use control::ports::{FLOW_DOCUMENT, FlowDocument};
use journal::{Durability, Journal, Options, Place, Resumed};
use provider::Provider;
use scim::schema::Registry;
use traffic::ids::{FlowId, Pos};
use traffic::log::{Budget, Log};

use crate::config::{Config, Workspace};
use crate::steered::Steered;
use crate::{kept, tenants};

/// Everything that a workspace file says, taken up. Dropping it gives the file up, as it was.
pub(crate) struct Opened {
    pub journal: Arc<Journal>,
    pub log: Arc<Log>,
    pub provider: Provider,
    /// What names the workspace.
    pub id: String,
    pub durability: Durability,
    pub recovered: Option<Recovered>,
    /// What was recorded before this run.
    pub recorded_through: Pos,
    pub flows: Vec<(FlowId, FlowDocument)>,
    /// The file, if it can only be read, and why.
    pub read_only: Option<ReadOnly>,
}

/// A file that can only be read.
pub(crate) struct ReadOnly {
    pub path: PathBuf,
    pub why: String,
}

impl Opened {
    /// Opens a workspace. Blocks as long as that takes. What the host wants comes before what the workspace says.
    pub fn open(
        config: &Config,
        registry: &Arc<Registry>,
        steered: &Arc<Steered>,
        workspace: &Workspace,
    ) -> anyhow::Result<Opened> {
        let place = match workspace {
            Workspace::Temporary => Place::Temporary,
            Workspace::File(path) => Place::File(path.clone()),
        };
        let (journal, read_only) = match (Journal::open(&place, &Options::default()), workspace) {
            (Ok(journal), _) => (journal, None),
            (Err(error), Workspace::File(path)) if error.is_read_only() && path.is_file() => {
                let path = path.canonicalize().unwrap_or_else(|_| path.clone());
                let journal = Journal::open_copy_of(&path, &Options::default())?;
                (journal, Some(ReadOnly { path, why: error.to_string() }))
            }
            (Err(error), _) => return Err(error.into()),
        };
        let journal = Arc::new(journal);
        let durability = kept::durability(config, &journal)?;
        journal.set_durability(durability)?;
        journal.set_disk_budget(kept::disk_budget(config, &journal)?);
        let resumed = journal.resume()?;
        let recovered = kept::recovered(&journal, &resumed)?;
        let Resumed { head, tenants, .. } = resumed;
        let budget = Budget::of(config.memory_budget_bytes);
        let log = Log::resume(head, journal.archive(), budget).context("the newest exchanges cannot be read")?;
        let log = Arc::new(log);
        let provider = tenants::take_up(config, Arc::clone(registry), &journal, tenants, Arc::clone(&log), steered)?;
        let flows = flow_documents(&journal)?;
        let id = kept::begin_run(&journal, head.seq)?;
        journal.record(Arc::clone(&log))?;
        Ok(Opened { journal, log, provider, id, durability, recovered, recorded_through: head.pos, flows, read_only })
    }
}

/// What people made of flows in earlier runs.
fn flow_documents(journal: &Journal) -> anyhow::Result<Vec<(FlowId, FlowDocument)>> {
    let documents = journal.list_documents(FLOW_DOCUMENT)?.into_iter().filter_map(|stored| {
        match (stored.id.parse(), serde_json::from_value(stored.json)) {
            (Ok(id), Ok(document)) => Some((FlowId(id), document)),
            _ => {
                tracing::error!("what was made of flow {:?} cannot be read and is left out", stored.id);
                None
            }
        }
    });
    Ok(documents.collect())
}
