//! A steady load: so many requests a second, each at its time whether or not the ones before are answered.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// What is sent, where to and how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Steady {
    /// The base URL of SCIM.
    #[arg(long)]
    url: String,
    /// The bearer token.
    #[arg(long)]
    token: String,
    /// Requests a second, over all connections.
    #[arg(long, default_value_t = 2_000)]
    rate: u32,
    /// How long.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Connections kept open.
    #[arg(long, default_value_t = 16)]
    connections: u32,
}

/// What a steady load gave.
#[derive(Debug, Serialize, Deserialize)]
pub struct Given {
    /// Requests that were answered with 200.
    answered: u64,
    /// Requests a second, as they were sent in fact.
    per_second: f64,
    /// 99 of 100 answers were there so many microseconds after the request was due.
    p99_us: u64,
}

/// Sends the load and prints what it gave, as JSON. The n-th request looks for the user `steady-N@example.com`.
pub fn run(load: &Steady) -> anyhow::Result<()> {
    let base = load.url.strip_prefix("http://").context("the URL has to begin with http://")?;
    let (host, path) = base.split_once('/').context("the URL has to have a path")?;
    let begun = Instant::now();
    let whole = u64::from(load.rate) * u64::from(load.seconds);
    let mut late = std::thread::scope(|scope| {
        let line = |first| move || connection(load, host, path, first, whole, begun);
        let lines: Vec<_> = (0..u64::from(load.connections)).map(|first| scope.spawn(line(first))).collect();
        lines.into_iter().try_fold(Vec::new(), |mut all, line| {
            all.extend(line.join().map_err(|_| anyhow::anyhow!("a connection of the load broke off"))??);
            anyhow::Ok(all)
        })
    })?;
    late.sort_unstable();
    let given = Given {
        answered: late.len() as u64,
        per_second: late.len() as f64 / begun.elapsed().as_secs_f64(),
        p99_us: late.get(late.len() * 99 / 100).copied().unwrap_or_default(),
    };
    println!("{}", serde_json::to_string(&given)?);
    Ok(())
}

/// Every `connections`-th request, from `first` on; how late each answer was.
#[expect(clippy::disallowed_methods, reason = "a thread of its own that keeps to times")]
fn connection(
    load: &Steady,
    host: &str,
    path: &str,
    first: u64,
    whole: u64,
    begun: Instant,
) -> anyhow::Result<Vec<u64>> {
    let stream = TcpStream::connect(host).with_context(|| format!("{host} does not answer"))?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut requests = stream;
    let mut late = Vec::new();
    for n in (first..whole).step_by(load.connections as usize) {
        let due = begun + Duration::from_secs(n) / load.rate;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let request = format!(
            "GET /{path}/Users?filter=userName+eq+%22steady-{n}%40example.com%22 HTTP/1.1\r\nHost: {host}\r\n\
             Authorization: Bearer {}\r\nUser-Agent: steady\r\n\r\n",
            load.token
        );
        requests.write_all(request.as_bytes())?;
        answer(&mut answers)?;
        late.push(u64::try_from(due.elapsed().as_micros())?);
    }
    Ok(late)
}

/// Reads one answer to its end.
fn answer(from: &mut impl BufRead) -> anyhow::Result<()> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200 ") {
        bail!("the load was answered with {line:?}");
    }
    let mut body = 0;
    loop {
        line.clear();
        if from.read_line(&mut line)? <= 2 {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            body = value.trim().parse()?;
        }
    }
    Ok(std::io::copy(&mut from.take(body), &mut std::io::sink()).map(|_| ())?)
}
