//! The listener over real sockets.

mod aborts;
mod client;
mod encryption;
mod faults;
mod fidelity;
mod handing_over;
mod keeping_up;
mod rules;
mod server;
mod stopping;
mod with_the_provider;
