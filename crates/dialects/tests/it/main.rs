//! What dialects say, through the public door.

mod catalogue;
mod flows;
mod grouping;
mod sentences;
mod wire;
