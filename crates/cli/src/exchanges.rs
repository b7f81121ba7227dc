//! `scimscope exchanges`: the record as lines, once or as it comes.

use std::io::{BufRead, BufReader};

use clap::Args;
use serde_json::Value;

use crate::door::{Door, encoded};
use crate::failure::Failure;
use crate::place::{IfMissing, Place};
use crate::report::say;

/// How many are listed if nothing is said.
const USUAL: u64 = 100;

/// Options of `scimscope exchanges`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Only exchanges that this query selects: method:patch status:>=400.
    #[arg(long, short, value_name = "QUERY", default_value = "")]
    query: String,
    /// Go on with those that come, as soon as they are over.
    #[arg(long, short)]
    follow: bool,
    /// Only exchanges with a higher number.
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// The newest so many; 100 if not given. With --follow: end after so many.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: Option<u64>,
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
}

/// Lists or follows the record.
pub async fn run(arguments: Arguments) -> Result<bool, Failure> {
    let place = arguments.place.clone();
    place
        .at(
            IfMissing::Refuse,
            move |door| if arguments.follow { follow(door, &arguments) } else { list(door, &arguments) },
        )
        .await
}

fn list(door: &Door, arguments: &Arguments) -> Result<bool, Failure> {
    let limit = arguments.limit.unwrap_or(USUAL);
    let after = arguments.after.unwrap_or_default();
    let path = format!("/api/v1/exchanges/search?q={}&limit={limit}&after={after}", encoded(&arguments.query));
    let mut found: Vec<Value> = Vec::new();
    for line in lines(door, &path)? {
        let mut line = line?;
        let diagnostics = line["query"]["diagnostics"].as_array().into_iter().flatten();
        if let Some(wrong) = diagnostics.filter(|one| one["left_out"] == true).find_map(|one| one["message"].as_str()) {
            return Err(Failure::Usage(format!("the query {:?} cannot be read: {wrong}", arguments.query)));
        }
        if let Some(problem) = line["problem"].as_str() {
            return Err(Failure::Unreachable(problem.to_owned()));
        }
        if let Value::Array(items) = line["items"].take() {
            found.extend(items);
        }
    }
    // They come newest first.
    found.sort_by_key(|exchange| exchange["seq"].as_u64());
    for exchange in &found {
        if !say(&shown(exchange, arguments.json)) {
            break;
        }
    }
    Ok(true)
}

fn follow(door: &Door, arguments: &Arguments) -> Result<bool, Failure> {
    let after = arguments.after.map(|after| format!("&after={after}")).unwrap_or_default();
    let path = format!("/api/v1/exchanges/tail?q={}{after}", encoded(&arguments.query));
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    for exchange in lines(door, &path)? {
        if !say(&shown(&exchange?, arguments.json)) {
            break;
        }
        left -= 1;
        if left == 0 {
            break;
        }
    }
    Ok(true)
}

/// The JSON objects of an answer, a line each, as they come.
fn lines(door: &Door, path: &str) -> Result<impl Iterator<Item = Result<Value, Failure>>, Failure> {
    let broken = |why: String| Failure::Unreachable(format!("the answer broke off: {why}"));
    let lines = BufReader::new(door.stream(path)?).lines();
    Ok(lines.map(move |line| {
        let line = line.map_err(|error| broken(error.to_string()))?;
        serde_json::from_str(&line).map_err(|error| broken(error.to_string()))
    }))
}

/// A line for an exchange.
pub fn shown(exchange: &Value, as_json: bool) -> String {
    if as_json {
        return format!("{exchange}\n");
    }
    let text = |name: &str| exchange[name].as_str().unwrap_or_default();
    let status = exchange["status"].as_u64().map_or_else(|| "-".to_owned(), |status| status.to_string());
    let took = exchange["elapsed_us"].as_u64().map_or_else(String::new, |us| format!("{:.1} ms", us as f64 / 1000.0));
    let what = match text("sentence") {
        "" => text("target"),
        sentence => sentence,
    };
    let time = text("at").get(11..23).unwrap_or_else(|| text("at"));
    format!("{:>6}  {time:<12}  {:<6} {status:>3}  {took:>9}  {}\n", exchange["seq"], text("method"), plain(what))
}

/// What a client sent must not steer the terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}
