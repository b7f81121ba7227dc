//! Exchanges of the record as something to replay.

use std::collections::HashMap;
use std::ops::Range;

use provider::{Provider, Secret};
use replay::{Measure, Recorded, Source, Unreadable};
use traffic::exchange::Exchange;
use traffic::ids::Seq;
use traffic::log::Record;

use super::document::Accepted;

/// Exchanges of the record, read page by page.
pub(super) struct Exchanges {
    record: Record,
    seqs: Vec<u64>,
    /// Base paths of tenants, by their ids.
    bases: HashMap<String, String>,
    /// Header fields with credentials.
    secret: Vec<String>,
    accepted: HashMap<u64, Accepted>,
    first_at_us: i64,
}

impl Exchanges {
    /// These exchanges. May wait for the disk.
    pub fn new(
        record: Record,
        provider: &Provider,
        seqs: Vec<u64>,
        accepted: HashMap<u64, Accepted>,
    ) -> Result<Exchanges, Unreadable> {
        let tenants = provider.tenants();
        let bases = tenants.iter().map(|tenant| (tenant.id().to_owned(), tenant.base_path().to_owned())).collect();
        let credentials = tenants.iter().flat_map(|tenant| tenant.settings().access.credentials.clone());
        let secret = credentials.filter_map(|credential| match &credential.secret {
            Secret::Header { header, .. } => Some(header.clone()),
            _ => None,
        });
        let mut source = Exchanges { record, seqs, bases, secret: secret.collect(), accepted, first_at_us: 0 };
        if let Some(first) = source.seqs.first() {
            let first = source.record.exchange(Seq(*first)).map_err(|why| Unreadable(why.to_string()))?;
            source.first_at_us = first.map(|first| first.opened.at.as_microsecond()).unwrap_or_default();
        }
        Ok(source)
    }

    fn step(&self, exchange: &Exchange) -> Recorded {
        let target = &exchange.opened.target;
        let tenant = exchange.outcome().and_then(|handled| handled.tenant.as_ref());
        let own = tenant.and_then(|tenant| self.bases.get(tenant)).map(String::as_str);
        // A tenant with a port of its own is at the common path there.
        let base = [own, Some("/scim/v2")].into_iter().flatten().find(|base| {
            target.strip_prefix(base).is_some_and(|below| below.is_empty() || below.starts_with(['/', '?']))
        });
        let mut step = Recorded::of_exchange(exchange, base, self.first_at_us, &self.secret);
        if let Some(accepted) = self.accepted.get(&exchange.seq.0) {
            step.measure = Measure::Recorded(accepted.reply());
        }
        step
    }

    /// Whether an exchange is judged by an answer that was accepted.
    pub fn is_accepted(&self, seq: Option<u64>) -> bool {
        seq.is_some_and(|seq| self.accepted.contains_key(&seq))
    }
}

impl Source for Exchanges {
    fn len(&self) -> usize {
        self.seqs.len()
    }

    fn read(&self, places: Range<usize>) -> Result<Vec<Recorded>, Unreadable> {
        let end = places.end.min(self.seqs.len());
        let seqs = &self.seqs[places.start.min(end)..end];
        let (Some(first), Some(last)) = (seqs.first(), seqs.last()) else { return Ok(Vec::new()) };
        let unreadable = |why: traffic::archive::Unreadable| Unreadable(why.to_string());
        let together = if last - first < 2 * seqs.len() as u64 {
            let found = self.record.exchanges(Seq(first - 1), (last - first + 1) as usize).map_err(unreadable)?;
            found.into_iter().map(|exchange| (exchange.seq.0, exchange)).collect()
        } else {
            HashMap::new()
        };
        let mut steps = Vec::with_capacity(seqs.len());
        for seq in seqs {
            let found = match together.get(seq) {
                Some(exchange) => Some(exchange.clone()),
                None => self.record.exchange(Seq(*seq)).map_err(unreadable)?,
            };
            let exchange = found.ok_or_else(|| Unreadable(format!("exchange {seq} is not there any more")))?;
            steps.push(self.step(&exchange));
        }
        Ok(steps)
    }
}
