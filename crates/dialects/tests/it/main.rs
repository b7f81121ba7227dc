//! What dialects say, through the public door.

mod catalogue;
mod flows;
mod sentences;
mod wire;
