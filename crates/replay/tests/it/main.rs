//! Tests of the player over real sockets.

mod playing;
mod replaying;
mod server;
