//! SQLite: the durable log and the workspace file.
