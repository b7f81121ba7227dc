//! What the listener needs of whoever answers requests.

use provider::rules::Delivery;
use provider::{Answered, Errand, Passed, Provider, Refusal, Request, Unreached};
use traffic::handled::Handled;

/// Answers requests, without waiting for anything. The provider does; in tests of the listener, something whose answers
/// can be foreseen, delayed and broken at will.
pub trait Respond: Send + Sync + 'static {
    /// A request that has been looked at.
    type Prepared: Prepared;

    /// Looks at a request and decides what it will take.
    fn prepare(&self, request: Request) -> Self::Prepared;

    /// Answers what never became a request, and a request whose handling panicked.
    fn refuse(&self, refusal: Refusal) -> Handled;
}

/// A request that has been looked at.
pub trait Prepared: Send + 'static {
    /// Whether executing it takes so long that nothing else should wait for it.
    fn is_expensive(&self) -> bool;

    /// What is to be done with the answer beside sending it, if anything is. To be asked before it is executed.
    fn take_delivery(&mut self) -> Option<Box<Delivery>> {
        None
    }

    /// What is to be sent on to another server, if that one decides. Whoever takes it tells what came of it, by
    /// [`Prepared::answered`] or [`Prepared::unreached`], and does not execute it.
    fn take_errand(&mut self) -> Option<Errand> {
        None
    }

    /// The other server has answered.
    fn answered(self, _answered: Answered) -> Passed
    where
        Self: Sized,
    {
        Passed { handled: self.execute(), edited: true, follow_up: None }
    }

    /// The other server has not answered.
    fn unreached(self, _unreached: Unreached) -> Handled
    where
        Self: Sized,
    {
        self.execute()
    }

    /// Does what it asks.
    fn execute(self) -> Handled;
}

impl Respond for Provider {
    type Prepared = provider::Prepared;

    fn prepare(&self, request: Request) -> provider::Prepared {
        Provider::receive(self, request)
    }

    fn refuse(&self, refusal: Refusal) -> Handled {
        Provider::refuse(self, refusal)
    }
}

impl Prepared for provider::Prepared {
    fn is_expensive(&self) -> bool {
        provider::Prepared::is_expensive(self)
    }

    fn take_delivery(&mut self) -> Option<Box<Delivery>> {
        provider::Prepared::take_delivery(self)
    }

    fn take_errand(&mut self) -> Option<Errand> {
        provider::Prepared::take_errand(self)
    }

    fn answered(self, answered: Answered) -> Passed {
        provider::Prepared::answered(self, answered)
    }

    fn unreached(self, unreached: Unreached) -> Handled {
        provider::Prepared::unreached(self, unreached)
    }

    fn execute(self) -> Handled {
        provider::Prepared::execute(self)
    }
}
