//! The page in one file: a list that needs no JavaScript, and the page itself over answers that are in the file.

use std::fs::File;
use std::io::BufWriter;

use formats::html::{HtmlWriter, Inspector, LISTED};
use formats::recorded::Recorded;
use formats::writer::{About, Writer};
use tokio::runtime::Handle;
use traffic::ids::Seq;
use traffic::log::Record;

use super::replica::{MOST, Replica};

/// Writes the page. The replica has all exchanges; `go` is told how many are done and says whether to go on.
pub(super) fn write(
    file: File,
    about: &About,
    replica: Replica,
    inspector: &Inspector,
    runtime: &Handle,
    go: &mut dyn FnMut(u64) -> Result<(), String>,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("the file cannot be written: {error}");
    let out = BufWriter::with_capacity(1 << 18, file);
    let mut writer = HtmlWriter::begin(Box::new(out), about, Some(inspector)).map_err(failed)?;
    list(&mut writer, &replica)?;
    let packed = replica.answers(about, runtime, go)?;
    let mut data: Vec<(&str, &[u8])> = vec![("start", &packed.start)];
    data.extend(packed.blocks.iter().map(|block| ("block", block.as_slice())));
    writer.finish_with(&data).map_err(failed)
}

/// The first flows, as a list.
fn list(writer: &mut HtmlWriter<'_>, replica: &Replica) -> Result<(), String> {
    let record = Record::new(replica.log());
    let mut first: Vec<Recorded> = Vec::new();
    for exchange in record.exchanges(Seq(0), LISTED).map_err(|why| why.to_string())? {
        first.push(Recorded::from(exchange.as_ref()));
    }
    writer.leave_out((replica.len() as usize).saturating_sub(first.len()));
    first.sort_by_key(|recorded| (recorded.flow(), recorded.seq));
    first.iter().try_for_each(|recorded| writer.write(recorded)).map_err(|error| error.to_string())
}

/// Refuses more than a page shows.
pub(super) fn check(count: u64) -> Result<(), String> {
    if count <= MOST {
        return Ok(());
    }
    Err(format!("a page shows up to {MOST} exchanges, and these are {count}; choose fewer of them, or another format"))
}
