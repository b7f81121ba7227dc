//! The list: a line for each exchange, as comma-separated values, as JSON on lines, or as a summary in Markdown.

use std::io::{self, Write};

use scim::finding::Severity;
use serde::Serialize;

use crate::recorded::Recorded;
use crate::template;
use crate::writer::{About, Writer, json, known};

/// A line of the list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) status: Option<u16>,
    pub(crate) elapsed_ms: Option<f64>,
    pub(crate) flow: u64,
    pub(crate) flow_name: String,
    pub(crate) dialect: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) sentence: String,
    pub(crate) tolerances: Vec<String>,
    pub(crate) findings: usize,
    pub(crate) changes: usize,
    pub(crate) problem: Option<String>,
}

impl Row {
    pub(crate) fn of(recorded: &Recorded, about: &About) -> Row {
        let scim = known(recorded);
        let mut tolerances: Vec<String> = Vec::new();
        for finding in scim.findings.iter().filter(|finding| finding.severity == Severity::Tolerated) {
            if !tolerances.contains(&finding.code) {
                tolerances.push(finding.code.clone());
            }
        }
        Row {
            seq: recorded.seq,
            at: recorded.at.to_string(),
            method: recorded.request.method.clone(),
            target: recorded.request.target.clone(),
            status: recorded.response.as_ref().map(|response| response.status),
            elapsed_ms: recorded.timing.last_byte_us.map(|us| us as f64 / 1000.0),
            flow: recorded.flow(),
            flow_name: about.flow_name(recorded.flow()),
            dialect: scim.dialect.clone(),
            tenant: scim.tenant.clone(),
            sentence: scim.sentence.clone(),
            tolerances,
            findings: scim.findings.len(),
            changes: scim.changes.len(),
            problem: recorded.problem.clone(),
        }
    }
}

/// Writes comma-separated values (RFC 4180).
pub struct CsvWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
}

impl<'a> CsvWriter<'a> {
    /// Writes the names of the columns.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(mut out: Box<dyn Write + 'a>, about: &'a About) -> io::Result<CsvWriter<'a>> {
        let names = "seq,at,method,target,status,elapsed_ms,flow,flow_name,dialect,tenant,sentence,tolerances,findings,changes,problem";
        write!(out, "{names}\r\n")?;
        Ok(CsvWriter { out, about })
    }
}

impl Writer for CsvWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        let row = Row::of(recorded, self.about);
        let cells = [
            row.seq.to_string(),
            row.at,
            cell(&row.method),
            cell(&row.target),
            row.status.map(|status| status.to_string()).unwrap_or_default(),
            row.elapsed_ms.map(|ms| ms.to_string()).unwrap_or_default(),
            row.flow.to_string(),
            cell(&row.flow_name),
            cell(row.dialect.as_deref().unwrap_or_default()),
            cell(row.tenant.as_deref().unwrap_or_default()),
            cell(&row.sentence),
            cell(&row.tolerances.join(" ")),
            row.findings.to_string(),
            row.changes.to_string(),
            cell(row.problem.as_deref().unwrap_or_default()),
        ];
        write!(self.out, "{}\r\n", cells.join(","))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A cell; what a spreadsheet would calculate is made a text.
fn cell(text: &str) -> String {
    let calculates = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if calculates { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Writes a JSON object on each line.
pub struct NdjsonWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
}

impl<'a> NdjsonWriter<'a> {
    /// Writes nothing yet.
    pub fn begin(out: Box<dyn Write + 'a>, about: &'a About) -> NdjsonWriter<'a> {
        NdjsonWriter { out, about }
    }
}

impl Writer for NdjsonWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        json(&mut self.out, &Row::of(recorded, self.about))?;
        self.out.write_all(b"\n")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes a summary in Markdown: a table for each flow.
pub struct MarkdownWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    flow: Option<u64>,
}

impl<'a> MarkdownWriter<'a> {
    /// Writes the title.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(mut out: Box<dyn Write + 'a>, about: &'a About) -> io::Result<MarkdownWriter<'a>> {
        writeln!(out, "# SCIM exchanges")?;
        if let Some(warning) = about.warning() {
            writeln!(out, "\n> **{warning}**")?;
        }
        if let Some((dialect, confidence)) = &about.dialect {
            writeln!(out, "\nClient: {} ({confidence} %)", words(dialect))?;
        }
        Ok(MarkdownWriter { out, about, flow: None })
    }
}

impl Writer for MarkdownWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        let row = Row::of(recorded, self.about);
        if self.flow.replace(row.flow) != Some(row.flow) {
            writeln!(self.out, "\n## {}\n", words(&template::one_line(&row.flow_name)))?;
            writeln!(self.out, "| # | request | status | ms | what happened |\n| ---: | --- | ---: | ---: | --- |")?;
        }
        let status = row.status.map_or("none".to_owned(), |status| status.to_string());
        let ms = row.elapsed_ms.map(|ms| format!("{ms:.1}")).unwrap_or_default();
        let request = code(&format!("{} {}", row.method, row.target));
        let mut what = words(&template::one_line(&row.sentence));
        if !row.tolerances.is_empty() {
            what = format!("{what} ({})", words(&row.tolerances.join(", ")));
        }
        writeln!(self.out, "| {} | {request} | {status} | {ms} | {what} |", row.seq)?;
        for change in &known(recorded).changes {
            for line in change.lines.iter().take(20) {
                let value = |value: &Option<scim::json::Json>| {
                    value.as_ref().map_or("-".to_owned(), |value| code(&value.to_text()))
                };
                let (before, after) = (value(&line.before), value(&line.after));
                writeln!(self.out, "| | {} | | | {before} → {after} |", code(&line.path))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A text of somebody else in Markdown: nothing in it means anything.
fn words(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~' => {
                out.extend(['\\', letter])
            }
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// The same as code, within more backticks than it has.
fn code(text: &str) -> String {
    let text: String = template::one_line(text).replace('|', "\\|");
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
