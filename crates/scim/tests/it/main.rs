//! The protocol through its public doors.

mod diff;
mod differential;
mod document;
mod filter;
mod filter_words;
mod incoming;
mod incoming_put;
mod incoming_types;
mod json;
mod long_lists;
mod message;
mod patch;
mod patch_deviations;
mod patch_request;
mod path;
mod presets;
mod projection;
mod sheet;
mod sort;
mod world;
