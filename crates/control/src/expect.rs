//! Judging what tests expect of the record and of directories.

use std::sync::Arc;

use provider::DEFAULT_TENANT_NAME;
use provider::browse::{Lookup, View};
use scim::filter::Expression;
use traffic::archive::Unreadable;
use traffic::exchange::Exchange;
use traffic::ids::Seq;
use traffic::log::Record;
use traffic::query::{Failing, Query};

use crate::control::Control;
use crate::error::{ApiError, TextSpan};
use crate::model::{Check, CheckKind, Checked, NearMiss};
use crate::settled::each;

/// Exchanges among which the nearest are looked for: the newest so many.
const NEAR: u64 = 2_000;
/// Nearest exchanges that are told of a check.
const MISSES: usize = 3;
/// Exchanges that are named.
const NAMED: usize = 100;
/// Queries that a check may have.
const MOST_QUERIES: usize = 100;

/// The exchanges between two numbers.
pub(crate) type Range = (Seq, Seq);

/// Reads a query on which somebody relies: it has to be right as a whole.
pub(crate) fn strict(control: &Control, text: &str) -> Result<Query, ApiError> {
    Query::strict(text, control.query_time()).map_err(|problems| {
        let first = problems.first();
        let message = first.map(|problem| problem.message.clone()).unwrap_or_default();
        let span = first.map(|problem| TextSpan::of(text, problem.span.clone()));
        ApiError::bad_request(format!("the query {text:?} cannot be read: {message}")).at(span)
    })
}

/// The exchanges of a range that come nearest to a query that does not select them, the nearest first. Of two that are as near
/// it is the newer.
pub(crate) fn nearest(
    record: &Record,
    query: &Query,
    (after, through): Range,
    most: usize,
) -> Result<Vec<NearMiss>, Unreadable> {
    let after = Seq(after.0.max(through.0.saturating_sub(NEAR)));
    let mut near: Vec<(usize, Arc<Exchange>, Vec<Failing>)> = Vec::new();
    if most == 0 {
        return Ok(Vec::new());
    }
    for exchange in record.exchanges(after, (through.0 - after.0) as usize)?.into_iter().rev() {
        let failing = query.failing(&exchange);
        // One that has nothing of what was wanted is no near miss, unless nothing nearer can be.
        let is_near = !failing.is_empty() && (failing.len() < query.clauses().len() || query.clauses().len() == 1);
        let at = near.partition_point(|(failed, ..)| *failed <= failing.len());
        if is_near && at < most {
            near.insert(at, (failing.len(), exchange, failing));
            near.truncate(most);
        }
    }
    Ok(near.into_iter().map(|(_, exchange, failing)| NearMiss::new(query, &exchange, failing)).collect())
}

/// How many.
#[derive(Clone, Copy, Debug)]
struct Amount {
    least: u64,
    most: u64,
}

impl Amount {
    fn of(exactly: Option<u64>, at_least: Option<u64>, at_most: Option<u64>) -> Result<Amount, ApiError> {
        match (exactly, at_least, at_most) {
            (Some(count), None, None) => Ok(Amount { least: count, most: count }),
            (Some(_), ..) => Err(ApiError::bad_request("give exactly, or at_least and at_most, not both")),
            (None, Some(least), Some(most)) if least > most => {
                Err(ApiError::bad_request(format!("at_least is {least} and at_most {most}: nothing can be both")))
            }
            (None, None, None) => Ok(Amount { least: 1, most: u64::MAX }),
            (None, least, most) => Ok(Amount { least: least.unwrap_or(0), most: most.unwrap_or(u64::MAX) }),
        }
    }

    fn holds(self, count: u64) -> bool {
        (self.least..=self.most).contains(&count)
    }

    fn in_words(self) -> String {
        match self {
            Amount { least, most } if least == most => format!("exactly {least}"),
            Amount { least, most: u64::MAX } => format!("at least {least}"),
            Amount { least: 0, most } => format!("at most {most}"),
            Amount { least, most } => format!("{least} to {most}"),
        }
    }
}

