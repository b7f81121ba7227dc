//! What has one value for each exchange, in columns.

use std::collections::HashMap;

use scim::finding::Severity;
use traffic::exchange::Exchange;
use traffic::query::{FindingTest, TextPattern, asked};
use traffic::summary::Verdict;

use super::BLOCK;
use super::bits::{Answer, Bits};
use super::bytes::{Reader, Words, put, words};

const ROWS: usize = BLOCK as usize;

/// Longest texts of one exchange that are taken in, all together.
const LONGEST: usize = 4 << 10;

/// `took` of what has not ended.
const NEVER: u32 = u32::MAX;
/// `took` of what lasted longer than can be written.
const LONG: u32 = u32::MAX - 1;

/// Between id and name of a rule in a tag; an id has no such letter.
const RULE_NAME: char = ' ';

const PRESENT: u8 = 1 << 7;
const PROBE: u8 = 1 << 6;
const VERDICT: u8 = 0b111;

/// Gathers the columns of a block.
#[derive(Debug)]
pub(super) struct Gatherer {
    words: Words,
    tags: Words,
    sets: HashMap<Vec<u64>, u64>,
    sets_in_order: Vec<Vec<u64>>,
    at: Vec<i64>,
    took: Vec<u32>,
    status: Vec<u16>,
    method: Vec<u16>,
    tenant: Vec<u16>,
    dialect: Vec<u16>,
    set: Vec<u16>,
    flags: Vec<u8>,
}

impl Default for Gatherer {
    fn default() -> Self {
        Gatherer {
            words: Words::default(),
            tags: Words::default(),
            sets: HashMap::new(),
            sets_in_order: Vec::new(),
            at: vec![0; ROWS],
            took: vec![NEVER; ROWS],
            status: vec![0; ROWS],
            method: vec![0; ROWS],
            tenant: vec![0; ROWS],
            dialect: vec![0; ROWS],
            set: vec![0; ROWS],
            flags: vec![0; ROWS],
        }
    }
}

impl Gatherer {
    /// Takes in an exchange. False if there is too much of it to be told here.
    pub(super) fn take(&mut self, place: usize, exchange: &Exchange) -> bool {
        let handled = exchange.outcome();
        let annotation = exchange.annotation.as_deref();
        let dialect = annotation.and_then(|annotation| annotation.dialect.as_deref());
        let tenant = handled.and_then(|handled| handled.tenant.as_deref());
        let findings = handled.map(|handled| handled.findings.as_slice()).unwrap_or_default();
        let operations = asked::operations(exchange).map(|operation| operation.op.len());
        let codes = findings.iter().map(|finding| finding.code.len());
        let rules = asked::rules(exchange).map(|hit| hit.id.len() + hit.name.len());
        let others = [exchange.opened.method.as_str(), dialect.unwrap_or_default(), tenant.unwrap_or_default()];
        let length =
            operations.chain(codes).chain(rules).sum::<usize>() + others.iter().map(|text| text.len()).sum::<usize>();
        if length > LONGEST {
            return false;
        }
        self.flags[place] = PRESENT
            | Verdict::of(exchange) as u8
            | if annotation.is_some_and(|annotation| annotation.probe) { PROBE } else { 0 };
        // As it comes back from the file.
        self.at[place] = crate::batch::nanoseconds(exchange.opened.at);
        let elapsed = exchange.elapsed_us();
        self.took[place] = elapsed.map_or(NEVER, |elapsed| elapsed.min(u64::from(LONG)) as u32);
        // No status is zero: it means that there is none. One could be, so it is counted from one.
        self.status[place] = handled.map_or(0, |handled| handled.response.status.saturating_add(1));
        self.method[place] = self.words.number(&exchange.opened.method) as u16;
        self.tenant[place] = tenant.map_or(0, |tenant| self.words.number(tenant) as u16);
        self.dialect[place] = dialect.map_or(0, |dialect| self.words.number(dialect) as u16);
        let mut set: Vec<u64> = Vec::new();
        for operation in asked::operations(exchange) {
            set.push(self.tags.number(&format!("o{}", operation.op)));
        }
        for finding in findings {
            set.push(self.tags.number(&format!("f{}", finding.code)));
            set.push(self.tags.number(severity(finding.severity)));
        }
        for hit in asked::rules(exchange) {
            set.push(self.tags.number(&format!("r{}{RULE_NAME}{}", hit.id, hit.name)));
        }
        set.sort_unstable();
        set.dedup();
        let next = self.sets.len() as u64;
        let number = *self.sets.entry(set).or_insert_with_key(|set| {
            self.sets_in_order.push(set.clone());
            next
        });
        self.set[place] = number as u16;
        true
    }

