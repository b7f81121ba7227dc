//! What a replay found, for terminals, for test runners and for programs.

use std::fmt::Write as _;

use ::replay::{Ignores, Phase, StepOutcome, Verdict};
use serde::{Deserialize, Serialize};

use crate::report::{Case, Ending};

/// One step in a line.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its place, from 1.
    pub step: u64,
    /// replay, state or clean_up.
    pub phase: String,
    /// What it is for.
    pub label: String,
    pub method: String,
    pub path: String,
    pub recorded_status: Option<u16>,
    pub replayed_status: Option<u16>,
    pub elapsed_us: Option<u64>,
    pub verdict: Verdict,
    /// What counts, in words.
    pub differences: Vec<String>,
}

/// What became of a replay.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Went {
    /// What was replayed.
    pub title: String,
    /// Where.
    pub target: String,
    pub steps: Vec<Row>,
    /// Why the server could not be reached, if it could not.
    pub unreachable: Option<String>,
    /// Whether nothing was sent on purpose.
    pub dry_run: bool,
}

impl Row {
    /// A step that the player has done.
    pub fn of(outcome: &StepOutcome, ignores: &Ignores) -> Row {
        let counting = outcome.differences.iter().filter(|difference| ignores.counts(difference));
        let phase = match outcome.phase {
            Phase::Replay => "replay",
            Phase::State => "state",
            Phase::CleanUp => "clean_up",
        };
        Row {
            step: outcome.index as u64 + 1,
            phase: phase.to_owned(),
            label: outcome.label.clone(),
            method: outcome.call.method.clone(),
            path: outcome.call.path.clone(),
            recorded_status: outcome.recorded.as_ref().map(|reply| reply.status),
            replayed_status: outcome.replayed.as_ref().map(|reply| reply.status),
            elapsed_us: outcome.elapsed_us,
            verdict: outcome.verdict,
            differences: counting.map(ToString::to_string).collect(),
        }
    }

    /// As a line of the table, with what is different below it.
    pub fn line(&self) -> String {
        let word = match self.verdict {
            Verdict::Same => "same",
            Verdict::SameExceptIgnored => "ignored",
            Verdict::Different => "DIFFERENT",
            Verdict::Error => "ERROR",
            Verdict::Skipped => "skipped",
        };
        let status = |status: Option<u16>| status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let mut text = format!(
            "{word:<9} {:>5}  {:<6} {:>3} {:>3}  {:>8}  {}\n",
            self.step,
            self.method,
            status(self.recorded_status),
            status(self.replayed_status),
            self.elapsed_us.map_or_else(String::new, |us| format!("{:.1} ms", us as f64 / 1000.0)),
            self.path,
        );
        for difference in &self.differences {
            let _ = writeln!(text, "{:>18}{difference}", "");
        }
        text
    }

    fn is_same(&self) -> bool {
        matches!(self.verdict, Verdict::Same | Verdict::SameExceptIgnored)
    }
}

impl Went {
    /// Whether nothing counts as different.
    pub fn is_same(&self) -> bool {
        self.steps.iter().all(Row::is_same)
    }

    /// In one line.
    pub fn summary(&self) -> String {
        if self.dry_run {
            return format!("{}: {} requests would be sent to {}; none was", self.title, self.steps.len(), self.target);
        }
        let count = |verdict: Verdict| self.steps.iter().filter(|row| row.verdict == verdict).count();
        format!(
            "{} at {}: {} same, {} same except ignored, {} different, {} errors, {} skipped",
            self.title,
            self.target,
            count(Verdict::Same),
            count(Verdict::SameExceptIgnored),
            count(Verdict::Different),
            count(Verdict::Error),
            count(Verdict::Skipped),
        )
    }
}

/// As JSON.
pub fn json(went: &Went) -> String {
    #[derive(Serialize, Deserialize)]
    struct Verdicts {
        same: bool,
    }
    let mut value = serde_json::json!(went);
    let same = serde_json::json!(Verdicts { same: went.is_same() && went.unreachable.is_none() });
    if let (Some(value), Some(same)) = (value.as_object_mut(), same.as_object()) {
        value.extend(same.clone());
    }
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

/// As JUnit's XML: one case for each step.
pub fn junit(went: &Went) -> String {
    let mut cases: Vec<Case> = went.steps.iter().map(|row| row.case(&went.title)).collect();
    if let Some(why) = &went.unreachable {
        let ending = Ending::Error(vec![why.clone()]);
        cases.push(Case { class: "target".to_owned(), name: "reached".to_owned(), seconds: 0.0, ending });
    }
    crate::report::junit(&went.title, &cases)
}

impl Row {
    fn case(&self, class: &str) -> Case {
        let name = if self.label.is_empty() { &self.path } else { &self.label };
        let why = || self.differences.clone();
        let ending = match self.verdict {
            Verdict::Same | Verdict::SameExceptIgnored => Ending::Passed,
            Verdict::Different => Ending::Failed(why()),
            Verdict::Error => Ending::Error(why()),
            Verdict::Skipped => Ending::Skipped(why()),
        };
        Case {
            class: class.to_owned(),
            name: format!("{} {} {name}", self.step, self.method),
            seconds: self.elapsed_us.unwrap_or_default() as f64 / 1e6,
            ending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_for_test_runners_has_a_case_for_each_step_and_stays_xml_whatever_a_server_says() {
        let row = |step: u64, verdict: Verdict, why: &str| Row {
            step,
            phase: "replay".into(),
            label: "look <for> \"Ada\" & Bob".into(),
            method: "GET".into(),
            path: "/Users".into(),
            recorded_status: Some(200),
            replayed_status: Some(500),
            elapsed_us: Some(1500),
            verdict,
            differences: vec![why.to_owned()],
        };
        let steps =
            vec![row(1, Verdict::Same, ""), row(2, Verdict::Different, "a\u{1}<b>"), row(3, Verdict::Skipped, "no id")];
        let went = Went { title: "Flow".into(), target: "t".into(), steps, ..Went::default() };
        let text = junit(&went);
        assert!(text.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""), "{text}");
        assert!(text.contains("look &lt;for&gt; &quot;Ada&quot; &amp; Bob"), "{text}");
        assert!(text.contains("a?&lt;b&gt;") && !text.contains('\u{1}'), "{text}");
        assert!(json(&went).contains("\"same\": false"));
    }
}
