//! What the provider needs from the world outside.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Makes identifiers for new resources.
pub trait Ids: Send + Sync {
    /// An `id` that was never given before (RFC 7643 section 3.1).
    fn next(&self) -> String;
}
