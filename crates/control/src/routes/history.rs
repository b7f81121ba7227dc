//! What resources were: versions, comparisons, and bringing them back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use directory::{Past, Root};
use http::StatusCode;
use jiff::Timestamp;
use provider::Tenant;
use provider::turn_back::{Hindrance, TurnBack};
use scim::document::Document;
use scim::schema::Shape;
use serde::Deserialize;
use traffic::change::{Cause, Change, Committed};
use traffic::entry;
use traffic::history::Subject;
use traffic::ids::{Revision, Seq};
use utoipa::IntoParams;

use super::resources::{away, find_shape};
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters, Segment};
use crate::model::{CauseInfo, Comparison, RestoreTo, Restored, VersionInfo, VersionPage};
use crate::past::At;

const DEFAULT_COUNT: usize = 50;
const MOST: usize = 200;
/// Later changes that are named when something cannot be undone.
const NAMED: usize = 5;

/// Which versions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Older {
    /// Only versions that came before this revision; the newest if not given.
    before: Option<u64>,
    /// How many at most, from 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    count: Option<usize>,
}

/// Lists the versions of a resource, newest first, each with what made it and what is different in it.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/resources/{resource_type}/{id}/history",
    tag = "directory",
    operation_id = "list_versions",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("resource_type" = String, Path, description = "The type's name."),
        ("id" = String, Path, description = "The resource's `id`; it may be gone."),
        Older
    ),
    responses(
        (status = 200, description = "The versions that are known.", body = VersionPage),
        (status = 404, description = "There is no such tenant or type, or never was such a resource.", body = ErrorBody),
    )
)]
pub(super) async fn versions(
    State(control): State<Control>,
    Segment((tenant, resource_type, id)): Segment<(String, String, String)>,
    Parameters(older): Parameters<Older>,
) -> Result<Json<VersionPage>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &resource_type)?;
    let count = older.count.unwrap_or(DEFAULT_COUNT);
    if !(1..=MOST).contains(&count) {
        return Err(ApiError::bad_request(format!("count is {count}; it has to be from 1 to {MOST}")));
    }
    away(move || {
        let history = control.history();
        let of = subject(&tenant, &shape, &id);
        let before = Revision(older.before.unwrap_or(u64::MAX));
        let mut commits = history.versions(&of, before, count + 1).map_err(|why| ApiError::unreadable(&why))?;
        if commits.is_empty() && older.before.is_none() && tenant.directory().root().get(&id).is_none() {
            let name = &shape.resource_type.name;
            return Err(ApiError::not_found(format!("nothing is known of a {name} with the id {id:?}")));
        }
        let more = commits.len() > count;
        commits.truncate(count);
        let next = commits.last().filter(|_| more).map(|last| last.revision.0);
        let mut items = Vec::with_capacity(commits.len());
        for commit in &commits {
            let Some(change) = commit.changes.first() else { continue };
            let (cause, opened) = control.cause(commit.cause)?;
            items.push(VersionInfo::new(&shape, commit, change, cause, time_of(change).or(opened)));
        }
        let horizon = history.horizon(tenant.id()).map_err(|why| ApiError::unreadable(&why))?;
        Ok(VersionPage { items, next, horizon: horizon.0 })
    })
    .await
}

/// Which two states of which resource.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sides {
    /// Name of the resource type.
    r#type: String,
    /// The resource's `id`.
    id: String,
    /// The one state: a revision, `seq:34` for the one right after exchange 34, `version:3` for a version of the resource.
    from: String,
    /// The other state; the present one if not given.
    to: Option<String>,
}

/// Compares two states of a resource.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/compare",
    tag = "directory",
    operation_id = "compare_states",
    params(("name" = String, Path, description = "The tenant's name."), Sides),
    responses(
        (status = 200, description = "What is different, and both states.", body = Comparison),
        (status = 404, description = "There is no such tenant, type, state or version.", body = ErrorBody),
        (status = 410, description = "A state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn compare(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Parameters(sides): Parameters<Sides>,
) -> Result<Json<Comparison>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &sides.r#type)?;
    away(move || {
        let side = |text: Option<&str>| control.state_at(&tenant, &shape, &sides.id, text);
        let (from, before) = side(Some(&sides.from))?;
        let (to, after) = side(sides.to.as_deref())?;
        Ok(Comparison::new(&shape, (from, before.as_ref()), (to, after.as_ref())))
    })
    .await
}

/// Whether to act.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Acting {
    /// Only tells what would change.
    #[serde(default)]
    dry_run: bool,
}