    /// When the earliest and the latest began.
    pub(super) fn times(&self) -> (i64, i64) {
        let present = self.at.iter().zip(&self.flags).filter(|(_, flags)| **flags & PRESENT != 0).map(|(at, _)| *at);
        present.fold((i64::MAX, i64::MIN), |(first, last), at| (first.min(at), last.max(at)))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut blob = Vec::new();
        self.words.write(&mut blob);
        self.tags.write(&mut blob);
        put(&mut blob, self.sets_in_order.len() as u64);
        for set in &self.sets_in_order {
            put(&mut blob, set.len() as u64);
            set.iter().for_each(|tag| put(&mut blob, *tag));
        }
        self.at.iter().for_each(|at| blob.extend_from_slice(&at.to_le_bytes()));
        self.took.iter().for_each(|took| blob.extend_from_slice(&took.to_le_bytes()));
        for column in [&self.status, &self.method, &self.tenant, &self.dialect, &self.set] {
            column.iter().for_each(|value| blob.extend_from_slice(&value.to_le_bytes()));
        }
        blob.extend_from_slice(&self.flags);
        blob
    }
}

/// The columns of a block, to be asked.
#[derive(Debug)]
pub(super) struct Facets<'a> {
    words: Vec<&'a str>,
    tags: Vec<&'a str>,
    sets: Vec<Vec<usize>>,
    at: &'a [u8],
    took: &'a [u8],
    status: &'a [u8],
    method: &'a [u8],
    tenant: &'a [u8],
    dialect: &'a [u8],
    set: &'a [u8],
    flags: &'a [u8],
}

