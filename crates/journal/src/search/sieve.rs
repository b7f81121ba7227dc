//! What a query may select, by the index.

use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use traffic::archive::{Sieve, Sifted};
use traffic::ids::Seq;
use traffic::query::{FlowTest, Kind, Node, Query, Test};

use super::BLOCK;
use super::bits::{Answer, Bits};
use super::facets::Facets;
use super::grams::{self, Grams};
use super::names::Names;
use crate::read::number;

/// How long one look through the index goes on.
const LONG_ENOUGH: Duration = Duration::from_millis(20);

/// Looks through a piece at the wanted end of a range, with the index where there is one.
pub(crate) fn sift(connection: &Connection, query: &Query, range: Sieve) -> rusqlite::Result<Sifted> {
    let started = Instant::now();
    let mut piece = Piece { rest: (number(range.after.0), number(range.through.0)), range, found: Vec::new() };
    let asks = Asks::of(query);
    if !asks.helps {
        piece.those_there_are(connection, piece.rest)?;
        return Ok(piece.finish());
    }
    while piece.goes_on() && started.elapsed() < LONG_ENOUGH {
        let (low, high) = piece.rest;
        let sql = match range.newest {
            true => {
                "SELECT first, last, from_time, until_time, facets FROM search_block
                 WHERE first <= ?2 AND last > ?1 ORDER BY first DESC LIMIT 1"
            }
            false => {
                // The block that the number after ?1 is in begins at most a block before it.
                "SELECT first, last, from_time, until_time, facets FROM search_block
                 WHERE first > ?1 - ?3 AND first <= ?2 AND last > ?1 ORDER BY first LIMIT 1"
            }
        };
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = match range.newest {
            true => statement.query([low, high])?,
            false => statement.query([low, high, BLOCK as i64])?,
        };
        let Some(row) = rows.next()? else {
            piece.those_there_are(connection, piece.rest)?;
            break;
        };
        let (first, last): (i64, i64) = (row.get(0)?, row.get(1)?);
        // Numbers beside the block that are in none.
        let (before, behind) = ((low, (first - 1).max(low)), (last.min(high), high));
        let beside = if range.newest { behind } else { before };
        if beside.0 < beside.1 {
            piece.those_there_are(connection, beside)?;
            continue;
        }
        let maybe = match row.get_ref(4)? {
            ValueRef::Blob(facets) => {
                let times = (row.get(2)?, row.get(3)?);
                candidates(connection, query, &asks, first, last, times, facets)?
            }
            _ => Bits::ALL,
        };
        piece.take((first - 1).max(low), last.min(high), maybe.iter().map(|place| first + place as i64));
    }
    Ok(piece.finish())
}

/// A piece that grows from one end of the range.
struct Piece {
    range: Sieve,
    /// What is not looked at: numbers after the first up to the second.
    rest: (i64, i64),
    found: Vec<i64>,
}

impl Piece {
    fn goes_on(&self) -> bool {
        self.rest.0 < self.rest.1 && self.found.len() < self.range.limit.max(1)
    }

    /// Takes candidates from the next numbers, after `low` up to `high`; as many as are wanted.
    fn take(&mut self, low: i64, high: i64, candidates: impl DoubleEndedIterator<Item = i64>) {
        let room = self.range.limit.max(1) - self.found.len();
        let inside = candidates.filter(|number| *number > low && *number <= high);
        let mut taken: Vec<i64> = match self.range.newest {
            true => inside.rev().take(room).collect(),
            false => inside.take(room).collect(),
        };
        let last = taken.last().copied().filter(|_| taken.len() == room);
        self.found.append(&mut taken);
        match (self.range.newest, last) {
            (true, last) => self.rest.1 = last.map_or(low, |last| last - 1),
            (false, last) => self.rest.0 = last.unwrap_or(high),
        }
    }

    /// Takes the exchanges that there are with the next numbers, without the index.
    fn those_there_are(&mut self, connection: &Connection, (low, high): (i64, i64)) -> rusqlite::Result<()> {
        let sql = match self.range.newest {
            true => "SELECT seq FROM exchange WHERE seq > ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT ?3",
            false => "SELECT seq FROM exchange WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
        };
        let room = self.range.limit.max(1) - self.found.len();
        let mut statement = connection.prepare_cached(sql)?;
        let numbers = statement.query_map([low, high, room as i64], |row| row.get(0))?;
        let mut numbers: Vec<i64> = numbers.collect::<rusqlite::Result<_>>()?;
        if self.range.newest {
            numbers.reverse();
        }
        self.take(low, high, numbers.into_iter());
        Ok(())
    }

