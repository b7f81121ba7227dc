//! A query as a sentence.

use std::fmt::Write;

use jiff::Timestamp;
use scim::finding::Severity;

use super::pattern::{NamePattern, TextPattern};
use super::terms::{SEVERITIES, VERDICTS};
use super::tree::{FindingTest, FlowTest, HeaderTest, Kind, Node, ResourceTest, Test};

/// The clauses in words: "PATCH requests with status 400 or more about ada, without probes".
pub(super) fn sentence(clauses: &[Node]) -> String {
    let mut subject = None;
    let (mut said, mut denied) = (Vec::new(), Vec::new());
    for clause in clauses {
        match (methods(clause), &clause.kind) {
            (Some(methods), _) if subject.is_none() => subject = Some(format!("{methods} requests")),
            (_, Kind::Not(_)) => denied.push(phrase(clause, clauses.len() > 1)),
            _ => said.push(phrase(clause, clauses.len() > 1)),
        }
    }
    if clauses.is_empty() {
        return "All exchanges".to_owned();
    }
    let mut sentence = subject.unwrap_or_else(|| "Exchanges".to_owned());
    for phrase in said {
        let _ = write!(sentence, " {phrase}");
    }
    for phrase in denied {
        let _ = write!(sentence, ", {phrase}");
    }
    // Without anything said before it, a comma would stand after the first word.
    match sentence.strip_prefix("Exchanges, ") {
        Some(rest) => format!("Exchanges {rest}"),
        None => sentence,
    }
}

/// "GET or POST", if that is all that the part asks.
fn methods(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Test(Test::Method(method)) => Some(method.clone()),
        Kind::Any(parts) => {
            let methods: Option<Vec<String>> = parts.iter().map(methods).collect();
            methods.map(|methods| methods.join(" or "))
        }
        _ => None,
    }
}

/// A part in words. `inside`: others stand beside it, so that it must not run into them.
fn phrase(node: &Node, inside: bool) -> String {
    match &node.kind {
        Kind::Test(test) => words(test).positive(),
        Kind::Not(part) => match &part.kind {
            Kind::Test(test) => words(test).negative(),
            Kind::Not(part) => phrase(part, inside),
            Kind::Any(parts) => match alike(parts) {
                Some(words) => words.negative(),
                None => format!("not ({})", phrase(part, false)),
            },
            Kind::All(_) => format!("not ({})", phrase(part, false)),
        },
        Kind::Any(parts) => match alike(parts) {
            Some(words) => words.positive(),
            None => bracketed(inside, list(parts, " or ")),
        },
        Kind::All(parts) => bracketed(inside, list(parts, " and ")),
    }
}

fn bracketed(inside: bool, text: String) -> String {
    if inside { format!("({text})") } else { text }
}

fn list(parts: &[Node], between: &str) -> String {
    parts.iter().map(|part| phrase(part, true)).collect::<Vec<_>>().join(between)
}

/// "with status 404 or 409": tests that differ in their value only.
fn alike(parts: &[Node]) -> Option<Words> {
    let mut all = parts.iter().map(|part| match &part.kind {
        Kind::Test(test) => Some(words(test)),
        _ => None,
    });
    let mut first = all.next()??;
    for other in all {
        let other = other?;
        if (other.yes, other.no, other.after) != (first.yes, first.no, first.after) || first.value.is_empty() {
            return None;
        }
        let _ = write!(first.value, " or {}", other.value);
    }
    Some(first)
}

/// What a test says: before the value if it holds or not, the value, and after it.
struct Words {
    yes: &'static str,
    no: &'static str,
    value: String,
    after: &'static str,
}

impl Words {
    fn positive(&self) -> String {
        format!("{}{}{}", self.yes, self.value, self.after)
    }

    fn negative(&self) -> String {
        format!("{}{}{}", self.no, self.value, self.after)
    }
}

