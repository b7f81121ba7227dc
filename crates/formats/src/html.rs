//! A page that needs no network and no server: a list of flows that can be read without JavaScript and, if it is given one, an
//! inspector over data that is in the page. Nothing in it comes from the record as markup.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use sha2::{Digest, Sha256};

use crate::list::Row;
use crate::recorded::Recorded;
use crate::template;
use crate::writer::{About, Gathered, Writer};

const STYLE: &str = include_str!("html/page.css");

/// How many exchanges are in the list that needs no JavaScript.
pub const LISTED: usize = 1000;

/// What shows the data of a page: a script that runs when the page is read, and how it looks.
#[derive(Clone, Debug)]
pub struct Inspector {
    script: String,
    style: String,
}

impl Inspector {
    /// This script and this style sheet.
    pub fn new(script: &str, style: &str) -> Inspector {
        // In a script element, these would end it, or hide its end; in JavaScript and CSS they mean the same with the sign between.
        let apart = |text: &str| text.replace("</script", "<\\/script").replace("<!--", "<\\!--");
        Inspector { script: apart(script), style: apart(style) }
    }
}

/// Writes a page.
pub struct HtmlWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    inspector: Option<&'a Inspector>,
    gathered: Gathered,
    listed: usize,
    left_out: usize,
}

impl<'a> HtmlWriter<'a> {
    /// Writes the beginning.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(
        mut out: Box<dyn Write + 'a>,
        about: &'a About,
        inspector: Option<&'a Inspector>,
    ) -> io::Result<HtmlWriter<'a>> {
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
        let (mut scripts, mut styles, mut attributes) = ("'none'".to_owned(), hash(STYLE), String::new());
        if let Some(Inspector { script, style }) = inspector {
            scripts = hash(script);
            styles = format!("{styles} {}", hash(style));
            // What is set at an element is what the inspector calculates.
            attributes = "style-src-attr 'unsafe-inline'; img-src data:; ".to_owned();
        }
        let policy = format!(
            "default-src 'none'; script-src {scripts}; style-src-elem {styles}; {attributes}base-uri 'none'; form-action 'none'"
        );
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>SCIM exchanges</title>\n<style>{STYLE}</style>\n"
        )?;
        if let Some(Inspector { style, .. }) = inspector {
            // The script makes a style sheet of it: until then the list has its own.
            writeln!(out, "<script type=\"text/css\" id=\"inspector-style\">{style}</script>")?;
        }
        write!(
            out,
            "</head>\n<body>\n<div id=\"app\" hidden></div>\n<div id=\"list\">\n<header>\n<h1>SCIM exchanges</h1>\n"
        )?;
        if let Some(warning) = about.warning() {
            writeln!(out, "<p class=\"warning\">{}</p>", escaped(warning))?;
        }
        let client = about.dialect.as_ref().map(|(name, sure)| format!(" Client: {} ({sure} %).", escaped(name)));
        let server = about.profile.as_ref().map(|name| format!(" Profile: {}.", escaped(name)));
        writeln!(
            out,
            "<p>{} flows, written by Scimscope {}.{}{}</p>\n</header>\n<main>",
            about.flows.len(),
            escaped(&about.version),
            client.unwrap_or_default(),
            server.unwrap_or_default()
        )?;
        Ok(HtmlWriter { out, about, inspector, gathered: Gathered::default(), listed: 0, left_out: 0 })
    }

    /// Says that there are so many more exchanges than those that are written.
    pub fn leave_out(&mut self, count: usize) {
        self.left_out += count;
    }

    /// Writes the end, with data for the inspector: each as it is, under the name of its class.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn finish_with(&mut self, data: &[(&str, &[u8])]) -> io::Result<()> {
        if let Some((flow, steps)) = self.gathered.rest() {
            self.flow(flow, &steps)?;
        }
        if self.left_out > 0 {
            let with = if self.inspector.is_some() { "are shown with JavaScript only" } else { "are not listed" };
            writeln!(self.out, "<p>{} more exchanges {with}.</p>", self.left_out)?;
        }
        writeln!(self.out, "</main>\n</div>")?;
        for (class, bytes) in data {
            write!(self.out, "<script type=\"application/octet-stream\" class=\"{class}\">")?;
            let mut encoder = EncoderWriter::new(&mut self.out, &STANDARD);
            encoder.write_all(bytes)?;
            encoder.finish()?;
            drop(encoder);
            writeln!(self.out, "</script>")?;
        }
        if let Some(Inspector { script, .. }) = self.inspector {
            writeln!(self.out, "<script>{script}</script>")?;
        }
        writeln!(self.out, "</body>\n</html>")?;
        self.out.flush()
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
        Ok(())
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
        self.finish_with(&[])
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
