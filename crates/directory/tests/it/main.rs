//! The directory through its public doors.

mod commits;
mod model;
mod support;
