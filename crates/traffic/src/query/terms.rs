//! What one value of a field asks.

use jiff::Timestamp;
use scim::finding::Severity;

use super::field::Field;
use super::hint::nearest;
use super::interval::{self, Comparison, Interval, Wrong};
use super::pattern::{NamePattern, TextPattern};
use super::tree::{FindingTest, FlowTest, HeaderTest, Kind, Node, ResourceTest, Test};
use crate::summary::Verdict;

/// The methods that SCIM knows or that are often sent.
pub(super) const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The operations of a PATCH (RFC 7644 section 3.5.2).
pub(super) const OPERATIONS: [&str; 3] = ["add", "replace", "remove"];

/// The verdicts and their words.
pub(super) const VERDICTS: [(Verdict, &str); 6] = [
    (Verdict::Ok, "ok"),
    (Verdict::Tolerated, "tolerated"),
    (Verdict::Refused, "refused"),
    (Verdict::Failed, "failed"),
    (Verdict::Broken, "broken"),
    (Verdict::Pending, "pending"),
];

/// The severities and their words.
pub(super) const SEVERITIES: [(Severity, &str); 4] = [
    (Severity::Info, "info"),
    (Severity::Tolerated, "tolerated"),
    (Severity::Warning, "warning"),
    (Severity::Error, "error"),
];

/// A test that may be turned round.
pub(super) struct Term {
    pub test: Test,
    pub negated: bool,
}

impl From<Test> for Term {
    fn from(test: Test) -> Term {
        Term { test, negated: false }
    }
}

impl Term {
    fn not(test: Test) -> Term {
        Term { test, negated: true }
    }

    pub(super) fn node(self, span: std::ops::Range<usize>) -> Node {
        let node = Node { span: span.clone(), kind: Kind::Test(self.test) };
        if self.negated { Node { span, kind: Kind::Not(Box::new(node)) } } else { node }
    }
}

/// Reads a value of a field other than `header`. `!=` is for the caller to turn round.
pub(super) fn term(field: Field, comparison: Comparison, text: &str, now: Timestamp) -> Result<Term, Wrong> {
    if text.is_empty() {
        return Err(Wrong::new("there is nothing between the quotes"));
    }
    if comparison.is_an_order() && !matches!(field, Field::Status | Field::Took | Field::Time | Field::Seq) {
        return Err(Wrong::new(format!("{} has no order: <, <=, > and >= mean nothing for it", field.name())));
    }
    let whole = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let text_pattern = || if whole { TextPattern::whole(text) } else { TextPattern::part(text) };
    let name_pattern = || if whole { NamePattern::whole(text) } else { NamePattern::beginning(text) };
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    Ok(match field {
        Field::Text => Test::Text(TextPattern::part(text)).into(),
        Field::Body => Test::Body(TextPattern::part(text)).into(),
        Field::Target => Test::Target(text_pattern()).into(),
        Field::User => Test::User(text_pattern()).into(),
        Field::Group => Test::Group(text_pattern()).into(),
        Field::Path => Test::Path(name_pattern()).into(),
        Field::Diff => Test::Diff(name_pattern()).into(),
        Field::Resource => Test::Resource(resource(text)).into(),
        Field::Header => header(text, None).into(),
        Field::Method => Test::Method(text.to_ascii_uppercase()).into(),
        Field::Op => operation(text)?.into(),
        Field::Dialect => Test::Dialect((!is("none")).then(|| text.to_ascii_lowercase())).into(),
        Field::Tenant => Test::Tenant((!is("none")).then(|| text.to_owned())).into(),
        Field::Finding if is("none") => Term::not(Test::Finding(FindingTest::Any)),
        Field::Finding => Test::Finding(finding(text)).into(),
        Field::Verdict => Test::Verdict(word(text, "verdict", &VERDICTS)?).into(),
        Field::Origin => {
            let ours = word(text, "origin", &[(true, "scimscope"), (false, "client")])?;
            Term { test: Test::Ours, negated: !ours }
        }
        Field::Probe => {
            let yes = word(text, "yes or no", &[(true, "yes"), (false, "no"), (true, "true"), (false, "false")])?;
            Term { test: Test::Probe, negated: !yes }
        }
        Field::Flow => match text.parse() {
            Ok(id) => Test::Flow(FlowTest::Id(id)).into(),
            Err(_) => Test::Flow(FlowTest::Named(text_pattern())).into(),
        },
        Field::Pinned => {
            let yes = word(text, "yes or no", &[(true, "yes"), (false, "no"), (true, "true"), (false, "false")])?;
            Term { test: Test::Pinned, negated: !yes }
        }
        Field::Tag if is("none") => Term::not(Test::Tag(None)),
        Field::Tag => Test::Tag((!is("any")).then(|| text.to_owned())).into(),
        Field::Note => Test::Note(text_pattern()).into(),
        Field::Rule if is("none") => Term::not(Test::Rule(None)),
        Field::Rule => Test::Rule((!is("any")).then(text_pattern)).into(),
        Field::Status if is("none") => Test::NoStatus.into(),
        Field::Status => {
            let (first, last) = interval::interval(comparison, text, interval::status)?;
            Test::Status(clamp(first, 0) as u16, clamp(last, u16::MAX.into()) as u16).into()
        }
        Field::Seq => {
            let (first, last) = interval::interval(comparison, text, interval::number)?;
            Test::Seq(clamp(first, 0), clamp(last, u64::MAX)).into()
        }
        Field::Took => {
            let read = |text: &str| interval::duration(text).map(|micros| (micros, micros));
            let (first, last) = interval::interval(comparison, text, read)?;
            Test::Took(clamp(first, 0), clamp(last, u64::MAX)).into()
        }
        Field::Since => time((Some(interval::time(text, now)?.0), None)).into(),
        Field::Until => time((None, Some(interval::time(text, now)?.1))).into(),
        Field::Time => {
            let (first, last) = interval::interval(comparison, text, |text| interval::time(text, now))?;
            // "time:10m" is the last ten minutes, not the one instant.
            let last = last.filter(|_| !(comparison == Comparison::Plain && interval::is_ago(text)));
            time((first, last)).into()
        }
    })
}

