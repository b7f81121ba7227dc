//! Exchanges for tests, built from what a client would send and a server would decide.

use std::sync::Arc;

use jiff::Timestamp;
use scim::diff::Line;
use scim::json::{Json, Limits, parse};
use traffic::change::{Cause, Change, Committed};
use traffic::entry::Entry;
use traffic::exchange::{Closed, Connection, Ending, Exchange, Opened, Received, Sent};
use traffic::handled::{Action, Handled, Response, Subject};
use traffic::ids::{ConnectionId, Pos, Revision, Seq};

/// An exchange in the making.
pub struct Wire {
    exchange: Exchange,
    answer: String,
    planned: Vec<Line>,
}

/// A request without headers of its own.
pub fn request(method: &str, target: &str) -> Wire {
    let at = Timestamp::UNIX_EPOCH;
    let connection = Connection {
        id: ConnectionId(1),
        peer: "127.0.0.1:50000".parse().unwrap(),
        local: "127.0.0.1:8787".parse().unwrap(),
        accepted_at: at,
    };
    let opened = Opened { connection, at, method: method.to_owned(), target: target.to_owned() };
    Wire { exchange: Exchange::begin(Seq(1), Pos(1), Arc::new(opened)), answer: String::new(), planned: Vec::new() }
}

/// What the provider knows of a resource.
pub fn subject(resource_type: &str, id: Option<&str>, display: Option<&str>) -> Subject {
    Subject {
        resource_type: Some(resource_type.to_owned()),
        resource_id: id.map(str::to_owned),
        display: display.map(str::to_owned),
        ..Subject::default()
    }
}

/// A line of a diff, values as JSON texts, `""` for none.
pub fn line(path: &str, before: &str, after: &str) -> Line {
    use scim::diff::Action;
    let json = |text: &str| (!text.is_empty()).then(|| json(text));
    let action = match (before, after) {
        ("", _) => Action::Added,
        (_, "") => Action::Removed,
        _ => Action::Changed,
    };
    Line { path: path.to_owned(), action, before: json(before), after: json(after), operation: None }
}

fn json(text: &str) -> Json {
    parse(text.as_bytes(), Limits::default()).unwrap()
}

impl Wire {
    fn fold(mut self, entry: Entry) -> Wire {
        let pos = Pos(self.exchange.pos.0 + 1);
        self.exchange.fold(pos, &entry);
        self
    }

    /// A refused write would have done this.
    pub fn planning(mut self, lines: Vec<Line>) -> Wire {
        self.planned = lines;
        self
    }

    pub fn numbered(mut self, seq: u64) -> Wire {
        self.exchange.seq = Seq(seq);
        self
    }

    /// The request came whole, and the provider decided.
    pub fn handled(self, headers: &[(&str, &str)], body: &str, status: u16, action: Action, subject: Subject) -> Wire {
        let opened = &self.exchange.opened;
        let mut head = format!("{} {} HTTP/1.1\r\n", opened.method, opened.target);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let received = Received { head: head.into(), body: body.to_owned().into(), ..Received::default() };
        let handled = Handled {
            response: Response { status, headers: Vec::new(), body: self.answer.clone().into() },
            tenant: None,
            action,
            subject,
            auth: Vec::new(),
            findings: Vec::new(),
            operations: Vec::new(),
            would_have_changed: self.planned.clone(),
            rules: Vec::new(),
            forwarded: None,
        };
        self.fold(Entry::Handled(Seq(1), Arc::new(received), Arc::new(handled)))
    }

    /// Decided with success, without headers.
    pub fn done(self, body: &str, action: Action, subject: Subject) -> Wire {
        self.handled(&[], body, 200, action, subject)
    }

    /// What the answer will be, if nothing else is said.
    pub fn answering(mut self, body: &str) -> Wire {
        self.answer = body.to_owned();
        self
    }

    /// Decided with an error, without headers.
    pub fn refused(mut self, body: &str, status: u16, scim_type: &str, action: Action, subject: Subject) -> Wire {
        if !scim_type.is_empty() {
            self.answer = format!("{{\"scimType\":\"{scim_type}\"}}");
        }
        self.handled(&[], body, status, action, subject)
    }

    /// Something changed.
    pub fn changed(self, resource_type: &str, id: &str, display: &str, lines: Vec<Line>) -> Wire {
        let change = Change {
            resource_type: resource_type.to_owned(),
            resource_id: id.to_owned(),
            display: display.to_owned(),
            before: None,
            after: None,
            lines,
        };
        let cause = Cause::Exchange(Seq(1));
        let committed = Committed {
            tenant: "default".to_owned(),
            revision: Revision(1),
            cause,
            changes: vec![change],
            ahead: None,
        };
        self.fold(Entry::Committed(Arc::new(committed)))
    }

    /// It ended, with these bytes of a request that was never handled.
    pub fn closed(self, ending: Ending, bytes: Option<&str>) -> Wire {
        let received = bytes.map(|bytes| Received { head: bytes.to_owned().into(), ..Received::default() });
        self.fold(Entry::Closed(Seq(1), Arc::new(Closed { ending, received, sent: Sent::default() })))
    }

    pub fn exchange(self) -> Exchange {
        self.exchange
    }
}
