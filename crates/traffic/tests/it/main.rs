//! The record through its public doors.

mod log;
mod sample;
mod summary;
