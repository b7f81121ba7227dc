//! Why a command could not do what it was asked for, and the exit code that says so.

use std::process::ExitCode;

use app::running::CannotListen;

/// The answers are not the same, or what was expected does not hold. No failure of the command.
pub const DIFFERENT: u8 = 1;

/// Why a command could not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for is wrong: exit code 2.
    Usage(String),
    /// A server cannot be reached, or ended: exit code 3.
    Unreachable(String),
    /// An address is not to be had, because another program listens there: exit code 4.
    AddressInUse(String),
}

impl Failure {
    /// Says why, and gives the exit code.
    pub fn end(&self) -> ExitCode {
        let (code, why) = match self {
            Failure::Usage(why) => (2, why),
            Failure::Unreachable(why) => (3, why),
            Failure::AddressInUse(why) => (4, why),
        };
        tracing::error!("{why}");
        ExitCode::from(code)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        match error.downcast_ref::<CannotListen>() {
            Some(cannot) if cannot.is_in_use() => Failure::AddressInUse(format!("{error:#}")),
            _ => Failure::Usage(format!("{error:#}")),
        }
    }
}

/// The exit code of a command that found out whether something holds.
pub fn code(done: Result<bool, Failure>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(DIFFERENT),
        Err(failure) => failure.end(),
    }
}