/// Brings a resource to an earlier state, in one revision. One that is gone comes back; one that was not there then goes,
/// and out of the groups that name it.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/resources/{resource_type}/{id}/restore",
    tag = "directory",
    operation_id = "restore_resource",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("resource_type" = String, Path, description = "The type's name."),
        ("id" = String, Path, description = "The resource's `id`."),
        Acting
    ),
    request_body = RestoreTo,
    responses(
        (status = 200, description = "What changed, or would change.", body = Restored),
        (status = 404, description = "There is no such tenant, type, state or version.", body = ErrorBody),
        (status = 409, description = "A value that must be unique is taken now.", body = ErrorBody),
        (status = 410, description = "The state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn restore_resource(
    State(control): State<Control>,
    Segment((tenant, resource_type, id)): Segment<(String, String, String)>,
    Parameters(acting): Parameters<Acting>,
    Body(RestoreTo { to }): Body<RestoreTo>,
) -> Result<Json<Restored>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &resource_type)?;
    away(move || {
        let (revision, state) = control.state_at(&tenant, &shape, &id, Some(&to))?;
        let what = TurnBack {
            states: vec![Past { resource_type: shape.resource_type.name.clone(), id: id.clone(), state }],
            compared_with: None,
            expected: None,
            cascade: true,
            cause: Cause::Restored(Revision(revision)),
            dry_run: acting.dry_run,
        };
        let done = control.provider().turn_back(&tenant, what).map_err(|why| control.hindered(&tenant, &why, None))?;
        let name = &shape.resource_type.name;
        control.note_turn(&tenant, &acting, &done.changes, &format!("{name} {id} restored to revision {revision}"));
        Ok(Restored::new(done.revision, acting.dry_run, &done.changes))
    })
    .await
}

/// Brings a whole directory to an earlier state, in one revision.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/restore",
    tag = "directory",
    operation_id = "restore_directory",
    params(("name" = String, Path, description = "The tenant's name."), Acting),
    request_body = RestoreTo,
    responses(
        (status = 200, description = "What changed, or would change.", body = Restored),
        (status = 404, description = "There is no such tenant or state.", body = ErrorBody),
        (status = 410, description = "The state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn restore_directory(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Parameters(acting): Parameters<Acting>,
    Body(RestoreTo { to }): Body<RestoreTo>,
) -> Result<Json<Restored>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let at = At::read(Some(&to))?;
    away(move || {
        let then = control.root_at(&tenant, at)?;
        control.restore_to(&tenant, &then, &acting, &format!("restored to revision {}", then.revision()))
    })
    .await
}

/// Undoes what an exchange changed, in one revision, if nothing later depends on it.
#[utoipa::path(
    post,
    path = "/api/v1/exchanges/{seq}/undo",
    tag = "directory",
    operation_id = "undo_exchange",
    params(("seq" = u64, Path, description = "The exchange's number."), Acting),
    responses(
        (status = 200, description = "What changed, or would change.", body = Restored),
        (status = 404, description = "There is no such exchange, or it changed nothing.", body = ErrorBody),
        (status = 409, description = "Later changes depend on it; the message names them.", body = ErrorBody),
    )
)]
pub(super) async fn undo_exchange(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
    Parameters(acting): Parameters<Acting>,
) -> Result<Json<Restored>, ApiError> {
    away(move || {
        let commits = control.history().commits_of(Seq(seq)).map_err(|why| ApiError::unreadable(&why))?;
        if commits.is_empty() {
            return Err(ApiError::not_found(format!(
                "exchange {seq} changed nothing that is known, so nothing can be undone"
            )));
        }
        control.undo(&commits, Cause::UndoneExchange(Seq(seq)), &acting)
    })
    .await
}

/// Undoes what made a revision, in one revision more, if nothing later depends on it: a restore, a reset, an undo.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/revisions/{revision}/undo",
    tag = "directory",
    operation_id = "undo_revision",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("revision" = u64, Path, description = "The revision."),
        Acting
    ),
    responses(
        (status = 200, description = "What changed, or would change.", body = Restored),
        (status = 404, description = "There is no such tenant, or the revision is not known.", body = ErrorBody),
        (status = 409, description = "Later changes depend on it; the message names them.", body = ErrorBody),
    )
)]
pub(super) async fn undo_revision(
    State(control): State<Control>,
    Segment((tenant, revision)): Segment<(String, u64)>,
    Parameters(acting): Parameters<Acting>,
) -> Result<Json<Restored>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    away(move || {
        let commit = control.history().commit(tenant.id(), Revision(revision));
        let commit = commit.map_err(|why| ApiError::unreadable(&why))?.ok_or_else(|| {
            ApiError::not_found(format!("what made revision {revision} of {} is not known", tenant.name()))
        })?;
        control.undo(&[commit], Cause::Undone(Revision(revision)), &acting)
    })
    .await
}

