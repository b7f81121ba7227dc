//! What flow files say of flows and steps beside their requests: kept in the workspace, so that it leaves again as it came.

use std::collections::HashMap;

use scim::json::{Json, Limits, parse};

use crate::ports::{Documents, FLOW_SCRIPT_DOCUMENT, STEP_SCRIPT_DOCUMENT};

/// All of them, by the numbers of flows and of exchanges.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    pub(crate) flows: HashMap<u64, Json>,
    pub(crate) steps: HashMap<u64, Json>,
}

impl Scripts {
    /// Those that a workspace keeps.
    ///
    /// # Errors
    /// If it cannot be read, for people.
    pub(crate) fn of(documents: &dyn Documents) -> Result<Scripts, String> {
        let all = |kind: &str| {
            let read = |(id, json): (String, serde_json::Value)| {
                let script = parse(json["text"].as_str()?.as_bytes(), Limits::default()).ok()?;
                Some((id.parse().ok()?, script))
            };
            Ok::<_, String>(documents.list(kind)?.into_iter().filter_map(read).collect())
        };
        Ok(Scripts { flows: all(FLOW_SCRIPT_DOCUMENT)?, steps: all(STEP_SCRIPT_DOCUMENT)? })
    }

    /// Keeps them.
    ///
    /// # Errors
    /// If the workspace cannot be written, for people.
    pub(crate) fn keep(&self, documents: &dyn Documents) -> Result<(), String> {
        for (kind, scripts) in [(FLOW_SCRIPT_DOCUMENT, &self.flows), (STEP_SCRIPT_DOCUMENT, &self.steps)] {
            for (number, script) in scripts {
                documents.put(kind, &number.to_string(), &serde_json::json!({ "text": script.to_text() }))?;
            }
        }
        Ok(())
    }
}
