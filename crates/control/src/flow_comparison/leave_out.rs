//! What is left out of a comparison: values that are others in every run.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use scim::json::{self, Json, Limits};
use traffic::exchange::Exchange;

use crate::model::bodies;

/// What is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeaveOut {
    /// Ids that the server gave: the first one of a flow is taken for the first one of the other.
    pub(crate) ids: bool,
    /// Moments in time.
    pub(crate) timestamps: bool,
    /// Versions of resources.
    pub(crate) etags: bool,
    /// The order of lists.
    pub(crate) order: bool,
}

impl LeaveOut {
    /// Reads `ids,timestamps,etags,order`, any of them; the error is the word that is none of these.
    pub(crate) fn parse(text: &str) -> Result<LeaveOut, String> {
        let mut parsed = LeaveOut::default();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word {
                "ids" => parsed.ids = true,
                "timestamps" => parsed.timestamps = true,
                "etags" => parsed.etags = true,
                "order" => parsed.order = true,
                _ => return Err(word.to_owned()),
            }
        }
        Ok(parsed)
    }
}

/// Takes out of the texts and bodies of one flow what is left out.
#[derive(Debug)]
pub(super) struct Eraser {
    leave_out: LeaveOut,
    /// The ids that were given in this flow, or used in it, with what stands in their place.
    ids: HashMap<String, String>,
}

impl Eraser {
    pub(super) fn of(flow: &[Arc<Exchange>], leave_out: LeaveOut) -> Eraser {
        let mut eraser = Eraser { leave_out, ids: HashMap::new() };
        if leave_out.ids {
            for exchange in flow {
                if let Some(id) = exchange.outcome().and_then(|handled| handled.subject.resource_id.as_deref()) {
                    eraser.know(id);
                }
                let (_, response) = bodies(exchange);
                if let Ok(body) = json::parse(&response, Limits::default()) {
                    eraser.learn(&body);
                }
            }
        }
        eraser
    }

    fn know(&mut self, id: &str) {
        if !id.is_empty() && !self.ids.contains_key(id) {
            let token = format!("‹id {}›", self.ids.len() + 1);
            self.ids.insert(id.to_owned(), token);
        }
    }

    /// Takes note of the ids in a response.
    fn learn(&mut self, body: &Json) {
        match body {
            Json::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Json::Object(object) => {
                if let Some(id) = object.get("id").and_then(Json::as_str) {
                    self.know(id);
                }
                object.iter().for_each(|(_, value)| self.learn(value));
            }
            _ => {}
        }
    }

    /// A text without what is left out.
    pub(super) fn text(&self, text: &str) -> String {
        if self.leave_out.timestamps && is_time(text) {
            return "‹time›".to_owned();
        }
        if self.leave_out.etags && text.starts_with("W/\"") {
            return "‹version›".to_owned();
        }
        if self.ids.is_empty() {
            return text.to_owned();
        }
        // An id can stand in a path or in a filter; it ends where something else begins.
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|c: char| !is_of_id(c)).unwrap_or(rest.len());
            let (id, after) = rest.split_at(word);
            out.push_str(self.ids.get(id).map_or(id, String::as_str));
            // `%22` before an id would be taken for a part of it.
            let escape = after.starts_with('%') && after.len() > 2 && after.is_char_boundary(3);
            let other = if escape { 3 } else { after.chars().next().map_or(0, char::len_utf8) };
            out.push_str(&after[..other]);
            rest = &after[other..];
        }
        out
    }

    /// A body without what is left out.
    pub(super) fn json(&self, mut body: Json) -> Json {
        self.erase(&mut body);
        body
    }

    fn erase(&self, body: &mut Json) {
        match body {
            Json::String(text) => *text = self.text(text),
            Json::Array(items) => {
                items.iter_mut().for_each(|item| self.erase(item));
                if self.leave_out.order {
                    items.sort_by_cached_key(Json::to_text);
                }
            }
            Json::Object(object) => {
                if self.leave_out.etags
                    && let Some(Json::Object(meta)) = object.get_mut("meta")
                {
                    meta.remove("version");
                }
                object.iter_mut().for_each(|(_, value)| self.erase(value));
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
}

fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.'
}

fn is_time(text: &str) -> bool {
    text.len() >= 10 && text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<Timestamp>().is_ok()
}
