//! Replaying a flow file in this process.

use std::sync::Arc;

use ::replay::{Destination, End, Event, Flow, Limits, Patience, Plan, ReplayOptions, Source, Steer, StepKind};
use tokio::sync::mpsc;

use super::report::{Row, Went};
use super::{Arguments, Failure, Outcome, tell};

/// Between two tries of a read.
const EVERY: std::time::Duration = std::time::Duration::from_millis(500);

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let (Some(file), Some(target)) = (&arguments.file, &arguments.target) else {
        return Err(Failure::Usage("a flow file needs --target".to_owned()));
    };
    let name = file.display();
    let text = std::fs::read(file).map_err(|error| Failure::Usage(format!("{name} cannot be read: {error}")))?;
    let flow = Flow::parse(&text).map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
    let limits = Limits { answer: arguments.timeout(), ..Limits::default() };
    let (credentials, way) = (arguments.credentials()?, arguments.way()?);
    let destination = Destination { base: target.clone(), credentials, way, limits };
    destination.check().map_err(Failure::Usage)?;
    let kinds = [StepKind::Client, StepKind::Setup, StepKind::Verify];
    let source: Arc<dyn Source> = Arc::new(flow.recorded(&kinds));
    let mut went = Went { title: flow.name.clone(), target: target.clone(), ..Went::default() };
    let planned = Plan::of(source.as_ref(), &[]).map_err(|error| Failure::Usage(error.to_string()))?;
    if arguments.dry_run {
        let steps = source.read(0..source.len()).map_err(|error| Failure::Usage(error.to_string()))?;
        for (index, step) in steps.iter().enumerate() {
            let call = ::replay::masked(destination.call(step));
            crate::report::say(&format!("{:>5}  {:<6} {}\n", index + 1, call.method, call.path));
            went.steps.push(Row {
                step: index as u64 + 1,
                phase: "replay".to_owned(),
                label: step.label.clone(),
                method: call.method,
                path: call.path,
                recorded_status: None,
                replayed_status: None,
                elapsed_us: None,
                verdict: ::replay::Verdict::Same,
                differences: Vec::new(),
            });
        }
        went.dry_run = true;
        return Ok(went);
    }
    if !destination.is_loopback() && !arguments.yes {
        let host = destination.host().unwrap_or_default();
        let writes = planned.counts().writes;
        let why = format!(
            "{host} is another machine, and {writes} requests would change something there; say --yes if that is meant"
        );
        return Err(Failure::Usage(why));
    }
    let options = ReplayOptions {
        ignores: arguments.ignores(),
        workers: arguments.workers.into(),
        stop_at_difference: arguments.stop,
        patience: (arguments.wait > 0)
            .then(|| Patience { within: std::time::Duration::from_secs(arguments.wait), every: EVERY }),
        check_state: arguments.check_state,
        clean_up: arguments.clean_up,
        ..ReplayOptions::default()
    };
    let (events, mut heard) = mpsc::channel(64);
    let steer = Steer::default();
    let replaying = ::replay::replay(source, &destination, &options, &steer, events);
    let listening = async {
        while let Some(event) = heard.recv().await {
            if let Event::Step(outcome) = event {
                let row = Row::of(&outcome, &options.ignores);
                tell(&row);
                went.steps.push(row);
            }
        }
    };
    let (ended, ()) = tokio::join!(replaying, listening);
    match ended.end {
        End::Complete | End::Stopped | End::AtDifference(_) => {}
        End::Unreachable(why) => went.unreachable = Some(why),
        End::Failed(why) => return Err(Failure::Usage(why)),
    }
    Ok(went)
}
