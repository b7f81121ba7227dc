//! What is wrong with a rule, before it is taken.

use jiff::Timestamp;
use traffic::query::{Kind, LONGEST_TEXT, Node, Query, Test};

use super::action::{Action, Delay};
use super::matcher::{Matcher, Occurrence};
use super::rule::Rule;

/// Something in a rule that does not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct RuleProblem {
    /// Where: `when.query`, `action.status`.
    pub place: String,
    /// What is wrong and what to write.
    pub message: String,
}

/// The longest that one answer waits, or hangs: ten minutes.
const LONGEST_MS: u32 = 600_000;
const LONGEST_NAME: usize = 80;
const LONGEST_ID: usize = 64;

impl Rule {
    /// Everything in it that does not do; nothing if it can be taken. Its id is only looked at if it has one.
    pub fn problems(&self, now: Timestamp) -> Vec<RuleProblem> {
        let mut problems = Problems(Vec::new());
        let length = self.name.trim().chars().count();
        problems.unless((1..=LONGEST_NAME).contains(&length), "name", || {
            format!("the name has {length} characters; give it 1 to {LONGEST_NAME}")
        });
        let is_id =
            self.id.len() <= LONGEST_ID && self.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        problems.unless(is_id, "id", || {
            format!("{:?} is no id of a rule: at most {LONGEST_ID} letters, digits and hyphens", self.id)
        });
        problems.unless(self.budget != Some(0), "budget", || {
            "a budget of 0 touches nothing; give at least 1, or switch the rule off".into()
        });
        problems.matcher(&self.when, now);
        problems.action(&self.action);
        problems.0
    }
}

struct Problems(Vec<RuleProblem>);

impl Problems {
    fn unless(&mut self, holds: bool, place: &str, message: impl FnOnce() -> String) {
        if !holds {
            self.0.push(RuleProblem { place: place.to_owned(), message: message() });
        }
    }

    fn matcher(&mut self, when: &Matcher, now: Timestamp) {
        for method in &when.methods {
            let is_token = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
            self.unless(is_token, "when.methods", || {
                format!("{method:?} is no method; write GET, POST, PUT, PATCH, DELETE")
            });
        }
        if let Some(path) = &when.path {
            self.unless(path.text().starts_with(['/', '*']), "when.path", || {
                format!("{:?} is no path; it begins with / and stands below the base, like /Users/*", path.text())
            });
        }
        if let Some(chance) = when.probability {
            self.unless((0.0..=1.0).contains(&chance), "when.probability", || {
                format!("{chance} is no probability; it is from 0 to 1")
            });
        }
        for header in &when.headers {
            self.unless(!header.name.trim().is_empty(), "when.headers", || "a header field needs a name".into());
        }
        if let Some(Occurrence::Every { n } | Occurrence::Nth { n } | Occurrence::First { n }) = when.occurrence {
            self.unless(n > 0, "when.occurrence", || "requests are counted from 1; 0 means none".into());
        }
        if let Some(text) = &when.query {
            self.unless(text.len() <= LONGEST_TEXT, "when.query", || format!("it has more than {LONGEST_TEXT} bytes"));
            match Query::strict(text, now) {
                Ok(query) => query.clauses().iter().for_each(|clause| self.clause(clause)),
                Err(wrong) => wrong.into_iter().for_each(|wrong| self.unless(false, "when.query", || wrong.message)),
            }
        }
    }

    /// A rule is asked before there is an answer.
    fn clause(&mut self, node: &Node) {
        let asks = match &node.kind {
            Kind::All(parts) | Kind::Any(parts) => return parts.iter().for_each(|part| self.clause(part)),
            Kind::Not(part) => return self.clause(part),
            Kind::Test(test) => test,
        };
        let what = match asks {
            Test::Status(..) | Test::NoStatus => "the status",
            Test::Verdict(_) => "the verdict",
            Test::Finding(_) => "findings",
            Test::Took(..) => "how long it took",
            Test::Diff(_) => "what changed",
            Test::Flow(_) => "the flow",
            Test::Pinned | Test::Tag(_) | Test::Note(_) => "what people put on it",
            Test::Seq(..) => "its number",
            Test::Time(..) => "the time; a rule has an expiry for that",
            Test::Rule(_) => "rules",
            Test::Ours => "who sent it",
            _ => return,
        };
        self.unless(false, "when.query", || {
            format!("a rule is asked before there is an answer, so its query cannot ask about {what}")
        });
    }

    fn action(&mut self, action: &Action) {
        let at_most = |ms: u32| ms <= LONGEST_MS;
        let too_long = || format!("a request waits {LONGEST_MS} ms at most");
        match action {
            Action::Status { status, scim_type, .. } => {
                self.unless((200..=599).contains(status), "action.status", || {
                    format!("{status} is no status of an answer; it is from 200 to 599")
                });
                self.unless(scim_type.is_none() || *status >= 400, "action.scim_type", || {
                    format!("{status} is no error and has no scimType")
                });
            }
            Action::RateLimit { requests, per_s, burst, .. } => {
                self.unless(*requests > 0 && *per_s > 0, "action", || {
                    "a rate needs at least one request in at least one second".into()
                });
                self.unless(*burst != Some(0), "action.burst", || {
                    "a burst of 0 lets nothing through; leave it out".into()
                });
            }
            Action::Latency { delay } => match *delay {
                Delay::Fixed { ms } => self.unless(at_most(ms), "action.delay", too_long),
                Delay::Uniform { from_ms, to_ms } => {
                    self.unless(from_ms <= to_ms, "action.delay", || "the delay ends before it begins".into());
                    self.unless(at_most(to_ms), "action.delay", too_long);
                }
                Delay::Normal { mean_ms, deviation_ms } => {
                    let longest = u64::from(mean_ms) + 4 * u64::from(deviation_ms);
                    self.unless(longest <= LONGEST_MS.into(), "action.delay", || {
                        format!("the middle and four deviations are {longest} ms; {LONGEST_MS} ms at most")
                    });
                }
            },
            Action::WrongLength { by } => {
                self.unless(*by != 0, "action.by", || "a length that is wrong by 0 is right".into());
            }
            Action::TotalResults { by } => {
                self.unless(*by != 0, "action.by", || "a total that is wrong by 0 is right".into());
            }
            Action::Hang { at_most_ms } => {
                self.unless(*at_most_ms > 0 && at_most(*at_most_ms), "action.at_most_ms", || {
                    format!("a request hangs 1 to {LONGEST_MS} ms")
                });
            }
            Action::Drip { bytes, every_ms } => {
                self.unless(*bytes > 0, "action.bytes", || "at least one byte at a time".into());
                self.unless(*every_ms > 0 && *every_ms <= 60_000, "action.every_ms", || {
                    "1 to 60000 ms between two times".into()
                });
            }
            Action::ContentType { value } => {
                let is_value = !value.is_empty() && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
                self.unless(is_value, "action.value", || format!("{value:?} cannot stand in a header field"));
            }
            Action::Edit { patch } => {
                self.unless(!patch.is_empty(), "action.patch", || "a patch without operations changes nothing".into());
                if let Err(problem) = patch.check() {
                    self.unless(false, "action.patch", || problem.to_string());
                }
            }
            _ => {}
        }
    }
}
