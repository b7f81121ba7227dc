//! Writing.

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scim::diff::Line;
use scim::finding::Finding;
use serde::{Deserialize, Serialize};

use crate::recorded::{Field, Recorded, Request, Response, Timing};
use crate::writer::{About, Writer, json};

/// Writes an archive.
pub struct HarWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    any: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    started_date_time: String,
    id: String,
    title: &'a str,
    page_timings: Empty,
    #[serde(rename = "_kind", skip_serializing_if = "str::is_empty")]
    kind: &'a str,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pageref: Option<String>,
    started_date_time: String,
    time: f64,
    request: HarRequest<'a>,
    response: HarResponse<'a>,
    cache: Empty,
    timings: Timings,
    #[serde(skip_serializing_if = "Option::is_none", rename = "serverIPAddress")]
    server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_client")]
    client: Option<String>,
    #[serde(rename = "_seq")]
    seq: u64,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_error")]
    error: Option<&'a str>,
    #[serde(rename = "_timing")]
    exact: ExactTiming,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_scim")]
    scim: Option<HarScim>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest<'a> {
    method: &'a str,
    url: String,
    http_version: &'a str,
    cookies: Vec<Cookie<'a>>,
    headers: Vec<Named<'a>>,
    query_string: Vec<Named<'a>>,
    headers_size: i64,
    body_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_target")]
    target: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarResponse<'a> {
    status: u16,
    status_text: &'a str,
    http_version: &'a str,
    cookies: Vec<Cookie<'a>>,
    headers: Vec<Named<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
struct Named<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cookie<'a> {
    name: &'a str,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: &'a str,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_encoding")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: usize,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

/// Times as they were measured; those of the format are whole phases and leave out what is not known.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ExactTiming {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_byte_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_byte_us: Option<u64>,
}

/// What Scimscope knows of an exchange, as the field `_scim`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HarScim {
    pub(super) flow: u64,
    pub(super) sentence: String,
    /// Codes of the tolerances taken, for readers that look no further.
    pub(super) quirks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dialect: Option<String>,
    pub(super) confidence: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auth_outcome: Option<HarAccess>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) diff: Vec<HarChange>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) pinned: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HarAccess {
    pub(super) checked: String,
    pub(super) found: String,
    pub(super) passed: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HarChange {
    pub(super) resource_type: String,
    pub(super) id: String,
    pub(super) display: String,
    pub(super) lines: Vec<Line>,
}

impl<'a> HarWriter<'a> {
    /// Writes the beginning.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(mut out: Box<dyn Write + 'a>, about: &'a About) -> io::Result<HarWriter<'a>> {
        let version = serde_json::to_string(&about.version)?;
        write!(out, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{{\"name\":\"Scimscope\",\"version\":{version}}}")?;
        if let Some(warning) = about.warning() {
            write!(out, ",\"comment\":{}", serde_json::to_string(warning)?)?;
        }
        let redaction = &about.redaction;
        let variables: Vec<&str> = redaction.variables.iter().map(|variable| variable.text.as_str()).collect();
        let redacted = serde_json::json!({
            "secrets": redaction.secrets,
            "people": redaction.people,
            "rules": redaction.rules,
            "variables": variables,
        });
        write!(out, ",\"_redacted\":{redacted},\"pages\":[")?;
        for (at, flow) in about.flows.iter().enumerate() {
            let started = flow.at.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            let page = Page {
                started_date_time: started.to_string(),
                id: page_id(flow.id),
                title: &flow.name,
                page_timings: Empty {},
                kind: &flow.kind,
            };
            out.write_all(if at > 0 { b",\n" } else { b"\n" })?;
            json(&mut out, &page)?;
        }
        out.write_all(b"],\"entries\":[")?;
        Ok(HarWriter { out, about, any: false })
    }
}

impl Writer for HarWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        json(&mut self.out, &entry(recorded, self.about))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n]}}\n")?;
        self.out.flush()
    }
}

fn page_id(flow: u64) -> String {
    format!("flow_{flow}")
}

fn entry<'a>(recorded: &'a Recorded, about: &About) -> Entry<'a> {
    let timings = timings(&recorded.timing);
    let Timing { request_us, first_byte_us, last_byte_us } = recorded.timing;
    Entry {
        pageref: about.flow(recorded.flow()).map(|flow| page_id(flow.id)),
        started_date_time: recorded.at.to_string(),
        // In thousandths, so that it is the sum to the last digit.
        time: ((timings.send + timings.wait + timings.receive) * 1000.0).round() / 1000.0,
        request: request(recorded),
        response: response(recorded.response.as_ref()),
        cache: Empty {},
        timings,
        server: recorded.server.map(|address| address.to_string()),
        client: recorded.client.map(|address| address.to_string()),
        seq: recorded.seq,
        error: recorded.problem.as_deref(),
        exact: ExactTiming { request_us, first_byte_us, last_byte_us },
        scim: recorded.scim.as_ref().map(scim),
    }
}

