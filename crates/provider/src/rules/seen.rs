//! A request as rules look at it: each part is read when a rule asks for it, and once.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::cell::OnceCell;
use std::sync::Arc;

use bytes::Bytes;
use scim::json::{self, Json, Limits, Object};
use traffic::entry::Annotation;
use traffic::exchange::{Connection, Exchange, Opened, Received};
use traffic::handled::{Action, Handled, Operation, OperationOutcome, Response, Subject};
use traffic::ids::{ConnectionId, Pos};

use crate::request::Request;
use crate::route::Route;
use crate::target::{Segment, Target};

/// See the module.
pub(super) struct Seen<'a> {
    pub request: &'a Request,
    pub target: &'a Target,
    pub below: &'a [Segment],
    pub route: &'a Route,
    pub tenant: &'a str,
    pub action: Action,
    pub subject: &'a Subject,
    path: OnceCell<String>,
    body: OnceCell<Option<Json>>,
    filter: OnceCell<Option<String>>,
    exchange: OnceCell<Exchange>,
}

impl<'a> Seen<'a> {
    pub fn new(
        request: &'a Request,
        target: &'a Target,
        below: &'a [Segment],
        route: &'a Route,
        tenant: &'a str,
        action: Action,
        subject: &'a Subject,
    ) -> Seen<'a> {
        Seen {
            request,
            target,
            below,
            route,
            tenant,
            action,
            subject,
            path: OnceCell::new(),
            body: OnceCell::new(),
            filter: OnceCell::new(),
            exchange: OnceCell::new(),
        }
    }

    /// The path below the tenant's base, decoded.
    pub fn path(&self) -> &str {
        self.path.get_or_init(|| {
            let segments: Vec<&str> = self.below.iter().map(|segment| segment.text.as_str()).collect();
            format!("/{}", segments.join("/"))
        })
    }

    pub fn resource_type(&self) -> Option<&str> {
        match self.route {
            Route::Type(shape) | Route::Resource(shape, _) | Route::Search(Some(shape)) => {
                Some(&shape.resource_type.name)
            }
            // Whoever `/Me` is was not looked up yet.
            _ => self.subject.resource_type.as_deref(),
        }
    }

    /// The body, if it is JSON.
    pub fn body(&self) -> Option<&Json> {
        let read = || json::parse(&self.request.body, Limits::default()).ok();
        self.body.get_or_init(|| if self.request.body.is_empty() { None } else { read() }).as_ref()
    }

    /// The filter, from the URL or from the body of a search.
    pub fn filter(&self) -> Option<&str> {
        let read = || {
            if matches!(self.route, Route::Search(_)) {
                let body = self.body()?.as_object()?;
                return body.get_ignoring_case("filter")?.1.as_str().map(str::to_owned);
            }
            self.target.parameter("filter").ok()?.map(|decoded| decoded.text)
        };
        self.filter.get_or_init(read).as_deref()
    }

    /// The dialect that the request shows by itself.
    pub fn dialect(&self) -> Option<&str> {
        self.exchange().annotation.as_ref()?.dialect.as_deref()
    }

    /// The request as an exchange of which nothing but the request is known.
    pub fn exchange(&self) -> &Exchange {
        self.exchange.get_or_init(|| {
            let request = self.request;
            let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
            let opened = Opened {
                connection: Connection {
                    // Any number but the one that stands for this program itself.
                    id: ConnectionId(1),
                    peer: SocketAddr::new(request.peer, 0),
                    local: here,
                    accepted_at: request.at,
                },
                at: request.at,
                method: request.method.clone(),
                target: request.target.clone(),
            };
            let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
            for (name, value) in &request.headers {
                head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
            }
            head.push_str("\r\n");
            let received = Received { head: Bytes::from(head), body: request.body.clone(), ..Received::default() };
            let handled = Handled {
                response: Response { status: 0, headers: Vec::new(), body: Bytes::new() },
                tenant: Some(self.tenant.to_owned()),
                action: self.action,
                subject: Subject { filter: self.filter().map(str::to_owned), ..self.subject.clone() },
                auth: Vec::new(),
                findings: Vec::new(),
                operations: self.operations(),
                would_have_changed: Vec::new(),
                rules: Vec::new(),
                forwarded: None,
            };
            let mut exchange = Exchange::begin(request.seq, Pos(0), Arc::new(opened));
            exchange.handled = Some((Arc::new(received), Arc::new(handled)));
            // There is no sentence yet: nothing has happened.
            let annotation = Annotation { sentence: String::new(), ..dialects::annotate(&exchange) };
            exchange.annotation = Some(Arc::new(annotation));
            exchange
        })
    }

    fn operations(&self) -> Vec<Operation> {
        if self.request.method != "PATCH" {
            return Vec::new();
        }
        let member = |object: &'_ Object, name: &str| {
            object.get_ignoring_case(name).and_then(|(_, value)| value.as_str()).map(str::to_owned)
        };
        let body = self.body().and_then(Json::as_object);
        let items = body.and_then(|body| body.get_ignoring_case("Operations")).and_then(|(_, items)| items.as_array());
        let sent = items.unwrap_or_default().iter().filter_map(Json::as_object).enumerate();
        sent.map(|(index, sent)| Operation {
            index,
            op: member(sent, "op").unwrap_or_default(),
            path: member(sent, "path"),
            outcome: OperationOutcome::NotReached,
        })
        .collect()
    }
}