impl<'a> Facets<'a> {
    pub(super) fn read(blob: &'a [u8]) -> Option<Facets<'a>> {
        let mut reader = Reader(blob);
        let words = words(&mut reader)?;
        let tags = self::words(&mut reader)?;
        let count = reader.number()?;
        let mut sets = Vec::new();
        for _ in 0..count {
            let length = reader.number()?;
            let set: Option<Vec<usize>> = (0..length).map(|_| Some(reader.number()? as usize)).collect();
            sets.push(set?);
        }
        let mut column = |width: usize| reader.take(width * ROWS);
        Some(Facets {
            words,
            tags,
            sets,
            at: column(8)?,
            took: column(4)?,
            status: column(2)?,
            method: column(2)?,
            tenant: column(2)?,
            dialect: column(2)?,
            set: column(2)?,
            flags: column(1)?,
        })
    }

    /// The exchanges that there were when the block was made.
    pub(super) fn present(&self) -> Bits {
        where_set(self.flags.iter().map(|flags| flags & PRESENT != 0))
    }

    pub(super) fn verdict(&self, verdict: Verdict) -> Answer {
        Answer::exact(where_set(self.flags.iter().map(|flags| flags & VERDICT == verdict as u8)))
    }

    pub(super) fn probe(&self) -> Answer {
        Answer::exact(where_set(self.flags.iter().map(|flags| flags & PROBE != 0)))
    }

    pub(super) fn status(&self, first: u16, last: u16) -> Answer {
        let statuses = shorts(self.status).map(|status| status.checked_sub(1));
        Answer::exact(where_set(statuses.map(|status| status.is_some_and(|status| (first..=last).contains(&status)))))
    }

    pub(super) fn no_status(&self) -> Answer {
        Answer::exact(where_set(shorts(self.status).map(|status| status == 0)))
    }

    pub(super) fn method(&self, wanted: &str) -> Answer {
        self.word(self.method, Some(wanted), true)
    }

    pub(super) fn tenant(&self, wanted: Option<&str>) -> Answer {
        self.word(self.tenant, wanted, true)
    }

    pub(super) fn dialect(&self, wanted: Option<&str>) -> Answer {
        self.word(self.dialect, wanted, false)
    }

    fn word(&self, column: &[u8], wanted: Option<&str>, any_case: bool) -> Answer {
        let same = |word: &str, wanted: &str| if any_case { word.eq_ignore_ascii_case(wanted) } else { word == wanted };
        let mut hits = vec![wanted.is_none()];
        hits.extend(self.words.iter().map(|word| wanted.is_some_and(|wanted| same(word, wanted))));
        Answer::exact(where_set(shorts(column).map(|word| hits.get(usize::from(word)).copied().unwrap_or(false))))
    }

    pub(super) fn operation(&self, wanted: &str) -> Answer {
        self.tagged(|tag| tag.strip_prefix('o').is_some_and(|op| op.eq_ignore_ascii_case(wanted)))
    }

    pub(super) fn finding(&self, test: &FindingTest) -> Answer {
        self.tagged(|tag| match test {
            FindingTest::Any => tag.starts_with('f'),
            FindingTest::Severity(wanted) => tag == severity(*wanted),
            FindingTest::Code(wanted) => tag.strip_prefix('f').is_some_and(|code| code.eq_ignore_ascii_case(wanted)),
        })
    }

    pub(super) fn rule(&self, pattern: Option<&TextPattern>) -> Answer {
        self.tagged(|tag| {
            let Some((id, name)) = tag.strip_prefix('r').and_then(|tag| tag.split_once(RULE_NAME)) else {
                return false;
            };
            pattern.is_none_or(|pattern| pattern.is_in(id) || pattern.is_in(name))
        })
    }

    fn tagged(&self, wanted: impl Fn(&str) -> bool) -> Answer {
        let tags: Vec<bool> = self.tags.iter().map(|tag| wanted(tag)).collect();
        // Tags are counted from 1.
        let hit = |tag: &usize| tag.checked_sub(1).and_then(|tag| tags.get(tag)).copied().unwrap_or(false);
        let sets: Vec<bool> = self.sets.iter().map(|set| set.iter().any(hit)).collect();
        Answer::exact(where_set(shorts(self.set).map(|set| sets.get(usize::from(set)).copied().unwrap_or(false))))
    }

    pub(super) fn took(&self, first: u64, last: u64) -> Answer {
        let took = || self.took.as_chunks::<4>().0.iter().map(|took| u32::from_le_bytes(*took));
        let exact = where_set(took().map(|took| took < LONG && (first..=last).contains(&u64::from(took))));
        let long = where_set(took().map(|took| took == LONG && last >= u64::from(LONG)));
        Answer { maybe: exact.or(long), surely: exact }
    }

    pub(super) fn time(&self, from: Option<i128>, before: Option<i128>) -> Answer {
        let times = self.at.as_chunks::<8>().0.iter().map(|at| i128::from(i64::from_le_bytes(*at)));
        let is_in = |at| from.is_none_or(|from| at >= from) && before.is_none_or(|before| at < before);
        Answer::exact(where_set(times.map(is_in)))
    }
}

fn shorts(column: &[u8]) -> impl Iterator<Item = u16> {
    column.as_chunks::<2>().0.iter().map(|value| u16::from_le_bytes(*value))
}

fn where_set(values: impl Iterator<Item = bool>) -> Bits {
    let mut bits = Bits::NONE;
    values.enumerate().filter(|(_, value)| *value).for_each(|(place, _)| bits.insert(place));
    bits
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "sinfo",
        Severity::Tolerated => "stolerated",
        Severity::Warning => "swarning",
        Severity::Error => "serror",
    }
}
