//! How long things take, and how much memory they hold.

use std::time::Instant;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Half of the runs took no longer, and 99 of 100; in nanoseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Times {
    /// The median.
    pub p50_ns: u64,
    /// The 99th percentile.
    pub p99_ns: u64,
}

impl Times {
    /// Runs something so often, each time with what was prepared for it outside the time.
    pub fn of<T, R>(
        runs: usize,
        mut prepare: impl FnMut(usize) -> anyhow::Result<T>,
        mut run: impl FnMut(T) -> anyhow::Result<R>,
    ) -> anyhow::Result<Times> {
        let mut taken = Vec::with_capacity(runs);
        for turn in 0..runs {
            let prepared = prepare(turn)?;
            let begin = Instant::now();
            let result = std::hint::black_box(run(std::hint::black_box(prepared)));
            taken.push(begin.elapsed().as_nanos() as u64);
            drop(result?);
        }
        taken.sort_unstable();
        let at = |share: usize| taken.get(taken.len() * share / 100).or(taken.last()).copied().unwrap_or(0);
        Ok(Times { p50_ns: at(50), p99_ns: at(99) })
    }
}

/// Numbers in no order, the same in every run: a linear congruential generator.
pub struct Numbers(pub u64);

impl Numbers {
    /// The next one below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

/// The resident set of this process in bytes.
pub fn resident_bytes() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}