/// A check that has been read: what it asks can be asked.
enum Asked {
    Count { query: Query, amount: Amount },
    Order(Vec<Query>),
    Only(Vec<Query>),
    State { tenant: Arc<provider::Tenant>, resource_type: String, filter: String, lookup: Box<Lookup>, amount: Amount },
}

/// Checks that have been read, each with its name.
pub(crate) struct Checks(Vec<(Option<String>, Asked)>);

impl Checks {
    /// Reads checks. The error says which one cannot be meant, and why.
    pub(crate) fn read(control: &Control, checks: Vec<Check>) -> Result<Checks, ApiError> {
        let queries = |texts: Vec<String>| -> Result<Vec<Query>, ApiError> {
            if texts.is_empty() || texts.len() > MOST_QUERIES {
                let message = format!("queries has {}; it has to have from 1 to {MOST_QUERIES}", texts.len());
                return Err(ApiError::bad_request(message));
            }
            texts.iter().map(|text| strict(control, text)).collect()
        };
        let read = |check: Check| {
            Ok(match check {
                Check::Count { name, q, exactly, at_least, at_most } => {
                    let amount = Amount::of(exactly, at_least, at_most)?;
                    (name, Asked::Count { query: strict(control, &q)?, amount })
                }
                Check::Order { name, queries: texts } => (name, Asked::Order(queries(texts)?)),
                Check::Only { name, queries: texts } => (name, Asked::Only(queries(texts)?)),
                Check::State { name, tenant, resource_type, filter, exactly, at_least, at_most } => {
                    let amount = Amount::of(exactly, at_least, at_most)?;
                    let tenant = control.find_tenant(tenant.as_deref().unwrap_or(DEFAULT_TENANT_NAME))?;
                    let shape = crate::routes::find_shape(&tenant, &resource_type)?;
                    let filter = filter.unwrap_or_default();
                    let lookup = Lookup::read(&shape, Some(&filter), None, false)
                        .map_err(|error| crate::routes::filter_refused(&filter, &error))?;
                    let resource_type = shape.resource_type.name.clone();
                    (name, Asked::State { tenant, resource_type, filter, lookup: Box::new(lookup), amount })
                }
            })
        };
        checks.into_iter().map(read).collect::<Result<_, ApiError>>().map(Checks)
    }

    /// Judges them, in their order. Waits for the disk.
    pub(crate) fn judge(&self, control: &Control, range: Range) -> Result<Vec<Checked>, Unreadable> {
        let record = control.record();
        self.0.iter().map(|(name, asked)| asked.judge(control, &record, range, name.as_deref())).collect()
    }
}

impl Asked {
    fn judge(
        &self,
        control: &Control,
        record: &Record,
        range: Range,
        name: Option<&str>,
    ) -> Result<Checked, Unreadable> {
        let mut checked = match self {
            Asked::Count { query, amount } => count(record, range, query, *amount)?,
            Asked::Order(queries) => order(record, range, queries)?,
            Asked::Only(queries) => only(record, range, queries)?,
            Asked::State { tenant, resource_type, filter, lookup, amount } => {
                let root = tenant.directory().root();
                let (base, profile) = (control.local_url(tenant), tenant.profile());
                let view = View { base: &base, profile: &profile };
                let found = lookup.hits(&root, view).len() as u64;
                let what = match filter.trim() {
                    "" => format!("{resource_type} resources"),
                    filter => format!("{resource_type} resources with {filter}"),
                };
                let passed = amount.holds(found);
                let mut message = format!("expected {} {what}, there are {found}", amount.in_words());
                if let (false, Some(Expression::And(parts))) =
                    (passed, lookup.filter().map(|filter| &filter.expression))
                {
                    let Ok(shape) = crate::routes::find_shape(tenant, resource_type) else { return Ok(none(message)) };
                    for part in parts {
                        let text = part.to_string();
                        if let Ok(lookup) = Lookup::read(&shape, Some(&text), None, false) {
                            message.push_str(&format!("; {} with {text}", lookup.hits(&root, view).len()));
                        }
                    }
                }
                Checked { kind: CheckKind::State, passed, found, name: what, ..none(message) }
            }
        };
        if let Some(name) = name {
            checked.name = name.to_owned();
        }
        Ok(checked)
    }
}

