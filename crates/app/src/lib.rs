//! Composition root: a [`config::Config`] becomes a running [`running::App`]. Every port is wired here and nowhere else.

mod allocator;

pub mod config;
pub mod logging;
mod pull;
pub mod running;

mod annotate;
mod bind;
mod follow;
mod kept;
mod ports;
mod sockets;
mod start;
mod tenants;
mod token;
