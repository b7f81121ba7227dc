//! What comes into the program as a file and what leaves it as one, and directories that are made up: functions of their
//! input, without a clock, a disk or a network.

pub mod seed;
