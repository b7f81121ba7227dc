//! What a workspace says of itself: its name, its settings, and how the last run ended.

use anyhow::bail;
use control::facts;
use control::ports::{DISK_BUDGET_SETTING, DURABILITY_SETTING, SETTING_DOCUMENT};
use journal::{
    CopyDocument, Durability, FILE_BUDGET_BYTES, Journal, LEAST_BUDGET_BYTES, Recovered, Resumed,
    TEMPORARY_BUDGET_BYTES,
};
use serde_json::json;
use traffic::ids::Seq;

use crate::config::Config;

/// The id of the setting with what names the workspace: `{"id": "..."}`.
const IDENTITY_SETTING: &str = "identity";
/// The id of the setting with where the present run began: `{"after": N}`, the number of the last exchange before it.
const RUN_SETTING: &str = "run";

/// What the workspace may take on the disk: what the host wants, or what the workspace says.
pub(crate) fn disk_budget(config: &Config, journal: &Journal) -> anyhow::Result<u64> {
    if let Some(bytes) = config.disk_budget_bytes {
        if bytes < LEAST_BUDGET_BYTES {
            bail!("a disk budget of {bytes} bytes leaves no room for a record; give at least {LEAST_BUDGET_BYTES}");
        }
        return Ok(bytes);
    }
    let kept = journal.get_document(SETTING_DOCUMENT, DISK_BUDGET_SETTING)?;
    let kept = kept.and_then(|kept| kept.json.get("bytes")?.as_u64());
    Ok(kept.unwrap_or(if journal.is_temporary() { TEMPORARY_BUDGET_BYTES } else { FILE_BUDGET_BYTES }))
}

/// When an answer may leave: what the host wants, or what the workspace says.
pub(crate) fn durability(config: &Config, journal: &Journal) -> anyhow::Result<Durability> {
    if let Some(durability) = config.durability {
        return Ok(durability);
    }
    let kept = journal.get_document(SETTING_DOCUMENT, DURABILITY_SETTING)?;
    let kept = kept.and_then(|mut kept| serde_json::from_value(kept.json.get_mut("durability")?.take()).ok());
    Ok(match kept {
        Some(kept) => of_facts(kept),
        None if journal.is_temporary() => Durability::Relaxed,
        None => Durability::Acknowledged,
    })
}

/// Tells what names the workspace; given when it is opened for the first time. Notes after which exchange this run begins.
pub(crate) fn begin_run(journal: &Journal, last: Seq) -> anyhow::Result<String> {
    journal.put_document(SETTING_DOCUMENT, RUN_SETTING, &json!({ "after": last.0 }))?;
    let kept = journal.get_document(SETTING_DOCUMENT, IDENTITY_SETTING)?;
    if let Some(id) = kept.as_ref().and_then(|kept| kept.json.get("id")?.as_str()) {
        return Ok(id.to_owned());
    }
    let id = uuid::Uuid::new_v4().to_string();
    journal.put_document(SETTING_DOCUMENT, IDENTITY_SETTING, &json!({ "id": id }))?;
    Ok(id)
}

/// The document that names a copy of the workspace, which is another one from then on.
pub(crate) fn new_identity() -> CopyDocument {
    (SETTING_DOCUMENT, IDENTITY_SETTING, json!({ "id": uuid::Uuid::new_v4().to_string() }))
}

/// What is here of a run that did not close the workspace.
pub(crate) fn recovered(journal: &Journal, resumed: &Resumed) -> anyhow::Result<Option<facts::Recovered>> {
    let Some(Recovered { exchange, .. }) = resumed.recovered else { return Ok(None) };
    let began = journal.get_document(SETTING_DOCUMENT, RUN_SETTING)?;
    let after = began.and_then(|began| began.json.get("after")?.as_u64()).unwrap_or(0);
    Ok(Some(facts::Recovered {
        exchanges: exchange.0.saturating_sub(after),
        through: exchange.0,
        cut_short: resumed.interrupted.len() as u64,
    }))
}

/// The word of the journal for a word of the control API.
pub(crate) fn of_facts(durability: facts::Durability) -> Durability {
    match durability {
        facts::Durability::Relaxed => Durability::Relaxed,
        facts::Durability::Acknowledged => Durability::Acknowledged,
        facts::Durability::PowerSafe => Durability::PowerSafe,
    }
}

/// The word of the control API for a word of the journal.
pub(crate) fn to_facts(durability: Durability) -> facts::Durability {
    match durability {
        Durability::Relaxed => facts::Durability::Relaxed,
        Durability::Acknowledged => facts::Durability::Acknowledged,
        Durability::PowerSafe => facts::Durability::PowerSafe,
    }
}
