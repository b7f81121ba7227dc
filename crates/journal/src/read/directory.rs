//! The directories as their changes have left them.

use std::collections::HashMap;
use std::sync::Arc;

use scim::document::Document;
use traffic::change::{Change, Committed};
use traffic::ids::{Pos, Revision};

/// The directory of a tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The tenant's name.
    pub name: String,
    /// The last revision.
    pub revision: Revision,
    /// What the directory holds at that revision, in the order of creation.
    pub resources: Vec<Resource>,
}

/// A resource as the last change has left it.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`.
    pub id: String,
    /// The number in `meta.version` (`W/"3"` is 3), or how often it was changed if that has none.
    pub version: u64,
    /// The resource.
    pub document: Arc<Document>,
}

/// The directories after commits in the order of the log.
pub(super) fn latest(commits: &[(Pos, Arc<Committed>)]) -> Vec<Tenant> {
    let mut found: Vec<(&str, Revision, States<'_>)> = Vec::new();
    for (_, commit) in commits {
        let at = found.iter().position(|(name, _, _)| *name == commit.tenant).unwrap_or_else(|| {
            found.push((&commit.tenant, commit.revision, States::default()));
            found.len() - 1
        });
        let (_, revision, states) = &mut found[at];
        *revision = commit.revision;
        commit.changes.iter().for_each(|change| states.take(change));
    }
    let tenant = |(name, revision, states): (&str, Revision, States<'_>)| {
        let resources = states.in_order.into_iter().flatten().collect();
        Tenant { name: name.to_owned(), revision, resources }
    };
    found.into_iter().map(tenant).collect()
}

#[derive(Default)]
struct States<'a> {
    /// By creation; `None` where a resource was deleted.
    in_order: Vec<Option<Resource>>,
    /// Resource type and id to the place in `in_order`.
    places: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> States<'a> {
    fn take(&mut self, change: &'a Change) {
        let key = (change.resource_type.as_str(), change.resource_id.as_str());
        let Some(document) = &change.after else {
            if let Some(place) = self.places.remove(&key) {
                self.in_order[place] = None;
            }
            return;
        };
        let place = *self.places.entry(key).or_insert_with(|| {
            self.in_order.push(None);
            self.in_order.len() - 1
        });
        let changes = self.in_order[place].as_ref().map_or(0, |resource| resource.version) + 1;
        self.in_order[place] = Some(Resource {
            resource_type: change.resource_type.clone(),
            id: change.resource_id.clone(),
            version: version(document).unwrap_or(changes),
            document: Arc::clone(document),
        });
    }
}

/// The number in `meta.version`, an entity tag (RFC 7644 section 3.14).
fn version(document: &Document) -> Option<u64> {
    let tag = document.get("meta")?.get("version")?.as_str()?;
    tag.trim_start_matches("W/").trim_matches('"').parse().ok()
}
