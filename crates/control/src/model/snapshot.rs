//! Named states of directories, as the API shows them.

use std::sync::Arc;

use directory::Root;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use traffic::change;
use utoipa::ToSchema;

use super::outcome::Change;
use super::server::ResourceCount;
use crate::snapshots::SnapshotDocument;

/// A state of a directory under a name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SnapshotInfo {
    /// What it is called.
    pub name: String,
    /// The revision that it is.
    pub revision: u64,
    /// When it was taken.
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Timestamp,
    /// How many resources of each type there are; types without any are left out.
    pub resources: Vec<ResourceCount>,
    /// Whether it is the one that a reset goes back to.
    pub chosen: bool,
    /// How many resources are different now. Absent if that is not known without reading the workspace.
    pub differs: Option<u64>,
}

/// The snapshots of a directory.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SnapshotList {
    /// All of them, the newest first.
    pub items: Vec<SnapshotInfo>,
    /// The directory's revision now.
    pub revision: u64,
    /// How many resources of each type there are now.
    pub resources: Vec<ResourceCount>,
}

/// A snapshot that is to be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewSnapshot {
    /// What it is to be called; "Snapshot 1" or the next free one if nothing.
    pub name: Option<String>,
    /// Whether it takes the place of one with this name.
    pub replace: bool,
}

/// What is to be changed in a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SnapshotChange {
    /// Its new name.
    pub name: Option<String>,
    /// `true` makes it the one that a reset goes back to, in the place of another.
    pub chosen: bool,
}

/// What is different between two states of a directory.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Differences {
    /// The revision of the one.
    pub from: u64,
    /// The revision of the other.
    pub to: u64,
    /// How many resources are only in the other.
    pub created: u64,
    /// How many are in both, and not the same.
    pub modified: u64,
    /// How many are only in the one.
    pub deleted: u64,
    /// Where the first of these stands among all that are different, from 1.
    pub start_index: u64,
    /// Those of this page: by type, then as they are called; each with what is different in it.
    pub items: Vec<Change>,
}

/// What is different in so many resources, from place `start` on.
pub(crate) fn differences(from: &Root, to: &Root, start_index: u64, count: usize) -> Differences {
    let mut found = from.differing(to);
    let display = |id: &str| to.get(id).or_else(|| from.get(id)).map_or("", |resource| resource.display());
    found.sort_by_cached_key(|past| (past.resource_type.clone(), display(&past.id).to_lowercase(), past.id.clone()));
    let (mut created, mut modified, mut deleted) = (0, 0, 0);
    for past in &found {
        match (&past.state, to.get(&past.id)) {
            (None, _) => created += 1,
            (Some(_), Some(_)) => modified += 1,
            (Some(_), None) => deleted += 1,
        }
    }
    let skipped = usize::try_from(start_index.saturating_sub(1)).unwrap_or(usize::MAX);
    let items = found.into_iter().skip(skipped).take(count).filter_map(|past| {
        let other = to.get(&past.id);
        let shape = &from.get(&past.id).or(other)?.shape;
        let after = other.map(|resource| Arc::clone(&resource.document));
        let before = past.state;
        let lines =
            scim::diff::diff(shape, before.as_deref().map(|it| it.value()), after.as_deref().map(|it| it.value()));
        let display = display(&past.id).to_owned();
        let change =
            change::Change { resource_type: past.resource_type, resource_id: past.id, display, before, after, lines };
        Some(Change::without_states(&change, to.revision()))
    });
    Differences {
        from: from.revision(),
        to: to.revision(),
        created,
        modified,
        deleted,
        start_index,
        items: items.collect(),
    }
}

/// How many resources of each type a state has; types without any are left out.
pub(crate) fn type_counts(root: &Root, types: impl Iterator<Item = String>) -> Vec<ResourceCount> {
    let counts = types.map(|resource_type| ResourceCount { count: root.count(&resource_type) as u64, resource_type });
    counts.filter(|it| it.count > 0).collect()
}

impl SnapshotInfo {
    /// Of a snapshot; `root` is its state, if it is at hand, and `now` the present one.
    pub(crate) fn new(snapshot: SnapshotDocument, root: Option<&Root>, now: &Root) -> SnapshotInfo {
        let count = |(resource_type, count)| ResourceCount { resource_type, count };
        let differs = match root {
            _ if snapshot.revision == now.revision() => Some(0),
            Some(root) => Some(root.differing(now).len() as u64),
            None => None,
        };
        SnapshotInfo {
            name: snapshot.name,
            revision: snapshot.revision,
            taken_at: snapshot.taken_at,
            resources: snapshot.resources.into_iter().map(count).collect(),
            chosen: snapshot.chosen,
            differs,
        }
    }
}
