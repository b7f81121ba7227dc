//! Users and groups in files: SCIM resources as JSON or a line each, tables of other programs as CSV.
//!
//! Readers go through a file from front to back and tell of each resource where it stands and what is wrong with it; whether
//! the whole is taken over is for others to decide. Every file is bounded: in its size by who hands it in, in lines, columns
//! and depth here.

mod columns;
mod json;
mod table;

pub use columns::{Column, guess_columns, targets};
pub use json::{JsonItems, JsonLines, read_json};
pub use table::{MOST_COLUMNS, Table};

use scim::json::{Json, Object};
use scim::schema::{Registry, Shape};

/// The most resources of one file.
pub const MOST: u64 = 1_000_000;
/// The longest line, in bytes.
pub const LONGEST_LINE: usize = 8 << 20;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// One JSON text: a resource, an array of them, or a ListResponse (RFC 7644 section 3.4.2).
    Json,
    /// A JSON object a line.
    Ndjson,
    /// A table with a header line (RFC 4180), its cells apart by comma, semicolon or tab.
    Csv,
}

/// A resource as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where: the line, or in one JSON text the number of the resource, from 1.
    pub at: u64,
    /// Name of its type, if it says one that is known.
    pub resource_type: String,
    /// Its `id`, if it has one.
    pub id: Option<String>,
    /// The resource as a client would write it.
    pub body: Json,
}

/// What is wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {message}")]
pub struct Problem {
    /// Where, as in [`Found::at`].
    pub at: u64,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl FileKind {
    /// What a file is, by the end of its name, else by how it begins.
    pub fn guess(name: &str, bytes: &[u8]) -> FileKind {
        let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        match end.as_str() {
            "csv" | "tsv" => return FileKind::Csv,
            "ndjson" | "jsonl" => return FileKind::Ndjson,
            _ => {}
        }
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
        match text.first() {
            Some(b'[') => FileKind::Json,
            Some(b'{') => {
                let (line, rest) = match text.iter().position(|byte| *byte == b'\n') {
                    Some(end) => text.split_at(end),
                    None => (text, &text[..0]),
                };
                let another = rest.trim_ascii_start().first() == Some(&b'{');
                if another && line.trim_ascii_end().ends_with(b"}") { FileKind::Ndjson } else { FileKind::Json }
            }
            _ if end == "json" => FileKind::Json,
            _ => FileKind::Csv,
        }
    }
}

/// Takes the `id` out of an object, and what only a server writes; tells which type it is of.
fn found(at: u64, mut object: Object, registry: &Registry) -> Result<Found, Problem> {
    let stated = object.get("meta").and_then(|meta| meta.pointer("/resourceType")?.as_str());
    let named = stated.and_then(|name| registry.shape_named(name)).map(|shape| &**shape);
    let resource_type = match named.or_else(|| by_schemas(&object, registry)) {
        Some(shape) => shape.resource_type.name.clone(),
        None => {
            let message = match stated {
                Some(name) => format!("its resourceType {:?} is none here", name.chars().take(80).collect::<String>()),
                None => "it says neither by schemas nor by meta.resourceType what it is".to_owned(),
            };
            return Err(Problem { at, message });
        }
    };
    object.remove("meta");
    let id = match object.remove("id") {
        None | Some(Json::Null) => None,
        Some(Json::String(id)) => Some(id),
        Some(other) => {
            let message = format!("its id is {}, and has to be a string", other.kind_name());
            return Err(Problem { at, message });
        }
    };
    Ok(Found { at, resource_type, id, body: Json::Object(object) })
}

/// The resource type whose base schema is among an object's `schemas`.
fn by_schemas<'a>(object: &Object, registry: &'a Registry) -> Option<&'a Shape> {
    let (_, schemas) = object.get_ignoring_case("schemas")?;
    let urns: Vec<&str> = schemas.as_array()?.iter().filter_map(Json::as_str).collect();
    let is_it = |shape: &&std::sync::Arc<Shape>| urns.iter().any(|urn| urn.eq_ignore_ascii_case(&shape.base.id));
    registry.shapes().iter().find(is_it).map(|shape| &**shape)
}
