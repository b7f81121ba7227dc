//! Sockets: HTTP server, raw tap and capture. The only room that touches the network as a server for SCIM.
//!
//! A connection is served by an HTTP/1.1 server that reads and writes through a [`tap`]. The tap cuts what passes into
//! messages ([`framing`]) and tells the [`recorder`], so the record has the bytes as they were on the wire. Each request is
//! answered by [`answer`]; what is no request is answered by [`connection`] itself.

mod answer;
mod answer_body;
mod connection;
mod decode;
mod encryption;
mod fault;
mod framing;
pub mod limits;
pub mod listener;
pub mod onward;
mod record;
mod recorder;
pub mod respond;
mod spoil;
mod tap;

pub use encryption::{Stream, Tls};
pub use limits::{Acknowledged, Config, Limits};
pub use listener::{Listener, Socket};
