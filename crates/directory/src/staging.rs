//! Many new resources at once, made ready beside the writer: others write while this goes on, and wait only for the moment in
//! which it becomes visible.

use std::sync::Arc;

use jiff::Timestamp;
use scim::long_list::Parts;

use crate::directory::Directory;
use crate::persistent::DiffItem;
use crate::resource::{Resource, date_time};
use crate::root::{Root, Slot};
use crate::transaction::{Conflict, Fault, Transaction};

/// Resources that are not visible yet: a state of the directory with them in it, and what that state began from.
///
/// Their places in the order of creation were set aside when it began, so what others create meanwhile stands behind them.
/// Dropping it undoes all; the places stay empty.
#[derive(Debug)]
pub struct Staging {
    base: Arc<Root>,
    root: Root,
    next: Slot,
    end: Slot,
    replaces: bool,
    created: Vec<Arc<Resource>>,
}

impl Directory {
    /// Begins to make up to `most` new resources ready. They come to those that there are, or, if it `replaces`, stand alone:
    /// all others go in the same revision.
    pub fn stage(&self, most: u64, replaces: bool) -> Staging {
        let (base, next) = self.set_aside(most);
        let root = if replaces { base.emptied() } else { Root::clone(&base) };
        Staging { base, root, next, end: next + most, replaces, created: Vec::new() }
    }
}

impl Staging {
    /// The state as it will be, if nobody else writes.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// What was created so far, in order.
    pub fn created(&self) -> &[Arc<Resource>] {
        &self.created
    }

    /// Adds a resource, as [`Transaction::create`] does, with a version that no earlier one with its `id` had.
    ///
    /// # Errors
    /// If the `id` or a value that must be unique is taken, or the registry has no such type.
    ///
    /// # Panics
    /// If there are more than it was begun for.
    pub fn create(
        &mut self,
        resource_type: &str,
        id: &str,
        content: impl Into<Parts>,
        at: Timestamp,
    ) -> Result<Arc<Resource>, Fault> {
        assert!(self.next < self.end, "more resources than places were set aside for");
        let of_type =
            self.root.type_number(resource_type).ok_or_else(|| Fault::UnknownType(resource_type.to_owned()))?;
        if let Some(other) = self.root.get(id) {
            return Err(id_taken(other).into());
        }
        let at = date_time(at);
        let shape = &self.root.type_layout(of_type).shape;
        // There may have been a resource with this id, and entity tags must not come back with other content.
        let version = self.base.revision() + 1;
        let resource = Arc::new(Resource::pack(shape, id, content.into(), &at, &at, version));
        self.root.check_unique(of_type, None, None, &resource)?;
        self.root.put(of_type, self.next, Some(Arc::clone(&resource)));
        self.next += 1;
        self.created.push(Arc::clone(&resource));
        Ok(resource)
    }

    /// Takes over what others have written since this began.
    fn catch_up(&mut self, now: &Root) -> Result<(), Fault> {
        if now.revision() != self.base.revision() && !self.replaces {
            for of_type in 0..now.collections.len() {
                for item in self.base.collections[of_type].resources.diff(&now.collections[of_type].resources) {
                    let (slot, resource) = match item {
                        DiffItem::Add(slot, resource) | DiffItem::Update { new: (slot, resource), .. } => {
                            (*slot, Some(resource))
                        }
                        DiffItem::Remove(slot, _) => (*slot, None),
                    };
                    self.root.put(of_type, slot, resource.cloned());
                    let Some(resource) = resource else { continue };
                    if let Some(other) = self.root.another(resource.id(), slot) {
                        return Err(id_taken(other).into());
                    }
                    self.root.check_unique(of_type, Some(slot), None, resource)?;
                }
            }
        }
        self.root.go_on_after(now);
        Ok(())
    }
}

impl Transaction<'_> {
    /// Makes visible what was made ready, together with what others wrote meanwhile. `record` runs as in
    /// [`Transaction::commit`] and gets the revision and what is gone; what came is [`Staging::created`], to be put into
    /// words before. What this transaction did before is not kept.
    ///
    /// # Errors
    /// If what others wrote meanwhile takes an `id` or a unique value; then nothing is changed.
    ///
    /// # Panics
    /// If it was made ready for another directory.
    pub fn adopt(
        mut self,
        mut staged: Staging,
        record: impl FnOnce(u64, &[Arc<Resource>]),
    ) -> Result<Arc<Root>, Fault> {
        let now = self.directory().root();
        assert!(Arc::ptr_eq(&now.layout, &staged.root.layout), "made ready for another directory");
        staged.catch_up(&now)?;
        let gone: Vec<Arc<Resource>> = if staged.replaces { now.resources().cloned().collect() } else { Vec::new() };
        if staged.created.is_empty() && gone.is_empty() {
            return Ok(now);
        }
        self.take(staged.root);
        Ok(self.publish(|revision| record(revision, &gone)))
    }
}

fn id_taken(other: &Resource) -> Conflict {
    let (resource_type, id) = (other.resource_type().to_owned(), other.id().to_owned());
    Conflict { attribute: "id".into(), value: id.as_str().into(), resource_type, id }
}