/// A check with nothing found.
fn none(message: String) -> Checked {
    Checked {
        name: String::new(),
        kind: CheckKind::Count,
        passed: false,
        message,
        found: 0,
        seqs: Vec::new(),
        misses: Vec::new(),
    }
}

fn count(record: &Record, range: Range, query: &Query, amount: Amount) -> Result<Checked, Unreadable> {
    let (mut found, mut seqs) = (0, Vec::new());
    each(record, query, range, |exchange| {
        found += 1;
        if seqs.len() < NAMED {
            seqs.push(exchange.seq.0);
        }
        true
    })?;
    let passed = amount.holds(found);
    let misses = if found < amount.least { nearest(record, query, range, MISSES)? } else { Vec::new() };
    let message = format!("expected {} of: {}; there are {found}", amount.in_words(), query.sentence());
    Ok(Checked { name: query.sentence(), passed, found, seqs, misses, ..none(message) })
}

fn order(record: &Record, range: Range, queries: &[Query]) -> Result<Checked, Unreadable> {
    let mut seqs: Vec<u64> = Vec::new();
    for query in queries {
        let after = Seq(seqs.last().copied().unwrap_or(range.0.0));
        let mut next = None;
        each(record, query, (after, range.1), |exchange| {
            next = Some(exchange.seq.0);
            false
        })?;
        match next {
            Some(next) => seqs.push(next),
            None => break,
        }
    }
    let found = seqs.len();
    let passed = found == queries.len();
    let (message, misses) = match queries.get(found) {
        None => (format!("all {found} came in this order"), Vec::new()),
        Some(query) => {
            let after = seqs.last().copied();
            let place =
                after.map_or_else(|| "there is no".to_owned(), |after| format!("after exchange {after} there is no"));
            let mut message = format!("step {} of {}: {place}: {}", found + 1, queries.len(), query.sentence());
            let mut before = None;
            each(record, query, range, |exchange| {
                before = Some(exchange.seq.0);
                false
            })?;
            if let Some(before) = before {
                message.push_str(&format!("; exchange {before} is one, and came too early"));
            }
            (message, nearest(record, query, (Seq(after.unwrap_or(range.0.0)), range.1), MISSES)?)
        }
    };
    seqs.truncate(NAMED);
    let name = queries.iter().map(Query::sentence).collect::<Vec<_>>().join(", then ");
    Ok(Checked { kind: CheckKind::Order, name, passed, found: found as u64, seqs, misses, ..none(message) })
}

fn only(record: &Record, range: Range, queries: &[Query]) -> Result<Checked, Unreadable> {
    let (mut found, mut seqs, mut first) = (0, Vec::new(), String::new());
    each(record, &Query::default(), range, |exchange| {
        if !queries.iter().any(|query| query.matches(exchange)) {
            found += 1;
            if seqs.is_empty() {
                let sentence = exchange.annotation.as_ref().map(|annotation| annotation.sentence.as_str());
                let opened = &exchange.opened;
                first = match sentence.unwrap_or_default() {
                    "" => format!("{} {} {}", exchange.seq, opened.method, opened.target),
                    sentence => format!("{} {}: {sentence}", exchange.seq, opened.method),
                };
            }
            if seqs.len() < NAMED {
                seqs.push(exchange.seq.0);
            }
        }
        true
    })?;
    let message = match found {
        0 => "nothing unexpected came".to_owned(),
        1 => format!("1 exchange is unexpected: {first}"),
        _ => format!("{found} exchanges are unexpected, the first: {first}"),
    };
    let name = format!("Nothing but: {}", queries.iter().map(Query::sentence).collect::<Vec<_>>().join("; "));
    Ok(Checked { kind: CheckKind::Only, name, passed: found == 0, found, seqs, ..none(message) })
}
