//! Long work: started by a call, watched by its number, cancelled by another call.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use replay::{Flow, Options, RunResult, StepResult, Target};
use serde::{Deserialize, Serialize};
use tokio::task::AbortHandle;
use utoipa::ToSchema;

use crate::model::{ExportFormat, ExportScope, FileReading, Redaction, SeedRecipe};

mod hand;

pub use hand::{Hand, Made, ResultFile};

/// Jobs that may run at once.
const RUNNING: usize = 8;

/// Jobs that are remembered after their end.
const REMEMBERED: usize = 100;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewJob {
    /// Play a shipped scenario against this server's own SCIM listener, over a real socket.
    Play {
        /// The scenario's id.
        scenario: String,
        /// The tenant to play it against, by its name; the default one if left out.
        #[serde(default)]
        tenant: Option<String>,
    },
    /// Make users and groups up, in one revision and without exchanges.
    Seed {
        /// The tenant that gets them, by its name; the default one if left out.
        #[serde(default)]
        tenant: Option<String>,
        /// What they are to be like, if not by name.
        #[serde(default)]
        recipe: Option<SeedRecipe>,
        /// The name of a recipe that is there: `small-company`.
        #[serde(default)]
        dataset: Option<String>,
        /// Whether all that is there goes, in the same revision. Without it, they come to what is there.
        #[serde(default)]
        replace: bool,
    },
    /// Write exchanges into a file; its result is the file, its `facts` are ExportFacts.
    Export {
        /// Which exchanges.
        scope: ExportScope,
        /// The format of the file.
        format: ExportFormat,
        /// What is taken out before.
        #[serde(default)]
        redaction: Redaction,
    },
    /// Take users and groups over from a file that was handed in: all of them in one revision, or none.
    Resources {
        /// The file's number.
        file: u64,
        /// How it is to be read, and who gets the resources.
        #[serde(default)]
        reading: FileReading,
        /// Whether all that is there goes, in the same revision.
        #[serde(default)]
        replace: bool,
        /// Whether only to tell what would be refused.
        #[serde(default)]
        check: bool,
    },
}

/// The number of a job that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobStarted {
    /// Its number.
    pub id: u64,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// It plays a scenario.
    Play,
    /// It replays what was recorded.
    Replay,
    /// It writes exchanges into a file of another format.
    Export,
    /// It takes exchanges over from a file.
    Import,
    /// It saves the open workspace under another name.
    SaveWorkspace,
    /// It makes users and groups up.
    Seed,
    /// It takes users and groups over from a file.
    Resources,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It works.
    Running,
    /// It did what it should.
    Done,
    /// It could not, or an answer was not as expected.
    Failed,
    /// It was stopped on request.
    Cancelled,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 if that is not known yet.
    pub total: u64,
}

/// Whether an answer was as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepVerdict {
    /// As expected.
    Same,
    /// Otherwise.
    Different,
    /// There was no answer.
    Error,
}

/// A request that a job has sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobStep {
    /// What it is for.
    pub label: String,
    /// Its method.
    pub method: String,
    /// Its path as sent, relative to the base URL.
    pub path: String,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Whether the answer was as expected.
    pub verdict: StepVerdict,
    /// What was otherwise, in words.
    pub differences: Vec<String>,
    /// From the first byte sent to the last byte received.
    pub elapsed_us: u64,
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Job {
    /// Its number, from 1.
    pub id: u64,
    /// What it does.
    pub kind: JobKind,
    /// What it works at, in words: "HAR of 120 exchanges".
    pub title: String,
    /// The scenario that it plays. Absent for other work.
    pub scenario: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// How far it is.
    pub progress: Progress,
    /// The steps of a scenario that are done, in order.
    pub steps: Vec<JobStep>,
    /// Why it failed.
    pub problem: Option<String>,
    /// What it made, once it is done: `GET /api/v1/jobs/{id}/result` gives the bytes.
    pub file: Option<JobFile>,
    /// What else there is to tell of it, once it is done; its form goes by the kind of work.
    #[schema(value_type = Option<Object>)]
    pub facts: Option<serde_json::Value>,
}

/// A file that a job made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobFile {
    /// The name to save it under, without a folder.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// How long it is.
    pub bytes: u64,
}

/// All jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobList {
    /// The jobs, oldest first.
    pub items: Vec<Job>,
}

/// The jobs of a running program. Cheap to clone; clones are the same jobs.
#[derive(Clone, Default)]
pub struct Jobs {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    last: u64,
    jobs: BTreeMap<u64, Work>,
}

struct Work {
    job: Job,
    abort: Option<AbortHandle>,
    /// Tells work on a thread of its own to stop.
    stop: Arc<AtomicBool>,
    result: Option<Arc<ResultFile>>,
}

/// Too much runs already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{RUNNING} jobs are running already; wait for one to end or cancel one")]
pub struct TooMany;

impl Jobs {
    /// Starts to play a flow. Must be called inside a tokio runtime.
    pub fn play(&self, flow: &'static Flow, target: Target, options: Options) -> Result<u64, TooMany> {
        let mut state = self.state();
        let id = state.next()?;
        let total = flow.steps.iter().filter(|step| options.kinds.contains(&step.kind)).count() as u64;
        let mut job = Job::new(id, JobKind::Play, flow.name.clone());
        (job.scenario, job.progress.total) = (Some(flow.id.clone()), total);
        let watcher = self.clone();
        let playing =
            tokio::spawn(async move { replay::play(flow, &target, &options, |step| watcher.advance(id, step)).await });
        state.jobs.insert(id, Work { abort: Some(playing.abort_handle()), ..Work::from(job) });
        state.forget();
        drop(state);
        let jobs = self.clone();
        tokio::spawn(async move {
            let (end, problem) = match playing.await {
                Ok(run) => ended(&run),
                Err(error) if error.is_cancelled() => (JobState::Cancelled, None),
                Err(_) => (JobState::Failed, Some("the player broke off; the log of the program says why".to_owned())),
            };
            jobs.end(id, end, problem);
        });
        Ok(id)
    }