    fn finish(mut self) -> Sifted {
        let seq = |number: i64| Seq(number as u64);
        if self.range.newest {
            self.found.reverse();
        }
        let candidates = self.found.into_iter().map(seq).collect();
        match self.range.newest {
            true => Sifted { after: seq(self.rest.1), through: self.range.through, candidates },
            false => Sifted { after: self.range.after, through: seq(self.rest.0), candidates },
        }
    }
}

/// Which parts of the index a query asks.
#[derive(Debug, Default)]
struct Asks {
    helps: bool,
    names: bool,
    grams: bool,
    marks: bool,
    /// The flows that are asked for by their number.
    flows: Vec<u64>,
}

impl Asks {
    fn of(query: &Query) -> Asks {
        let mut asks = Asks::default();
        query.clauses().iter().for_each(|clause| asks.node(clause));
        asks
    }

    fn node(&mut self, node: &Node) {
        match &node.kind {
            Kind::All(parts) | Kind::Any(parts) => parts.iter().for_each(|part| self.node(part)),
            Kind::Not(part) => self.node(part),
            Kind::Test(test) => match test {
                Test::User(_) | Test::Group(_) | Test::Resource(_) => (self.helps, self.names) = (true, true),
                test if texts(test).is_some() => {
                    let helps = texts(test).is_some_and(|texts| texts.iter().any(|text| grams::helps(text)));
                    (self.helps, self.grams) = (self.helps || helps, self.grams || helps);
                }
                // What people do changes after the index is made; it is looked up where it is kept.
                Test::Flow(FlowTest::Id(id)) => {
                    self.helps = true;
                    self.flows.push(*id);
                }
                Test::Pinned | Test::Tag(_) | Test::Note(_) => (self.helps, self.marks) = (true, true),
                Test::Flow(FlowTest::Named(_)) | Test::Ours => {}
                _ => self.helps = true,
            },
        }
    }
}

/// For a test that looks into texts: what has to be in them.
fn texts(test: &Test) -> Option<Vec<&str>> {
    match test {
        Test::Text(pattern) | Test::Body(pattern) | Test::Target(pattern) => Some(vec![pattern.text()]),
        Test::Path(pattern) | Test::Diff(pattern) => Some(vec![pattern.text()]),
        Test::Header(test) => Some(
            [Some(test.name.as_str()), test.value.as_ref().map(|value| value.text())].into_iter().flatten().collect(),
        ),
        _ => None,
    }
}

/// What a query may select in a block.
fn candidates(
    connection: &Connection,
    query: &Query,
    asks: &Asks,
    first: i64,
    last: i64,
    times: (i64, i64),
    facets: &[u8],
) -> rusqlite::Result<Bits> {
    let sql = "SELECT seq FROM search_stale WHERE seq >= ?1 AND seq <= ?2";
    let stale = places(connection, sql, &[first, last], first)?;
    let outside = query.clauses().iter().any(|clause| is_outside(clause, first, last, times));
    if outside {
        return Ok(stale);
    }
    // A block that cannot be read is none.
    let Some(facets) = Facets::read(facets) else { return Ok(Bits::ALL) };
    let blob = |asked: bool, sql: &str| match asked {
        true => connection.prepare_cached(sql)?.query_row([first], |row| row.get::<_, Vec<u8>>(0)).optional(),
        false => Ok(None),
    };
    let mut block = Block { first, facets, names: None, grams: None, marked: None, flows: Vec::new() };
    if asks.marks {
        let sql =
            "SELECT seq FROM exchange INDEXED BY exchange_marked WHERE marks IS NOT NULL AND seq >= ?1 AND seq <= ?2";
        block.marked = Some(places(connection, sql, &[first, last], first)?);
    }
    for flow in &asks.flows {
        let sql = "SELECT seq FROM exchange INDEXED BY exchange_flow WHERE flow = ?3 AND seq >= ?1 AND seq <= ?2";
        let number = i64::try_from(*flow).unwrap_or(i64::MAX);
        let mut members = places(connection, sql, &[first, last, number], first)?;
        // One that nothing was said of yet is a flow of its own.
        if (first..=last).contains(&number) {
            members.insert((number - first) as usize);
        }
        block.flows.push((*flow, members));
    }
    // What columns alone rule out need not be looked up.
    if block.all(query).maybe.is_empty() {
        return Ok(stale);
    }
    let names = blob(asks.names, "SELECT names FROM search_names WHERE first = ?1")?;
    block.names = names.as_deref().and_then(Names::read);
    if asks.names && block.all(query).maybe.is_empty() {
        return Ok(stale);
    }
    let grams = blob(asks.grams, "SELECT grams FROM search_grams WHERE first = ?1")?;
    block.grams = grams.as_deref().and_then(Grams::read);
    Ok(block.all(query).maybe.and(block.facets.present()).or(stale))
}

