//! What comes into the program as a file and what leaves it as one, and directories that are made up: functions of their
//! input, without a clock, a disk or a network.
//!
//! Everything that was on the wire goes through [`recorded::Recorded`]: an exchange as files have it. Writers take it,
//! readers give it, and redaction is a step between the two.

pub mod recorded;
pub mod seed;
