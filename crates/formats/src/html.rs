//! A page that needs no network and no server: a list of flows that can be read without JavaScript, and with it an inspector
//! over the same data. Nothing in it comes from the record as markup.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::list::Row;
use crate::recorded::{Field, Recorded};
use crate::template;
use crate::writer::{About, Gathered, Writer, known};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// How many exchanges are in the list that needs no JavaScript.
const LISTED: usize = 1000;
/// Longest body that is in the page, in bytes; of a longer one the beginning is.
const LONGEST_BODY: usize = 64 << 10;

/// Writes a page.
pub struct HtmlWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    gathered: Gathered,
    listed: usize,
    left_out: usize,
}

impl<'a> HtmlWriter<'a> {
    /// Writes the beginning.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(mut out: Box<dyn Write + 'a>, about: &'a About) -> io::Result<HtmlWriter<'a>> {
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hash(SCRIPT),
            hash(STYLE)
        );
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>SCIM exchanges</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>SCIM exchanges</h1>\n"
        )?;
        if let Some(warning) = about.warning() {
            writeln!(out, "<p class=\"warning\">{}</p>", escaped(warning))?;
        }
        let client = about.dialect.as_ref().map(|(name, sure)| format!(" Client: {} ({sure} %).", escaped(name)));
        let server = about.profile.as_ref().map(|name| format!(" Profile: {}.", escaped(name)));
        writeln!(
            out,
            "<p>{} flows, written by Scimscope {}.{}{}</p>\n</header>\n<main>\n<div id=\"inspector\" hidden></div>\n<div id=\"list\">",
            about.flows.len(),
            escaped(&about.version),
            client.unwrap_or_default(),
            server.unwrap_or_default()
        )?;
        Ok(HtmlWriter { out, about, gathered: Gathered::default(), listed: 0, left_out: 0 })
    }

    fn flow(&mut self, id: u64, steps: &[Recorded]) -> io::Result<()> {
        let name = template::one_line(&self.about.flow_name(id));
        let room = LISTED.saturating_sub(self.listed).min(steps.len());
        self.listed += room;
        self.left_out += steps.len() - room;
        if room > 0 {
            write!(
                self.out,
                "<section>\n<h2>{}</h2>\n<table>\n<thead><tr><th scope=\"col\">#</th><th scope=\"col\">Request</th>\
                 <th scope=\"col\">Status</th><th scope=\"col\">ms</th><th scope=\"col\">What happened</th></tr></thead>\n<tbody>\n",
                escaped(&name)
            )?;
            for recorded in &steps[..room] {
                let row = Row::of(recorded, self.about);
                let status = row.status.map_or("none".to_owned(), |status| status.to_string());
                let ms = row.elapsed_ms.map(|ms| format!("{ms:.1}")).unwrap_or_default();
                writeln!(
                    self.out,
                    "<tr><td>{}</td><td><code>{} {}</code></td><td class=\"{}\">{status}</td><td>{ms}</td><td>{}</td></tr>",
                    row.seq,
                    escaped(&row.method),
                    escaped(&row.target),
                    class(row.status),
                    escaped(&row.sentence)
                )?;
            }
            writeln!(self.out, "</tbody>\n</table>\n</section>")?;
        }
        let data = json!({ "flow": id, "name": name, "steps": steps.iter().map(|recorded| step(recorded, self.about)).collect::<Value>() });
        // In a script element, only this sign could end it.
        let text = data.to_string().replace('<', "\\u003c");
        writeln!(self.out, "<script type=\"application/json\" class=\"data\">{text}</script>")
    }
}

impl Writer for HtmlWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        match self.gathered.take(recorded) {
            Some((flow, steps)) => self.flow(flow, &steps),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some((flow, steps)) = self.gathered.rest() {
            self.flow(flow, &steps)?;
        }
        if self.left_out > 0 {
            writeln!(self.out, "<p>{} more exchanges are shown with JavaScript only.</p>", self.left_out)?;
        }
        writeln!(self.out, "</div>\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")?;
        self.out.flush()
    }
}

fn step(recorded: &Recorded, about: &About) -> Value {
    let row = Row::of(recorded, about);
    let fields = |fields: &[Field]| fields.iter().map(|(name, value)| json!([name, value])).collect::<Value>();
    let scim = known(recorded);
    json!({
        "row": row,
        "request": { "headers": fields(&recorded.request.headers), "body": body(&recorded.request.body) },
        "response": recorded.response.as_ref().map(|response| json!({
            "reason": response.reason,
            "headers": fields(&response.headers),
            "body": body(&response.body),
        })),
        "findings": scim.findings.iter().map(|finding| json!({
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.message,
        })).collect::<Value>(),
        "changes": scim.changes.iter().map(|change| json!({
            "what": format!("{} {}", change.resource_type, change.display),
            "lines": change.lines,
        })).collect::<Value>(),
        "note": scim.note,
    })
}

fn body(body: &[u8]) -> Value {
    let cut = body.len() > LONGEST_BODY;
    let shown = &body[..body.len().min(LONGEST_BODY)];
    match std::str::from_utf8(body) {
        Ok(text) => {
            let text = &text[..text.floor_char_boundary(shown.len())];
            json!({ "text": text, "bytes": body.len(), "cut": cut })
        }
        Err(_) => json!({ "text": STANDARD.encode(shown), "bytes": body.len(), "cut": cut, "base64": true }),
    }
}

fn class(status: Option<u16>) -> &'static str {
    match status {
        Some(200..=399) => "good",
        Some(_) => "bad",
        None => "none",
    }
}

/// Text as markup; what a document must not hold is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            control
                if control.is_control()
                    || matches!(u32::from(control), 0xfdd0..=0xfdef)
                    || u32::from(control) & 0xfffe == 0xfffe =>
            {
                out.push('\u{fffd}');
            }
            other => out.push(other),
        }
    }
    out
}
