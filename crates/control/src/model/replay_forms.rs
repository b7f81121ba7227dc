//! Replays and runs between the player's forms and those of the API.

use super::replay::{
    ReplayBinding, ReplayBindingEdit, ReplayCounts, ReplayCredentials, ReplayIgnores, ReplayValueSort,
};
use super::run::{DifferencePart, DifferenceSort, ReplayVerdict, RunPhase, VerdictCounts};

impl Default for ReplayIgnores {
    fn default() -> Self {
        replay::Ignores::default().into()
    }
}

impl From<replay::Ignores> for ReplayIgnores {
    fn from(ignores: replay::Ignores) -> Self {
        let replay::Ignores { ids, times, versions, order, wording, paths } = ignores;
        ReplayIgnores { ids, times, versions, order, wording, paths }
    }
}

impl From<ReplayIgnores> for replay::Ignores {
    fn from(ignores: ReplayIgnores) -> Self {
        let ReplayIgnores { ids, times, versions, order, wording, paths } = ignores;
        replay::Ignores { ids, times, versions, order, wording, paths }
    }
}

impl From<ReplayCredentials> for replay::Credentials {
    /// Those that are kept are fetched when a run begins; until then there are none.
    fn from(credentials: ReplayCredentials) -> Self {
        match credentials {
            ReplayCredentials::None | ReplayCredentials::Kept => replay::Credentials::None,
            ReplayCredentials::Bearer { token } => replay::Credentials::Bearer(token),
            ReplayCredentials::Basic { user, password } => replay::Credentials::Basic { user, password },
            ReplayCredentials::Header { name, value } => replay::Credentials::Header { name, value },
        }
    }
}

impl From<&replay::Binding> for ReplayBinding {
    fn from(binding: &replay::Binding) -> Self {
        let replay::Binding { from_step, from_place, to_step, to_place, value, sort } = binding.clone();
        ReplayBinding {
            from_step: from_step as u64,
            from_place,
            to_step: to_step as u64,
            to_place,
            value,
            sort: match sort {
                replay::ValueSort::Id => ReplayValueSort::Id,
                replay::ValueSort::ExternalId => ReplayValueSort::ExternalId,
                replay::ValueSort::Version => ReplayValueSort::Version,
                replay::ValueSort::Cursor => ReplayValueSort::Cursor,
                replay::ValueSort::Time => ReplayValueSort::Time,
            },
        }
    }
}

impl From<ReplayBinding> for replay::Binding {
    fn from(binding: ReplayBinding) -> Self {
        let ReplayBinding { from_step, from_place, to_step, to_place, value, sort } = binding;
        replay::Binding {
            from_step: from_step as usize,
            from_place,
            to_step: to_step as usize,
            to_place,
            value,
            sort: match sort {
                ReplayValueSort::Id => replay::ValueSort::Id,
                ReplayValueSort::ExternalId => replay::ValueSort::ExternalId,
                ReplayValueSort::Version => replay::ValueSort::Version,
                ReplayValueSort::Cursor => replay::ValueSort::Cursor,
                ReplayValueSort::Time => replay::ValueSort::Time,
            },
        }
    }
}

impl From<ReplayBindingEdit> for replay::BindingEdit {
    fn from(edit: ReplayBindingEdit) -> Self {
        match edit {
            ReplayBindingEdit::Keep { step, place, value } => {
                replay::BindingEdit::Keep { step: step as usize, place, value }
            }
            ReplayBindingEdit::Set { step, place, value, with } => {
                replay::BindingEdit::Set { step: step as usize, place, value, with }
            }
            ReplayBindingEdit::Bind(binding) => replay::BindingEdit::Bind(binding.into()),
        }
    }
}

impl From<replay::PlanCounts> for ReplayCounts {
    fn from(counts: replay::PlanCounts) -> Self {
        let replay::PlanCounts { steps, writes, unsendable, bindings, values } = counts;
        ReplayCounts {
            steps: steps as u64,
            writes: writes as u64,
            unsendable: unsendable as u64,
            bindings: bindings as u64,
            values: values as u64,
        }
    }
}

impl From<replay::Verdict> for ReplayVerdict {
    fn from(verdict: replay::Verdict) -> Self {
        match verdict {
            replay::Verdict::Same => ReplayVerdict::Same,
            replay::Verdict::SameExceptIgnored => ReplayVerdict::SameExceptIgnored,
            replay::Verdict::Different => ReplayVerdict::Different,
            replay::Verdict::Error => ReplayVerdict::Error,
            replay::Verdict::Skipped => ReplayVerdict::Skipped,
        }
    }
}

impl From<replay::Phase> for RunPhase {
    fn from(phase: replay::Phase) -> Self {
        match phase {
            replay::Phase::Replay => RunPhase::Replay,
            replay::Phase::State => RunPhase::State,
            replay::Phase::CleanUp => RunPhase::CleanUp,
        }
    }
}

impl From<replay::Part> for DifferencePart {
    fn from(part: replay::Part) -> Self {
        match part {
            replay::Part::Status => DifferencePart::Status,
            replay::Part::Header => DifferencePart::Header,
            replay::Part::Body => DifferencePart::Body,
            replay::Part::State => DifferencePart::State,
            replay::Part::Expectation => DifferencePart::Expectation,
        }
    }
}

impl From<replay::Sort> for DifferenceSort {
    fn from(sort: replay::Sort) -> Self {
        match sort {
            replay::Sort::Value => DifferenceSort::Value,
            replay::Sort::Id => DifferenceSort::Id,
            replay::Sort::Time => DifferenceSort::Time,
            replay::Sort::Version => DifferenceSort::Version,
            replay::Sort::Order => DifferenceSort::Order,
            replay::Sort::Wording => DifferenceSort::Wording,
        }
    }
}

impl VerdictCounts {
    /// Counts one step more.
    pub(crate) fn add(&mut self, verdict: ReplayVerdict) {
        *match verdict {
            ReplayVerdict::Same => &mut self.same,
            ReplayVerdict::SameExceptIgnored => &mut self.same_except_ignored,
            ReplayVerdict::Different => &mut self.different,
            ReplayVerdict::Error => &mut self.error,
            ReplayVerdict::Skipped => &mut self.skipped,
        } += 1;
    }

    /// The worst that there is.
    pub(crate) fn worst(&self) -> Option<ReplayVerdict> {
        let all = [
            (self.error, ReplayVerdict::Error),
            (self.different, ReplayVerdict::Different),
            (self.skipped, ReplayVerdict::Skipped),
            (self.same_except_ignored, ReplayVerdict::SameExceptIgnored),
            (self.same, ReplayVerdict::Same),
        ];
        all.into_iter().find(|(count, _)| *count > 0).map(|(_, verdict)| verdict)
    }
}

/// Header fields as the API shows them.
pub(crate) fn fields(headers: &[(String, String)]) -> Vec<[String; 2]> {
    headers.iter().map(|(name, value)| [name.clone(), value.clone()]).collect()
}
