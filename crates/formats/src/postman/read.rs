//! Reading collections. Scripts in them are never run; requests without an example answer have none.

use std::collections::HashMap;
use std::io::Read;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::read::{Limits, ReadError, Take};
use crate::recorded::{Field, Recorded, Request, Response, Timing};

/// How deep folders may be.
const DEEPEST: usize = 20;

fn damaged(why: impl Into<String>) -> ReadError {
    ReadError::Damaged { format: "Postman collection", why: why.into() }
}

/// Reads a collection, v2.0 or v2.1.
///
/// # Errors
/// If it is none, or beyond the limits.
pub fn read(file: impl Read, began: Timestamp, limits: &Limits, take: Take<'_>) -> Result<u64, ReadError> {
    let mut bytes = Vec::new();
    let most = limits.whole_bytes as u64;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| ReadError::Stopped(error.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooMuch(format!("a collection of more than {most} bytes is not read")));
    }
    let collection: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    // The API of Postman wraps it.
    let collection = collection.get("collection").unwrap_or(&collection);
    let schema = collection["info"]["schema"].as_str().unwrap_or_default();
    if !schema.contains("/v2.") {
        return Err(damaged(format!("info.schema is {schema:?}; collections v2.0 and v2.1 are read, v1 is not")));
    }
    let mut reading = Reading { began, limits, take, read: 0, variables: HashMap::new() };
    for variable in collection["variable"].as_array().into_iter().flatten() {
        if let (Some(name), Some(value)) = (variable["key"].as_str(), variable["value"].as_str()) {
            reading.variables.insert(name.to_owned(), value.to_owned());
        }
    }
    reading.items(&collection["item"], 0)?;
    Ok(reading.read)
}

struct Reading<'a> {
    began: Timestamp,
    limits: &'a Limits,
    take: Take<'a>,
    read: u64,
    variables: HashMap<String, String>,
}

impl Reading<'_> {
    fn items(&mut self, items: &Value, depth: usize) -> Result<(), ReadError> {
        if depth > DEEPEST {
            return Err(ReadError::TooMuch(format!("folders are nested deeper than {DEEPEST}")));
        }
        for item in items.as_array().into_iter().flatten() {
            if item.get("item").is_some() {
                self.items(&item["item"], depth + 1)?;
                continue;
            }
            self.read += 1;
            let recorded = self.recorded(item).map_err(|why| damaged(format!("request {}: {why}", self.read)))?;
            self.limits.check(&recorded)?;
            (self.take)(recorded).map_err(ReadError::Stopped)?;
        }
        Ok(())
    }

    fn recorded(&self, item: &Value) -> Result<Recorded, String> {
        let asked = &item["request"];
        let url = asked["url"]["raw"].as_str().or(asked["url"].as_str()).or(asked.as_str()).ok_or("it has no URL")?;
        let mut url = self.filled(url);
        if url.starts_with("{{") {
            // Nobody says where it would go.
            url = url.split_once("}}").map_or(url.clone(), |(_, rest)| format!("http://localhost{rest}"));
        }
        let (origin, target) = crate::har::split(&url).ok_or_else(|| format!("{url:?} is no URL"))?;
        let example = item["response"].as_array().and_then(|all| all.first());
        let body = asked["body"]["raw"].as_str().map(|body| self.filled(body)).unwrap_or_default();
        Ok(Recorded {
            seq: self.read,
            at: self.began,
            origin,
            client: None,
            server: None,
            request: Request {
                method: asked["method"].as_str().unwrap_or("GET").to_owned(),
                target,
                version: "HTTP/1.1".to_owned(),
                headers: self.fields(&asked["header"]),
                body: Bytes::from(body),
            },
            response: example.and_then(|example| self.response(example)),
            timing: Timing::default(),
            problem: example.is_none().then(|| "the collection has no answer to it".to_owned()),
            scim: None,
        })
    }

    fn response(&self, example: &Value) -> Option<Response> {
        let status = u16::try_from(example["code"].as_u64()?).ok().filter(|status| (100..1000).contains(status))?;
        Some(Response {
            status,
            reason: example["status"].as_str().unwrap_or_default().to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: self.fields(&example["header"]),
            body: Bytes::from(example["body"].as_str().unwrap_or_default().to_owned()),
        })
    }

    fn fields(&self, fields: &Value) -> Vec<Field> {
        let fields = fields.as_array().into_iter().flatten().filter(|field| field["disabled"] != Value::Bool(true));
        fields
            .filter_map(|field| {
                Some((field["key"].as_str()?.to_owned(), self.filled(field["value"].as_str().unwrap_or_default())))
            })
            .collect()
    }

    /// The text with the variables of the collection put in; those without a value stay.
    fn filled(&self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(start) = rest.find("{{") {
            let Some(end) = rest[start..].find("}}").map(|end| start + end) else { break };
            out.push_str(&rest[..start]);
            match self.variables.get(&rest[start + 2..end]).filter(|value| !value.is_empty()) {
                Some(value) => out.push_str(value),
                None => out.push_str(&rest[start..end + 2]),
            }
            rest = &rest[end + 2..];
        }
        out.push_str(rest);
        out
    }
}
