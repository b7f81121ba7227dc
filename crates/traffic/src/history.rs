//! What directories were: changes that are older than what is in memory, and those that storage does not have yet.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use scim::document::Document;

use crate::archive::Unreadable;
use crate::change::{Change, Committed};
use crate::entry::Entry;
use crate::ids::{Pos, Revision, Seq};
use crate::log::{Durable, Log};

/// Changes in durable storage, to be read from. Its calls block; they never wait for the thread that writes.
pub trait ChangeSource: fmt::Debug + Send + Sync {
    /// The first and the last revision of a tenant that storage has; none if it has none.
    fn ends(&self, tenant: &str) -> Result<Option<(Revision, Revision)>, Unreadable>;

    /// The last revision of a tenant that was made at or before a position; none if there was none yet.
    fn revision_at(&self, tenant: &str, pos: Pos) -> Result<Option<Revision>, Unreadable>;

    /// Before this position nobody knows any more what a tenant's directory was; zero if that is known from the first one on.
    fn forgotten_before(&self, _tenant: &str) -> Result<Pos, Unreadable> {
        Ok(Pos(0))
    }

    /// Where in the log an exchange was decided, or ended without that; none if storage does not know.
    fn decided_at(&self, seq: Seq) -> Result<Option<Pos>, Unreadable>;

    /// What an exchange committed, in order.
    fn commits_of(&self, seq: Seq) -> Result<Vec<Arc<Committed>>, Unreadable>;

    /// What made a revision.
    fn commit(&self, tenant: &str, revision: Revision) -> Result<Option<Arc<Committed>>, Unreadable>;

    /// The commits before a revision that changed one resource, newest first, at most `limit`; of each of them only the
    /// change of that resource.
    fn versions(&self, of: &Subject<'_>, before: Revision, limit: usize) -> Result<Vec<Arc<Committed>>, Unreadable>;

    /// All states that a tenant's directory had after what was committed up to a position, in the order of creation: that of
    /// a snapshot, which is kept when the changes before it are given up, or of any position at or after the horizon.
    fn states_at(&self, tenant: &str, pos: Pos) -> Result<Vec<Earlier>, Unreadable>;

    /// The state at a revision of each resource that was changed after it, up to and including another one.
    fn earlier(&self, tenant: &str, at: Revision, through: Revision) -> Result<Vec<Earlier>, Unreadable>;
}

/// Names a resource of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The tenant's id.
    pub tenant: &'a str,
    /// Name of the resource type.
    pub resource_type: &'a str,
    /// The resource's `id`.
    pub resource_id: &'a str,
}

/// A resource as it was.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Name of its type.
    pub resource_type: String,
    /// Its `id`.
    pub resource_id: String,
    /// Its state; `None` if it was not there.
    pub state: Option<Arc<Document>>,
}

/// Everything that directories were: what storage has, and what is still on its way there. Calls may wait for a disk.
#[derive(Clone, Debug)]
pub struct History {
    log: Arc<Log>,
    source: Option<Arc<dyn ChangeSource>>,
}

/// Entries read under one lock of the log.
const CHUNK: usize = 1024;

impl History {
    /// The history of this log; without storage, as far as it is in memory.
    pub fn new(log: Arc<Log>, source: Option<Arc<dyn ChangeSource>>) -> History {
        History { log, source }
    }

    /// The first revision from which on every one can be read. The one before the first commit that is known, since that
    /// tells what was before.
    pub fn horizon(&self, tenant: &str) -> Result<Revision, Unreadable> {
        let recent = self.recent(Some(tenant));
        let first = match &self.source {
            Some(source) => source.ends(tenant)?.map(|(first, _)| first),
            None => None,
        };
        let first = first.or(recent.first().map(|(_, commit)| commit.revision));
        Ok(Revision(first.map_or(0, |first| first.0.saturating_sub(1))))
    }

    /// The revision that a tenant's directory had right after an exchange: that which it made last, or else the one that was
    /// there when it was decided. None if the exchange is not decided yet, or nobody knows any more.
    pub fn revision_after(&self, tenant: &str, seq: Seq) -> Result<Option<Revision>, Unreadable> {
        let own = self.commits_of(seq)?;
        if let Some(commit) = own.iter().rev().find(|commit| commit.tenant == tenant) {
            return Ok(Some(commit.revision));
        }
        let recent = self.entries();
        let decides = |entry: &Entry| match entry {
            Entry::Handled(of, ..) => *of == seq,
            Entry::Closed(of, _) => *of == seq,
            _ => false,
        };
        let mut decided = recent.iter().find(|(_, entry)| decides(entry)).map(|(pos, _)| *pos);
        if decided.is_none()
            && let Some(source) = &self.source
        {
            decided = source.decided_at(seq)?;
        }
        let Some(decided) = decided else { return Ok(None) };
        let in_memory = recent.iter().rev().find_map(|(pos, entry)| match entry {
            Entry::Committed(commit) if commit.tenant == tenant && *pos <= decided => Some(commit.revision),
            _ => None,
        });
        match (in_memory, &self.source) {
            (Some(revision), _) => Ok(Some(revision)),
            (None, Some(source)) => {
                if decided < source.forgotten_before(tenant)? {
                    return Ok(None);
                }
                // Before its first commit a directory was what that commit found.
                let found = source.revision_at(tenant, decided)?;
                found.map_or_else(|| self.horizon(tenant).map(Some), |revision| Ok(Some(revision)))
            }
            (None, None) => self.horizon(tenant).map(Some),
        }
    }

