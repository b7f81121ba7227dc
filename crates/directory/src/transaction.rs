//! Changing a directory: one writer, all or nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, MutexGuard};

use jiff::Timestamp;
use scim::document::Document;
use scim::json::Json;
use scim::long_list::Parts;

use crate::directory::Directory;
use crate::persistent::DiffItem;
use crate::resource::{Resource, date_time, remove_elements};
use crate::rewind::Past;
use crate::root::{Root, Slot};

/// The one writer of a directory. Nothing is visible to readers before [`Transaction::commit`]; dropping it undoes all.
#[derive(Debug)]
pub struct Transaction<'a> {
    directory: &'a Directory,
    _writer: MutexGuard<'a, ()>,
    root: Root,
    /// Type and slot of what was touched, in that order.
    touched: Vec<(usize, Slot)>,
    /// What readers see of it.
    before: HashMap<(usize, Slot), Option<Arc<Resource>>>,
}

/// What a commit did to one resource.
#[derive(Clone, Debug)]
pub struct Delta {
    /// The state before; `None` for a creation.
    pub before: Option<Arc<Resource>>,
    /// The state after; `None` for a deletion.
    pub after: Option<Arc<Resource>>,
}

/// What became visible together.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The revision made.
    pub revision: u64,
    /// One delta for each resource that changed, in the order in which they were first touched.
    pub changes: Vec<Delta>,
}

/// A value that must be unique is taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{attribute} {value} is already used by {resource_type} {id}")]
pub struct Conflict {
    /// The attribute's path: `userName`.
    pub attribute: String,
    /// The value as it was to be written.
    pub value: Json,
    /// The type of the resource that has it.
    pub resource_type: String,
    /// The `id` of the resource that has it.
    pub id: String,
}

/// A root is not one of this directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state belongs to another directory")]
pub struct ForeignRoot;

/// Why a resource cannot be written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A value that must be unique is taken.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// There is no resource with this `id`.
    #[error("there is no resource with the id {0:?}")]
    NotFound(String),
    /// The directory's registry has no resource type of this name.
    #[error("there is no resource type {0:?}")]
    UnknownType(String),
}

