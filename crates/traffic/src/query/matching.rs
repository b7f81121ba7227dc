//! Whether an exchange passes.

use scim::diff::Line;
use scim::finding::Finding;
use scim::json::Json;
use scim::value::Value;

use super::looks;
use super::pattern::{NamePattern, TextPattern};
use super::tree::{FindingTest, Kind, Node, ResourceTest, Test};
use crate::change::Change;
use crate::exchange::Exchange;
use crate::handled::{Handled, Subject};
use crate::summary::Verdict;

impl Node {
    /// Whether the exchange passes.
    pub fn matches(&self, exchange: &Exchange) -> bool {
        match &self.kind {
            Kind::All(parts) => parts.iter().all(|part| part.matches(exchange)),
            Kind::Any(parts) => parts.iter().any(|part| part.matches(exchange)),
            Kind::Not(part) => !part.matches(exchange),
            Kind::Test(test) => test.matches(exchange),
        }
    }
}

impl Test {
    /// Whether the exchange passes.
    pub fn matches(&self, exchange: &Exchange) -> bool {
        let annotation = exchange.annotation.as_deref();
        match self {
            Test::Text(pattern) => looks::anywhere(pattern, exchange),
            Test::Method(method) => exchange.opened.method.eq_ignore_ascii_case(method),
            Test::Operation(op) => operations(exchange).any(|sent| sent.op.eq_ignore_ascii_case(op)),
            Test::Path(pattern) => {
                operations(exchange).filter_map(|sent| sent.path.as_deref()).any(|path| pattern.is_in(path))
                    || changed(pattern, exchange)
                    || outcome(exchange, |handled| {
                        handled.would_have_changed.iter().any(|line| pattern.is_in(&line.path))
                    })
            }
            Test::Diff(pattern) => changed(pattern, exchange),
            Test::Target(pattern) => looks::target(pattern, exchange),
            Test::User(pattern) => is_about("User", pattern, exchange) || came_or_went(pattern, exchange),
            Test::Group(pattern) => is_about("Group", pattern, exchange),
            Test::Resource(test) => resources(exchange).any(|(kind, id)| test.is(kind, id)),
            Test::Finding(test) => outcome(exchange, |handled| handled.findings.iter().any(|finding| test.is(finding))),
            Test::Status(first, last) => {
                outcome(exchange, |handled| (*first..=*last).contains(&handled.response.status))
            }
            Test::NoStatus => exchange.outcome().is_none(),
            Test::Dialect(dialect) => {
                annotation.and_then(|annotation| annotation.dialect.as_deref()) == dialect.as_deref()
            }
            Test::Tenant(tenant) => {
                let led_to = exchange.outcome().and_then(|handled| handled.tenant.as_deref());
                match (led_to, tenant) {
                    (Some(led_to), Some(tenant)) => led_to.eq_ignore_ascii_case(tenant),
                    (led_to, tenant) => led_to.is_none() && tenant.is_none(),
                }
            }
            Test::Verdict(verdict) => Verdict::of(exchange) == *verdict,
            Test::Probe => annotation.is_some_and(|annotation| annotation.probe),
            Test::Took(first, last) => exchange.elapsed_us().is_some_and(|elapsed| (*first..=*last).contains(&elapsed)),
            Test::Time(from, before) => {
                let at = exchange.opened.at;
                from.is_none_or(|from| at >= from) && before.is_none_or(|before| at < before)
            }
            Test::Seq(first, last) => (*first..=*last).contains(&exchange.seq.0),
            Test::Header(test) => looks::header(test, exchange),
            Test::Body(pattern) => looks::bodies(pattern, exchange),
        }
    }
}

fn outcome(exchange: &Exchange, question: impl FnOnce(&Handled) -> bool) -> bool {
    exchange.outcome().is_some_and(question)
}

fn operations(exchange: &Exchange) -> impl Iterator<Item = &crate::handled::Operation> {
    exchange.outcome().into_iter().flat_map(|handled| &handled.operations)
}