fn words(test: &Test) -> Words {
    let say = |yes, no, value: String| Words { yes, no, value, after: "" };
    match test {
        Test::Text(pattern) => say("with ", "without ", text(pattern)),
        Test::Body(pattern) => Words { after: " in a body", ..say("with ", "without ", text(pattern)) },
        Test::Target(pattern) if pattern.is_whole() => say("to the target ", "not to the target ", plain(pattern)),
        Test::Target(pattern) => Words { after: " in the target", ..say("with ", "without ", text(pattern)) },
        Test::Method(method) => say("with method ", "not with method ", method.clone()),
        Test::Operation(op) => say("with a PATCH operation ", "without a PATCH operation ", op.clone()),
        Test::Path(pattern) => say("touching ", "not touching ", name(pattern)),
        Test::Diff(pattern) => say("that changed ", "that did not change ", name(pattern)),
        Test::User(pattern) => say("about ", "not about ", called(pattern)),
        Test::Group(pattern) => say("about group ", "not about group ", called(pattern)),
        Test::Resource(ResourceTest::TypeOrId(text)) => say("about resource ", "not about resource ", text.clone()),
        Test::Resource(ResourceTest::TypeAndId(kind, id)) => {
            let value = if id.is_empty() { format!("any {kind}") } else { format!("{kind} {id}") };
            say("about ", "not about ", value)
        }
        Test::Finding(FindingTest::Any) => say("with findings", "without findings", String::new()),
        Test::Finding(FindingTest::Code(code)) => say("with finding ", "without finding ", code.clone()),
        Test::Finding(FindingTest::Severity(severity)) => {
            say("with a finding of severity ", "without a finding of severity ", severity_word(*severity).to_owned())
        }
        Test::Status(first, last) => say(
            "with status ",
            "not with status ",
            scale((*first).into(), (*last).into(), u16::MAX.into(), |n| n.to_string()),
        ),
        Test::NoStatus => say("without a response", "with a response", String::new()),
        Test::Dialect(None) => say("of no known dialect", "of a known dialect", String::new()),
        Test::Dialect(Some(dialect)) => say("from ", "not from ", dialect.clone()),
        Test::Tenant(None) => say("of no tenant", "of a tenant", String::new()),
        Test::Tenant(Some(tenant)) => say("of tenant ", "not of tenant ", tenant.clone()),
        Test::Verdict(verdict) => {
            let word = VERDICTS.iter().find(|(other, _)| other == verdict).map_or("", |(_, word)| *word);
            say("with verdict ", "not with verdict ", word.to_owned())
        }
        Test::Ours => say("sent by Scimscope", "sent by clients", String::new()),
        Test::Probe => say("that are probes", "without probes", String::new()),
        Test::Took(first, last) => say("that took ", "that did not take ", scale(*first, *last, u64::MAX, duration)),
        Test::Time(from, before) => say("", "not ", time(*from, *before)),
        Test::Seq(first, last) => say("numbered ", "not numbered ", scale(*first, *last, u64::MAX, |n| n.to_string())),
        Test::Flow(FlowTest::Id(id)) => say("of flow ", "not of flow ", id.to_string()),
        Test::Flow(FlowTest::Named(pattern)) => say("of a flow like ", "not of a flow like ", called(pattern)),
        Test::Pinned => say("that are pinned", "that are not pinned", String::new()),
        Test::Tag(None) => say("with a tag", "without tags", String::new()),
        Test::Tag(Some(tag)) => say("tagged ", "not tagged ", tag.clone()),
        Test::Note(pattern) => Words { after: " in the note", ..say("with ", "without ", text(pattern)) },
        Test::Rule(None) => say("touched by a rule", "touched by no rule", String::new()),
        Test::Rule(Some(pattern)) => say("touched by the rule ", "not touched by the rule ", called(pattern)),
        Test::Header(HeaderTest { name, value: None }) => say("with header ", "without header ", name.clone()),
        Test::Header(HeaderTest { name, value: Some(pattern) }) => {
            let verb = if pattern.is_whole() { "being" } else { "holding" };
            say("with header ", "without header ", format!("{name} {verb} {}", text(pattern)))
        }
    }
}

fn text(pattern: &TextPattern) -> String {
    format!("\u{201c}{}\u{201d}", pattern.text())
}

/// A name, in quotes only if it would not be seen where it ends.
fn called(pattern: &TextPattern) -> String {
    let shown = if pattern.text().contains(char::is_whitespace) { text(pattern) } else { pattern.text().to_owned() };
    if pattern.is_whole() { format!("exactly {shown}") } else { shown }
}

fn plain(pattern: &TextPattern) -> String {
    pattern.text().to_owned()
}

fn name(pattern: &NamePattern) -> String {
    if pattern.is_whole() { format!("exactly {}", pattern.text()) } else { pattern.text().to_owned() }
}

fn severity_word(severity: Severity) -> &'static str {
    SEVERITIES.iter().find(|(other, _)| *other == severity).map_or("", |(_, word)| word)
}

/// "400 or more", "399 or less", "400 to 499", "404".
fn scale(first: u64, last: u64, end: u64, show: impl Fn(u64) -> String) -> String {
    match (first, last) {
        (0, last) if last == end => "anything".to_owned(),
        (first, last) if last == end => format!("{} or more", show(first)),
        (first, last) if first == last => show(first),
        (0, last) => format!("{} or less", show(last)),
        (first, last) => format!("{} to {}", show(first), show(last)),
    }
}

/// Microseconds in the largest unit in which they are a short number.
fn duration(micros: u64) -> String {
    let (unit, name) = match micros {
        0..1_000 => (1, "\u{b5}s"),
        1_000..1_000_000 => (1_000, "ms"),
        _ => (1_000_000, "s"),
    };
    let fraction = format!("{:06}", micros % unit * (1_000_000 / unit));
    match fraction.trim_end_matches('0') {
        "" => format!("{} {name}", micros / unit),
        fraction => format!("{}.{fraction} {name}", micros / unit),
    }
}

fn time(from: Option<Timestamp>, before: Option<Timestamp>) -> String {
    match (from, before) {
        (Some(from), Some(before)) => format!("from {} to before {}", moment(from), moment(before)),
        (Some(from), None) => format!("since {}", moment(from)),
        (None, Some(before)) => format!("before {}", moment(before)),
        (None, None) => "at any time".to_owned(),
    }
}

/// "2026-01-31 14:02 UTC": seconds and their fractions only if there are any.
fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    let text = text.trim_end_matches('Z').replacen('T', " ", 1);
    format!("{} UTC", text.strip_suffix(":00").unwrap_or(&text))
}
