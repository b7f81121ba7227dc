//! The headless binary as scripts see it: options, the ready line and file, what is refused, and how it ends.

mod commands;
mod contract;
mod killed;
mod process;
mod refusals;
mod replay;
mod transfer;
mod workspace;
