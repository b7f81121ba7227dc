//! SCIM resources as JSON.

use scim::json::{Json, Limits, parse};
use scim::schema::Registry;

use super::{Found, LONGEST_LINE, MOST, Problem, found};

const LIMITS: Limits = Limits { depth: 32, values: 20_000_000 };

/// Reads one JSON text: a resource, an array of them, or a ListResponse. `at` is the number of the resource, from 1.
///
/// # Errors
/// If the text is no JSON, or none of the three.
pub fn read_json(text: &[u8], registry: &Registry) -> Result<Vec<Result<Found, Problem>>, Problem> {
    let whole = parse(text, LIMITS).map_err(|error| Problem { at: error.line as u64, message: error.to_string() })?;
    let items = match whole {
        Json::Array(items) => items,
        Json::Object(mut object) => match object.get_ignoring_case("Resources").map(|(name, _)| name.to_owned()) {
            Some(name) => match object.remove(&name) {
                Some(Json::Array(items)) => items,
                other => {
                    let kind = other.map_or("absent", |other| other.kind_name());
                    return Err(Problem { at: 1, message: format!("{name} is {kind}, and has to be an array") });
                }
            },
            None => vec![Json::Object(object)],
        },
        other => {
            let message = format!("the file is {}; it has to be a resource, or an array of them", other.kind_name());
            return Err(Problem { at: 1, message });
        }
    };
    if items.len() as u64 > MOST {
        let message = format!("there are {} resources, and {MOST} are taken at most", items.len());
        return Err(Problem { at: 1, message });
    }
    let each = (1u64..).zip(items).map(|(at, item)| match item {
        Json::Object(object) => found(at, object, registry),
        other => Err(Problem { at, message: format!("it is {}, and has to be an object", other.kind_name()) }),
    });
    Ok(each.collect())
}

/// Reads a JSON object a line, one after the other. Empty lines are passed over.
#[derive(Debug)]
pub struct JsonLines<'a> {
    rest: &'a [u8],
    line: u64,
    found: u64,
    registry: &'a Registry,
}

impl<'a> JsonLines<'a> {
    /// From the beginning of a text.
    pub fn new(text: &'a [u8], registry: &'a Registry) -> JsonLines<'a> {
        let rest = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        JsonLines { rest, line: 0, found: 0, registry }
    }
}

impl Iterator for JsonLines<'_> {
    type Item = Result<Found, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
            let line = self.rest[..end].trim_ascii();
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            self.line += 1;
            if line.is_empty() {
                continue;
            }
            let at = self.line;
            let wrong = |message: String| Some(Err(Problem { at, message }));
            self.found += 1;
            if self.found > MOST {
                self.rest = &[];
                return wrong(format!("more than {MOST} resources are not taken"));
            }
            if line.len() > LONGEST_LINE {
                return wrong(format!("the line has {} bytes, and {LONGEST_LINE} are read at most", line.len()));
            }
            return match parse(line, LIMITS) {
                Ok(Json::Object(object)) => Some(found(at, object, self.registry)),
                Ok(other) => wrong(format!("it is {}, and has to be an object", other.kind_name())),
                Err(error) => wrong(format!("{} at column {}", error.message, error.column)),
            };
        }
    }
}
