//! The protocol through its public doors.

mod document;
mod filter;
mod incoming;
mod incoming_put;
mod incoming_types;
mod json;
mod message;
mod projection;
mod diff;
mod patch;
mod path;
mod world;
