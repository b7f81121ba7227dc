//! Where the system keeps secrets for its users.

use std::fmt;

use super::Pending;

/// Keeps secrets where the system keeps them. Calls may wait for somebody to unlock it. Errors are for people and hold nothing
/// of a secret.
pub trait Keychain: fmt::Debug + Send + Sync {
    /// What kind of secret is kept under a name, if one is. Nobody is asked for anything. The error says why there is no
    /// keychain, or why it does not answer.
    fn find(&self, name: &str) -> Pending<Result<Option<String>, String>>;

    /// The secret under a name, if one is kept.
    fn get(&self, name: &str) -> Pending<Result<Option<String>, String>>;

    /// Keeps a secret under a name, over the one that is there. `label` is what people see in their keychain.
    fn put(&self, name: &str, kind: &str, label: &str, secret: &str) -> Pending<Result<(), String>>;

    /// Forgets the secret under a name; tells whether there was one.
    fn delete(&self, name: &str) -> Pending<Result<bool, String>>;
}