/// The outcome of replacing a resource.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The resource as it is now.
    pub resource: Arc<Resource>,
    /// Whether that is another state than before.
    pub changed: bool,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(directory: &'a Directory, writer: MutexGuard<'a, ()>, root: Root) -> Transaction<'a> {
        Transaction { directory, _writer: writer, root, touched: Vec::new(), before: HashMap::new() }
    }

    /// The state as this transaction has made it so far.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The resource with this `id`, as this transaction has made it so far.
    pub fn get(&self, id: &str) -> Option<Arc<Resource>> {
        self.root.get(id).cloned()
    }

    /// Adds a resource: the object's attributes under this `id`, with `meta` made here.
    ///
    /// Refused if the `id` or a value that must be unique is taken, or the registry has no such type.
    pub fn create(
        &mut self,
        resource_type: &str,
        id: &str,
        content: impl Into<Parts>,
        at: Timestamp,
    ) -> Result<Arc<Resource>, Fault> {
        let of_type =
            self.root.type_number(resource_type).ok_or_else(|| Fault::UnknownType(resource_type.to_owned()))?;
        if let Some(other) = self.root.get(id) {
            return Err(Fault::Conflict(Conflict {
                attribute: "id".into(),
                value: id.into(),
                resource_type: other.resource_type().to_owned(),
                id: id.to_owned(),
            }));
        }
        let at = date_time(at);
        let shape = &self.root.type_layout(of_type).shape;
        let resource = Arc::new(Resource::pack(shape, id, content.into(), &at, &at, 1));
        self.root.check_unique(of_type, None, None, &resource)?;
        let slot = self.root.append(of_type, Arc::clone(&resource));
        self.touch(of_type, slot, None);
        Ok(resource)
    }

    /// Gives a resource other attributes. If they say what it says already nothing changes, not even
    /// `meta.lastModified`.
    ///
    /// Refused if there is no such resource, or a value that must be unique is taken.
    pub fn replace(&mut self, id: &str, content: impl Into<Parts>, at: Timestamp) -> Result<Replaced, Fault> {
        let (of_type, slot, before) = self.root.find(id).ok_or_else(|| Fault::NotFound(id.to_owned()))?;
        let before = Arc::clone(before);
        let mut content = content.into();
        if before.document.has_long_lists() {
            content.share_with(&before.document.to_parts().lists);
        }
        if before.says(&content) {
            return Ok(Replaced { resource: before, changed: false });
        }
        let modified = date_time(at);
        let created = before.created().unwrap_or(&modified);
        let version = self.committed_version(of_type, slot, &before) + 1;
        let resource = Arc::new(Resource::pack(&before.shape, id, content, created, &modified, version));
        self.root.check_unique(of_type, Some(slot), Some(&before), &resource)?;
        self.put(of_type, slot, before, Some(Arc::clone(&resource)));
        Ok(Replaced { resource, changed: true })
    }

    /// Takes a resource away, and the memberships of other resources that name it. Gives back its last state.
    ///
    /// Refused if there is no such resource.
    pub fn delete(&mut self, id: &str, at: Timestamp) -> Result<Arc<Resource>, Fault> {
        let (of_type, slot, before) = self.root.find(id).ok_or_else(|| Fault::NotFound(id.to_owned()))?;
        let before = Arc::clone(before);
        self.put(of_type, slot, Arc::clone(&before), None);
        for (holder, extension, attribute) in self.memberships(id) {
            let Some(resource) = self.get(&holder) else { continue };
            let mut parts = resource.document.to_parts();
            if remove_elements(&mut parts, extension.as_deref(), &attribute, id) {
                self.replace(&holder, parts, at)?;
            }
        }
        Ok(before)
    }

    /// Brings another state of this directory back. What is the same in both is not looked at; what is not becomes a new
    /// version, with a number that it never had, since entity tags must not come back with other content.
    ///
    /// Refused for a root of another directory.
    pub fn restore(&mut self, past: &Root, at: Timestamp) -> Result<(), ForeignRoot> {
        if !Arc::ptr_eq(&self.root.layout, &past.layout) {
            return Err(ForeignRoot);
        }
        let modified = date_time(at);
        for of_type in 0..past.collections.len() {
            let now = self.root.collections[of_type].resources.clone();
            for item in now.diff(&past.collections[of_type].resources) {
                let (slot, now, then) = match item {
                    DiffItem::Add(slot, then) => (*slot, None, Some(then)),
                    DiffItem::Remove(slot, now) => (*slot, Some(now), None),
                    DiffItem::Update { old: (slot, now), new: (_, then) } => (*slot, Some(now), Some(then)),
                };
                let version = now.map_or(0, |now| now.version).max(self.root.revision) + 1;
                let after = then.map(|then| Arc::new(then.anew(&modified, version)));
                self.touch(of_type, slot, now.cloned());
                self.root.put(of_type, slot, after);
            }
        }
        Ok(())
    }

    /// Gives a resource the state that it had, as a new version; takes it away if it had none. Nothing else is touched: not
    /// those that refer to it. Values that must be unique are not looked at before [`Transaction::check_unique_values`], so
    /// that two resources can get back what each has of the other.
    ///
    /// Refused if the registry has no such type, or a resource of another type has the `id`.
    pub fn bring_back(&mut self, past: Past, at: Timestamp) -> Result<(), Fault> {
        let Past { resource_type, id, state } = past;
        let Some(of_type) = self.root.type_number(&resource_type) else {
            return Err(Fault::UnknownType(resource_type));
        };
        let place = self.root.find(&id).map(|(of_type, slot, now)| (of_type, slot, Arc::clone(now)));
        let modified = date_time(at);
        match (place, state) {
            (Some((other, _, now)), Some(_)) if other != of_type => {
                let (value, resource_type) = (id.as_str().into(), now.resource_type().to_owned());
                Err(Fault::Conflict(Conflict { attribute: "id".into(), value, resource_type, id }))
            }
            (Some((_, slot, now)), Some(state)) => {
                let parts = state.to_parts();
                if now.says(&parts) {
                    return Ok(());
                }
                let created = created_of(&state).unwrap_or(&modified);
                let version = self.committed_version(of_type, slot, &now) + 1;
                let resource = Arc::new(Resource::pack(&now.shape, &id, parts, created, &modified, version));
                self.put(of_type, slot, now, Some(resource));
                Ok(())
            }
            (None, Some(state)) => {
                let shape = Arc::clone(&self.root.type_layout(of_type).shape);
                let created = created_of(&state).unwrap_or(&modified);
                let version = self.root.revision + 1;
                let resource = Arc::new(Resource::pack(&shape, &id, state.to_parts(), created, &modified, version));
                let slot = self.root.append(of_type, resource);
                self.touch(of_type, slot, None);
                Ok(())
            }
            (Some((now_of, slot, now)), None) if now_of == of_type => {
                self.put(of_type, slot, now, None);
                Ok(())
            }
            (_, None) => Ok(()),
        }
    }

    /// Refused if a value that must be unique is there twice by what this transaction did.
    pub fn check_unique_values(&self) -> Result<(), Conflict> {
        for place in &self.touched {
            let (of_type, slot) = *place;
            let Some(resource) = self.root.collections[of_type].get(slot) else { continue };
            let before = self.before.get(place).and_then(Option::as_deref);
            self.root.check_unique(of_type, Some(slot), before, resource)?;
        }
        Ok(())
    }

    /// What was different in a root that others have seen: the states there of all resources that are another one here.
    pub fn touched_since(&self, root: &Root) -> Vec<Past> {
        root.differing(&self.root)
    }

    /// What a commit would do now.
    pub fn changes(&self) -> Vec<Delta> {
        let delta = |place: &(usize, Slot)| Delta {
            before: self.before.get(place).cloned().flatten(),
            after: self.root.collections[place.0].get(place.1).cloned(),
        };
        let deltas = self.touched.iter().map(delta);
        deltas.filter(|delta| delta.before.is_some() || delta.after.is_some()).collect()
    }

    /// Makes the changes visible. `record` runs while no other writer can begin and before any reader can see the new
    /// root, so what it writes down is in the order of revisions. Without changes it does not run and there is no new
    /// revision.
    pub fn commit(mut self, record: impl FnOnce(&Commit)) -> Arc<Root> {
        let changes: Vec<Delta> = std::mem::take(&mut self.touched)
            .into_iter()
            .map(|place| Delta {
                before: self.before.remove(&place).flatten(),
                after: self.root.collections[place.0].get(place.1).cloned(),
            })
            .filter(|delta| delta.before.is_some() || delta.after.is_some())
            .collect();
        if changes.is_empty() {
            return self.directory.root();
        }
        self.publish(|revision| record(&Commit { revision, changes }))
    }

    /// Holder, extension and attribute of every membership that names the resource with this `id`.
    fn memberships(&self, id: &str) -> Vec<(String, Option<String>, String)> {
        // Whatever types an attribute names: an id is unique over all of them (RFC 7643 section 3.1).
        let references = self.root.references_to(id).into_iter();
        references
            .map(|(_, _, membership, holder)| {
                (holder.id().to_owned(), membership.extension.clone(), membership.attribute.clone())
            })
            .collect()
    }

    fn put(&mut self, of_type: usize, slot: Slot, before: Arc<Resource>, after: Option<Arc<Resource>>) {
        self.touch(of_type, slot, Some(before));
        self.root.put(of_type, slot, after);
    }

    fn touch(&mut self, of_type: usize, slot: Slot, before: Option<Arc<Resource>>) {
        if let Entry::Vacant(vacant) = self.before.entry((of_type, slot)) {
            vacant.insert(before);
            self.touched.push((of_type, slot));
        }
    }

    /// The version that readers know: one commit is one step however often it touches a resource.
    fn committed_version(&self, of_type: usize, slot: Slot, now: &Resource) -> u64 {
        match self.before.get(&(of_type, slot)) {
            None => now.version,
            Some(before) => before.as_ref().map_or(0, |before| before.version),
        }
    }

    pub(crate) fn directory(&self) -> &'a Directory {
        self.directory
    }

    /// Goes on with another state.
    pub(crate) fn take(&mut self, root: Root) {
        self.root = root;
    }

    /// Makes the state visible, as the next revision.
    pub(crate) fn publish(mut self, record: impl FnOnce(u64)) -> Arc<Root> {
        self.root.revision += 1;
        record(self.root.revision);
        let root = Arc::new(self.root);
        self.directory.publish(Arc::clone(&root));
        root
    }
}

/// `meta.created`.
fn created_of(state: &Document) -> Option<&str> {
    state.get("meta")?.get("created")?.as_str()
}

impl Delta {
    /// The resource: its state after, or before if it is gone.
    pub fn resource(&self) -> Option<&Arc<Resource>> {
        self.after.as_ref().or(self.before.as_ref())
    }
}