fn timings(timing: &Timing) -> Timings {
    let ms = |us: u64| us as f64 / 1000.0;
    let send = timing.request_us.unwrap_or(0);
    let last = timing.last_byte_us.unwrap_or(send);
    let first = timing.first_byte_us.unwrap_or(last).min(last);
    let send = send.min(first);
    Timings { send: ms(send), wait: ms(first - send), receive: ms(last - first) }
}

fn request(recorded: &Recorded) -> HarRequest<'_> {
    let Request { method, target, version, headers, body } = &recorded.request;
    let url = recorded.url();
    let mime_type = recorded.request.header("content-type").unwrap_or_default();
    let query = crate::recorded::parameters(recorded.query());
    HarRequest {
        method,
        http_version: version,
        cookies: headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")).flat_map(cookies).collect(),
        headers: named(headers),
        query_string: query.into_iter().map(|(name, value)| Named { name: name.into(), value: value.into() }).collect(),
        headers_size: -1,
        body_size: body.len(),
        post_data: (!body.is_empty()).then(|| {
            let (text, encoding) = text(body);
            PostData { mime_type, text, encoding }
        }),
        target: (url != format!("{}{target}", recorded.origin)).then_some(target.as_str()),
        url,
    }
}

fn response(response: Option<&Response>) -> HarResponse<'_> {
    let Some(response) = response else {
        return HarResponse {
            status: 0,
            status_text: "",
            http_version: "",
            cookies: Vec::new(),
            headers: Vec::new(),
            content: Content { size: 0, mime_type: "", text: None, encoding: None },
            redirect_url: "",
            headers_size: -1,
            body_size: -1,
        };
    };
    let Response { status, reason, version, headers, body } = response;
    let (text, encoding) = text(body);
    let is_redirect = (300..400).contains(status);
    HarResponse {
        status: *status,
        status_text: reason,
        http_version: version,
        cookies: headers.iter().filter_map(set_cookie).collect(),
        headers: named(headers),
        content: Content {
            size: body.len(),
            mime_type: response.header("content-type").unwrap_or_default(),
            text: (!body.is_empty()).then_some(text),
            encoding,
        },
        redirect_url: response.header("location").filter(|_| is_redirect).unwrap_or_default(),
        headers_size: -1,
        body_size: body.len() as i64,
    }
}

fn named(fields: &[Field]) -> Vec<Named<'_>> {
    fields.iter().map(|(name, value)| Named { name: name.into(), value: value.into() }).collect()
}

/// A body as text; in base64 if it is none.
fn text(body: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    match std::str::from_utf8(body) {
        Ok(text) => (text.into(), None),
        Err(_) => (STANDARD.encode(body).into(), Some("base64")),
    }
}

fn cookies((_, value): &Field) -> impl Iterator<Item = Cookie<'_>> {
    value.split(';').filter_map(|pair| pair.trim().split_once('=')).map(|(name, value)| plain_cookie(name, value))
}

fn plain_cookie<'a>(name: &'a str, value: &'a str) -> Cookie<'a> {
    Cookie { name, value, path: None, http_only: None, secure: None }
}

fn set_cookie((name, value): &Field) -> Option<Cookie<'_>> {
    if !name.eq_ignore_ascii_case("set-cookie") {
        return None;
    }
    let mut parts = value.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = plain_cookie(name, value);
    for part in parts {
        match part.split_once('=') {
            Some((word, path)) if word.eq_ignore_ascii_case("path") => cookie.path = Some(path),
            None if part.eq_ignore_ascii_case("httponly") => cookie.http_only = Some(true),
            None if part.eq_ignore_ascii_case("secure") => cookie.secure = Some(true),
            _ => {}
        }
    }
    Some(cookie)
}

fn scim(known: &crate::recorded::Scim) -> HarScim {
    let mut quirks: Vec<String> = Vec::new();
    for finding in known.findings.iter().filter(|finding| finding.severity == scim::finding::Severity::Tolerated) {
        if !quirks.contains(&finding.code) {
            quirks.push(finding.code.clone());
        }
    }
    HarScim {
        flow: known.flow,
        sentence: known.sentence.clone(),
        quirks,
        dialect: known.dialect.clone(),
        confidence: known.confidence,
        tenant: known.tenant.clone(),
        auth_outcome: known.access.as_ref().map(|access| HarAccess {
            checked: access.checked.clone(),
            found: access.found.clone(),
            passed: access.passed,
        }),
        findings: known.findings.clone(),
        diff: known
            .changes
            .iter()
            .map(|change| HarChange {
                resource_type: change.resource_type.clone(),
                id: change.id.clone(),
                display: change.display.clone(),
                lines: change.lines.clone(),
            })
            .collect(),
        pinned: known.pinned,
        note: known.note.clone(),
        tags: known.tags.clone(),
    }
}
