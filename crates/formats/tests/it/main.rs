//! Formats, through the public door.

mod commands;
mod fixture;
mod formats;
mod har;
mod redact;
mod sample;
mod seed;
