//! JSON Patch (RFC 6902).

use scim::json::{Json, Object};
use serde::{Deserialize, Serialize};

/// Operations on a JSON document, carried out one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonPatch(Vec<Operation>);

/// One operation; `path` and `from` are JSON Pointers (RFC 6901).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: String, value: Json },
    Remove { path: String },
    Replace { path: String, value: Json },
    Move { from: String, path: String },
    Copy { from: String, path: String },
    Test { path: String, value: Json },
}

/// Which operation of a patch cannot be carried out, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation {index} cannot be carried out: {why}")]
pub struct PatchProblem {
    /// Its position, from 0.
    pub index: usize,
    /// What is wrong.
    pub why: String,
}

impl JsonPatch {
    /// How many operations it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with it whatever it is applied to.
    pub fn check(&self) -> Result<(), PatchProblem> {
        for (index, operation) in self.0.iter().enumerate() {
            let pointers: [Option<&String>; 2] = match operation {
                Operation::Move { from, path } | Operation::Copy { from, path } => [Some(from), Some(path)],
                Operation::Add { path, .. }
                | Operation::Remove { path }
                | Operation::Replace { path, .. }
                | Operation::Test { path, .. } => [Some(path), None],
            };
            for pointer in pointers.into_iter().flatten() {
                tokens(pointer).map_err(|why| PatchProblem { index, why })?;
            }
        }
        Ok(())
    }

    /// The document after all operations.
    ///
    /// # Errors
    /// The first operation that cannot be carried out; then the document stays as it was (RFC 6902 section 5).
    pub fn apply(&self, document: &Json) -> Result<Json, PatchProblem> {
        let mut document = document.clone();
        for (index, operation) in self.0.iter().enumerate() {
            apply(&mut document, operation).map_err(|why| PatchProblem { index, why })?;
        }
        Ok(document)
    }
}

fn apply(document: &mut Json, operation: &Operation) -> Result<(), String> {
    match operation {
        Operation::Add { path, value } => add(document, path, value.clone()),
        Operation::Remove { path } => remove(document, path).map(drop),
        Operation::Replace { path, value } => {
            *find(document, &tokens(path)?, path)? = value.clone();
            Ok(())
        }
        Operation::Move { from, path } => {
            if path.strip_prefix(from.as_str()).is_some_and(|rest| rest.starts_with('/')) {
                return Err(format!("{from:?} cannot be moved into itself"));
            }
            let value = remove(document, from)?;
            add(document, path, value)
        }
        Operation::Copy { from, path } => {
            let value = find(document, &tokens(from)?, from)?.clone();
            add(document, path, value)
        }
        Operation::Test { path, value } => {
            let found = find(document, &tokens(path)?, path)?;
            if equal(found, value) { Ok(()) } else { Err(format!("{path:?} is {found}, not {value}")) }
        }
    }
}

/// The tokens of a JSON Pointer.
fn tokens(pointer: &str) -> Result<Vec<String>, String> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let rest = pointer.strip_prefix('/').ok_or_else(|| format!("{pointer:?} is no JSON Pointer: it begins with /"))?;
    Ok(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

fn index(token: &str, most: usize) -> Result<usize, String> {
    let is_index = !token.is_empty()
        && token.bytes().all(|byte| byte.is_ascii_digit())
        && (token == "0" || !token.starts_with('0'));
    let number = if is_index { token.parse::<usize>().ok() } else { None };
    number.filter(|number| *number <= most).ok_or_else(|| format!("there is no element {token:?}"))
}

fn find<'a>(document: &'a mut Json, tokens: &[String], pointer: &str) -> Result<&'a mut Json, String> {
    let missing = || format!("there is nothing at {pointer:?}");
    tokens.iter().try_fold(document, |here, token| match here {
        Json::Object(object) => object.get_mut(token).ok_or_else(missing),
        Json::Array(items) => {
            let at = index(token, items.len())?;
            items.get_mut(at).ok_or_else(missing)
        }
        _ => Err(missing()),
    })
}

fn add(document: &mut Json, pointer: &str, value: Json) -> Result<(), String> {
    let tokens = tokens(pointer)?;
    let Some((last, parents)) = tokens.split_last() else {
        *document = value;
        return Ok(());
    };
    match find(document, parents, pointer)? {
        Json::Object(object) => {
            object.insert(last.as_str(), value);
        }
        Json::Array(items) => {
            let at = if last == "-" { items.len() } else { index(last, items.len())? };
            items.insert(at, value);
        }
        other => return Err(format!("{pointer:?} leads into {}", other.kind_name())),
    }
    Ok(())
}

fn remove(document: &mut Json, pointer: &str) -> Result<Json, String> {
    let tokens = tokens(pointer)?;
    let missing = || format!("there is nothing at {pointer:?}");
    let Some((last, parents)) = tokens.split_last() else { return Err("the whole document cannot be removed".into()) };
    match find(document, parents, pointer)? {
        Json::Object(object) => object.remove(last).ok_or_else(missing),
        Json::Array(items) => {
            let at = index(last, items.len())?;
            if at < items.len() { Ok(items.remove(at)) } else { Err(missing()) }
        }
        _ => Err(missing()),
    }
}

/// Equal whatever the order of members (RFC 6902 section 4.6).
fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => left.len() == right.len() && all_in(left, right),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (left, right) => left == right,
    }
}

fn all_in(left: &Object, right: &Object) -> bool {
    left.iter().all(|(name, value)| right.get(name).is_some_and(|other| equal(value, other)))
}
