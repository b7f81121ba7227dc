//! One virtual service provider.

use std::sync::Arc;

use arc_swap::ArcSwap;
use directory::Directory;
use scim::schema::Registry;

use crate::profile::Profile;

/// One virtual service provider: its base path, how strict it is, who may ask, and its resources.
#[derive(Debug)]
pub struct Tenant {
    name: String,
    base_path: String,
    profile: ArcSwap<Profile>,
    token: ArcSwap<String>,
    directory: Arc<Directory>,
}

impl Tenant {
    pub(crate) fn new(
        name: &str,
        base_path: &str,
        profile: Profile,
        token: String,
        directory: Arc<Directory>,
    ) -> Tenant {
        Tenant {
            name: name.to_owned(),
            base_path: base_path.to_owned(),
            profile: ArcSwap::from_pointee(profile),
            token: ArcSwap::from_pointee(token),
            directory,
        }
    }

    /// Its name: "default".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path before its endpoints: "/scim/v2".
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The profile in force.
    pub fn profile(&self) -> Arc<Profile> {
        self.profile.load_full()
    }

    /// Switches the profile for requests that begin from now on.
    pub fn switch_profile(&self, profile: Profile) {
        self.profile.store(Arc::new(profile));
    }

    /// The bearer token that clients must send.
    pub fn token(&self) -> Arc<String> {
        self.token.load_full()
    }

    /// Puts another token in force for requests that begin from now on.
    pub fn replace_token(&self, token: String) {
        self.token.store(Arc::new(token));
    }

    /// Its resources.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Its schemas and resource types.
    pub fn registry(&self) -> &Arc<Registry> {
        self.directory.registry()
    }
}
