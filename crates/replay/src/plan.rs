//! What a replay would send: counted and listed before anything leaves.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bindings::{Binding, BindingEdit, Fixed, Follower, edited};
use crate::recording::{Recorded, Source, Unreadable};

/// Steps that are read at once.
pub(crate) const PAGE: usize = 64;

/// What a replay would send.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How many steps there are.
    pub steps: usize,
    /// How many of them change something.
    pub writes: usize,
    /// How many cannot be sent again.
    pub unsendable: usize,
    /// Where values come from, by the step that needs them.
    pub bindings: BTreeMap<usize, Vec<Binding>>,
    pub(crate) fixed: Fixed,
    /// The places of answers that later steps need, by step.
    pub(crate) wanted: HashMap<usize, Vec<String>>,
}

/// What a plan is about, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCounts {
    /// Steps.
    pub steps: usize,
    /// Steps that change something.
    pub writes: usize,
    /// Steps that cannot be sent again.
    pub unsendable: usize,
    /// Places in requests that get a value of the target.
    pub bindings: usize,
    /// Distinct values that are remapped.
    pub values: usize,
}

impl Plan {
    /// Reads a source once, page by page, and follows its values. May wait for the disk.
    pub fn of(source: &dyn Source, edits: &[BindingEdit]) -> Result<Plan, Unreadable> {
        let mut plan = Plan { steps: source.len(), ..Plan::default() };
        let (mut follower, mut found) = (Follower::default(), Vec::new());
        for start in (0..source.len()).step_by(PAGE) {
            for (index, step) in source.read(start..(start + PAGE).min(source.len()))?.iter().enumerate() {
                plan.writes += usize::from(step.writes() && step.unsendable.is_none());
                plan.unsendable += usize::from(step.unsendable.is_some());
                found.extend(follower.step(start + index, step));
            }
        }
        let (bindings, fixed) = edited(found, edits);
        plan.fixed = fixed;
        for binding in bindings {
            let places = plan.wanted.entry(binding.from_step).or_default();
            if !places.contains(&binding.from_place) {
                places.push(binding.from_place.clone());
            }
            plan.bindings.entry(binding.to_step).or_default().push(binding);
        }
        Ok(plan)
    }

    /// In numbers.
    pub fn counts(&self) -> PlanCounts {
        let all = || self.bindings.values().flatten();
        let values: std::collections::HashSet<&str> = all().map(|binding| binding.value.as_str()).collect();
        PlanCounts {
            steps: self.steps,
            writes: self.writes,
            unsendable: self.unsendable,
            bindings: all().count(),
            values: values.len(),
        }
    }
}

/// A source with requests that a person has edited.
pub struct Edited {
    /// The source.
    pub source: Arc<dyn Source>,
    /// Other requests for steps, by their places.
    pub calls: BTreeMap<usize, crate::recording::Call>,
}

impl Source for Edited {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn read(&self, places: std::ops::Range<usize>) -> Result<Vec<Recorded>, Unreadable> {
        let start = places.start;
        let mut steps = self.source.read(places)?;
        for (index, step) in steps.iter_mut().enumerate() {
            if let Some(call) = self.calls.get(&(start + index)) {
                step.call = call.clone();
                step.unsendable = None;
            }
        }
        Ok(steps)
    }
}
