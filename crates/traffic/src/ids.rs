//! Numbers that name things in the record.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// Names an exchange, from 1, without gaps, in the order of first bytes.
    Seq
}
number! {
    /// Names a flow: the number of the first exchange of it, by which it began.
    FlowId
}
number! {
    /// A position in the log, from 1, without gaps. Zero is before everything.
    Pos
}
number! {
    /// Names an accepted connection, from 1.
    ConnectionId
}
number! {
    /// A committed state of a directory, from 1. Zero is the empty directory.
    Revision
}

impl From<Seq> for FlowId {
    /// The flow that begins with this exchange.
    fn from(seq: Seq) -> FlowId {
        FlowId(seq.0)
    }
}

impl ConnectionId {
    /// Stands in exchanges that came over no connection: this program sent the request to itself.
    pub const OURS: ConnectionId = ConnectionId(0);

    /// Stands in exchanges that were taken over from a file: they came over a connection to somebody else. The largest number
    /// that every storage can hold.
    pub const IMPORTED: ConnectionId = ConnectionId(i64::MAX as u64);
}
