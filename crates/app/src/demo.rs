//! A server that shows itself: a scenario is played again and again, and everything begins anew now and then.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use control::Desk;
use control::model::Reset;
use replay::{Flow, Options, Pace, Target, play};

use crate::config::{Config, Demo};
use crate::start;

/// Between two requests of a scenario, so that a person can see them come one after the other.
const BETWEEN: Duration = Duration::from_millis(700);
/// Between two rounds of it.
const REST: Duration = Duration::from_secs(8);

/// The scenario that is to be played, if one is.
pub(crate) fn scenario(demo: &Demo) -> anyhow::Result<Option<&'static Flow>> {
    let Some(name) = &demo.scenario else { return Ok(None) };
    let scenarios = replay::scenarios();
    match scenarios.iter().find(|flow| flow.id == *name) {
        Some(flow) => Ok(Some(flow)),
        None => {
            let known: Vec<&str> = scenarios.iter().map(|flow| flow.id.as_str()).collect();
            bail!("there is no scenario {name:?}; there are {}", known.join(", "))
        }
    }
}

/// Plays and begins anew until it is dropped.
pub(crate) async fn run(desk: Desk, config: Arc<Config>, demo: Demo, scenario: Option<&'static Flow>, url: String) {
    let mut due = demo.reset_every.map(|every| tokio::time::Instant::now() + every);
    loop {
        let round = async {
            match scenario {
                Some(flow) => one_round(&desk, flow, &url).await,
                None => std::future::pending().await,
            }
        };
        let anew = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = round => {}
            () = anew => {
                begin_anew(&desk, &config).await;
                due = demo.reset_every.map(|every| tokio::time::Instant::now() + every);
            }
        }
    }
}

async fn one_round(desk: &Desk, flow: &Flow, url: &str) {
    let target = Target { base: url.to_owned(), token: desk.control().scim_token() };
    let options = Options { pace: Pace::Steady(BETWEEN), ..Options::demo() };
    let run = play(flow, &target, &options, |_| {}).await;
    if let Some(step) = run.failed() {
        // Somebody may have changed what the scenario needs; the next round begins with other names.
        tracing::warn!("the scenario ended at {:?}: {}", step.label, step.differences.join("; "));
    }
    tokio::time::sleep(REST).await;
}

async fn begin_anew(desk: &Desk, config: &Config) {
    let control = desk.control();
    let done = control.reset(&Reset::default()).await;
    if let Err(why) = done {
        tracing::error!("the demonstration cannot begin anew: {why}");
        return;
    }
    if let Some(recipe) = config.seed.clone()
        && let Err(why) = start::seed(control.provider(), control.log(), recipe).await
    {
        tracing::error!("{why:#}");
    }
    tracing::info!("the demonstration begins anew");
}
