//! The record through its public doors.

mod log;
mod marks;
mod memory;
mod query;
mod query_completions;
mod query_marks;
mod query_matching;
mod query_sentences;
mod sample;
mod summary;
