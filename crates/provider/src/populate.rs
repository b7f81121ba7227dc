//! Many new resources at once, with the same checks as POST but without requests: made up, or from a file.

use std::collections::HashMap;
use std::sync::Arc;

use directory::{Fault, Resource, Staging};
use jiff::Timestamp;
use scim::error::{ScimError, ScimType};
use scim::finding::Place;
use scim::incoming;
use scim::json::Json;
use scim::leniency::{Leniency, Reading};
use traffic::change::{Cause, Change, Committed};
use traffic::entry::Entry;
use traffic::ids::Revision;

use crate::browse;
use crate::provider::Provider;
use crate::tenant::Tenant;

/// Refusals that are told; further ones are counted.
pub const TOLD: usize = 100;
/// After so many refusals nobody wants to know the next one.
const ENOUGH: u64 = 10_000;
/// The longest `id`, in bytes.
const LONGEST_ID: usize = 200;
/// So many resources between two looks at whether to go on.
const STRIDE: u64 = 64;

/// What is to be done with resources that are new.
#[derive(Clone, Copy, Debug)]
pub struct Populate {
    /// At most so many will come.
    pub most: u64,
    /// Whether all that there are go, in the same revision.
    pub replace: bool,
    /// Why.
    pub cause: Cause,
    /// Whether nothing is to be changed: only to tell what would be refused.
    pub dry_run: bool,
}

/// A resource that is to be created.
#[derive(Clone, Debug)]
pub struct NewResource {
    /// Name of its type.
    pub resource_type: String,
    /// The `id` that it is to have; a new one is made if it has none.
    pub id: Option<String>,
    /// The resource as a client would write it.
    pub body: Json,
    /// Where it comes from, for messages: a line of a file.
    pub from: u64,
}

/// What was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Populated {
    /// The directory's revision now.
    pub revision: u64,
    /// How many resources of each type came.
    pub created: Vec<(String, u64)>,
    /// How many went.
    pub gone: u64,
    /// How many deviations were tolerated, or things left out.
    pub findings: u64,
}

/// A resource that cannot be created.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Where it comes from: [`NewResource::from`].
    pub from: u64,
    /// What POST would have answered.
    pub error: ScimError,
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Hitch {
    /// These cannot be created; and how many there are in all.
    #[error("{all} resources are refused; the first: {}", .told.first().map_or("", |first| &first.error.detail))]
    Refused {
        /// The first [`TOLD`] of them.
        told: Vec<Refused>,
        /// How many there are.
        all: u64,
    },
    /// Whoever asked for it said stop.
    #[error("it was stopped")]
    Stopped,
    /// What others wrote meanwhile is in the way.
    #[error("others wrote meanwhile what is in the way: {0}")]
    Overtaken(Fault),
    /// The tenant was deleted.
    #[error("the tenant was deleted meanwhile")]
    Gone,
}

impl Provider {
    /// Creates resources in one revision, all or none. They are checked and put into indexes beside the writer: requests that
    /// write wait only for the moment in which all become visible.
    ///
    /// `watch` is told now and then how many are done, and says whether to go on.
    ///
    /// # Errors
    /// If one of them is refused, or it is stopped; then nothing is changed.
    pub fn populate(
        &self,
        tenant: &Tenant,
        what: Populate,
        resources: impl IntoIterator<Item = NewResource>,
        watch: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Populated, Hitch> {
        let mut work = Work {
            provider: self,
            tenant,
            leniency: tenant.profile().leniency,
            at: self.now(),
            staged: tenant.directory().stage(what.most, what.replace),
            sources: Vec::new(),
            refused: Vec::new(),
            all_refused: 0,
            findings: 0,
        };
        for (done, resource) in (0u64..).zip(resources) {
            if done.is_multiple_of(STRIDE) && !watch(done) {
                return Err(Hitch::Stopped);
            }
            work.take(resource);
            if work.all_refused >= ENOUGH {
                break;
            }
        }
        if tenant.profile().referential_integrity && work.all_refused == 0 {
            work.check_references();
        }
        if work.all_refused > 0 {
            return Err(Hitch::Refused { told: work.refused, all: work.all_refused });
        }
        work.finish(what, watch)
    }
}

struct Work<'a> {
    provider: &'a Provider,
    tenant: &'a Tenant,
    leniency: Leniency,
    at: Timestamp,
    staged: Staging,
    /// Where each of those created comes from.
    sources: Vec<u64>,
    refused: Vec<Refused>,
    all_refused: u64,
    findings: u64,
}

