//! `scimscope assert`: whether what came, and what there is, is as expected.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::place::{IfMissing, Place};
use crate::report::{Case, Ending, Reports, junit, say};
use crate::wait_for::nearest;

/// Options of `scimscope assert`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// A file with checks: what POST /api/v1/assert takes, or only the list of its checks.
    #[arg(long, value_name = "FILE")]
    checks: Option<PathBuf>,
    /// So many exchanges: "1 method:post status:201", ">=2 user:ada", "<=3 status:4xx", "2..4 dialect:entra". Can be given
    /// several times.
    #[arg(long, value_name = "AMOUNT QUERY")]
    count: Vec<String>,
    /// Exchanges in this order, others between them: given once for each query.
    #[arg(long, value_name = "QUERY")]
    order: Vec<String>,
    /// No exchanges but those that one of these queries selects. Can be given several times.
    #[arg(long, value_name = "QUERY")]
    only: Vec<String>,
    /// So many resources: "1 User userName eq \"ada@example.com\"", "0 Group". Can be given several times.
    #[arg(long, value_name = "AMOUNT TYPE FILTER")]
    state: Vec<String>,
    /// The tenant of --state.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Only exchanges with a higher number.
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// How many seconds to wait for exchanges that have begun and are not over.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=60))]
    settle: Option<u64>,
    /// Tell everything as one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reports: Reports,
}

/// Judges; false if a check does not hold.
pub async fn run(arguments: Arguments) -> Result<bool, Failure> {
    arguments.reports.check()?;
    let asked = asked(&arguments)?;
    let Arguments { place, json, reports, .. } = arguments;
    let asserted = place.at(IfMissing::Refuse, move |door| door.post("/api/v1/assert", &asked)).await?;
    reports.write(|| junit("scimscope assert", &cases(&asserted)), || format!("{asserted:#}\n"))?;
    say(&if json { format!("{asserted}\n") } else { told(&asserted) });
    Ok(asserted["passed"] == true)
}

/// What the API is asked.
fn asked(arguments: &Arguments) -> Result<Value, Failure> {
    let mut asked = match &arguments.checks {
        None => json!({ "checks": [] }),
        Some(file) => {
            let name = file.display();
            let text = std::fs::read_to_string(file)
                .map_err(|error| Failure::Usage(format!("the checks {name} cannot be read: {error}")))?;
            match serde_json::from_str(&text) {
                Ok(Value::Array(checks)) => json!({ "checks": checks }),
                Ok(whole @ Value::Object(_)) if whole["checks"].is_array() => whole,
                Ok(_) => return Err(Failure::Usage(format!("{name} has no list of checks"))),
                Err(error) => return Err(Failure::Usage(format!("{name} is no JSON: {error}"))),
            }
        }
    };
    let mut checks = Vec::new();
    for text in &arguments.count {
        let (mut check, query) = amount(text)?;
        check["kind"] = json!("count");
        check["q"] = json!(query);
        checks.push(check);
    }
    if !arguments.order.is_empty() {
        checks.push(json!({ "kind": "order", "queries": arguments.order }));
    }
    if !arguments.only.is_empty() {
        checks.push(json!({ "kind": "only", "queries": arguments.only }));
    }
    for text in &arguments.state {
        let (mut check, rest) = amount(text)?;
        let (resource_type, filter) = rest.split_once(' ').unwrap_or((rest, ""));
        if resource_type.is_empty() {
            return Err(Failure::Usage(format!("--state {text:?} names no resource type: \"1 User active eq true\"")));
        }
        check["kind"] = json!("state");
        check["resource_type"] = json!(resource_type);
        check["filter"] = json!(filter);
        check["tenant"] = json!(arguments.tenant);
        checks.push(check);
    }
    if let Some(all) = asked["checks"].as_array_mut() {
        all.extend(checks);
        if all.is_empty() {
            return Err(Failure::Usage("say what to assert: --checks, --count, --order, --only or --state".to_owned()));
        }
    }
    if let Some(after) = arguments.after {
        asked["after"] = json!(after);
    }
    if let Some(settle) = arguments.settle {
        asked["settle_ms"] = json!(settle * 1000);
    }
    Ok(asked)
}

/// The amount at the beginning of a text, as a check has it, and the rest.
fn amount(text: &str) -> Result<(Value, &str), Failure> {
    let (amount, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let number = |text: &str| text.parse::<u64>().ok();
    let check = if let Some(least) = amount.strip_prefix(">=").and_then(number) {
        Some(json!({ "at_least": least }))
    } else if let Some(most) = amount.strip_prefix("<=").and_then(number) {
        Some(json!({ "at_most": most }))
    } else if let Some((least, most)) = amount.split_once("..") {
        number(least).zip(number(most)).map(|(least, most)| json!({ "at_least": least, "at_most": most }))
    } else {
        number(amount).map(|exactly| json!({ "exactly": exactly }))
    };
    let check = check.ok_or_else(|| {
        Failure::Usage(format!("{text:?} has to begin with how many: 2, >=2, <=2 or 2..4, and a blank behind it"))
    })?;
    Ok((check, rest.trim()))
}

/// A line for each check, and what came nearest to those that do not hold.
fn told(asserted: &Value) -> String {
    let checks = asserted["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text = String::new();
    for check in checks {
        let word = if check["passed"] == true { "ok" } else { "FAILED" };
        let said = |name: &str| check[name].as_str().unwrap_or_default();
        text.push_str(&format!("{word:<6}  {}\n", said("name")));
        if check["passed"] != true {
            text.push_str(&format!("        {}\n{}", said("message"), nearest(&check["misses"])));
        }
    }
    let failed = checks.iter().filter(|check| check["passed"] != true).count();
    text.push_str(&format!("{} checks hold, {failed} do not\n", checks.len() - failed));
    if let Some(unsettled) = asserted["unsettled"].as_u64().filter(|unsettled| *unsettled > 0) {
        text.push_str(&format!("{unsettled} exchanges were not over and were judged as they stood\n"));
    }
    text
}

fn cases(asserted: &Value) -> Vec<Case> {
    let checks = asserted["checks"].as_array().into_iter().flatten();
    let cases = checks.map(|check| {
        let said = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        let why = || {
            let near = nearest(&check["misses"]);
            std::iter::once(said("message")).chain(near.lines().map(str::to_owned)).collect()
        };
        let ending = if check["passed"] == true { Ending::Passed } else { Ending::Failed(why()) };
        Case { class: said("kind"), name: said("name"), seconds: 0.0, ending }
    });
    cases.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_stands_before_what_is_counted() {
        for (text, check, rest) in [
            ("2 method:post", json!({ "exactly": 2 }), "method:post"),
            (">=2 a b", json!({ "at_least": 2 }), "a b"),
            ("<=0", json!({ "at_most": 0 }), ""),
            ("2..4  x", json!({ "at_least": 2, "at_most": 4 }), "x"),
        ] {
            assert_eq!(amount(text).unwrap(), (check, rest), "{text}");
        }
        for wrong in ["", "method:post", "-1 a", "2.. a", ">= 2 a", "1..x a"] {
            assert!(matches!(amount(wrong), Err(Failure::Usage(_))), "{wrong}");
        }
    }
}
