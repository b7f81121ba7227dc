//! What a search tells while it goes on.

use serde::Serialize;
use utoipa::ToSchema;

use super::query::QueryInfo;
use super::summary::Summary;
use crate::search::Told;

/// A line of a search: what was found since the last one, and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct SearchLine {
    /// Newly found, in the order of the search: newest first, unless the oldest were asked for.
    pub items: Vec<Summary>,
    /// How many exchanges were looked at so far, those that the index rules out included.
    pub examined: u64,
    /// The number that was looked at last; 0 before the first.
    pub at: u64,
    /// Where to go on, if there is more to look at: as `before`, or as `after` with `oldest=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// Whether this is the last line.
    pub done: bool,
    /// How the query was understood; in the first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<QueryInfo>,
    /// Why the search ended before its end, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl SearchLine {
    pub(crate) fn take(&mut self, told: Told) {
        let Told { items, examined, at, next } = told;
        self.items.extend(items);
        (self.examined, self.at, self.next) = (examined, at, next);
    }

    /// The line as it stands; what remains is the same without news.
    pub(crate) fn send(&mut self) -> SearchLine {
        let sent = self.clone();
        (self.items, self.query) = (Vec::new(), None);
        sent
    }

    /// As JSON, with the line break.
    pub(crate) fn to_text(&self) -> String {
        // It has only string keys, so it can always be written.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