impl Control {
    /// A resource as it was: at a revision, after an exchange, or in a version of its own. With the revision.
    fn state_at(
        &self,
        tenant: &Tenant,
        shape: &Shape,
        id: &str,
        text: Option<&str>,
    ) -> Result<(u64, Option<Arc<Document>>), ApiError> {
        if let Some(version) = text.unwrap_or_default().trim().strip_prefix("version:") {
            let wrong = || ApiError::bad_request(format!("{version:?} is no version; write a number, as in version:3"));
            let version: u64 = version.trim().parse().map_err(|_| wrong())?;
            return self.version(tenant, shape, id, version);
        }
        let root = self.root_at(tenant, At::read(text)?)?;
        let name = &shape.resource_type.name;
        let resource = root.get(id).filter(|resource| resource.resource_type() == name);
        Ok((root.revision(), resource.map(|resource| Arc::clone(&resource.document))))
    }

    /// A version of a resource, with the revision that it came with.
    fn version(
        &self,
        tenant: &Tenant,
        shape: &Shape,
        id: &str,
        version: u64,
    ) -> Result<(u64, Option<Arc<Document>>), ApiError> {
        let (history, of) = (self.history(), subject(tenant, shape, id));
        let mut before = Revision(u64::MAX);
        loop {
            let commits = history.versions(&of, before, MOST).map_err(|why| ApiError::unreadable(&why))?;
            for commit in &commits {
                let after = commit.changes.first().and_then(|change| change.after.as_ref());
                if let Some(after) = after.filter(|after| directory::stated_version(after) == Some(version)) {
                    return Ok((commit.revision.0, Some(Arc::clone(after))));
                }
            }
            match commits.last() {
                Some(last) => before = last.revision,
                None => {
                    let name = &shape.resource_type.name;
                    return Err(ApiError::not_found(format!(
                        "nothing is known of version {version} of the {name} {id}"
                    )));
                }
            }
        }
    }

    /// What made a change, in words, and when its exchange began.
    fn cause(&self, cause: Cause) -> Result<(CauseInfo, Option<Timestamp>), ApiError> {
        let Cause::Exchange(seq) = cause else { return Ok((CauseInfo::new(cause, None), None)) };
        let exchange = self.record().exchange(seq).map_err(|why| ApiError::unreadable(&why))?;
        let sentence = exchange.as_ref().and_then(|exchange| exchange.annotation.as_ref());
        let sentence = sentence.map(|annotation| annotation.sentence.clone());
        Ok((CauseInfo::new(cause, sentence), exchange.map(|exchange| exchange.opened.at)))
    }

    /// Brings a whole directory to a state that it had, in one revision, or tells what that would change.
    pub(super) fn restore_to(
        &self,
        tenant: &Tenant,
        then: &Root,
        acting: &Acting,
        words: &str,
    ) -> Result<Restored, ApiError> {
        let now = tenant.directory().root();
        let what = TurnBack {
            states: then.differing(&now),
            compared_with: Some(&now),
            expected: None,
            cascade: false,
            cause: Cause::Restored(Revision(then.revision())),
            dry_run: acting.dry_run,
        };
        let done = self.provider().turn_back(tenant, what).map_err(|why| self.hindered(tenant, &why, None))?;
        self.note_turn(tenant, acting, &done.changes, words);
        Ok(Restored::new(done.revision, acting.dry_run, &done.changes))
    }

