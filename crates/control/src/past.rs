//! Which state of a directory is meant.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use directory::{Past, Root};
use http::StatusCode;
use provider::Tenant;
use traffic::ids::{Revision, Seq};

use crate::control::Control;
use crate::error::ApiError;

/// How many states that were put together are kept.
const KEPT: usize = 4;

/// The last states that were put together from later ones. They share with those what is the same.
#[derive(Debug, Default)]
pub(crate) struct Pasts {
    last: Mutex<VecDeque<(String, Arc<Root>)>>,
}

impl Pasts {
    /// The state of a tenant at a revision, if it is one of the last; else `make` makes it.
    fn root(
        &self,
        tenant: &str,
        revision: u64,
        make: impl FnOnce() -> Result<Root, ApiError>,
    ) -> Result<Arc<Root>, ApiError> {
        let lock = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, root)) = lock().iter().find(|(of, root)| of == tenant && root.revision() == revision) {
            return Ok(Arc::clone(root));
        }
        let root = Arc::new(make()?);
        let mut last = lock();
        last.push_front((tenant.to_owned(), Arc::clone(&root)));
        let keep = KEPT.min(last.len());
        let gone = last.split_off(keep);
        drop(last);
        // Freed when nobody waits for the lock.
        drop(gone);
        Ok(root)
    }
}

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
            At::After(seq) => {
                let found = self.history().revision_after(tenant.id(), seq);
                found.map_err(|why| ApiError::unreadable(&why))?.map(|revision| revision.0).ok_or_else(|| {
                    let message = format!("there is no exchange {seq}, or it is not decided yet");
                    ApiError::not_found(message)
                })?
            }
        };
        if revision > now.revision() {
            let message =
                format!("there is no revision {revision} of {}; the last is {}", tenant.name(), now.revision());
            return Err(ApiError::not_found(message));
        }
        if let Some(root) = directory.at(revision) {
            return Ok(root);
        }
        self.pasts().root(tenant.id(), revision, || self.put_together(tenant, revision))
    }

    /// The state at a revision, from the nearest one that is kept and what was different.
    fn put_together(&self, tenant: &Tenant, revision: u64) -> Result<Root, ApiError> {
        let history = self.history();
        let unreadable = |why| ApiError::unreadable(&why);
        let horizon = history.horizon(tenant.id()).map_err(unreadable)?.0;
        if revision < horizon {
            let kept = self.snapshots_of(tenant)?.into_iter().find(|snapshot| snapshot.revision == revision);
            if let Some(snapshot) = kept {
                return self.kept_state(tenant, &snapshot);
            }
            let message = format!(
                "revision {revision} of {} is not known any more; the history begins at revision {horizon}",
                tenant.name()
            );
            return Err(ApiError::new(StatusCode::GONE, "beyond_horizon", message));
        }
        let base = tenant.directory().nearest(revision);
        let earlier =
            history.earlier(tenant.id(), Revision(revision), Revision(base.revision())).map_err(unreadable)?;
        let past = earlier.into_iter().map(|earlier| Past {
            resource_type: earlier.resource_type,
            id: earlier.resource_id,
            state: earlier.state,
        });
        base.rewound(revision, past).map_err(|lost| {
            ApiError::new(StatusCode::GONE, "lost_type", format!("revision {revision} cannot be read: {lost}"))
        })
    }
}
