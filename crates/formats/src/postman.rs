//! Collections for Postman, v2.1: a folder for each flow, tests, variables; the recorded answers as examples, so that a
//! collection can be read again.

mod read;

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::bindings::{Binder, Given};
use crate::recorded::{Field, Recorded, Response};
use crate::template::{self, Base};
use crate::writer::{About, Gathered, Writer};

pub use read::read;

/// Says that a file is a collection of this version.
pub const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// Writes a collection.
pub struct PostmanWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    gathered: Gathered,
    binder: Binder,
    base: Base,
    any: bool,
    names: Vec<String>,
}

impl<'a> PostmanWriter<'a> {
    /// Writes the beginning.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(mut out: Box<dyn Write + 'a>, about: &'a About) -> io::Result<PostmanWriter<'a>> {
        let mut info = json!({ "name": "SCIM exchanges", "schema": SCHEMA });
        if let Some(warning) = about.warning() {
            info["description"] = json!(warning);
        }
        write!(out, "{{\"info\":{info},\"item\":[")?;
        let (gathered, binder, base) = (Gathered::default(), Binder::default(), Base::default());
        Ok(PostmanWriter { out, about, gathered, binder, base, any: false, names: Vec::new() })
    }

    fn folder(&mut self, flow: u64, steps: &[Recorded]) -> io::Result<()> {
        if !self.any {
            self.base = steps.first().map(|first| Base::of(first, self.about)).unwrap_or_default();
        }
        let mut items = Vec::new();
        for recorded in steps.iter().filter(|recorded| recorded.is_http()) {
            let request = self.request(recorded);
            let given = self.binder.learn(recorded);
            self.names.extend(given.iter().map(|given| given.name.clone()));
            items.push(json!({
                "name": format!("{}: {}", recorded.seq, template::title(recorded)),
                "event": [{ "listen": "test", "script": { "type": "text/javascript", "exec": script(recorded, &given) } }],
                "request": request,
                "response": examples(recorded, &request),
            }));
        }
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        let folder = json!({ "name": template::one_line(&self.about.flow_name(flow)), "item": items });
        serde_json::to_writer(&mut self.out, &folder)?;
        Ok(())
    }

    fn request(&self, recorded: &Recorded) -> Value {
        let variable = |name: &str| format!("{{{{{name}}}}}");
        let raw = self.base.url(recorded, "{{baseUrl}}", &self.binder, &variable);
        let (before, _) = raw.split_once('?').unwrap_or((&raw, ""));
        let (host, path) = match before.strip_prefix("{{baseUrl}}") {
            Some(path) => (json!(["{{baseUrl}}"]), path.to_owned()),
            None => {
                let (scheme, rest) = before.split_once("://").unwrap_or(("http", before));
                let (host, path) =
                    rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
                (json!([format!("{scheme}://{host}")]), path)
            }
        };
        let mut url = json!({ "raw": raw, "host": host });
        if let Some(path) = path.strip_prefix('/') {
            url["path"] = path.split('/').collect();
        }
        let query = recorded.parameters();
        if !query.is_empty() {
            let pairs = query
                .iter()
                .map(|(name, value)| json!({ "key": name, "value": self.binder.replace(value, &variable) }));
            url["query"] = pairs.collect();
        }
        let is_usual =
            |(name, value): &&Field| name.eq_ignore_ascii_case("authorization") && value == "Bearer {{scimToken}}";
        let headers: Vec<Value> = template::sent(recorded)
            .filter(|field| !is_usual(field))
            .map(|(name, value)| json!({ "key": name, "value": self.binder.replace(value, &variable) }))
            .collect();
        let mut request = json!({ "method": recorded.request.method, "header": headers, "url": url });
        if !template::sent(recorded).any(|field| is_usual(&field)) {
            request["auth"] = json!({ "type": "noauth" });
        }
        if let Some(body) = template::text_body(recorded) {
            request["body"] = json!({
                "mode": "raw",
                "raw": self.binder.replace(body, &variable),
                "options": { "raw": { "language": "json" } },
            });
        }
        request
    }
}

impl Writer for PostmanWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        match self.gathered.take(recorded) {
            Some((flow, steps)) => self.folder(flow, &steps),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some((flow, steps)) = self.gathered.rest() {
            self.folder(flow, &steps)?;
        }
        let mut variables = vec![json!({ "key": "baseUrl", "value": self.base.text() })];
        let mut names: Vec<&str> =
            self.about.redaction.variables.iter().map(|variable| variable.text.trim_matches(['{', '}'])).collect();
        if !names.contains(&"scimToken") {
            names.push("scimToken");
        }
        names.extend(self.names.iter().map(String::as_str));
        variables.extend(names.into_iter().map(|name| json!({ "key": name, "value": "" })));
        let auth =
            json!({ "type": "bearer", "bearer": [{ "key": "token", "value": "{{scimToken}}", "type": "string" }] });
        write!(self.out, "\n],\"auth\":{auth},\"variable\":{}}}\n", Value::Array(variables))?;
        self.out.flush()
    }
}

fn script(recorded: &Recorded, given: &[Given]) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(response) = &recorded.response {
        let status = response.status;
        lines.push(format!("pm.test('status is {status}', () => pm.response.to.have.status({status}));"));
    }
    for Given { name, pointer, .. } in given {
        let steps = pointer.split('/').skip(1).map(|token| match token.bytes().all(|byte| byte.is_ascii_digit()) {
            true => format!("[{token}]"),
            false => format!(".{token}"),
        });
        let path: String = steps.collect();
        lines.push(format!("pm.collectionVariables.set('{name}', pm.response.json(){path});"));
    }
    lines
}

fn examples(recorded: &Recorded, request: &Value) -> Value {
    let Some(response) = &recorded.response else { return json!([]) };
    let Response { status, reason, headers, body, .. } = response;
    let Ok(text) = std::str::from_utf8(body) else { return json!([]) };
    let header: Vec<Value> = headers.iter().map(|(name, value)| json!({ "key": name, "value": value })).collect();
    json!([{
        "name": "as recorded",
        "originalRequest": request,
        "status": reason,
        "code": status,
        "_postman_previewlanguage": "json",
        "header": header,
        "cookie": [],
        "body": text,
    }])
}
