//! Steering a replay that runs: stop, one step more, go on.

use std::sync::Arc;

use tokio::sync::watch;

/// What a person wants of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orders {
    pub stop: bool,
    /// How many steps may be begun, if that is bounded.
    pub allowed: Option<u64>,
}

/// Steers one run. Clones steer the same run.
#[derive(Clone, Debug)]
pub struct Steer(Arc<watch::Sender<Orders>>);

impl Default for Steer {
    fn default() -> Self {
        Steer::new(false)
    }
}

impl Steer {
    /// For a run that goes on by itself, or waits before its first step.
    pub fn new(step_by_step: bool) -> Steer {
        Steer(Arc::new(watch::Sender::new(Orders { stop: false, allowed: step_by_step.then_some(0) })))
    }

    /// Begins no step any more. What is under way is finished or times out.
    pub fn stop(&self) {
        self.0.send_modify(|orders| orders.stop = true);
    }

    /// Lets a run that waits take one step more.
    pub fn step(&self) {
        self.0.send_modify(|orders| orders.allowed = orders.allowed.map(|allowed| allowed + 1));
    }

    /// Lets a run that waits go on by itself.
    pub fn go_on(&self) {
        self.0.send_modify(|orders| orders.allowed = None);
    }

    /// Whether it waits for a person before each step.
    pub fn is_step_by_step(&self) -> bool {
        self.0.borrow().allowed.is_some()
    }

    pub(crate) fn orders(&self) -> watch::Receiver<Orders> {
        self.0.subscribe()
    }
}
