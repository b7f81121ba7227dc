//! What comes into the program as a file and what leaves it as one, and directories that are made up: functions of their
//! input, without a clock, a disk or a network.
//!
//! Everything that was on the wire goes through [`recorded::Recorded`]: an exchange as files have it. [`export::writer`] takes
//! it, [`import::read`] gives it, and [`redact`] is a step between the two.

mod bindings;
pub mod curl;
pub mod export;
pub mod fixture;
pub mod har;
pub mod html;
pub mod http_file;
pub mod hurl;
pub mod import;
pub mod list;
pub mod postman;
pub mod read;
pub mod recorded;
pub mod redact;
pub mod resources;
pub mod seed;
mod template;
pub mod wiremock;
pub mod writer;
