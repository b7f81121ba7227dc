//! Tables: a header, and a resource a line.

use csv::{ByteRecord, Reader, ReaderBuilder};
use scim::schema::Shape;

use super::columns::{Column, Setter};
use super::{Found, MOST, Problem};

/// The most columns of a table.
pub const MOST_COLUMNS: usize = 256;
/// The longest cell, in bytes.
const LONGEST_CELL: usize = 1 << 20;

/// A table that is read from front to back.
#[derive(Debug)]
pub struct Table<'a> {
    text: &'a [u8],
    reader: Reader<&'a [u8]>,
    header: Vec<String>,
    read: u64,
}

impl<'a> Table<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// If there is none, or it does not do.
    pub fn new(text: &'a [u8]) -> Result<Table<'a>, Problem> {
        let wrong = |message: String| Problem { at: 1, message };
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut builder = ReaderBuilder::new();
        let mut reader = builder.delimiter(delimiter(text)).flexible(true).from_reader(text);
        let record = reader.byte_headers().map_err(|error| wrong(error.to_string()))?.clone();
        if record.len() > MOST_COLUMNS {
            return Err(wrong(format!("there are {} columns, and {MOST_COLUMNS} are read at most", record.len())));
        }
        let names: Result<Vec<String>, _> =
            record.iter().map(|cell| std::str::from_utf8(cell).map(|name| name.trim().to_owned())).collect();
        let header = names.map_err(|_| wrong("the header is not UTF-8; save the table as UTF-8".to_owned()))?;
        if header.iter().all(String::is_empty) {
            return Err(wrong("the table has no header; its first line has to name the columns".to_owned()));
        }
        Ok(Table { text, reader, header, read: 0 })
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows as resources of a type. A column without a target is left out.
    ///
    /// # Errors
    /// If a target is no attribute of the type.
    pub fn resources(
        self,
        shape: &'a Shape,
        columns: &[Column],
    ) -> Result<impl Iterator<Item = Result<Found, Problem>> + use<'a>, Problem> {
        let mut setters = Vec::new();
        for column in columns.iter().filter(|column| !column.target.is_empty()) {
            let Some(place) = self.header.iter().position(|name| *name == column.name) else {
                return Err(Problem { at: 1, message: format!("there is no column {:?}", column.name) });
            };
            let setter = Setter::new(shape, &column.target)
                .map_err(|why| Problem { at: 1, message: format!("column {:?}: {why}", column.name) })?;
            setters.push((place, column.name.clone(), setter));
        }
        if setters.is_empty() {
            return Err(Problem { at: 1, message: "no column is mapped to an attribute".to_owned() });
        }
        let Table { text, mut reader, mut read, .. } = self;
        let mut record = ByteRecord::new();
        Ok(std::iter::from_fn(move || {
            loop {
                let at = reader.position().line();
                match reader.read_byte_record(&mut record) {
                    Ok(false) => return None,
                    Ok(true) if record.iter().all(|cell| cell.trim_ascii().is_empty()) => continue,
                    Ok(true) => {}
                    Err(error) => return Some(Err(Problem { at, message: error.to_string() })),
                }
                let at = record.position().map_or(at, |position| line_of(text, position));
                read += 1;
                if read > MOST {
                    // Nothing more is read.
                    reader = ReaderBuilder::new().from_reader(&[][..]);
                    return Some(Err(Problem { at, message: format!("more than {MOST} rows are not taken") }));
                }
                return Some(row(at, &record, shape, &setters));
            }
        }))
    }
}

fn row(at: u64, record: &ByteRecord, shape: &Shape, setters: &[(usize, String, Setter<'_>)]) -> Result<Found, Problem> {
    let mut resource = Setter::begin(shape);
    let mut id = None;
    for (place, name, setter) in setters {
        let cell = record.get(*place).unwrap_or_default();
        let wrong = |message: String| Problem { at, message: format!("column {name:?}: {message}") };
        if cell.len() > LONGEST_CELL {
            return Err(wrong(format!("it has {} bytes, and {LONGEST_CELL} are read at most", cell.len())));
        }
        let text = std::str::from_utf8(cell).map_err(|_| wrong("it is not UTF-8".to_owned()))?.trim();
        if text.is_empty() {
            continue;
        }
        if setter.is_id() {
            id = Some(text.to_owned());
        } else {
            setter.set(&mut resource, text).map_err(wrong)?;
        }
    }
    Ok(Found { at, resource_type: shape.resource_type.name.clone(), id, body: resource.into() })
}

/// The line of a record. Its position is that of the empty lines before it, if there are some.
fn line_of(text: &[u8], position: &csv::Position) -> u64 {
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let empty = text.get(from..).unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

/// What the cells of the first line are apart by: whatever of the usual is there most.
fn delimiter(text: &[u8]) -> u8 {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|wanted| count(*wanted)).unwrap_or(b',')
}
