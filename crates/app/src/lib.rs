//! Composition root: a [`config::Config`] becomes a running [`running::App`]. Every port is wired here and nowhere else.

pub mod config;
pub mod logging;
pub mod running;

mod annotate;
mod follow;
mod ports;
mod start;
mod token;
