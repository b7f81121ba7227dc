//! How near an exchange comes to a query that does not select it.

use super::Query;
use super::asked;
use super::tree::{Kind, Node, Test};
use crate::exchange::Exchange;
use crate::summary::Verdict;

/// A clause that an exchange does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Which of [`Query::clauses`], from 0.
    pub clause: usize,
    /// What the exchange has in the place of what the clause asks for: "409" for `status:201`. Absent if that cannot be said
    /// in a few words.
    pub instead: Option<String>,
}

/// Longest text that is said of what an exchange has, in characters.
const LONGEST_INSTEAD: usize = 120;

impl Query {
    /// The clauses that an exchange does not pass, in the order of the text; none if it is selected.
    pub fn failing(&self, exchange: &Exchange) -> Vec<Failing> {
        let clauses = self.clauses().iter().enumerate();
        let failing = clauses.filter(|(_, clause)| !clause.matches(exchange));
        failing.map(|(at, clause)| Failing { clause: at, instead: instead(clause, exchange) }).collect()
    }
}

/// What an exchange has of what a part asks for.
fn instead(node: &Node, exchange: &Exchange) -> Option<String> {
    let said = match &node.kind {
        // The part of several that does not hold says most.
        Kind::All(parts) => {
            return parts.iter().find(|part| !part.matches(exchange)).and_then(|it| instead(it, exchange));
        }
        // All ask for the same, most often: `status:200,201`.
        Kind::Any(parts) => return parts.first().and_then(|part| instead(part, exchange)),
        Kind::Not(part) => return instead(part, exchange),
        Kind::Test(test) => has(test, exchange)?,
    };
    let mut short: String = said.chars().take(LONGEST_INSTEAD).collect();
    if short.len() < said.len() {
        short.push('…');
    }
    Some(short)
}

fn has(test: &Test, exchange: &Exchange) -> Option<String> {
    let outcome = exchange.outcome();
    let annotation = exchange.annotation.as_deref();
    let or_none = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("none").to_owned();
    Some(match test {
        Test::Method(_) => or_none(Some(&exchange.opened.method)),
        Test::Status(..) | Test::NoStatus => {
            outcome.map_or_else(|| "no response".to_owned(), |handled| handled.response.status.to_string())
        }
        Test::Target(_) => exchange.opened.target.clone(),
        Test::Operation(_) => listed(asked::operations(exchange).map(|operation| operation.op.as_str())),
        Test::Path(_) => listed(asked::paths(exchange)),
        Test::Diff(_) => listed(asked::changed_paths(exchange)),
        Test::User(_) | Test::Group(_) => {
            let subject = &outcome?.subject;
            let looked_for = subject.looked_for.as_ref().map(|(_, text)| text.as_str());
            or_none(subject.display.as_deref().or(looked_for).or(subject.resource_id.as_deref()))
        }
        Test::Resource(_) => {
            let resources = asked::resources(exchange).map(|(kind, id)| format!("{kind}/{id}"));
            listed(resources.collect::<Vec<_>>().iter().map(String::as_str))
        }
        Test::Finding(_) => listed(outcome?.findings.iter().map(|finding| finding.code.as_str())),
        Test::Dialect(_) => or_none(annotation.and_then(|annotation| annotation.dialect.as_deref())),
        Test::Tenant(_) => or_none(outcome.and_then(|handled| handled.tenant.as_deref())),
        Test::Verdict(_) => match Verdict::of(exchange) {
            Verdict::Pending => "pending",
            Verdict::Ok => "ok",
            Verdict::Tolerated => "tolerated",
            Verdict::Refused => "refused",
            Verdict::Failed => "failed",
            Verdict::Broken => "broken",
        }
        .to_owned(),
        Test::Took(..) => exchange.elapsed_us().map(|us| format!("{us} µs"))?,
        Test::Time(..) => exchange.opened.at.to_string(),
        Test::Seq(..) => exchange.seq.to_string(),
        Test::Flow(_) => exchange.flow().to_string(),
        Test::Tag(_) => {
            let tags = exchange.marks.as_ref().map(|marks| marks.tags.as_slice()).unwrap_or_default();
            listed(tags.iter().map(String::as_str))
        }
        Test::Rule(_) => listed(asked::rules(exchange).map(|hit| hit.name.as_str())),
        Test::Text(_) | Test::Probe | Test::Ours | Test::Pinned | Test::Note(_) | Test::Header(_) | Test::Body(_) => {
            return None;
        }
    })
}

/// Each once, in their order.
fn listed<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = Vec::new();
    for text in texts {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}
