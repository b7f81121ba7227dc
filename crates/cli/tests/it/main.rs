//! The headless binary as scripts see it: options, the ready line and file, what is refused, and how it ends.

mod canaries;
mod commands;
mod container;
mod contract;
mod fixtures;
mod killed;
mod process;
mod refusals;
mod replay;
mod tls;
mod transfer;
mod workspace;