fn changes(exchange: &Exchange) -> impl Iterator<Item = &Change> {
    exchange.committed.iter().flat_map(|committed| &committed.changes)
}

fn changed(pattern: &NamePattern, exchange: &Exchange) -> bool {
    changes(exchange).flat_map(|change| &change.lines).any(|line| pattern.is_in(&line.path))
}

/// Type and id of what the exchange was about and of what it changed.
fn resources(exchange: &Exchange) -> impl Iterator<Item = (&str, &str)> {
    let subject = exchange.outcome().and_then(|handled| {
        let Subject { resource_type, resource_id, .. } = &handled.subject;
        Some((resource_type.as_deref()?, resource_id.as_deref().unwrap_or_default()))
    });
    subject.into_iter().chain(changes(exchange).map(|change| (&*change.resource_type, &*change.resource_id)))
}

impl ResourceTest {
    fn is(&self, kind: &str, id: &str) -> bool {
        match self {
            ResourceTest::TypeOrId(text) => kind.eq_ignore_ascii_case(text) || begins(text, id),
            ResourceTest::TypeAndId(wanted, beginning) => kind.eq_ignore_ascii_case(wanted) && begins(beginning, id),
        }
    }
}

impl FindingTest {
    fn is(&self, finding: &Finding) -> bool {
        match self {
            FindingTest::Any => true,
            FindingTest::Severity(severity) => finding.severity == *severity,
            FindingTest::Code(code) => finding.code.eq_ignore_ascii_case(code),
        }
    }
}

/// Whether the exchange is about a resource of this type that is called so, or looked for one.
fn is_about(kind: &str, pattern: &TextPattern, exchange: &Exchange) -> bool {
    let subject = outcome(exchange, |handled| {
        let subject = &handled.subject;
        subject.resource_type.as_deref() == Some(kind)
            && (subject.display.as_ref().is_some_and(|display| pattern.is_in(display))
                || subject.resource_id.as_ref().is_some_and(|id| names(pattern, id))
                || subject.looked_for.as_ref().is_some_and(|(_, text)| pattern.is_in(text)))
    });
    subject || changes(exchange).any(|change| change.resource_type == kind && is_called(pattern, change))
}

fn is_called(pattern: &TextPattern, change: &Change) -> bool {
    if pattern.is_in(&change.display) || names(pattern, &change.resource_id) {
        return true;
    }
    [&change.before, &change.after].into_iter().flatten().any(|state| {
        let text = |name| state.get(name).and_then(Value::as_str);
        text("userName").is_some_and(|name| pattern.is_in(name))
            || text("displayName").is_some_and(|name| pattern.is_in(name))
            || text("externalId").is_some_and(|id| names(pattern, id))
            || state
                .get("emails")
                .into_iter()
                .flat_map(Value::values)
                .any(|mail| mail.get("value").and_then(Value::as_str).is_some_and(|address| pattern.is_in(address)))
    })
}

/// Whether a member that is called so came to a group or went from it, or would have.
fn came_or_went(pattern: &TextPattern, exchange: &Exchange) -> bool {
    let lines = changes(exchange).filter(|change| change.resource_type == "Group").flat_map(|change| &change.lines);
    lines.chain(exchange.outcome().into_iter().flat_map(|handled| &handled.would_have_changed)).any(|line| {
        let Line { path, before, after, .. } = line;
        path.starts_with("members")
            && [before, after].into_iter().flatten().any(|member| {
                let text = |name| match member {
                    Json::Object(member) => member.get(name).and_then(Json::as_str),
                    _ => None,
                };
                text("value").is_some_and(|id| names(pattern, id))
                    || text("display").is_some_and(|display| pattern.is_in(display))
            })
    })
}

/// Whether an identifier begins so. Not merely holds it: "ada" is in every hundredth UUID.
fn names(pattern: &TextPattern, id: &str) -> bool {
    if pattern.is_whole() { pattern.is_in(id) } else { begins(pattern.text(), id) }
}

fn begins(beginning: &str, text: &str) -> bool {
    text.as_bytes().get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
}
