//! Bringing back what was: single resources, whole directories, what an exchange changed.

use std::collections::HashSet;
use std::sync::Arc;

use directory::{Commit, Delta, Fault, Past, Root, Transaction};
use scim::document::Document;
use traffic::change::{Cause, Change};

use crate::provider::Provider;
use crate::tenancy::changes_of;
use crate::tenant::Tenant;

/// States to be brought back in one revision.
#[derive(Debug)]
pub struct TurnBack<'a> {
    /// What resources are to be.
    pub states: Vec<Past>,
    /// For states that lead from one root to another: the root that they were compared with. What was changed since then is
    /// brought to what it was there.
    pub compared_with: Option<&'a Root>,
    /// For an undo: the states that must still be there, in the order of `states`.
    pub expected: Option<Vec<Option<Arc<Document>>>>,
    /// Whether a resource that goes is taken out of the groups that name it, as DELETE does.
    pub cascade: bool,
    /// Why.
    pub cause: Cause,
    /// Whether nothing is to be changed: only to tell what would be.
    pub dry_run: bool,
}

/// What was done, or would be.
#[derive(Clone, Debug)]
pub struct TurnedBack {
    /// The directory's revision now.
    pub revision: u64,
    /// What changed, or would change.
    pub changes: Vec<Change>,
}

/// Why something cannot be brought back.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Hindrance {
    /// These resources were changed later; by type and `id`.
    #[error("{} resources were changed later", .0.len())]
    ChangedLater(Vec<(String, String)>),
    /// Resources refer to one that would go: type and `id` of those, and the `id` that they name.
    #[error("{} resources refer to what would go", .0.len())]
    StillReferred(Vec<(String, String, String)>),
    /// A value that must be unique is taken by another resource, or its type is none any more.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The tenant was deleted.
    #[error("the tenant was deleted meanwhile")]
    Gone,
}

impl Provider {
    /// Brings states back in one revision, or tells what that would change. All or nothing.
    pub fn turn_back(&self, tenant: &Tenant, what: TurnBack<'_>) -> Result<TurnedBack, Hindrance> {
        let TurnBack { mut states, compared_with, expected, cascade, cause, dry_run } = what;
        let mut transaction = tenant.begin().map_err(|_| Hindrance::Gone)?;
        if let Some(root) = compared_with {
            let named: HashSet<String> = states.iter().map(|past| past.id.clone()).collect();
            let since = transaction.touched_since(root).into_iter();
            states.extend(since.filter(|past| !named.contains(&past.id)));
        }
        if let Some(expected) = &expected {
            unchanged(transaction.root(), &states, expected)?;
            unreferred(transaction.root(), &states)?;
        }
        let at = self.now();
        for past in states {
            if past.state.is_none() && cascade {
                match transaction.delete(&past.id, at) {
                    Ok(_) | Err(Fault::NotFound(_)) => {}
                    Err(fault) => return Err(fault.into()),
                }
            } else {
                transaction.bring_back(past, at)?;
            }
        }
        transaction.check_unique_values().map_err(Fault::from)?;
        if dry_run {
            let changes = changes_of(transaction.changes().into_iter());
            return Ok(TurnedBack { revision: tenant.directory().root().revision(), changes });
        }
        Ok(self.commit_as(transaction, tenant, cause))
    }

    fn commit_as(&self, transaction: Transaction<'_>, tenant: &Tenant, cause: Cause) -> TurnedBack {
        let mut deltas: Vec<Delta> = Vec::new();
        let root = transaction.commit(|commit: &Commit| {
            deltas.clone_from(&commit.changes);
            self.record(tenant.id(), commit.revision, cause, commit.changes.iter().cloned());
        });
        TurnedBack { revision: root.revision(), changes: changes_of(deltas.into_iter()) }
    }
}

/// Refuses if a resource is not any more what it was left as.
fn unchanged(root: &Root, states: &[Past], expected: &[Option<Arc<Document>>]) -> Result<(), Hindrance> {
    let is_other = |(past, expected): &(&Past, &Option<Arc<Document>>)| {
        root.get(&past.id).map(|resource| resource.document.value()) != expected.as_ref().map(|state| state.value())
    };
    let later: Vec<_> = states
        .iter()
        .zip(expected)
        .filter(is_other)
        .map(|(past, _)| (past.resource_type.clone(), past.id.clone()))
        .collect();
    if later.is_empty() { Ok(()) } else { Err(Hindrance::ChangedLater(later)) }
}

/// Refuses if a resource would go that another one names which stays as it is.
fn unreferred(root: &Root, states: &[Past]) -> Result<(), Hindrance> {
    let touched: HashSet<&str> = states.iter().map(|past| past.id.as_str()).collect();
    let mut found = Vec::new();
    for past in states.iter().filter(|past| past.state.is_none()) {
        for (_, holder) in root.referring(&past.id) {
            if !touched.contains(holder.id()) {
                found.push((holder.resource_type().to_owned(), holder.id().to_owned(), past.id.clone()));
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(Hindrance::StillReferred(found)) }
}
