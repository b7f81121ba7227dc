//! What formats that can be played again have in common: which header fields they send, and variables in the place of what
//! another run has otherwise.

use crate::bindings::Binder;
use crate::recorded::{Field, Recorded};
use crate::writer::About;

/// Fields that whoever sends the request writes itself.
const OF_THE_CLIENT: [&str; 11] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "accept-encoding",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
];

/// Fields of answers that whoever answers writes itself.
const OF_THE_SERVER: [&str; 5] = ["content-length", "connection", "transfer-encoding", "date", "keep-alive"];

/// The header fields that are sent again.
pub(crate) fn sent(recorded: &Recorded) -> impl Iterator<Item = &Field> {
    let headers = recorded.request.headers.iter();
    headers.filter(|(name, _)| !OF_THE_CLIENT.iter().any(|own| name.eq_ignore_ascii_case(own)))
}

/// The header fields that are answered again.
pub(crate) fn answered(headers: &[Field]) -> impl Iterator<Item = &Field> {
    headers.iter().filter(|(name, _)| !OF_THE_SERVER.iter().any(|own| name.eq_ignore_ascii_case(own)))
}

/// Scheme, authority and base path of the first exchange: what the variable for the base URL stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Base(String);

impl Base {
    pub(crate) fn of(recorded: &Recorded, about: &About) -> Base {
        let (base, _) = about.split_base(&recorded.request.target);
        Base(format!("{}{base}", recorded.origin))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The URL, with `variable` in the place of the base URL and identifiers written by `id`.
    pub(crate) fn url(
        &self,
        recorded: &Recorded,
        variable: &str,
        binder: &Binder,
        id: &dyn Fn(&str) -> String,
    ) -> String {
        let url = recorded.url();
        let rest = url
            .strip_prefix(&self.0)
            .filter(|rest| !self.0.is_empty() && (rest.is_empty() || rest.starts_with(['/', '?'])));
        match rest {
            Some(rest) => format!("{variable}{}", binder.replace(rest, id)),
            None => binder.replace(&url, id),
        }
    }
}

/// A text on one line, for comments and titles.
pub(crate) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.trim().chars().take(300).collect()
}

/// What an exchange is called in a comment.
pub(crate) fn title(recorded: &Recorded) -> String {
    let sentence = crate::writer::known(recorded).sentence.as_str();
    if sentence.is_empty() {
        return one_line(&format!("{} {}", recorded.request.method, recorded.path()));
    }
    one_line(sentence)
}

/// The body as text, if it is one.
pub(crate) fn text_body(recorded: &Recorded) -> Option<&str> {
    std::str::from_utf8(&recorded.request.body).ok().filter(|body| !body.is_empty())
}
