//! Runs, consents and accepted answers in the workspace.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Accepted, StepDocument};
use crate::control::Control;
use crate::error::ApiError;
use crate::model::{ReplayConsent, Run};
use crate::ports::{REPLAY_ANSWER_DOCUMENT, REPLAY_CONSENT_DOCUMENT, RUN_DOCUMENT};

/// Steps of a run that are kept together.
pub(super) const PAGE: usize = 50;
/// Runs that are kept; beyond it the oldest go.
const MOST_RUNS: usize = 200;

/// Pages that may be missing in the middle of a run that was stopped.
const MOST_MISSING: usize = 6;

/// Some steps of a run.
#[derive(Serialize, Deserialize)]
struct Page {
    steps: Vec<StepDocument>,
}

impl Control {
    /// The runs, the newest first. Waits for the disk.
    pub(crate) fn runs(&self) -> Result<Vec<Run>, ApiError> {
        let kept = self.documents().list(RUN_DOCUMENT).map_err(unreadable)?;
        // A document that a later version wrote in another form is left alone.
        let mut runs: Vec<Run> = kept.into_iter().filter_map(|(_, json)| serde_json::from_value(json).ok()).collect();
        let live = self.replays().live();
        for run in &mut runs {
            if let Some(live) = live.get(&run.id) {
                *run = live.run.clone();
            } else if run.ended_at.is_none() {
                // The program ended before it did.
                run.state = crate::model::ReplayState::Stopped;
                run.job = None;
            }
        }
        runs.sort_by_key(|run| std::cmp::Reverse(run.id));
        Ok(runs)
    }

    /// One run. Waits for the disk.
    pub(crate) fn run(&self, id: u64) -> Result<Run, ApiError> {
        let found = self.runs()?.into_iter().find(|run| run.id == id);
        found.ok_or_else(|| ApiError::not_found(format!("there is no run {id}; GET /api/v1/replays lists them")))
    }