    /// Starts work on a thread that may wait. The work looks at its [`Hand`] for whether it is to stop, and tells it how far
    /// it is; the error is for people. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// If too much runs already.
    pub fn work(
        &self,
        kind: JobKind,
        title: String,
        work: impl FnOnce(&Hand) -> Result<Made, String> + Send + 'static,
    ) -> Result<u64, TooMany> {
        let mut state = self.state();
        let id = state.next()?;
        let started = Work::from(Job::new(id, kind, title));
        let hand = Hand::new(self.clone(), id, Arc::clone(&started.stop));
        state.jobs.insert(id, started);
        state.forget();
        drop(state);
        let working = tokio::task::spawn_blocking(move || work(&hand));
        let jobs = self.clone();
        tokio::spawn(async move {
            match working.await {
                Ok(Ok(made)) => jobs.made(id, made),
                Ok(Err(why)) => jobs.end(id, JobState::Failed, Some(why)),
                Err(_) => {
                    let why = "the work broke off; the log of the program says why".to_owned();
                    jobs.end(id, JobState::Failed, Some(why));
                }
            }
        });
        Ok(id)
    }

    /// What a job made, if it is done and made a file.
    pub fn result(&self, id: u64) -> Option<Arc<ResultFile>> {
        self.state().jobs.get(&id).and_then(|work| work.result.clone())
    }

    /// A job as it stands.
    pub fn get(&self, id: u64) -> Option<Job> {
        self.state().jobs.get(&id).map(|work| work.job.clone())
    }

    /// All jobs, oldest first.
    pub fn list(&self) -> Vec<Job> {
        self.state().jobs.values().map(|work| work.job.clone()).collect()
    }

    /// Stops a job if it runs, and tells how it stands then.
    pub fn cancel(&self, id: u64) -> Option<Job> {
        let mut state = self.state();
        let work = state.jobs.get_mut(&id)?;
        work.cancel();
        Some(work.job.clone())
    }

    /// Stops everything that runs.
    pub fn cancel_all(&self) {
        self.state().jobs.values_mut().for_each(Work::cancel);
    }

    fn advance(&self, id: u64, step: &StepResult) {
        if let Some(work) = self.state().jobs.get_mut(&id) {
            work.job.steps.push(JobStep::from(step));
            work.job.progress.done += 1;
        }
    }

    fn tell(&self, id: u64, done: u64, total: u64) {
        if let Some(work) = self.state().jobs.get_mut(&id).filter(|work| work.job.state == JobState::Running) {
            work.job.progress = Progress { done, total };
        }
    }

    fn made(&self, id: u64, made: Made) {
        if let Some(work) = self.state().jobs.get_mut(&id).filter(|work| work.job.state == JobState::Running) {
            work.job.file = made.file.as_ref().map(ResultFile::describe);
            work.result = made.file.map(Arc::new);
            work.job.facts = made.facts;
            work.job.state = JobState::Done;
        }
    }

    fn end(&self, id: u64, end: JobState, problem: Option<String>) {
        if let Some(work) = self.state().jobs.get_mut(&id) {
            work.abort = None;
            if work.job.state == JobState::Running {
                work.job.state = end;
                work.job.problem = problem;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Result<u64, TooMany> {
        if self.jobs.values().filter(|work| work.job.state == JobState::Running).count() >= RUNNING {
            return Err(TooMany);
        }
        self.last += 1;
        Ok(self.last)
    }

    fn forget(&mut self) {
        let ended = self.jobs.iter().filter(|(_, work)| work.job.state != JobState::Running).map(|(id, _)| *id);
        let ended: Vec<u64> = ended.collect();
        for id in ended.iter().take(ended.len().saturating_sub(REMEMBERED)) {
            self.jobs.remove(id);
        }
    }
}

impl Job {
    fn new(id: u64, kind: JobKind, title: String) -> Job {
        Job {
            id,
            kind,
            title,
            scenario: None,
            state: JobState::Running,
            progress: Progress { done: 0, total: 0 },
            steps: Vec::new(),
            problem: None,
            file: None,
            facts: None,
        }
    }
}

impl From<Job> for Work {
    fn from(job: Job) -> Self {
        Work { job, abort: None, stop: Arc::default(), result: None }
    }
}

impl Work {
    fn cancel(&mut self) {
        if self.job.state == JobState::Running {
            self.job.state = JobState::Cancelled;
            self.stop.store(true, Ordering::Relaxed);
            if let Some(abort) = self.abort.take() {
                abort.abort();
            }
        }
    }
}

fn ended(run: &RunResult) -> (JobState, Option<String>) {
    match run.failed() {
        None => (JobState::Done, None),
        Some(step) => {
            let what = step.differences.join("; ");
            (JobState::Failed, Some(format!("step {} ({}): {what}", step.index + 1, step.label)))
        }
    }
}

impl From<&StepResult> for JobStep {
    fn from(step: &StepResult) -> Self {
        JobStep {
            label: step.label.clone(),
            method: step.method.clone(),
            path: step.path.clone(),
            status: step.status,
            verdict: match step.verdict {
                replay::Verdict::Same | replay::Verdict::SameExceptIgnored => StepVerdict::Same,
                replay::Verdict::Different => StepVerdict::Different,
                replay::Verdict::Error | replay::Verdict::Skipped => StepVerdict::Error,
            },
            differences: step.differences.clone(),
            elapsed_us: step.elapsed_us,
        }
    }
}
