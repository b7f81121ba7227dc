//! Formats, through the public door.

mod commands;
mod fixture;
mod formats;
mod har;
mod redact;
mod resources;
mod sample;
mod seed;
