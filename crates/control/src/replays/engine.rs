//! Doing a replay: as a job, with its steps kept page by page.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use replay::{Destination, End, Event, ReplayOptions, Steer};
use tokio::sync::mpsc;

use super::shelf::PAGE;
use super::{Live, Prepared, StepDocument};
use crate::control::Control;
use crate::error::ApiError;
use crate::jobs::{Hand, JobKind, Made};
use crate::model::{
    NewReplay, ReplayCounts, ReplayPace, ReplayStarted, ReplayState, ReplayTargetInfo, Run, VerdictCounts,
};

/// How often it is looked whether somebody cancelled the job.
const LOOK: Duration = Duration::from_millis(100);
/// Steps are kept at the latest after this time.
const KEEP_EVERY: Duration = Duration::from_millis(1_000);

impl Control {
    /// Starts a replay.
    pub(crate) async fn start_replay(
        &self,
        new: &NewReplay,
        prepared: Prepared,
        destination: Destination,
        target: ReplayTargetInfo,
        options: ReplayOptions,
    ) -> Result<ReplayStarted, ApiError> {
        let steps = prepared.steps.len() as u64;
        let mut run = Run {
            id: 0,
            title: prepared.title,
            source: prepared.source,
            target,
            started_at: self.provider().now(),
            ended_at: None,
            state: ReplayState::Running,
            problem: None,
            counts: ReplayCounts { steps, ..ReplayCounts::default() },
            done: 0,
            verdicts: VerdictCounts::default(),
            verdict: None,
            ids: 0,
            created: 0,
            ignores: new.ignores.clone(),
            pace: new.pace,
            workers: options.workers as u64,
            job: None,
            after_seq: self.log().head().seq.0,
            through_seq: None,
        };
        let control = self.clone();
        let numbered = tokio::task::spawn_blocking(move || control.number_run(&mut run).map(|()| run)).await;
        let run = numbered.map_err(|error| super::unreadable(error.to_string()))??;
        let id = run.id;
        let steer = Steer::new(new.pace == ReplayPace::StepByStep);
        let title = format!("Replay of {} at {}", run.title, run.target.host);
        self.replays().live().insert(id, Live { run, steer: steer.clone(), tail: Vec::new() });
        let (control, source) = (self.clone(), prepared.steps);
        let runtime = tokio::runtime::Handle::current();
        let job = self.jobs().work(JobKind::Replay, title, move |hand| {
            let (events, heard) = mpsc::channel(64);
            let working = async {
                let replaying = replay::replay(source, &destination, &options, &steer, events);
                let keeping = control.follow_run(id, &options, &steer, hand, heard);
                let both = async { tokio::join!(replaying, keeping) };
                tokio::select! {
                    (ended, kept) = both => kept.map(|()| Some(ended)),
                    // The program ends: what is kept so far stays.
                    () = control.closed() => Ok(None),
                }
            };
            let ended = runtime.block_on(working);
            control.end_run(id, ended)
        });
        let job = match job {
            Ok(job) => job,
            Err(error) => {
                self.replays().live().remove(&id);
                let control = self.clone();
                // A run that was never begun leaves nothing.
                let _ = tokio::task::spawn_blocking(move || control.remove_run(id)).await;
                return Err(ApiError::new(StatusCode::CONFLICT, "too_many_jobs", error.to_string()));
            }
        };
        if let Some(live) = self.replays().live().get_mut(&id) {
            live.run.job = Some(job);
        }
        Ok(ReplayStarted { id, job })
    }

    /// Keeps steps as they come, until there are no more.
    async fn follow_run(
        &self,
        id: u64,
        options: &ReplayOptions,
        steer: &Steer,
        hand: &Hand,
        mut heard: mpsc::Receiver<Event>,
    ) -> Result<(), String> {
        let (mut page, mut steps, mut kept_at) = (0, Vec::new(), tokio::time::Instant::now());
        loop {
            if hand.is_stopped() {
                steer.stop();
            }
            let event = match tokio::time::timeout(LOOK, heard.recv()).await {
                Ok(Some(event)) => Some(event),
                Ok(None) => break,
                Err(_) => None,
            };
            match event {
                Some(Event::Planned(counts)) => self.live(id, |live| live.run.counts = counts.into()),
                Some(Event::Step(outcome)) => {
                    let step = Arc::new(StepDocument::from(*outcome));
                    let verdict = step.verdict(&options.ignores);
                    // A run that ended early has a gap before its clean-up.
                    let here = step.index / PAGE;
                    if here != page && !steps.is_empty() {
                        self.keep_steps(id, page, &steps)?;
                        steps.clear();
                    }
                    page = here;
                    steps.push(Arc::clone(&step));
                    let done = self.with_live(id, |live| {
                        live.tail = steps.clone();
                        live.run.done += 1;
                        live.run.verdicts.add(verdict);
                        live.run.verdict = live.run.verdicts.worst();
                        (live.run.done, live.run.counts.steps)
                    });
                    if let Some((done, total)) = done {
                        hand.tell(done, total.max(done));
                    }
                    if steps.len() == PAGE {
                        self.keep_steps(id, page, &steps)?;
                        steps.clear();
                    }
                }
                None => {}
            }
            if !steps.is_empty() && kept_at.elapsed() > KEEP_EVERY {
                self.keep_steps(id, page, &steps)?;
                kept_at = tokio::time::Instant::now();
            }
            let state = if steer.is_step_by_step() { ReplayState::Waiting } else { ReplayState::Running };
            self.live(id, |live| live.run.state = state);
        }
        if !steps.is_empty() {
            self.keep_steps(id, page, &steps)?;
        }
        Ok(())
    }

    fn live(&self, id: u64, change: impl FnOnce(&mut Live)) {
        self.with_live(id, change);
    }

    fn with_live<T>(&self, id: u64, change: impl FnOnce(&mut Live) -> T) -> Option<T> {
        self.replays().live().get_mut(&id).map(change)
    }

    /// The end of a run: what became of it is kept, and does not change any more.
    fn end_run(&self, id: u64, ended: Result<Option<replay::Ended>, String>) -> Result<Made, String> {
        let Some(mut run) = self.with_live(id, |live| live.run.clone()) else { return Ok(Made::default()) };
        (run.ended_at, run.job) = (Some(self.provider().now()), None);
        run.through_seq = Some(self.log().head().seq.0);
        match ended {
            Ok(Some(ended)) => {
                (run.ids, run.created) = (ended.ids as u64, ended.created as u64);
                (run.state, run.problem) = match ended.end {
                    End::Complete => (ReplayState::Complete, None),
                    End::Stopped => (ReplayState::Stopped, None),
                    End::AtDifference(step) => {
                        (ReplayState::AtDifference, Some(format!("step {} was different", step + 1)))
                    }
                    End::Unreachable(why) => (ReplayState::Unreachable, Some(why)),
                    End::Failed(why) => (ReplayState::Failed, Some(why)),
                };
            }
            Ok(None) => run.state = ReplayState::Stopped,
            Err(why) => {
                (run.state, run.problem) =
                    (ReplayState::Failed, Some(format!("the workspace could not be written: {why}")));
            }
        }
        let kept = self.keep_run(&run);
        let facts = Some(serde_json::json!({ "run": id, "verdict": run.verdict, "state": run.state }));
        self.replays().live().remove(&id);
        kept.map(|()| Made { file: None, facts })
    }
}
