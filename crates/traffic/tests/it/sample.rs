//! Entries to write into logs.

use std::sync::Arc;

use jiff::Timestamp;
use traffic::entry::Entry;
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::handled::{Action, Handled, Response, Subject};
use traffic::ids::{ConnectionId, Seq};

pub fn opened(target: &str) -> Opened {
    let address = ([127, 0, 0, 1], 8787).into();
    Opened {
        connection: Connection {
            id: ConnectionId(1),
            peer: address,
            local: address,
            accepted_at: Timestamp::UNIX_EPOCH,
        },
        at: Timestamp::UNIX_EPOCH,
        method: "GET".into(),
        target: target.into(),
    }
}

pub fn handled(seq: Seq, status: u16) -> Entry {
    let handled = Handled {
        response: Response { status, headers: Vec::new(), body: Default::default() },
        tenant: Some("default".into()),
        action: Action::Read,
        subject: Subject::default(),
        auth: Vec::new(),
        findings: Vec::new(),
        operations: Vec::new(),
        would_have_changed: Vec::new(),
        rules: Vec::new(),
        forwarded: None,
    };
    Entry::Handled(seq, Arc::new(Received { handled_us: Some(40), ..Received::default() }), Arc::new(handled))
}

pub fn closed(seq: Seq, ending: Ending) -> Entry {
    let sent = Sent { last_byte_us: Some(90), ..Sent::default() };
    Entry::Closed(seq, Arc::new(Closed { ending, received: None, sent }))
}
