//! The table of tenants, and how it changes while it is read.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use directory::{Directory, Root, Saved};

use crate::DEFAULT_TENANT_NAME;
use crate::tenant::{Tenant, TenantSettings};

/// The longest name of a tenant, in bytes.
const LONGEST_NAME: usize = 63;

/// Why the tenants cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantError {
    /// The name does not do.
    Name(String),
    /// Another tenant has the name.
    Taken(String),
    /// There is no tenant of this name.
    Missing(String),
    /// The default tenant can be neither renamed nor deleted.
    Default,
}

/// The tenants at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    default: Arc<Tenant>,
    others: BTreeMap<String, Arc<Tenant>>,
}

/// The tenants. Readers take no lock; changes come one after the other.
#[derive(Debug)]
pub(crate) struct Tenants {
    table: ArcSwap<Table>,
    /// Every id that a tenant of this workspace has or had: one is never given twice, since the record names tenants by it.
    used_ids: Mutex<HashSet<String>>,
}

impl Table {
    pub fn default(&self) -> &Arc<Tenant> {
        &self.default
    }

    /// The tenant below `/t/` with this name.
    pub fn named(&self, name: &str) -> Option<&Arc<Tenant>> {
        self.others.get(name)
    }

    pub fn with_id(&self, id: &str) -> Option<&Arc<Tenant>> {
        self.all().find(|tenant| tenant.id() == id)
    }

    /// The default first, then the others by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        std::iter::once(&self.default).chain(self.others.values())
    }
}

impl Tenants {
    pub fn new(default: Tenant) -> Tenants {
        let used_ids = HashSet::from([default.id().to_owned()]);
        let table = Table { default: Arc::new(default), others: BTreeMap::new() };
        Tenants { table: ArcSwap::from_pointee(table), used_ids: Mutex::new(used_ids) }
    }

    /// The tenants as they are now.
    pub fn table(&self) -> Arc<Table> {
        self.table.load_full()
    }

    /// Ids that must not be given any more.
    pub fn retire(&self, ids: impl IntoIterator<Item = String>) {
        self.changing().extend(ids);
    }

    /// Adds a tenant under a new id. `make` gets the id; what it does is done before anyone can see the tenant.
    pub fn add(
        &self,
        name: &str,
        settings: TenantSettings,
        make: impl FnOnce(&str) -> Arc<Directory>,
    ) -> Result<Arc<Tenant>, TenantError> {
        let mut used_ids = self.changing();
        self.check_free(name)?;
        let mut id = name.to_owned();
        let mut number = 2;
        while used_ids.contains(&id) {
            id = format!("{name}-{number}");
            number += 1;
        }
        let directory = make(&id);
        let tenant = Arc::new(Tenant::new(&id, name, settings, directory));
        used_ids.insert(id);
        self.swap(|others| {
            others.insert(name.to_owned(), Arc::clone(&tenant));
        });
        Ok(tenant)
    }

    /// Adds a tenant that was there before the program was started.
    pub fn restore(&self, tenant: Tenant) -> Result<Arc<Tenant>, TenantError> {
        let mut used_ids = self.changing();
        self.check_free(tenant.name())?;
        if !used_ids.insert(tenant.id().to_owned()) {
            return Err(TenantError::Taken(tenant.id().to_owned()));
        }
        let tenant = Arc::new(tenant);
        self.swap(|others| {
            others.insert(tenant.name().to_owned(), Arc::clone(&tenant));
        });
        Ok(tenant)
    }

    /// Gives a tenant another name, and with it another path.
    pub fn rename(&self, name: &str, to: &str) -> Result<Arc<Tenant>, TenantError> {
        let _changing = self.changing();
        let tenant = self.other(name)?;
        if name == to {
            return Ok(tenant);
        }
        self.check_free(to)?;
        let renamed = Arc::new(tenant.renamed(to));
        self.swap(|others| {
            others.remove(name);
            others.insert(to.to_owned(), Arc::clone(&renamed));
        });
        Ok(renamed)
    }

    /// Takes a tenant away. When it returns, nothing of it is written any more.
    pub fn remove(&self, name: &str) -> Result<Arc<Tenant>, TenantError> {
        let _changing = self.changing();
        let tenant = self.other(name)?;
        self.swap(|others| {
            others.remove(name);
        });
        tenant.close();
        Ok(tenant)
    }

    fn other(&self, name: &str) -> Result<Arc<Tenant>, TenantError> {
        if name == DEFAULT_TENANT_NAME {
            return Err(TenantError::Default);
        }
        self.table().named(name).cloned().ok_or_else(|| TenantError::Missing(name.to_owned()))
    }

    fn check_free(&self, name: &str) -> Result<(), TenantError> {
        check_name(name)?;
        if name == DEFAULT_TENANT_NAME || self.table().named(name).is_some() {
            return Err(TenantError::Taken(name.to_owned()));
        }
        Ok(())
    }

    /// Only for those who hold the lock.
    fn swap(&self, change: impl FnOnce(&mut BTreeMap<String, Arc<Tenant>>)) {
        let mut table = Table::clone(&self.table());
        change(&mut table.others);
        self.table.store(Arc::new(table));
    }

    fn changing(&self) -> MutexGuard<'_, HashSet<String>> {
        // The table is replaced in one step; a panic elsewhere leaves nothing half done.
        self.used_ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands in a path without encoding, and in lower case, so that two names never differ by case alone.
fn check_name(name: &str) -> Result<(), TenantError> {
    let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let has_edge = name.starts_with('-') || name.ends_with('-');
    if name.is_empty() || name.len() > LONGEST_NAME || has_edge || !name.bytes().all(is_fit) {
        return Err(TenantError::Name(name.to_owned()));
    }
    Ok(())
}

/// A directory with the same resources, at revision 1; at revision 0 if there are none.
pub(crate) fn copy(root: &Root, directory: &Directory) -> Arc<Directory> {
    let resources = root.resources().map(|resource| Saved {
        resource_type: resource.resource_type().to_owned(),
        document: resource.document.as_ref().clone(),
        version: resource.version,
    });
    let registry = Arc::clone(directory.registry());
    let revision = u64::from(!root.is_empty());
    Arc::new(Directory::resume(registry, revision, resources).expect("what one directory held, another one can hold"))
}

impl std::fmt::Display for TenantError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TenantError::Name(name) => write!(
                f,
                "{name:?} is no name for a tenant; take lower-case letters, digits and hyphens, at most {LONGEST_NAME}, \
                 with no hyphen at either end"
            ),
            TenantError::Taken(name) => write!(f, "there is a tenant {name:?} already; choose another name"),
            TenantError::Missing(name) => write!(f, "there is no tenant {name:?}"),
            TenantError::Default => f.write_str("the default tenant can be neither renamed nor deleted"),
        }
    }
}

impl std::error::Error for TenantError {}
