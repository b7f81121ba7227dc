//! Exchanges that leave as a file, and that come in as one.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod pick;
mod page_file;
mod replica;
mod shadow;
mod states;
