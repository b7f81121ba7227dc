//! What must hold of any bytes, whoever sent them: functions that take bytes, do with them what a request would, and panic
//! if something is not as it must be.
//!
//! The same functions have two callers: the tests of this crate run them on the corpora and on mutations of them, with any
//! toolchain; `libfuzzer` runs them under libFuzzer, with a nightly one (see its `Cargo.toml`).

pub mod targets;

/// A function that must not panic, whatever the bytes.
pub type Target = fn(&[u8]);

/// All of them, by the name of their corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("json", targets::json),
    ("filter", targets::filter),
    ("path", targets::path),
    ("resource", targets::resource),
    ("patch", targets::patch),
    ("schema", targets::schema),
];
