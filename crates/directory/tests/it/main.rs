//! The directory through its public doors.

mod commits;
mod history;
mod model;
mod position;
mod staging;
mod support;
