//! Which state of a directory is meant.

use std::fmt;
use std::sync::Arc;

use directory::Root;
use http::StatusCode;
use provider::Tenant;
use traffic::ids::Seq;

use crate::control::Control;
use crate::error::ApiError;

/// A state of a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum At {
    /// The present one.
    #[default]
    Now,
    /// That of a revision.
    Revision(u64),
    /// The one right after an exchange.
    After(Seq),
}

impl At {
    /// Reads `at`: a revision, or `seq:N`; nothing, or `now`, for the present.
    pub fn read(text: Option<&str>) -> Result<At, ApiError> {
        let text = text.unwrap_or_default().trim();
        let wrong = || {
            ApiError::bad_request(format!(
                "{text:?} names no state; write a revision like 12, or seq:34 for the state right after exchange 34"
            ))
        };
        match text.split_once(':') {
            None if text.is_empty() || text == "now" => Ok(At::Now),
            None => text.parse().map(At::Revision).map_err(|_| wrong()),
            Some(("seq", number)) => number.trim().parse().map(|seq| At::After(Seq(seq))).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::Now => f.write_str("now"),
            At::Revision(revision) => write!(f, "revision {revision}"),
            At::After(seq) => write!(f, "exchange {seq}"),
        }
    }
}

impl Control {
    /// The state of a tenant's directory that is meant. May read from the workspace: not for a thread that serves others.
    pub(crate) fn root_at(&self, tenant: &Tenant, at: At) -> Result<Arc<Root>, ApiError> {
        let directory = tenant.directory();
        let now = directory.root();
        let revision = match at {
            At::Now => return Ok(now),
            At::Revision(revision) => revision,
            At::After(seq) => return Err(gone(at, format!("exchange {seq}"))),
        };
        if revision > now.revision() {
            let message =
                format!("there is no revision {revision} of {}; the last is {}", tenant.name(), now.revision());
            return Err(ApiError::not_found(message));
        }
        directory.at(revision).ok_or_else(|| gone(at, tenant.name()))
    }
}

fn gone(at: At, of: impl fmt::Display) -> ApiError {
    let message = format!("the state at {at} of {of} is not kept any more");
    ApiError::new(StatusCode::GONE, "beyond_horizon", message)
}
