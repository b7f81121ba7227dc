//! A replayed answer beside the recorded one: what is otherwise in meaning.

mod lists;
mod resources;

use scim::json::{self, Json, Limits};
use scim::schema::Registry;

use crate::difference::{Difference, Part, Sort};
use crate::mapping::{Mapping, with_base};
use crate::recording::Reply;
use crate::texts::{last_segment, strings};

/// Differences of one answer that are kept; a last one says how many more there are.
const MOST: usize = 200;
/// Bytes of a value that are kept.
const LONGEST_VALUE: usize = 4096;
/// Stands for the base URL of either side.
const BASE: &str = "{base}";

/// Compares two answers to one request, and learns which ids stand for which. Gives what is otherwise.
pub(crate) fn compare(
    registry: &Registry,
    mapping: &mut Mapping,
    path: &str,
    recorded: &Reply,
    replayed: &Reply,
) -> Vec<Difference> {
    let bodies = read(recorded).zip(read(replayed));
    // What a refusal names is no pair: only answers of one kind teach.
    if recorded.status / 100 == replayed.status / 100 {
        mapping.learn_from(recorded, replayed, bodies.as_ref().map(|(left, right)| (left, right)));
    }
    let mut found = Vec::new();
    if recorded.status != replayed.status {
        let number = |status: u16| Some(Json::from(i64::from(status)));
        found.push(Difference::of(Part::Status, "", number(recorded.status), number(replayed.status)));
    }
    // A refusal has other fields and another body than a success: the status says it all.
    let is_same_kind = recorded.status / 100 == replayed.status / 100;
    if is_same_kind {
        headers(mapping, path, recorded, replayed, &mut found);
    }
    match bodies {
        _ if !is_same_kind => {}
        Some((left, right)) => {
            let (left, raw_right) = (without_base(left), &right);
            let right = mapping.in_recorded_terms(raw_right, BASE);
            Bodies { registry, mapping, found: &mut found }.lines(&left, &right, raw_right);
        }
        None if recorded.body.is_empty() && replayed.body.is_empty() => {}
        None if recorded.body == replayed.body => {}
        None => {
            let shown =
                |body: &[u8]| (!body.is_empty()).then(|| Json::from(String::from_utf8_lossy(body).into_owned()));
            found.push(Difference::of(Part::Body, "", shown(&recorded.body), shown(&replayed.body)));
        }
    }
    bounded(found)
}

fn read(reply: &Reply) -> Option<Json> {
    json::parse(&reply.body, Limits::default()).ok()
}

/// The replayed body in terms of the recording, if both are JSON.
pub(crate) fn in_recorded_terms(mapping: &Mapping, recorded: &Reply, replayed: &Reply) -> Option<Json> {
    let (left, right) = (read(recorded)?, read(replayed)?);
    let base = base_of(&left).or_else(|| recorded.header("location").and_then(base_in)).unwrap_or(BASE);
    Some(mapping.in_recorded_terms(&right, base))
}

/// Compares a resource as it is at the end with what it should be.
pub(crate) fn compare_state(
    registry: &Registry,
    mapping: &mut Mapping,
    expected: &Json,
    found: &Json,
) -> Vec<Difference> {
    mapping.learn_from(&Reply::default(), &Reply::default(), Some((expected, found)));
    let (left, right) = (without_base(expected.clone()), mapping.in_recorded_terms(found, BASE));
    let mut differences = Vec::new();
    Bodies { registry, mapping, found: &mut differences }.lines(&left, &right, found);
    for difference in &mut differences {
        difference.part = Part::State;
    }
    bounded(differences)
}

/// Two bodies and what was found so far.
struct Bodies<'a> {
    registry: &'a Registry,
    mapping: &'a mut Mapping,
    found: &'a mut Vec<Difference>,
}

