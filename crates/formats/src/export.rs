//! One door to all formats that are written.

use std::io::{self, Write};

use crate::curl::{CommandWriter, Shell};
use crate::fixture::FixtureWriter;
use crate::har::HarWriter;
use crate::html::HtmlWriter;
use crate::http_file::HttpFileWriter;
use crate::hurl::HurlWriter;
use crate::list::{CsvWriter, MarkdownWriter, NdjsonWriter};
use crate::postman::PostmanWriter;
use crate::wiremock::WireMockWriter;
use crate::writer::{About, Format, Writer};

/// A writer of this format; it has written the beginning.
///
/// # Errors
/// If the bytes cannot be written.
pub fn writer<'a>(format: Format, out: Box<dyn Write + 'a>, about: &'a About) -> io::Result<Box<dyn Writer + 'a>> {
    Ok(match format {
        Format::Har => Box::new(HarWriter::begin(out, about)?),
        Format::Fixture => Box::new(FixtureWriter::begin(out, about, false)),
        Format::FixtureLines => Box::new(FixtureWriter::begin(out, about, true)),
        Format::Curl => Box::new(CommandWriter::begin(out, about, Shell::Posix)?),
        Format::PowerShell => Box::new(CommandWriter::begin(out, about, Shell::PowerShell)?),
        Format::Hurl => Box::new(HurlWriter::begin(out, about)?),
        Format::Postman => Box::new(PostmanWriter::begin(out, about)?),
        Format::Http => Box::new(HttpFileWriter::begin(out, about)),
        Format::WireMock => Box::new(WireMockWriter::begin(out, about)),
        Format::Markdown => Box::new(MarkdownWriter::begin(out, about)?),
        Format::Csv => Box::new(CsvWriter::begin(out, about)?),
        Format::Ndjson => Box::new(NdjsonWriter::begin(out, about)),
        Format::Html => Box::new(HtmlWriter::begin(out, about, None)?),
    })
}
