//! What is worth a notification: the first request after a quiet period, and errors of a kind that was not seen before.

use std::collections::HashSet;
use std::time::Duration;

/// So long nothing must have arrived for the next request to be news.
const QUIET: Duration = Duration::from_secs(10 * 60);
/// Kinds of errors that are remembered; beyond it none is new any more.
const MOST_KINDS: usize = 256;

/// An exchange, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub seq: u64,
    /// When it began, as time since any fixed moment.
    pub at: Duration,
    /// What happened, in a sentence.
    pub sentence: String,
    /// The method as sent.
    pub method: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Whether no whole answer left.
    pub broken: bool,
    /// Whether the program itself sent it.
    pub ours: bool,
}

/// A reason to notify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It had been quiet.
    First(Seen),
    /// No error was like this one.
    NewError(Seen),
}

/// Remembers what was seen since the start.
#[derive(Default)]
pub struct Attention {
    last: Option<Duration>,
    kinds: HashSet<(String, Option<u16>)>,
}

impl Attention {
    /// Looks at an exchange that is over, in order. An error outweighs the end of a quiet period.
    pub fn see(&mut self, seen: Seen) -> Option<News> {
        if seen.ours {
            return None;
        }
        let quiet = self.last.is_none_or(|last| seen.at.saturating_sub(last) >= QUIET);
        self.last = self.last.max(Some(seen.at));
        if is_error(&seen)
            && self.kinds.len() < MOST_KINDS
            && self.kinds.insert((seen.method.clone(), seen.status.filter(|_| !seen.broken)))
        {
            return Some(News::NewError(seen));
        }
        quiet.then_some(News::First(seen))
    }
}

/// To look for what is not there is how clients ask whether to create it.
fn is_error(seen: &Seen) -> bool {
    let searching = seen.status == Some(404) && (seen.method == "GET" || seen.method == "HEAD");
    seen.broken || seen.status.is_some_and(|status| status >= 400) && !searching
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(seq: u64, minutes: u64, method: &str, status: u16) -> Seen {
        Seen {
            seq,
            at: Duration::from_secs(minutes * 60),
            sentence: String::new(),
            method: method.into(),
            status: Some(status),
            broken: false,
            ours: false,
        }
    }

    fn kind(news: Option<News>) -> &'static str {
        match news {
            None => "nothing",
            Some(News::First(_)) => "first",
            Some(News::NewError(_)) => "error",
        }
    }

    #[test]
    fn only_the_first_request_after_a_quiet_period_is_news() {
        let mut attention = Attention::default();
        let told = [0, 1, 5, 14, 24, 25, 60].map(|minute| kind(attention.see(seen(minute, minute, "GET", 200))));
        assert_eq!(told, ["first", "nothing", "nothing", "nothing", "first", "nothing", "first"]);
    }

    #[test]
    fn an_error_is_news_once_for_each_kind() {
        let mut attention = Attention::default();
        attention.see(seen(1, 0, "GET", 200));
        let story =
            [("POST", 400), ("POST", 400), ("PATCH", 400), ("POST", 409), ("POST", 201), ("GET", 404), ("PUT", 404)];
        let told = story.map(|(method, status)| kind(attention.see(seen(2, 0, method, status))));
        assert_eq!(told, ["error", "nothing", "error", "error", "nothing", "nothing", "error"]);
        let broken = Seen { broken: true, status: None, ..seen(9, 0, "POST", 0) };
        assert_eq!(kind(attention.see(broken.clone())), "error");
        assert_eq!(kind(attention.see(broken)), "nothing");
    }

    #[test]
    fn what_the_program_sends_itself_is_no_news_and_does_not_end_the_quiet() {
        let mut attention = Attention::default();
        assert_eq!(kind(attention.see(Seen { ours: true, ..seen(1, 0, "PATCH", 500) })), "nothing");
        assert_eq!(kind(attention.see(seen(2, 1, "GET", 200))), "first");
    }

    #[test]
    fn a_client_with_endless_kinds_of_errors_is_not_remembered_endlessly() {
        let mut attention = Attention::default();
        let told = (0..1_000).filter(|n| attention.see(seen(*n, 0, &format!("M{n}"), 400)).is_some()).count();
        assert_eq!(told, MOST_KINDS);
    }
}
