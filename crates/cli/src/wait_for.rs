//! `scimscope wait-for`: until enough exchanges are there.

use clap::Args;
use serde_json::{Value, json};

use crate::exchanges::{plain, shown};
use crate::failure::Failure;
use crate::place::{IfMissing, Place};
use crate::report::say;

/// Options of `scimscope wait-for`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Which exchanges: method:patch user:ada status:2xx.
    #[arg(long, short, value_name = "QUERY")]
    query: String,
    /// How many of them.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// Only exchanges with a higher number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: u64,
    /// For how many seconds; 0 looks once.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=600))]
    timeout: u64,
    /// Tell everything as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Waits; false if the time was over before.
pub async fn run(arguments: Arguments) -> Result<bool, Failure> {
    let Arguments { place, query, count, after, timeout, json } = arguments;
    let asked = json!({ "q": query, "count": count, "after": after, "timeout_ms": timeout * 1000 });
    place
        .at(IfMissing::Refuse, move |door| {
            let waited = door.post("/api/v1/wait-for", &asked)?;
            let met = waited["met"] == true;
            if json {
                say(&format!("{waited}\n"));
                return Ok(met);
            }
            waited["items"].as_array().into_iter().flatten().for_each(|exchange| {
                say(&shown(exchange, false));
            });
            if !met {
                let there = waited["count"].as_u64().unwrap_or_default();
                let sentence = waited["query"]["sentence"].as_str().unwrap_or_default();
                say(&format!("{there} of {count} came in {timeout} s: {sentence}\n{}", nearest(&waited["misses"])));
            }
            Ok(met)
        })
        .await
}

/// The exchanges that came nearest, a line each, and what is otherwise about them.
pub fn nearest(misses: &Value) -> String {
    let mut text = String::new();
    for miss in misses.as_array().into_iter().flatten() {
        text.push_str(&format!("nearest: {}", shown(&miss["exchange"], false)));
        for failing in miss["failing"].as_array().into_iter().flatten() {
            let clause = failing["clause"].as_str().unwrap_or_default();
            let instead = failing["instead"].as_str().map(|instead| format!(", it has {}", plain(instead)));
            text.push_str(&format!("         not {clause}{}\n", instead.unwrap_or_default()));
        }
    }
    text
}