/// The places in a block of the numbers that a statement gives.
fn places(connection: &Connection, sql: &str, keys: &[i64], first: i64) -> rusqlite::Result<Bits> {
    let mut bits = Bits::NONE;
    let mut statement = connection.prepare_cached(sql)?;
    for number in statement.query_map(params_from_iter(keys), |row| row.get::<_, i64>(0))? {
        bits.insert((number? - first) as usize);
    }
    Ok(bits)
}

/// Whether a clause leaves out the whole block by time or number.
fn is_outside(clause: &Node, first: i64, last: i64, (from, until): (i64, i64)) -> bool {
    match &clause.kind {
        Kind::All(parts) => parts.iter().any(|part| is_outside(part, first, last, (from, until))),
        Kind::Test(Test::Seq(low, high)) => *high < first as u64 || *low > last as u64,
        Kind::Test(Test::Time(low, high)) => {
            low.is_some_and(|low| low.as_nanosecond() > i128::from(until))
                || high.is_some_and(|high| high.as_nanosecond() <= i128::from(from))
        }
        _ => false,
    }
}

/// A block as far as it was read.
struct Block<'a> {
    first: i64,
    facets: Facets<'a>,
    names: Option<Names<'a>>,
    grams: Option<Grams<'a>>,
    /// What has marks, if that was asked.
    marked: Option<Bits>,
    /// The members of the flows that were asked for.
    flows: Vec<(u64, Bits)>,
}

impl Block<'_> {
    fn all(&self, query: &Query) -> Answer {
        query.clauses().iter().map(|clause| self.node(clause)).fold(Answer::exact(Bits::ALL), Answer::and)
    }

    fn node(&self, node: &Node) -> Answer {
        match &node.kind {
            Kind::All(parts) => parts.iter().map(|part| self.node(part)).fold(Answer::exact(Bits::ALL), Answer::and),
            Kind::Any(parts) => parts.iter().map(|part| self.node(part)).fold(Answer::exact(Bits::NONE), Answer::or),
            Kind::Not(part) => self.node(part).not(),
            Kind::Test(test) => self.test(test),
        }
    }

    fn test(&self, test: &Test) -> Answer {
        let facets = &self.facets;
        let named = |answer: Option<Option<Answer>>| answer.flatten().unwrap_or(Answer::OPEN);
        match test {
            Test::Method(method) => facets.method(method),
            Test::Operation(op) => facets.operation(op),
            Test::Finding(test) => facets.finding(test),
            Test::Rule(pattern) => facets.rule(pattern.as_ref()),
            Test::Status(first, last) => facets.status(*first, *last),
            Test::NoStatus => facets.no_status(),
            Test::Dialect(dialect) => facets.dialect(dialect.as_deref()),
            Test::Tenant(tenant) => facets.tenant(tenant.as_deref()),
            Test::Verdict(verdict) => facets.verdict(*verdict),
            Test::Probe => facets.probe(),
            Test::Took(first, last) => facets.took(*first, *last),
            Test::Time(from, before) => {
                facets.time(from.map(|from| from.as_nanosecond()), before.map(|before| before.as_nanosecond()))
            }
            Test::Seq(first, last) => {
                let is_in = |place: &usize| (*first..=*last).contains(&(self.first as u64 + *place as u64));
                let mut bits = Bits::NONE;
                (0..BLOCK as usize).filter(is_in).for_each(|place| bits.insert(place));
                Answer::exact(bits)
            }
            Test::Flow(FlowTest::Id(id)) => {
                let members = self.flows.iter().find(|(flow, _)| flow == id);
                members.map_or(Answer::OPEN, |(_, members)| Answer::at_most(*members))
            }
            Test::Pinned | Test::Tag(_) | Test::Note(_) => self.marked.map_or(Answer::OPEN, Answer::at_most),
            Test::User(pattern) => named(self.names.as_ref().map(|names| names.user(pattern))),
            Test::Group(pattern) => named(self.names.as_ref().map(|names| names.group(pattern))),
            Test::Resource(test) => named(self.names.as_ref().map(|names| names.resource(test))),
            test => {
                let (Some(grams), Some(texts)) = (&self.grams, texts(test)) else { return Answer::OPEN };
                texts
                    .into_iter()
                    .map(|text| grams.may_have(text))
                    .fold(Answer::OPEN, |all, one| Answer::at_most(all.maybe.and(one.maybe)))
            }
        }
    }
}