impl Bodies<'_> {
    fn lines(&mut self, left: &Json, right: &Json, raw_right: &Json) {
        let is_list = |body: &Json| body.pointer("/Resources").is_some() || body.pointer("/totalResults").is_some();
        if is_list(left) && is_list(right) {
            self.list(left, right, raw_right);
        } else {
            self.resource("", left, right, raw_right);
        }
    }

    fn push(&mut self, path: &str, left: Option<&Json>, right: Option<&Json>, sort: Sort) {
        self.found.push(Difference::of(Part::Body, path, left.cloned(), right.cloned()).sorted(sort));
    }
}

/// Header fields that mean something in SCIM.
fn headers(mapping: &mut Mapping, path: &str, recorded: &Reply, replayed: &Reply, found: &mut Vec<Difference>) {
    let media_type = |reply: &Reply| {
        let value = reply.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    };
    let (left, right) = (media_type(recorded), media_type(replayed));
    if left != right && !(recorded.body.is_empty() && replayed.body.is_empty()) {
        found.push(Difference::of(Part::Header, "Content-Type", left.map(Json::from), right.map(Json::from)));
    }
    let pair = |name: &str| (recorded.header(name).map(str::to_owned), replayed.header(name).map(str::to_owned));
    let (left, right) = pair("location");
    if left != right {
        let sort = match (&left, &right) {
            (Some(left), Some(right)) => {
                let right = mapping.back(last_segment(right).unwrap_or_default()).unwrap_or_default();
                if last_segment(left) == Some(right) { Sort::Id } else { Sort::Value }
            }
            _ => Sort::Value,
        };
        found.push(Difference::of(Part::Header, "Location", left.map(Json::from), right.map(Json::from)).sorted(sort));
    }
    let (left, right) = pair("etag");
    if left.is_some() || right.is_some() {
        let resource = recorded.header("location").unwrap_or(path).split('?').next().unwrap_or_default();
        let resource = last_segment(resource).unwrap_or(resource).to_owned();
        let sort = match (&left, &right) {
            (Some(left), Some(right)) if mapping.learn_version(&resource, left, right) => Sort::Version,
            _ => Sort::Value,
        };
        if left != right || sort == Sort::Value {
            found.push(Difference::of(Part::Header, "ETag", left.map(Json::from), right.map(Json::from)).sorted(sort));
        }
    }
    for name in ["WWW-Authenticate", "Retry-After"] {
        // What is asked for, without the words around it.
        let word = |text: String| text.split(' ').next().unwrap_or_default().to_ascii_lowercase();
        let (left, right) = pair(name);
        let is_number = name == "Retry-After" && left.is_some() && right.is_some();
        if !is_number && left.clone().map(word) != right.clone().map(word) {
            found.push(Difference::of(Part::Header, name, left.map(Json::from), right.map(Json::from)));
        }
    }
}

/// A recorded body with [`BASE`] for its base URL.
fn without_base(mut body: Json) -> Json {
    strings(&mut body, &mut String::new(), &mut |at, text| {
        let is_url = at.ends_with("/$ref") || at.ends_with("/location");
        let (url, is_absolute) = if is_url { with_base(text, BASE) } else { return None };
        is_absolute.then_some(url)
    });
    body
}

/// The base URL that a resource's own location tells.
fn base_of(body: &Json) -> Option<&str> {
    let location = body.pointer("/meta/location").or_else(|| body.pointer("/Resources/0/meta/location"))?;
    base_in(location.as_str()?)
}

fn base_in(location: &str) -> Option<&str> {
    let (at, _) = location.rmatch_indices('/').nth(1)?;
    (location.starts_with("http") && at > "https:/".len()).then(|| &location[..at])
}

/// At most so many differences, with values of at most so many bytes.
fn bounded(mut found: Vec<Difference>) -> Vec<Difference> {
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    for difference in &mut found {
        for value in [&mut difference.recorded, &mut difference.replayed].into_iter().flatten() {
            let text = value.to_text();
            if text.len() > LONGEST_VALUE {
                let cut = text.floor_char_boundary(LONGEST_VALUE);
                *value = Json::from(format!("{}… ({} bytes)", &text[..cut], text.len()));
            }
        }
    }
    if more > 0 {
        found.push(Difference::said(Part::Body, format!("{more} more differences")));
    }
    found
}
