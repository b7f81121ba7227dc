//! What only the real window has: the custom scheme, the event channel, start, and state kept over a restart.

mod screen;
mod window;
