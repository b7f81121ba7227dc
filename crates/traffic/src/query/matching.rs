//! Whether an exchange passes.

use scim::finding::Finding;

use super::asked::{self, begins};
use super::looks;
use super::tree::{FindingTest, FlowTest, Kind, Node, ResourceTest, Test};
use crate::exchange::Exchange;
use crate::handled::Handled;
use crate::marks::Marks;
use crate::summary::Verdict;

impl Node {
    /// Whether the exchange passes.
    pub fn matches(&self, exchange: &Exchange) -> bool {
        self.matches_in(exchange, None)
    }

    /// Whether the exchange passes, if these are the words of its flow: what it does and what it is called.
    pub fn matches_in(&self, exchange: &Exchange, flow: Option<&str>) -> bool {
        match &self.kind {
            Kind::All(parts) => parts.iter().all(|part| part.matches_in(exchange, flow)),
            Kind::Any(parts) => parts.iter().any(|part| part.matches_in(exchange, flow)),
            Kind::Not(part) => !part.matches_in(exchange, flow),
            Kind::Test(test) => match (test, flow) {
                (Test::Flow(FlowTest::Named(pattern)), Some(words)) => pattern.is_in(words),
                _ => test.matches(exchange),
            },
        }
    }
}

impl Test {
    /// Whether the exchange passes.
    pub fn matches(&self, exchange: &Exchange) -> bool {
        let annotation = exchange.annotation.as_deref();
        match self {
            Test::Text(pattern) => asked::texts(exchange, &mut |text| pattern.is_in(text)),
            Test::Method(method) => exchange.opened.method.eq_ignore_ascii_case(method),
            Test::Operation(op) => asked::operations(exchange).any(|sent| sent.op.eq_ignore_ascii_case(op)),
            Test::Path(pattern) => asked::paths(exchange).any(|path| pattern.is_in(path)),
            Test::Diff(pattern) => asked::changed_paths(exchange).any(|path| pattern.is_in(path)),
            Test::Target(pattern) => asked::targets(exchange, &mut |target| pattern.is_in(target)),
            Test::User(pattern) => asked::users(exchange, &mut |called| pattern.calls(called)),
            Test::Group(pattern) => asked::groups(exchange, &mut |called| pattern.calls(called)),
            Test::Resource(test) => asked::resources(exchange).any(|(kind, id)| test.is(kind, id)),
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
            Test::Ours => exchange.is_ours(),
            Test::Probe => annotation.is_some_and(|annotation| annotation.probe),
            Test::Took(first, last) => exchange.elapsed_us().is_some_and(|elapsed| (*first..=*last).contains(&elapsed)),
            Test::Time(from, before) => {
                let at = exchange.opened.at;
                from.is_none_or(|from| at >= from) && before.is_none_or(|before| at < before)
            }
            Test::Seq(first, last) => (*first..=*last).contains(&exchange.seq.0),
            Test::Flow(FlowTest::Id(id)) => exchange.flow().0 == *id,
            Test::Flow(FlowTest::Named(pattern)) => annotation.is_some_and(|annotation| {
                pattern.is_in(annotation.deed.does()) || annotation.about.iter().any(|named| pattern.is_in(&named.name))
            }),
            Test::Pinned => exchange.is_pinned(),
            Test::Tag(None) => marks(exchange, |marks| !marks.tags.is_empty()),
            Test::Tag(Some(tag)) => marks(exchange, |marks| marks.has_tag(tag)),
            Test::Note(pattern) => marks(exchange, |marks| !marks.note.is_empty() && pattern.is_in(&marks.note)),
            Test::Rule(None) => asked::rules(exchange).next().is_some(),
            Test::Rule(Some(pattern)) => {
                asked::rules(exchange).any(|hit| pattern.is_in(&hit.id) || pattern.is_in(&hit.name))
            }
            Test::Header(test) => looks::header(test, exchange),
            Test::Body(pattern) => asked::bodies(exchange, &mut |body| pattern.is_in(body)),
        }
    }
}

fn marks(exchange: &Exchange, question: impl FnOnce(&Marks) -> bool) -> bool {
    exchange.marks.as_deref().is_some_and(question)
}

fn outcome(exchange: &Exchange, question: impl FnOnce(&Handled) -> bool) -> bool {
    exchange.outcome().is_some_and(question)
}

impl ResourceTest {
    /// Whether the resource of this type, with this id, is meant.
    pub fn is(&self, kind: &str, id: &str) -> bool {
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