    /// Steps of a run from a place on, page by page, until `take` wants no more. Waits for the disk.
    pub(crate) fn run_steps(
        &self,
        id: u64,
        from: usize,
        mut take: impl FnMut(&StepDocument) -> bool,
    ) -> Result<(), ApiError> {
        // The tail first: what is written meanwhile is then in both, never in none.
        let tail = self.replays().live().get(&id).map(|live| live.tail.clone()).unwrap_or_default();
        let (mut next, mut missing) = (from, 0);
        for page in from / PAGE.. {
            let kept = self.documents().get(&steps_kind(id), &page_id(page)).map_err(unreadable)?;
            let Some(kept) = kept else {
                // A run that was stopped may have steps behind others that were never over.
                missing += 1;
                if missing > MOST_MISSING {
                    break;
                }
                continue;
            };
            let page: Page = serde_json::from_value(kept).map_err(|error| unreadable(error.to_string()))?;
            for step in page.steps.iter().filter(|step| step.index >= from) {
                next = step.index + 1;
                if !take(step) {
                    return Ok(());
                }
            }
        }
        for step in tail.iter().filter(|step| step.index >= next) {
            if !take(step) {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) fn keep_run(&self, run: &Run) -> Result<(), String> {
        self.documents().put(RUN_DOCUMENT, &page_id(run.id as usize), &serde_json::json!(run))
    }

    /// Keeps a page of steps, over what was kept of it.
    pub(super) fn keep_steps(&self, id: u64, page: usize, steps: &[Arc<StepDocument>]) -> Result<(), String> {
        #[derive(Serialize)]
        struct Page<'a> {
            steps: Vec<&'a StepDocument>,
        }
        let page_of_steps = Page { steps: steps.iter().map(Arc::as_ref).collect() };
        let text = serde_json::to_string(&page_of_steps).map_err(|error| error.to_string())?;
        self.documents().put_text(&steps_kind(id), &page_id(page), &text)
    }

    /// Gives a run the next number and keeps it; the oldest make room. Waits for the disk.
    pub(super) fn number_run(&self, run: &mut Run) -> Result<(), ApiError> {
        let _alone = self.replays().numbering();
        let runs = self.runs()?;
        run.id = runs.first().map_or(0, |run| run.id) + 1;
        self.keep_run(run).map_err(not_kept)?;
        for old in runs.iter().skip(MOST_RUNS - 1).filter(|old| old.ended_at.is_some()) {
            self.remove_run(old.id)?;
        }
        Ok(())
    }

    /// Removes a run that is over. Waits for the disk.
    pub(crate) fn remove_run(&self, id: u64) -> Result<(), ApiError> {
        let kind = steps_kind(id);
        let (mut page, mut missing) = (0, 0);
        while missing <= MOST_MISSING {
            missing = if self.documents().delete(&kind, &page_id(page)).map_err(not_kept)? { 0 } else { missing + 1 };
            page += 1;
        }
        self.documents().delete(RUN_DOCUMENT, &page_id(id as usize)).map_err(not_kept)?;
        Ok(())
    }

    /// The answers that were accepted in place of recorded ones. Waits for the disk.
    pub(super) fn accepted(&self) -> Result<HashMap<u64, Accepted>, String> {
        let kept = self.documents().list(REPLAY_ANSWER_DOCUMENT)?;
        let read =
            |(id, json): (String, serde_json::Value)| Some((id.parse().ok()?, serde_json::from_value(json).ok()?));
        Ok(kept.into_iter().filter_map(read).collect())
    }

    /// Accepts the answer of a step in place of the recorded one; what was recorded stays. Waits for the disk.
    pub(crate) fn accept(&self, id: u64, index: usize) -> Result<(), ApiError> {
        let step = self.run_step(id, index)?;
        let (accepted, seq) = step.accepted().zip(step.seq).ok_or_else(|| {
            let message = "only the whole answer to a recorded exchange can be accepted in place of the recorded one";
            ApiError::new(StatusCode::CONFLICT, "not_acceptable", message)
        })?;
        self.documents().put(REPLAY_ANSWER_DOCUMENT, &seq.to_string(), &serde_json::json!(accepted)).map_err(not_kept)
    }

    /// Takes back that an answer was accepted; tells whether there was one. Waits for the disk.
    pub(crate) fn unaccept(&self, seq: u64) -> Result<bool, ApiError> {
        self.documents().delete(REPLAY_ANSWER_DOCUMENT, &seq.to_string()).map_err(not_kept)
    }

    /// One step of a run. Waits for the disk.
    pub(crate) fn run_step(&self, id: u64, index: usize) -> Result<StepDocument, ApiError> {
        self.run(id)?;
        let mut found = None;
        self.run_steps(id, index, |step| {
            found = (step.index == index).then(|| step.clone());
            false
        })?;
        found.ok_or_else(|| ApiError::not_found(format!("run {id} has no step {index}")))
    }

    /// The hosts that somebody agreed to send to, by name. Waits for the disk.
    pub(crate) fn consents(&self) -> Result<Vec<ReplayConsent>, ApiError> {
        let kept = self.documents().list(REPLAY_CONSENT_DOCUMENT).map_err(unreadable)?;
        let mut found: Vec<ReplayConsent> =
            kept.into_iter().filter_map(|(_, json)| serde_json::from_value(json).ok()).collect();
        found.sort_by(|left, right| left.host.cmp(&right.host));
        Ok(found)
    }

    /// Keeps that somebody agreed. Waits for the disk.
    pub(crate) fn consent(&self, consent: &ReplayConsent) -> Result<(), ApiError> {
        let json = serde_json::json!(consent);
        self.documents().put(REPLAY_CONSENT_DOCUMENT, &consent.host, &json).map_err(not_kept)
    }

    /// Takes an agreement back; tells whether there was one. Waits for the disk.
    pub(crate) fn withdraw(&self, host: &str) -> Result<bool, ApiError> {
        self.documents().delete(REPLAY_CONSENT_DOCUMENT, host).map_err(not_kept)
    }

    pub(crate) async fn has_consent(&self, host: &str) -> Result<bool, ApiError> {
        let (control, host) = (self.clone(), host.to_owned());
        let found = tokio::task::spawn_blocking(move || control.documents().get(REPLAY_CONSENT_DOCUMENT, &host));
        let found = found.await.unwrap_or_else(|error| Err(error.to_string()));
        found.map(|found| found.is_some()).map_err(unreadable)
    }
}

fn steps_kind(run: u64) -> String {
    format!("run-steps-{run}")
}

/// Numbers that sort as texts.
fn page_id(number: usize) -> String {
    format!("{number:08}")
}

fn unreadable(why: String) -> ApiError {
    let message = format!("what is kept of replays cannot be read: {why}");
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unreadable", message)
}

fn not_kept(why: String) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", format!("the workspace could not be written: {why}"))
}
