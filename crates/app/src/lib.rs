//! Composition root: a [`config::Config`] becomes a running [`running::App`]. Every port is wired here and nowhere else.

mod allocator;

pub mod config;
pub mod encryption;
pub mod logging;
mod pull;
pub mod recording;
pub mod running;

mod annotate;
mod atomic;
mod bind;
mod control_file;
mod demo;
mod follow;
mod house;
mod kept;
mod opened;
mod ports;
mod recent;
mod serving;
mod sockets;
mod start;
mod steered;
mod tenants;
mod token;
mod upstreams;
mod workspaces;

pub use control::ports::{Opening, RecentFile, WorkspaceError, WorkspaceErrorKind};
