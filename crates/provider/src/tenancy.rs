//! What can be done with the tenants of a provider while it serves.

use std::sync::Arc;

use directory::{Delta, Directory};
use jiff::Timestamp;
use scim::diff::diff;
use scim::schema::Registry;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::Entry;
use traffic::ids::Revision;

use crate::auth::random_text;
use crate::provider::Provider;
use crate::tenant::{Tenant, TenantSettings};
use crate::tenants::{TenantError, copy};

impl Provider {
    /// The tenants: the default first, then the others by name.
    pub fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.shared.tenants.table().all().cloned().collect()
    }

    /// The default tenant.
    pub fn tenant(&self) -> Arc<Tenant> {
        Arc::clone(self.shared.tenants.table().default())
    }

    /// The tenant with this name, the default one included.
    pub fn named(&self, name: &str) -> Option<Arc<Tenant>> {
        self.tenants().into_iter().find(|tenant| tenant.name() == name)
    }

    /// The name of the tenant that the record calls so, if it is still there.
    pub fn name_of(&self, id: &str) -> Option<String> {
        self.shared.tenants.table().with_id(id).map(|tenant| tenant.name().to_owned())
    }

    /// Adds a tenant without resources.
    pub fn create(
        &self,
        name: &str,
        settings: TenantSettings,
        registry: Arc<Registry>,
    ) -> Result<Arc<Tenant>, TenantError> {
        self.shared.tenants.add(name, settings, |_| Arc::new(Directory::new(registry)))
    }

    /// Adds a tenant as it was before the program was started.
    pub fn restore(
        &self,
        id: &str,
        name: &str,
        settings: TenantSettings,
        directory: Arc<Directory>,
    ) -> Result<Arc<Tenant>, TenantError> {
        self.shared.tenants.restore(Tenant::new(id, name, settings, directory))
    }

    /// Ids that the record knows of tenants that are gone; they are not given again.
    pub fn retire(&self, ids: impl IntoIterator<Item = String>) {
        self.shared.tenants.retire(ids);
    }

    /// Adds a tenant that begins as another one is now: settings, credentials and resources, with their ids. It does not
    /// take over the address and the public URL, which cannot belong to two.
    pub fn duplicate(&self, name: &str, to: &str) -> Result<Arc<Tenant>, TenantError> {
        let original = self.named(name).ok_or_else(|| TenantError::Missing(name.to_owned()))?;
        let settings = TenantSettings { listen: None, public_url: None, ..TenantSettings::clone(&original.settings()) };
        let root = original.directory().root();
        self.shared.tenants.add(to, settings, |id| {
            let directory = copy(&root, original.directory());
            let root = directory.root();
            let deltas = root.resources().map(|resource| Delta { before: None, after: Some(Arc::clone(resource)) });
            if !root.is_empty() {
                self.record(id, root.revision(), Cause::Duplicated, deltas);
            }
            directory
        })
    }

    /// Gives a tenant another name, and with it another path. The record goes on under the same id.
    pub fn rename(&self, name: &str, to: &str) -> Result<Arc<Tenant>, TenantError> {
        self.shared.tenants.rename(name, to)
    }

    /// Deletes all resources of a tenant in one revision.
    pub fn reset(&self, name: &str) -> Result<Arc<Tenant>, TenantError> {
        let tenant = self.named(name).ok_or_else(|| TenantError::Missing(name.to_owned()))?;
        let Ok(mut transaction) = tenant.begin() else { return Err(TenantError::Missing(name.to_owned())) };
        // What refers to others goes first: it need not be rewritten for each of them that goes.
        let mut resources: Vec<_> = transaction.root().resources().cloned().collect();
        resources.reverse();
        let at = self.shared.clock.now();
        for resource in resources {
            transaction.delete(resource.id(), at).expect("it is in the root of this transaction");
        }
        transaction.commit(|commit| {
            self.record(tenant.id(), commit.revision, Cause::Reset, commit.changes.iter().cloned());
        });
        Ok(tenant)
    }

    /// Deletes a tenant. Requests that were read before it are answered with what they read; what they would write is not
    /// written any more.
    pub fn remove(&self, name: &str) -> Result<Arc<Tenant>, TenantError> {
        self.shared.tenants.remove(name)
    }

    /// A new secret that nobody can guess (RFC 7644 section 7.4): 160 random bits.
    pub fn new_secret(&self) -> String {
        random_text(&*self.shared.entropy)
    }

    /// A new id.
    pub fn new_id(&self) -> String {
        self.shared.ids.next()
    }

    /// The time, as this provider has it.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The time at which the clock stands still, if it does so that runs can be repeated.
    pub fn fixed_time(&self) -> Option<Timestamp> {
        self.shared.clock.fixed()
    }

    pub(crate) fn record(&self, tenant: &str, revision: u64, cause: Cause, deltas: impl Iterator<Item = Delta>) {
        let changes = changes_of(deltas);
        let committed = Committed { tenant: tenant.to_owned(), revision: Revision(revision), cause, changes };
        self.shared.log.append(Entry::Committed(Arc::new(committed)));
    }
}

/// What became of resources, with lines.
pub(crate) fn changes_of(deltas: impl Iterator<Item = Delta>) -> Vec<Change> {
    let changes = deltas.filter_map(|delta| {
        let resource = delta.after.as_ref().or(delta.before.as_ref())?;
        let before = delta.before.as_ref().map(|before| before.document.value());
        let after = delta.after.as_ref().map(|after| after.document.value());
        Some(Change {
            resource_type: resource.resource_type().to_owned(),
            resource_id: resource.id().to_owned(),
            display: resource.display().to_owned(),
            lines: diff(&resource.shape, before, after),
            before: delta.before.as_ref().map(|before| Arc::clone(&before.document)),
            after: delta.after.as_ref().map(|after| Arc::clone(&after.document)),
        })
    });
    changes.collect()
}
