//! The current root and the one writer's lock.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use scim::document::Document;
use scim::schema::Registry;
use scim::value::Value;

use crate::indexed::Layout;
use crate::root::Root;
use crate::transaction::Transaction;

/// The resources of one tenant.
#[derive(Debug)]
pub struct Directory {
    registry: Arc<Registry>,
    root: ArcSwap<Root>,
    writer: Mutex<()>,
}

/// A resource as durable storage kept it.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The name of its resource type.
    pub resource_type: String,
    /// The resource at rest.
    pub document: Document,
    /// Its version.
    pub version: u64,
}

/// Why saved resources do not make a directory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// A saved resource is of a type that the registry does not have.
    #[error("a saved resource is of the type {resource_type:?}, which no schema file defines; add the file that did")]
    UnknownType {
        /// The missing type's name.
        resource_type: String,
    },
    /// A saved resource has no `id`, or the `id` of another one.
    #[error("saved resource number {at} of type {resource_type} has no id of its own (it says {id:?})")]
    Id {
        /// Position among the saved resources, from 1.
        at: usize,
        /// Its type.
        resource_type: String,
        /// What stands in the place of an `id`.
        id: String,
    },
}

impl Directory {
    /// A directory without resources, at revision 0.
    pub fn new(registry: Arc<Registry>) -> Directory {
        let root = Root::empty(Arc::new(Layout::new(&registry)), 0);
        Directory { registry, root: ArcSwap::from_pointee(root), writer: Mutex::new(()) }
    }

    /// A directory as it was saved: the last revision, and the resources in the order of their creation.
    pub fn resume(
        registry: Arc<Registry>,
        revision: u64,
        resources: impl IntoIterator<Item = Saved>,
    ) -> Result<Directory, ResumeError> {
        let mut root = Root::empty(Arc::new(Layout::new(&registry)), revision);
        for (at, saved) in resources.into_iter().enumerate() {
            let Some(of_type) = root.type_number(&saved.resource_type) else {
                return Err(ResumeError::UnknownType { resource_type: saved.resource_type });
            };
            let id = saved.document.get("id").and_then(Value::as_str).unwrap_or_default();
            if id.is_empty() || root.get(id).is_some() {
                let id = id.to_owned();
                return Err(ResumeError::Id { at: at + 1, resource_type: saved.resource_type, id });
            }
            root.restore(of_type, saved.document, saved.version);
        }
        Ok(Directory { registry, root: ArcSwap::from_pointee(root), writer: Mutex::new(()) })
    }

    /// The schemas and resource types that hold here.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// The current state; never waits for a writer.
    pub fn root(&self) -> Arc<Root> {
        self.root.load_full()
    }

    /// Becomes the one writer; waits until another one is done. Keep it short: no input or output before the commit.
    pub fn begin(&self) -> Transaction<'_> {
        // The lock guards no data: a transaction that panicked published nothing.
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Root::clone(&self.root.load());
        Transaction::new(self, writer, root)
    }

    pub(crate) fn publish(&self, root: Arc<Root>) {
        self.root.store(root);
    }
}
