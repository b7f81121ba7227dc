//! A request as recognition looks at it: by its shape, still as the client encoded it.

use scim::json::{Json, Limits, Object, parse};
use traffic::exchange::Exchange;

/// The parts of a request that clients differ in.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    pub(crate) method: &'a str,
    /// The target up to the `?`.
    pub(crate) path: &'a str,
    /// The target after the `?`, as sent.
    pub(crate) query: &'a str,
    headers: Vec<(String, String)>,
    /// The body, if it is JSON.
    pub(crate) body: Option<Json>,
}

/// One operation of a PATCH body, whatever the case of its member names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op<'a> {
    pub(crate) op: &'a str,
    pub(crate) path: Option<&'a str>,
    pub(crate) value: Option<&'a Json>,
}

impl<'a> Look<'a> {
    /// Takes a request apart, as far as it has come.
    pub(crate) fn at(exchange: &'a Exchange) -> Look<'a> {
        let (path, query) = exchange.opened.target.split_once('?').unwrap_or((&exchange.opened.target, ""));
        let received = exchange.received();
        let content = received.map(|received| received.content()).unwrap_or_default();
        Look {
            method: &exchange.opened.method,
            path,
            query,
            headers: received.map(|received| received.headers()).unwrap_or_default(),
            body: if content.is_empty() { None } else { parse(&content, Limits::default()).ok() },
        }
    }

    /// The first header field of that name, in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether a header field holds this text, in any case.
    pub(crate) fn header_has(&self, name: &str, text: &str) -> bool {
        self.header(name).is_some_and(|value| value.to_ascii_lowercase().contains(text))
    }

    /// No `Accept`, or one that accepts anything: the client asks for no media type.
    pub(crate) fn asks_for_no_type(&self) -> bool {
        self.header("accept").is_none_or(|accept| accept == "*/*")
    }

    /// The parameters of the query as sent, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.query.split('&').filter(|part| !part.is_empty()).map(|part| part.split_once('=').unwrap_or((part, "")))
    }

    /// A parameter of the query, its value as sent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters().find(|(have, _)| *have == name).map(|(_, value)| value)
    }

    /// The body, if it is a JSON object.
    pub(crate) fn object(&self) -> Option<&Object> {
        self.body.as_ref()?.as_object()
    }

    /// A member of the body.
    pub(crate) fn member(&self, name: &str) -> Option<&Json> {
        self.object()?.get_ignoring_case(name).map(|(_, value)| value)
    }

    /// The operations, if this is a PATCH that has some.
    pub(crate) fn operations(&self) -> Vec<Op<'_>> {
        if self.method != "PATCH" {
            return Vec::new();
        }
        let items = self.member("Operations").and_then(Json::as_array).unwrap_or_default();
        items.iter().filter_map(Json::as_object).map(Op::from).collect()
    }
}

impl<'a> From<&'a Object> for Op<'a> {
    fn from(object: &'a Object) -> Self {
        let text = |name| object.get_ignoring_case(name).and_then(|(_, value)| value.as_str());
        Op {
            op: text("op").unwrap_or_default(),
            path: text("path"),
            value: object.get_ignoring_case("value").map(|(_, value)| value),
        }
    }
}

impl<'a> Op<'a> {
    /// Whether this is `add`, `remove` or `replace`, in any case.
    pub(crate) fn is(&self, op: &str) -> bool {
        self.op.eq_ignore_ascii_case(op)
    }

    /// The members of a value without a path.
    pub(crate) fn without_path(&self) -> Option<&'a Object> {
        if self.path.is_some() { None } else { self.value?.as_object() }
    }

    /// Whether the path is this attribute, as a whole, in any case.
    pub(crate) fn at(&self, attribute: &str) -> bool {
        self.path.is_some_and(|path| path.eq_ignore_ascii_case(attribute))
    }

    /// The elements of the value, or the value if it is no list; nothing for `null` and for no value.
    pub(crate) fn elements(&self) -> &'a [Json] {
        match self.value {
            None | Some(Json::Null) => &[],
            Some(Json::Array(items)) => items,
            Some(one) => std::slice::from_ref(one),
        }
    }
}