impl Work<'_> {
    fn take(&mut self, new: NewResource) {
        let from = new.from;
        match self.create(new) {
            Ok(()) => self.sources.push(from),
            Err(error) => self.refuse(from, error),
        }
    }

    fn refuse(&mut self, from: u64, error: ScimError) {
        self.all_refused += 1;
        if self.refused.len() < TOLD {
            self.refused.push(Refused { from, error });
        }
    }

    fn create(&mut self, new: NewResource) -> Result<(), ScimError> {
        let invalid =
            |detail: String| ScimError::bad_request(ScimType::InvalidValue, Place::Body(String::new()), detail);
        let registry = self.tenant.registry();
        let shape = registry.shape_named(&new.resource_type).ok_or_else(|| {
            let known: Vec<&str> = registry.shapes().iter().map(|shape| shape.resource_type.name.as_str()).collect();
            let name: String = new.resource_type.chars().take(80).collect();
            invalid(format!("there is no resource type {name:?} here; there are {}", known.join(", ")))
        })?;
        if let Some(id) = &new.id
            && (id.is_empty() || id.len() > LONGEST_ID || id.chars().any(char::is_control) || id == "bulkId")
        {
            let shown: String = id.chars().take(80).collect();
            return Err(invalid(format!("the id {shown:?} does not do; it has to have 1 to {LONGEST_ID} bytes")));
        }
        let mut reading = Reading::new(shape, self.leniency);
        let object = incoming::resource(&mut reading, new.body, None)?;
        self.findings += reading.findings.len() as u64;
        let id = new.id.unwrap_or_else(|| self.provider.new_id());
        match self.staged.create(&new.resource_type, &id, object, self.at) {
            Ok(_) => Ok(()),
            Err(fault @ Fault::Conflict(_)) => Err(ScimError {
                status: 409,
                ..ScimError::bad_request(ScimType::Uniqueness, Place::Body(String::new()), fault.to_string())
            }),
            Err(fault) => Err(invalid(fault.to_string())),
        }
    }

    fn check_references(&mut self) {
        let mut dangling = Vec::new();
        for (resource, from) in self.staged.created().iter().zip(&self.sources) {
            let missing = browse::references_of(self.staged.root(), resource);
            let missing = missing.into_iter().find(|reference| reference.resource.is_none());
            dangling.extend(missing.map(|missing| (*from, missing)));
        }
        for (from, missing) in dangling {
            let detail = format!(
                "{} names {:?}, and there is no resource with this id; the profile wants all references to lead somewhere",
                missing.attribute, missing.id
            );
            self.refuse(from, ScimError::bad_request(ScimType::InvalidValue, Place::Body(String::new()), detail));
        }
    }

    fn finish(self, what: Populate, watch: &mut dyn FnMut(u64) -> bool) -> Result<Populated, Hitch> {
        let Work { provider, tenant, staged, findings, .. } = self;
        let created = count(staged.created());
        let done = staged.created().len() as u64;
        if what.dry_run {
            let now = tenant.directory().root();
            let gone = if what.replace { now.len() as u64 } else { 0 };
            return Ok(Populated { revision: now.revision(), created, gone, findings });
        }
        // Put into words before anybody has to wait. What is different in a resource that is new is all of it.
        let mut changes: Vec<Change> = staged.created().iter().map(|resource| came(resource)).collect();
        if !watch(done) {
            return Err(Hitch::Stopped);
        }
        // Written before anybody has to wait as well, unless what is there now has a part in it.
        let storage = provider.shared.log.takes_ahead().filter(|_| !what.replace);
        let mut is_stopped = false;
        let mut go_on = || {
            is_stopped |= !watch(done);
            !is_stopped
        };
        let ahead = storage.and_then(|storage| storage.take(tenant.id(), &changes, &mut go_on));
        let give_up = || {
            if let (Some(storage), Some(ahead)) = (storage, ahead) {
                storage.give_up(ahead);
            }
        };
        if is_stopped {
            give_up();
            return Err(Hitch::Stopped);
        }
        let Ok(transaction) = tenant.begin() else {
            give_up();
            return Err(Hitch::Gone);
        };
        let (mut lost, mut is_recorded) = (0, false);
        let root = transaction.adopt(staged, |revision, gone| {
            lost = gone.len() as u64;
            merge(&mut changes, gone);
            let (tenant, cause) = (tenant.id().to_owned(), what.cause);
            let committed = Committed { tenant, revision: Revision(revision), cause, changes, ahead };
            provider.shared.log.append(Entry::Committed(Arc::new(committed)));
            is_recorded = true;
        });
        if !is_recorded {
            give_up();
        }
        let root = root.map_err(Hitch::Overtaken)?;
        Ok(Populated { revision: root.revision(), created, gone: lost, findings })
    }
}

/// How many there are of each type, in the order in which the types come up.
fn count(created: &[Arc<Resource>]) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = Vec::new();
    for resource in created {
        match counts.iter_mut().find(|(name, _)| name == resource.resource_type()) {
            Some((_, count)) => *count += 1,
            None => counts.push((resource.resource_type().to_owned(), 1)),
        }
    }
    counts
}

/// Puts what went before what came; one that comes again is one change.
fn merge(changes: &mut Vec<Change>, gone: &[Arc<Resource>]) {
    if gone.is_empty() {
        return;
    }
    let came: HashMap<String, usize> =
        changes.iter().enumerate().map(|(at, change)| (change.resource_id.clone(), at)).collect();
    let mut went_for_good = Vec::new();
    for resource in gone {
        match came.get(resource.id()).map(|at| &mut changes[*at]) {
            Some(again) if again.resource_type == resource.resource_type() => {
                again.before = Some(Arc::clone(&resource.document));
            }
            _ => went_for_good.push(went(resource)),
        }
    }
    changes.splice(..0, went_for_good);
}

/// Without lines: they are the whole resource again, and whoever shows them can make them.
fn came(resource: &Resource) -> Change {
    Change { after: Some(Arc::clone(&resource.document)), ..named(resource) }
}

/// Likewise.
fn went(resource: &Resource) -> Change {
    Change { before: Some(Arc::clone(&resource.document)), ..named(resource) }
}

fn named(resource: &Resource) -> Change {
    Change {
        resource_type: resource.resource_type().to_owned(),
        resource_id: resource.id().to_owned(),
        display: resource.display().to_owned(),
        before: None,
        after: None,
        lines: Vec::new(),
    }
}