    fn undo(&self, commits: &[Arc<Committed>], cause: Cause, acting: &Acting) -> Result<Restored, ApiError> {
        let tenant_id = commits[0].tenant.as_str();
        let tenant = self.provider().tenants().into_iter().find(|tenant| tenant.id() == tenant_id);
        let tenant = tenant.ok_or_else(|| {
            ApiError::not_found(format!("the tenant {tenant_id:?} is gone, and its directory with it"))
        })?;
        // What several commits did to one resource is undone as one.
        let mut changes: Vec<(Change, Option<Arc<Document>>)> = Vec::new();
        let mut places: HashMap<(&str, &str), usize> = HashMap::new();
        for change in commits.iter().flat_map(|commit| &commit.changes) {
            match places.entry((&change.resource_type, &change.resource_id)) {
                Entry::Occupied(place) => changes[*place.get()].1.clone_from(&change.after),
                Entry::Vacant(place) => {
                    place.insert(changes.len());
                    changes.push((change.clone(), change.after.clone()));
                }
            }
        }
        let (states, expected) = changes
            .into_iter()
            .map(|(change, after)| {
                let past = Past { resource_type: change.resource_type, id: change.resource_id, state: change.before };
                (past, after)
            })
            .unzip();
        let what = TurnBack {
            states,
            compared_with: None,
            expected: Some(expected),
            cascade: false,
            cause,
            dry_run: acting.dry_run,
        };
        let since = commits.last().map(|last| last.revision);
        let done = self.provider().turn_back(&tenant, what).map_err(|why| self.hindered(&tenant, &why, since))?;
        self.note_turn(&tenant, acting, &done.changes, &CauseInfo::new(cause, None).sentence);
        Ok(Restored::new(done.revision, acting.dry_run, &done.changes))
    }

    /// Why something cannot be brought back, with what stands in the way.
    fn hindered(&self, tenant: &Tenant, why: &Hindrance, since: Option<Revision>) -> ApiError {
        let conflict = |message: String| ApiError::new(StatusCode::CONFLICT, "depended_on", message);
        match why {
            Hindrance::ChangedLater(resources) => {
                let later = resources
                    .iter()
                    .map(|(kind, id)| format!("{kind} {id} ({})", self.last_change(tenant, kind, id, since)));
                conflict(format!("later changes depend on this; undo them first: {}", some(later)))
            }
            Hindrance::StillReferred(references) => {
                let named = references.iter().map(|(kind, id, of)| {
                    format!("{kind} {id} names {of} ({})", self.last_change(tenant, kind, id, since))
                });
                conflict(format!("what would go is still referred to; take it out first: {}", some(named)))
            }
            Hindrance::Fault(fault) => {
                let last = match fault {
                    directory::Fault::Conflict(taken) => {
                        format!(" ({})", self.last_change(tenant, &taken.resource_type, &taken.id, None))
                    }
                    _ => String::new(),
                };
                ApiError::new(StatusCode::CONFLICT, "conflict", format!("nothing was changed: {fault}{last}"))
            }
            Hindrance::Gone => ApiError::not_found(why.to_string()),
        }
    }

    /// What changed a resource last, in words.
    fn last_change(&self, tenant: &Tenant, resource_type: &str, id: &str, since: Option<Revision>) -> String {
        let of = Subject { tenant: tenant.id(), resource_type, resource_id: id };
        let last = self.history().versions(&of, Revision(u64::MAX), 1).unwrap_or_default().into_iter().next();
        match last.filter(|last| since.is_none_or(|since| last.revision > since)) {
            Some(last) => {
                let words = self.cause(last.cause).map(|(cause, _)| cause).ok();
                let exchange = match last.cause {
                    Cause::Exchange(seq) => format!("exchange {seq}, "),
                    _ => String::new(),
                };
                let sentence = words.map(|cause| cause.sentence).unwrap_or_default();
                format!("revision {}: {exchange}{sentence}", last.revision)
            }
            None => "an earlier change".to_owned(),
        }
    }

    /// Shows in the live stream what was done.
    fn note_turn(&self, tenant: &Tenant, acting: &Acting, changes: &[Change], done: &str) {
        if acting.dry_run || changes.is_empty() {
            return;
        }
        let resources =
            if changes.len() == 1 { "1 resource".to_owned() } else { format!("{} resources", changes.len()) };
        let detail = format!("{}: {done} ({resources} changed)", tenant.name());
        self.log().append(entry::Entry::State(Arc::new(entry::State { what: "directory".to_owned(), detail })));
    }
}

/// The first few of them, and how many there are beyond.
fn some(all: impl ExactSizeIterator<Item = String>) -> String {
    let beyond = all.len().saturating_sub(NAMED);
    let mut text = all.take(NAMED).collect::<Vec<String>>().join("; ");
    if beyond > 0 {
        text.push_str(&format!("; and {beyond} more"));
    }
    text
}

fn subject<'a>(tenant: &'a Tenant, shape: &'a Shape, id: &'a str) -> Subject<'a> {
    Subject { tenant: tenant.id(), resource_type: &shape.resource_type.name, resource_id: id }
}

/// `meta.lastModified` of what a change left.
fn time_of(change: &Change) -> Option<Timestamp> {
    change.after.as_ref()?.get("meta")?.get("lastModified")?.as_str()?.parse().ok()
}
