//! What a test expects, and how it is said that it does not hold.

use serde_json::{Value, json};

use crate::Scimscope;

/// Something that is expected when the server is dropped: at least once, unless more is said.
#[must_use = "say how often: times, at_least, at_most or never"]
#[derive(Debug)]
pub struct Expectation<'a> {
    server: &'a Scimscope,
    check: Value,
}

impl<'a> Expectation<'a> {
    pub(crate) fn new(server: &'a Scimscope, check: Value) -> Expectation<'a> {
        Expectation { server, check }
    }

    /// What it is called when it does not hold.
    pub fn named(mut self, name: &str) -> Expectation<'a> {
        self.check["name"] = json!(name);
        self
    }

    /// As many.
    pub fn times(self, count: u64) {
        self.amount("exactly", count);
    }

    /// As many or more.
    pub fn at_least(self, count: u64) {
        self.amount("at_least", count);
    }

    /// As many or fewer.
    pub fn at_most(self, count: u64) {
        self.amount("at_most", count);
    }

    /// None.
    pub fn never(self) {
        self.amount("exactly", 0);
    }

    fn amount(mut self, word: &str, count: u64) {
        self.check[word] = json!(count);
        self.server.note(self.check);
    }
}

/// What does not hold, in words; none if all does.
pub(crate) fn failures(asserted: &Value) -> Option<String> {
    let failed = asserted["checks"].as_array().into_iter().flatten().filter(|check| check["passed"] != true);
    let lines: Vec<String> = failed
        .map(|check| {
            let text = |name: &str| check[name].as_str().unwrap_or_default();
            let name =
                if text("message").contains(text("name")) { String::new() } else { format!("{}: ", text("name")) };
            format!("{name}{}{}", text("message"), nearest(&check["misses"]))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The exchanges that came nearest, a line each.
pub(crate) fn nearest(misses: &Value) -> String {
    let mut text = String::new();
    for miss in misses.as_array().into_iter().flatten() {
        let exchange = &miss["exchange"];
        let of = |name: &str| exchange[name].as_str().unwrap_or_default();
        text.push_str(&format!("\n  nearest: exchange {}, {} {}", exchange["seq"], of("method"), of("target")));
        for failing in miss["failing"].as_array().into_iter().flatten() {
            let clause = failing["clause"].as_str().unwrap_or_default();
            let instead = failing["instead"].as_str().map(|instead| format!(" (it has {instead})")).unwrap_or_default();
            text.push_str(&format!(", not {clause}{instead}"));
        }
    }
    text
}