    /// What an exchange committed, in order: several revisions for a bulk request.
    pub fn commits_of(&self, seq: Seq) -> Result<Vec<Arc<Committed>>, Unreadable> {
        let recent = self.recent(None);
        let mut commits = match &self.source {
            Some(source) => source.commits_of(seq)?,
            None => Vec::new(),
        };
        for (_, commit) in recent {
            let known = |have: &Arc<Committed>| have.tenant == commit.tenant && have.revision == commit.revision;
            if commit.cause == crate::change::Cause::Exchange(seq) && !commits.iter().any(known) {
                commits.push(commit);
            }
        }
        Ok(commits)
    }

    /// What made a revision.
    pub fn commit(&self, tenant: &str, revision: Revision) -> Result<Option<Arc<Committed>>, Unreadable> {
        let recent = self.recent(Some(tenant));
        let found = recent.into_iter().find(|(_, commit)| commit.revision == revision);
        match (found, &self.source) {
            (Some((_, commit)), _) => Ok(Some(commit)),
            (None, Some(source)) => source.commit(tenant, revision),
            (None, None) => Ok(None),
        }
    }

    /// The commits before a revision that changed one resource, newest first, at most `limit`; of each of them only the
    /// change of that resource.
    pub fn versions(
        &self,
        of: &Subject<'_>,
        before: Revision,
        limit: usize,
    ) -> Result<Vec<Arc<Committed>>, Unreadable> {
        let is_it = |change: &&Change| change.resource_type == of.resource_type && change.resource_id == of.resource_id;
        let mut found: Vec<Arc<Committed>> = Vec::new();
        for (_, commit) in self.recent(Some(of.tenant)).into_iter().rev() {
            if found.len() == limit || commit.revision >= before {
                continue;
            }
            if let Some(change) = commit.changes.iter().find(is_it) {
                let Committed { tenant, revision, cause, changes: _, ahead: _ } = commit.as_ref();
                let (tenant, changes) = (tenant.clone(), vec![change.clone()]);
                found.push(Arc::new(Committed { tenant, revision: *revision, cause: *cause, changes, ahead: None }));
            }
        }
        if let Some(source) = &self.source
            && found.len() < limit
        {
            let before = found.last().map_or(before, |last| last.revision);
            found.extend(source.versions(of, before, limit - found.len())?);
        }
        Ok(found)
    }

    /// All states of a tenant's directory when a snapshot was taken at this position. Only of what storage has: later ones can
    /// be told by [`History::earlier`].
    pub fn states_at(&self, tenant: &str, pos: Pos) -> Result<Vec<Earlier>, Unreadable> {
        self.source.as_ref().map_or(Ok(Vec::new()), |source| source.states_at(tenant, pos))
    }

    /// The state at a revision of each resource that was changed after it, up to and including another one.
    pub fn earlier(&self, tenant: &str, at: Revision, through: Revision) -> Result<Vec<Earlier>, Unreadable> {
        let recent = self.recent(Some(tenant));
        let mut found = match &self.source {
            Some(source) => source.earlier(tenant, at, through)?,
            None => Vec::new(),
        };
        let mut seen: HashSet<(String, String)> =
            found.iter().map(|earlier| (earlier.resource_type.clone(), earlier.resource_id.clone())).collect();
        let within = |commit: &&(Pos, Arc<Committed>)| commit.1.revision > at && commit.1.revision <= through;
        for change in recent.iter().filter(within).flat_map(|(_, commit)| &commit.changes) {
            if seen.insert((change.resource_type.clone(), change.resource_id.clone())) {
                found.push(Earlier {
                    resource_type: change.resource_type.clone(),
                    resource_id: change.resource_id.clone(),
                    state: change.before.clone(),
                });
            }
        }
        Ok(found)
    }

    /// Commits that storage may not have yet, of one tenant or of all, oldest first. To be asked before storage is: what is
    /// on its way is in one of the two then.
    fn recent(&self, tenant: Option<&str>) -> Vec<(Pos, Arc<Committed>)> {
        let commits = self.entries().into_iter().filter_map(|(pos, entry)| match entry {
            Entry::Committed(commit) if tenant.is_none_or(|tenant| commit.tenant == tenant) => Some((pos, commit)),
            _ => None,
        });
        commits.collect()
    }

    /// Entries that storage may not have yet.
    fn entries(&self) -> Vec<(Pos, Entry)> {
        let mut after = match (self.log.durable(), &self.source) {
            (Durable::Through(pos), Some(_)) => pos,
            _ => Pos(0),
        };
        let mut entries = Vec::new();
        loop {
            let read = self.log.read(after, CHUNK);
            let Some((last, _)) = read.last() else { return entries };
            after = *last;
            entries.extend(read);
        }
    }
}