/// The header field with this name, and with this text in its value.
pub(super) fn header(name: &str, value: Option<TextPattern>) -> Test {
    Test::Header(HeaderTest { name: name.to_owned(), value })
}

fn clamp(value: Option<i128>, unbounded: u64) -> u64 {
    value.map_or(unbounded, |value| u64::try_from(value.max(0)).unwrap_or(u64::MAX))
}

fn time((first, last): Interval) -> Test {
    let timestamp = |nanos: i128| Timestamp::from_nanosecond(nanos).ok();
    Test::Time(first.and_then(timestamp), last.and_then(|last| timestamp(last + 1)))
}

fn resource(text: &str) -> ResourceTest {
    match text.split_once('/') {
        Some((resource_type, id)) if !resource_type.is_empty() => {
            ResourceTest::TypeAndId(resource_type.to_owned(), id.to_owned())
        }
        _ => ResourceTest::TypeOrId(text.trim_start_matches('/').to_owned()),
    }
}

fn operation(text: &str) -> Result<Test, Wrong> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if OPERATIONS.into_iter().any(is) {
        return Ok(Test::Operation(text.to_ascii_lowercase()));
    }
    if METHODS.into_iter().any(is) {
        return Ok(Test::Method(text.to_ascii_uppercase()));
    }
    let message = format!("{text:?} is no operation of a PATCH (add, replace, remove) and no HTTP method");
    let candidates = OPERATIONS.into_iter().chain(METHODS);
    Err(Wrong::new(message).meant(nearest(text, candidates).map(str::to_ascii_lowercase)))
}

fn finding(text: &str) -> FindingTest {
    if text == "*" || text.eq_ignore_ascii_case("any") {
        return FindingTest::Any;
    }
    let severity = SEVERITIES.iter().find(|(_, word)| text.eq_ignore_ascii_case(word));
    severity.map_or_else(|| FindingTest::Code(text.to_owned()), |(severity, _)| FindingTest::Severity(*severity))
}

fn word<T: Copy>(text: &str, what: &str, words: &[(T, &str)]) -> Result<T, Wrong> {
    let found = words.iter().find(|(_, word)| text.eq_ignore_ascii_case(word));
    found.map(|(value, _)| *value).ok_or_else(|| {
        let list: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
        Wrong::new(format!("{text:?} is no {what}; there are: {}", list.join(", "))).meant(nearest(text, list))
    })
}
