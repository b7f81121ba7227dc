//! Exchanges that leave as a file, and that come in as one.

pub(crate) mod export;
pub(crate) mod import;
mod page_file;
pub(crate) mod pick;
mod replica;
mod scripts;
mod shadow;
mod states;
