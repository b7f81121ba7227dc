//! Which steps of two flows belong together: those that do the same, in the same order.

use std::sync::Arc;

use traffic::exchange::Exchange;
use traffic::step::Deed;

/// How much a step and another have in common.
const ALIKE: u32 = 4;
const SIMILAR: u32 = 1;

/// What a step does, apart from whom it does it to.
#[derive(Debug, PartialEq, Eq)]
struct Nature<'a> {
    method: &'a str,
    deed: Deed,
    resource_type: Option<&'a str>,
    /// The names of its query parameters.
    parameters: Vec<&'a str>,
}

impl<'a> Nature<'a> {
    fn of(exchange: &'a Exchange) -> Nature<'a> {
        let query = exchange.opened.target.split_once('?').map_or("", |(_, query)| query);
        Nature {
            method: &exchange.opened.method,
            deed: exchange.annotation.as_ref().map_or(Deed::Other, |annotation| annotation.deed),
            resource_type: exchange.outcome().and_then(|handled| handled.subject.resource_type.as_deref()),
            parameters: query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).collect(),
        }
    }

    fn weight(&self, other: &Nature<'_>) -> u32 {
        match self {
            _ if self == other => ALIKE,
            _ if self.method == other.method && self.resource_type == other.resource_type => SIMILAR,
            _ => 0,
        }
    }
}

/// Pairs of steps by index, in order; a step without a counterpart is alone.
pub(super) fn align(left: &[Arc<Exchange>], right: &[Arc<Exchange>]) -> Vec<(Option<usize>, Option<usize>)> {
    let lefts: Vec<_> = left.iter().map(|exchange| Nature::of(exchange)).collect();
    let rights: Vec<_> = right.iter().map(|exchange| Nature::of(exchange)).collect();
    // The best that can be had of the steps from here on.
    let (rows, columns) = (lefts.len() + 1, rights.len() + 1);
    let mut best = vec![0_u32; rows * columns];
    for row in (0..lefts.len()).rev() {
        for column in (0..rights.len()).rev() {
            let weight = lefts[row].weight(&rights[column]);
            let together = if weight > 0 { weight + best[(row + 1) * columns + column + 1] } else { 0 };
            best[row * columns + column] =
                together.max(best[(row + 1) * columns + column]).max(best[row * columns + column + 1]);
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while row < lefts.len() && column < rights.len() {
        let weight = lefts[row].weight(&rights[column]);
        if weight > 0 && best[row * columns + column] == weight + best[(row + 1) * columns + column + 1] {
            pairs.push((Some(row), Some(column)));
            (row, column) = (row + 1, column + 1);
        } else if best[(row + 1) * columns + column] >= best[row * columns + column + 1] {
            pairs.push((Some(row), None));
            row += 1;
        } else {
            pairs.push((None, Some(column)));
            column += 1;
        }
    }
    pairs.extend((row..lefts.len()).map(|at| (Some(at), None)));
    pairs.extend((column..rights.len()).map(|at| (None, Some(at))));
    pairs
}
