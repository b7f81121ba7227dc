//! Formats, through the public door.

mod seed;
