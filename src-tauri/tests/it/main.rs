//! What only the real window has: the custom scheme, the event channel, start, state kept over a restart, and the manners of
//! a desktop app.

mod drag;
mod files;
mod manners;
mod scim;
mod screen;
mod session;
mod window;
mod x11;
