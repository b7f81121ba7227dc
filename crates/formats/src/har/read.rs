//! Reading.

use std::fmt;
use std::io::{BufRead, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::write::{ExactTiming, HarScim};
use crate::read::{Limits, ReadError, Take};
use crate::recorded::{Access, Change, Field, Recorded, Request, Response, Scim, Timing};

/// Reads an archive, one entry at a time: a file may be much larger than the memory.
///
/// # Errors
/// If it is no HAR, or beyond the limits. What was taken before stays with whoever took it.
pub fn read(file: impl Read, limits: &Limits, take: Take<'_>) -> Result<u64, ReadError> {
    let mut file = std::io::BufReader::with_capacity(1 << 18, file);
    let start = file.fill_buf().map_err(|error| ReadError::Stopped(error.to_string()))?;
    if start.starts_with(b"\xef\xbb\xbf") {
        file.consume(3);
    }
    let mut reading = Reading { limits, take, read: 0, stopped: None, entries: false };
    let mut json = serde_json::Deserializer::from_reader(file);
    let result = Top(&mut reading).deserialize(&mut json).and_then(|()| json.end());
    let Reading { read, stopped, entries, .. } = reading;
    match (stopped, result) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(ReadError::Damaged { format: "HAR", why: format!("{error}, in entry {}", read + 1) }),
        (None, Ok(())) if !entries => {
            Err(ReadError::Damaged { format: "HAR", why: "it has no log.entries".to_owned() })
        }
        (None, Ok(())) => Ok(read),
    }
}

struct Reading<'a> {
    limits: &'a Limits,
    take: Take<'a>,
    read: u64,
    stopped: Option<ReadError>,
    entries: bool,
}

impl Reading<'_> {
    fn entry(&mut self, entry: Entry) -> Result<(), ReadError> {
        self.read += 1;
        let recorded = recorded(entry, self.read)
            .map_err(|why| ReadError::Damaged { format: "HAR", why: format!("entry {}: {why}", self.read) })?;
        // A number of its own may be anything; what counts is how many there are.
        self.limits.check(&Recorded { seq: self.read, ..recorded.clone() })?;
        (self.take)(recorded).map_err(ReadError::Stopped)
    }
}

/// The whole file: `{"log": ...}`.
struct Top<'a, 'b>(&'a mut Reading<'b>);

/// `{"entries": ...}`.
struct Log<'a, 'b>(&'a mut Reading<'b>);

struct Entries<'a, 'b>(&'a mut Reading<'b>);

macro_rules! seed {
    ($name:ident, $method:ident, $what:literal, $self:ident, $access:ident, $bound:ident, $body:block) => {
        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }

        impl<'de> Visitor<'de> for $name<'_, '_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($what)
            }

            fn $method<A: $bound<'de>>($self, mut $access: A) -> Result<(), A::Error> $body
        }
    };
}

seed!(Top, visit_map, "an object with a log", self, map, MapAccess, {
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "log" => map.next_value_seed(Log(&mut *self.0))?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
    }
    Ok(())
});

seed!(Log, visit_map, "an object with entries", self, map, MapAccess, {
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "entries" => map.next_value_seed(Entries(&mut *self.0))?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
    }
    Ok(())
});

