//! Tests of the player over real sockets.

mod hostile;
mod playing;
mod replaying;
mod server;
mod tls;
