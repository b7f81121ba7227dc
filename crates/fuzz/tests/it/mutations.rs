//! Files of the corpora with something wrong in them.

use fuzz::TARGETS;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::corpus::corpus;

/// Pieces that mean something to one of the readers.
const WORDS: &[&str] = &[
    "null",
    "true",
    "\"False\"",
    "{}",
    "[]",
    "\"\"",
    "1e999",
    "-0",
    "\\ud83d",
    "\\u0000",
    "[[[[",
    "}}",
    "(((",
    ")",
    " and ",
    " or ",
    "not (",
    " pr",
    " eq ",
    " eq \"",
    "[type eq \"work\"]",
    ".value",
    "$ref",
    "urn:",
    "schemas",
    "id",
    "meta",
    "emails",
    "members",
    "value",
    "primary",
    "\"primary\":true",
    "name.givenName",
    "op",
    "path",
    "Add",
    "remove",
    "Operations",
    "2026-01-31T24:00:00Z",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "parts",
    "once",
    "secret",
    "é",
    "\u{feff}",
    "\0",
];

/// One thing that goes wrong.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, &'static str),
    Replace(Index, usize, &'static str),
    Swap(Index, Index, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let word = || proptest::sample::select(WORDS);
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        (at(), 1..24_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (at(), 1..24_usize).prop_map(|(at, length)| Mutation::Repeat(at, length)),
        (at(), word()).prop_map(|(at, word)| Mutation::Insert(at, word)),
        (at(), 1..24_usize, word()).prop_map(|(at, length, word)| Mutation::Replace(at, length, word)),
        (at(), at(), 1..24_usize).prop_map(|(at, to, length)| Mutation::Swap(at, to, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: Mutation) {
    if bytes.is_empty() {
        bytes.extend(b"{}");
    }
    let span = |at: Index, length: usize, bytes: &[u8]| {
        let at = at.index(bytes.len());
        at..(at + length).min(bytes.len())
    };
    match mutation {
        Mutation::Flip(at, bits) => {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        Mutation::Remove(at, length) => drop(bytes.drain(span(at, length, bytes))),
        Mutation::Repeat(at, length) => {
            let span = span(at, length, bytes);
            let piece = bytes[span.clone()].to_vec();
            bytes.splice(span.end..span.end, piece);
        }
        Mutation::Insert(at, word) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, word.bytes());
        }
        Mutation::Replace(at, length, word) => drop(bytes.splice(span(at, length, bytes), word.bytes())),
        Mutation::Swap(at, to, length) => {
            let piece: Vec<u8> = bytes.drain(span(at, length, bytes)).collect();
            let to = if bytes.is_empty() { 0 } else { to.index(bytes.len()) };
            bytes.splice(to..to, piece);
        }
    }
}

/// Begins with a file, perhaps goes on with the end of another, and lets things go wrong.
fn mutated(files: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let file = proptest::sample::select(files);
    let joined = (file.clone(), proptest::option::weighted(0.1, (file, any::<Index>(), any::<Index>())));
    (joined, proptest::collection::vec(mutation(), 0..6)).prop_map(|((mut bytes, other), mutations)| {
        if let Some((other, cut, from)) = other.filter(|(other, ..)| !other.is_empty() && !bytes.is_empty()) {
            bytes.truncate(cut.index(bytes.len()));
            bytes.extend(&other[from.index(other.len())..]);
        }
        for mutation in mutations {
            apply(&mut bytes, mutation);
        }
        bytes
    })
}

fn run(name: &str, cases: u32) {
    let (_, target) = TARGETS.into_iter().find(|(have, _)| *have == name).expect("a target");
    let files = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let result = proptest::test_runner::TestRunner::new(config).run(&mutated(files), |bytes| {
        target(&bytes);
        Ok(())
    });
    if let Err(proptest::test_runner::TestError::Fail(why, bytes)) = &result {
        panic!("{name}: {why}\nwith {:?}", String::from_utf8_lossy(bytes));
    }
    result.expect("no other failure");
}

#[test]
fn mutated_json() {
    run("json", 4_000);
}

#[test]
fn mutated_filters() {
    run("filter", 4_000);
}

#[test]
fn mutated_paths() {
    run("path", 1_000);
}

#[test]
fn mutated_resources() {
    run("resource", 1_500);
}

#[test]
fn mutated_patches() {
    run("patch", 3_000);
}

#[test]
fn mutated_schemas() {
    run("schema", 1_000);
}
