//! Where the system keeps secrets for its users: the Secret Service of the session bus, which GNOME Keyring, KWallet and
//! KeePassXC speak. Nothing is written by this crate, and nothing of a secret is in an error.
//!
//! Only Linux has one; elsewhere this crate is empty.

#[cfg(target_os = "linux")]
mod secret_service;

#[cfg(target_os = "linux")]
pub use secret_service::{Problem, SecretService};
