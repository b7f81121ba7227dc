//! How real identity providers speak SCIM: recognise, tolerate, explain, say in a sentence.
//!
//! Everything here is pure. [`annotate`] and [`Annotator`] read exchanges of the record; [`tolerances`] and
//! [`finding_text`] are the words for what the provider took, refused or noticed.

mod annotator;
mod codes;
mod dialect;
pub mod flow;
mod look;
mod probe;
mod recognise;
mod sentence;
mod tolerance;

pub use annotator::{Annotator, annotate};
pub use codes::{FindingText, codes, finding_text};
pub use dialect::Dialect;
pub use recognise::{ENOUGH, Recognition};
pub use tolerance::{Tolerance, tolerance, tolerances};