seed!(Entries, visit_seq, "an array of entries", self, list, SeqAccess, {
    self.0.entries = true;
    while let Some(entry) = list.next_element::<Entry>()? {
        if let Err(error) = self.0.entry(entry) {
            let words = A::Error::custom(&error);
            self.0.stopped = Some(error);
            return Err(words);
        }
    }
    Ok(())
});

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Option<String>,
    time: Option<f64>,
    request: Option<HarRequest>,
    response: Option<HarResponse>,
    timings: Option<Timings>,
    #[serde(rename = "serverIPAddress")]
    server: Option<String>,
    #[serde(rename = "_client")]
    client: Option<String>,
    #[serde(rename = "_seq")]
    seq: Option<u64>,
    #[serde(rename = "_error")]
    error: Option<serde_json::Value>,
    #[serde(rename = "_timing")]
    exact: Option<ExactTiming>,
    #[serde(rename = "_scim")]
    scim: Option<HarScim>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: Option<String>,
    url: Option<String>,
    http_version: Option<String>,
    headers: Option<Vec<Named>>,
    post_data: Option<PostData>,
    /// Where HTTP Toolkit puts a body that is no text.
    #[serde(rename = "_content")]
    content: Option<Content>,
    #[serde(rename = "_target")]
    target: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarResponse {
    status: Option<f64>,
    status_text: Option<String>,
    http_version: Option<String>,
    headers: Option<Vec<Named>>,
    content: Option<Content>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Named {
    name: Option<String>,
    value: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    mime_type: Option<String>,
    text: Option<String>,
    params: Option<Vec<Named>>,
    /// As Scimscope and others mark what is no text.
    #[serde(alias = "_encoding")]
    encoding: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Content {
    text: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Timings {
    blocked: Option<f64>,
    dns: Option<f64>,
    connect: Option<f64>,
    send: Option<f64>,
    wait: Option<f64>,
    receive: Option<f64>,
}

fn recorded(entry: Entry, place: u64) -> Result<Recorded, String> {
    let at = entry.started_date_time.as_deref().ok_or("startedDateTime is missing")?;
    let at = timestamp(at).ok_or_else(|| format!("startedDateTime is {at:?}, which is no time"))?;
    let request = entry.request.ok_or("request is missing")?;
    let url = request.url.as_deref().ok_or("request.url is missing")?;
    let (origin, target) = split(url).ok_or_else(|| format!("request.url is {:?}, which is no URL", short(url)))?;
    let status = entry.response.as_ref().and_then(|response| response.status).unwrap_or(0.0);
    let is_answered = (1.0..=999.0).contains(&status);
    Ok(Recorded {
        seq: entry.seq.unwrap_or(place),
        at,
        origin,
        client: entry.client.and_then(|address| address.parse().ok()),
        server: entry.server.and_then(|address| address.trim_matches(['[', ']']).parse().ok()),
        timing: timing(entry.exact, entry.timings.as_ref(), entry.time),
        problem: entry.error.as_ref().and_then(problem).or_else(|| {
            let unanswered = !is_answered && entry.scim.is_none();
            unanswered.then(|| "there is no response in the file".to_owned())
        }),
        response: match entry.response.filter(|_| is_answered) {
            Some(response) => Some(Response {
                status: status as u16,
                reason: response.status_text.unwrap_or_default(),
                version: version(response.http_version),
                headers: fields(response.headers),
                body: response.content.map(body).transpose()?.unwrap_or_default(),
            }),
            None => None,
        },
        scim: entry.scim.map(known),
        request: asked(request, target)?,
    })
}

fn asked(request: HarRequest, target: String) -> Result<Request, String> {
    let mut headers = fields(request.headers);
    let body = match (request.post_data, request.content) {
        (_, Some(content)) if content.text.is_some() => body(content)?,
        (Some(PostData { text: Some(text), encoding, mime_type, .. }), _) => {
            content_type(&mut headers, mime_type);
            body(Content { text: Some(text), encoding })?
        }
        (Some(PostData { params: Some(params), mime_type, .. }), _) => {
            content_type(&mut headers, mime_type);
            form(params)
        }
        _ => Bytes::new(),
    };
    let method = request.method.unwrap_or_default();
    // A request that was no HTTP has no version either.
    let version =
        if method.is_empty() { request.http_version.unwrap_or_default() } else { version(request.http_version) };
    let target = request.target.unwrap_or(target);
    let target = if method.is_empty() && target == "/" { String::new() } else { target };
    Ok(Request { target, version, headers, body, method })
}

/// What is told of a body is a header field that only some programs write down.
fn content_type(headers: &mut Vec<Field>, mime_type: Option<String>) {
    let has = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(mime_type) = mime_type.filter(|mime_type| !has && !mime_type.is_empty()) {
        headers.push(("Content-Type".to_owned(), mime_type));
    }
}

fn form(params: Vec<Named>) -> Bytes {
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let pairs = params.into_iter().map(|Named { name, value }| {
        let value = value.as_ref().map(words).unwrap_or_default();
        format!("{}={}", encode(&name.unwrap_or_default()), encode(&value))
    });
    Bytes::from(pairs.collect::<Vec<_>>().join("&"))
}

fn body(Content { text, encoding }: Content) -> Result<Bytes, String> {
    let text = text.unwrap_or_default();
    if !encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return Ok(Bytes::from(text));
    }
    let plain: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).map(Bytes::from).map_err(|error| format!("a body is said to be base64 and is not: {error}"))
}

/// Header fields in order, without the pseudo fields of HTTP/2 that some programs list.
fn fields(named: Option<Vec<Named>>) -> Vec<Field> {
    let named = named.unwrap_or_default().into_iter();
    named
        .filter_map(|Named { name, value }| Some((name?, value.as_ref().map(words).unwrap_or_default())))
        .filter(|(name, _)| !name.is_empty() && !name.starts_with(':'))
        .collect()
}

fn words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn problem(error: &serde_json::Value) -> Option<String> {
    Some(words(error)).filter(|words| !words.is_empty())
}

fn version(version: Option<String>) -> String {
    let version = version.unwrap_or_default();
    match version.to_ascii_lowercase().as_str() {
        "" | "unknown" => "HTTP/1.1".to_owned(),
        "h2" | "http/2.0" => "HTTP/2".to_owned(),
        "h3" => "HTTP/3".to_owned(),
        _ => version.to_ascii_uppercase(),
    }
}

/// A time with an offset; without one it is taken for UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

/// Scheme and authority, and the rest.
pub(crate) fn split(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    if authority.is_empty() {
        return None;
    }
    // The fragment is never sent.
    let target = rest[end..].split('#').next().unwrap_or_default();
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    Some((format!("{scheme}://{authority}"), target))
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn timing(exact: Option<ExactTiming>, timings: Option<&Timings>, time: Option<f64>) -> Timing {
    if let Some(ExactTiming { request_us, first_byte_us, last_byte_us }) = exact {
        return Timing { request_us, first_byte_us, last_byte_us };
    }
    // -1 and null are phases that there were none of.
    let us = |ms: Option<f64>| ms.filter(|ms| ms.is_finite() && *ms > 0.0).map_or(0, |ms| (ms * 1000.0).round() as u64);
    let Some(timings) = timings else {
        return Timing { last_byte_us: time.map(|time| us(Some(time))), ..Timing::default() };
    };
    let before = us(timings.blocked) + us(timings.dns) + us(timings.connect);
    let request_us = before + us(timings.send);
    let first_byte_us = request_us + us(timings.wait);
    let last_byte_us = first_byte_us + us(timings.receive);
    Timing { request_us: Some(request_us), first_byte_us: Some(first_byte_us), last_byte_us: Some(last_byte_us) }
}

fn known(scim: HarScim) -> Scim {
    Scim {
        flow: scim.flow,
        sentence: scim.sentence,
        dialect: scim.dialect,
        confidence: scim.confidence,
        tenant: scim.tenant,
        access: scim.auth_outcome.map(|access| Access {
            checked: access.checked,
            found: access.found,
            passed: access.passed,
        }),
        findings: scim.findings,
        changes: scim
            .diff
            .into_iter()
            .map(|change| Change {
                resource_type: change.resource_type,
                id: change.id,
                display: change.display,
                lines: change.lines,
            })
            .collect(),
        pinned: scim.pinned,
        note: scim.note,
        tags: scim.tags,
        script: None,
    }
}
