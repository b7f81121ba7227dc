//! What the provider needs from the world outside.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// The time at which it stands still, if it does so that runs can be repeated: then answers tell it too, in their `Date`
    /// fields.
    fn fixed(&self) -> Option<Timestamp> {
        None
    }
}

/// Makes identifiers for new resources.
pub trait Ids: Send + Sync {
    /// An `id` that was never given before (RFC 7643 section 3.1). One that a resource of the same directory has is passed over.
    fn next(&self) -> String;
}

/// Chance: keys and secrets that nobody can guess.
pub trait Entropy: Send + Sync {
    /// Fills all of it with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}
