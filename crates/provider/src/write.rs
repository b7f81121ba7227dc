//! POST, PUT, PATCH and DELETE (RFC 7644 sections 3.3, 3.5 and 3.6).

use std::sync::Arc;

use directory::{Commit, Conflict, Fault, Resource, Root, Transaction, etag};
use scim::diff::{Line, diff};
use scim::document::Document;
use scim::error::{ScimError, ScimType};
use scim::finding::Place;
use scim::incoming;
use scim::json::{Json, Object};
use scim::leniency::Reading;
use scim::patch;
use scim::value::Value;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::Entry;
use traffic::handled::{Operation, OperationOutcome};
use traffic::ids::Revision;

use crate::answer::{Answer, Draft, Refused};
use crate::negotiate::tag_fits;
use crate::omitted::Given;
use crate::prepare::{Scene, known};
use crate::present::Presenter;
use crate::profile::{PatchAnswer, PutOmission};
use crate::provider::Shared;
use crate::read::missing;
use crate::references;
use crate::target::Segment;
use crate::tenant::Tenant;

/// A resource to be created.
pub(crate) struct Creation {
    pub object: Object,
    /// The attributes that the request wrote.
    pub written: Vec<String>,
    /// The names at the top of the body as sent, to point at one that is refused.
    pub names: Vec<String>,
    /// The `id` that it is to have; absent for a new one.
    pub id: Option<String>,
}

/// The names at the top of a body.
pub(crate) fn names_of(body: &Json) -> Vec<String> {
    body.as_object().into_iter().flat_map(Object::iter).map(|(name, _)| name.to_owned()).collect()
}

pub(crate) fn create(shared: &Shared, scene: &Scene, creation: Creation, draft: &mut Draft) -> Result<Answer, Refused> {
    let lines = diff(&scene.shape, None, Some(Value::from(&creation.object)));
    let mut transaction = scene.setting.tenant.begin()?;
    let id = creation.id.unwrap_or_else(|| shared.new_id(transaction.root()));
    let created = transaction.create(&scene.shape.resource_type.name, &id, creation.object, shared.clock.now());
    let resource = match created {
        Ok(resource) => resource,
        Err(fault) => {
            draft.would_have_changed = lines;
            return Err(refuse(fault, &creation.names).into());
        }
    };
    references::check(scene, transaction.root(), &lines, draft)?;
    draft.subject.resource_id = Some(id);
    draft.subject.display = Some(resource.display().to_owned());
    let root = commit(transaction, shared, scene, resource.id(), lines);
    let presenter = presenter(scene, &root);
    let answer = Answer::text(201, presenter.shown_text(&resource, &scene.selection, &creation.written));
    Ok(tagged(answer.with("Location", presenter.location(&resource)), scene, &resource))
}

pub(crate) fn replace(
    shared: &Shared,
    scene: &Scene,
    id: &Segment,
    body: Json,
    draft: &mut Draft,
) -> Result<Answer, Refused> {
    let written = incoming::written(&scene.shape, &body);
    let names = names_of(&body);
    let given = (scene.setting.profile.put_omission == PutOmission::Keep).then(|| Given::of(&scene.shape, &body));
    let mut transaction = scene.setting.tenant.begin()?;
    let before = current(&transaction, scene, id)?;
    let existing = before.document.to_object();
    let mut object = with_reading(scene, draft, |reading| incoming::resource(reading, body, Some(&existing)))?;
    if let Some(given) = given {
        object = given.keep_others(&scene.shape, &existing, object);
    }
    let lines = diff(&scene.shape, Some(Value::from(&existing)), Some(Value::from(&object)));
    let resource = if lines.is_empty() && schemas_agree(&existing, &object) {
        before
    } else {
        match transaction.replace(&id.text, object, shared.clock.now()) {
            Ok(replaced) => replaced.resource,
            Err(fault) => {
                draft.would_have_changed = lines;
                return Err(refuse(fault, &names).into());
            }
        }
    };
    references::check(scene, transaction.root(), &lines, draft)?;
    draft.subject.display = Some(resource.display().to_owned());
    let root = commit(transaction, shared, scene, &id.text, lines);
    let answer = Answer::text(200, presenter(scene, &root).shown_text(&resource, &scene.selection, &written));
    Ok(tagged(answer, scene, &resource))
}

pub(crate) fn modify(
    shared: &Shared,
    scene: &Scene,
    id: &Segment,
    operations: &[patch::Operation],
    draft: &mut Draft,
) -> Result<Answer, Refused> {
    draft.operations = operations.iter().map(|operation| as_record(operation, OperationOutcome::NotReached)).collect();
    let mut transaction = scene.setting.tenant.begin()?;
    let before = current(&transaction, scene, id)?;
    let existing = before.document.to_parts();
    let is_ignored = !operations.is_empty()
        && scene.setting.behaviour.as_ref().is_some_and(|behaviour| behaviour.leaves_out_operations());
    let operations = if is_ignored { &[] } else { operations };
    let applied = with_reading(scene, draft, |reading| patch::apply_to_parts(reading, existing, operations));
    if is_ignored {
        for operation in &mut draft.operations {
            operation.outcome = OperationOutcome::Unchanged("a rule left it out".to_owned());
        }
    }
    for outcome in applied.outcomes {
        if let Some(operation) = draft.operations.get_mut(outcome.index) {
            operation.outcome = as_recorded(outcome.outcome);
        }
    }
    let object = match applied.result {
        Ok(object) => object,
        Err(error) => {
            draft.would_have_changed = applied.lines;
            return Err(error.into());
        }
    };
    let replaced = match transaction.replace(&id.text, object, shared.clock.now()) {
        Ok(replaced) => replaced,
        Err(fault) => {
            let refused = refuse_operation(fault, &applied.lines, draft);
            draft.would_have_changed = applied.lines;
            return Err(refused.into());
        }
    };
    references::check(scene, transaction.root(), &applied.lines, draft)?;
    let resource = replaced.resource;
    draft.subject.display = Some(resource.display().to_owned());
    let root = commit(transaction, shared, scene, &id.text, applied.lines);
    let no_content = !scene.selects
        && (scene.setting.profile.patch_answer == PatchAnswer::NoContent
            || largest_attribute(&resource) > scene.setting.profile.patch_answer_max_elements);
    let answer = if no_content {
        Answer::empty(204)
    } else {
        Answer::text(200, presenter(scene, &root).shown_text(&resource, &scene.selection, &applied.written))
    };
    Ok(tagged(answer, scene, &resource))
}

pub(crate) fn delete(shared: &Shared, scene: &Scene, id: &Segment, draft: &mut Draft) -> Result<Answer, Refused> {
    let mut transaction = scene.setting.tenant.begin()?;
    let before = current(&transaction, scene, id)?;
    draft.subject.display = Some(before.display().to_owned());
    let lines = diff(&scene.shape, Some(before.document.value()), None);
    transaction.delete(&id.text, shared.clock.now()).map_err(|fault| refuse(fault, &[]))?;
    commit(transaction, shared, scene, &id.text, lines);
    Ok(Answer::empty(204))
}

/// The resource that is to be written, if it is there and in the state that the client expects.
fn current(transaction: &Transaction<'_>, scene: &Scene, id: &Segment) -> Result<Arc<Resource>, Refused> {
    let resource = known(transaction.root(), &scene.shape, &id.text).ok_or_else(|| missing(&scene.shape, id))?;
    let tag = etag(resource.version);
    match &scene.if_match {
        Some(condition) if !tag_fits(condition, &tag) => {
            let detail = format!("If-Match is {condition}, but the version is {tag}; read the resource again");
            let place = Place::Header("If-Match".into());
            return Err(Refused::from(ScimError { place, ..ScimError::plain(412, detail) }).with("ETag", tag));
        }
        _ => {}
    }
    match &scene.if_none_match {
        Some(condition) if tag_fits(condition, &tag) => {
            let detail =
                format!("If-None-Match is {condition}, and the version is {tag}; leave it out to write all the same");
            let place = Place::Header("If-None-Match".into());
            Err(Refused::from(ScimError { place, ..ScimError::plain(412, detail) }).with("ETag", tag))
        }
        _ => Ok(Arc::clone(resource)),
    }
}

pub(crate) fn with_reading<T>(scene: &Scene, draft: &mut Draft, read: impl FnOnce(&mut Reading<'_>) -> T) -> T {
    let findings = std::mem::take(&mut draft.findings);
    let mut reading = Reading { findings, ..Reading::new(&scene.shape, scene.setting.profile.leniency) };
    let outcome = read(&mut reading);
    draft.findings = reading.findings;
    outcome
}

/// Commits, and writes the commit down while no other writer can begin. `lines` are those of the resource that the
/// request names; what else changed is compared here.
fn commit(transaction: Transaction<'_>, shared: &Shared, scene: &Scene, id: &str, lines: Vec<Line>) -> Arc<Root> {
    let cause = Cause::Exchange(scene.setting.seq);
    commit_as(transaction, shared, &scene.setting.tenant, cause, Some((id, lines)))
}

/// The same for any cause. `own`: a resource whose lines are known.
pub(crate) fn commit_as(
    transaction: Transaction<'_>,
    shared: &Shared,
    tenant: &Tenant,
    cause: Cause,
    own: Option<(&str, Vec<Line>)>,
) -> Arc<Root> {
    let now = shared.clock.now();
    let (id, mut lines) = own.map_or(("", None), |(id, lines)| (id, Some(lines)));
    transaction.commit(|commit: &Commit| {
        if tenant.rules().lags() {
            tenant.rules().lag().note(commit.revision, now);
        }
        let changes = commit.changes.iter().filter_map(|delta| {
            let resource = delta.resource()?;
            let own = if resource.id() == id { lines.take() } else { None };
            let state = |state: &Option<Arc<Resource>>| state.as_ref().map(|state| Arc::clone(&state.document));
            let (before, after) = (state(&delta.before), state(&delta.after));
            Some(Change {
                resource_type: resource.resource_type().to_owned(),
                resource_id: resource.id().to_owned(),
                display: resource.display().to_owned(),
                lines: own.unwrap_or_else(|| diff(&resource.shape, value(&before), value(&after))),
                before,
                after,
            })
        });
        shared.log.append(Entry::Committed(Arc::new(Committed {
            tenant: tenant.id().to_owned(),
            revision: Revision(commit.revision),
            cause,
            changes: changes.collect(),
            ahead: None,
        })));
    })
}

fn value(state: &Option<Arc<Document>>) -> Option<Value<'_>> {
    state.as_deref().map(Document::value)
}

fn presenter<'a>(scene: &'a Scene, root: &'a Root) -> Presenter<'a> {
    Presenter::new(root, &scene.setting)
}

fn tagged(answer: Answer, scene: &Scene, resource: &Resource) -> Answer {
    if scene.setting.profile.etag { answer.with("ETag", etag(resource.version)) } else { answer }
}

fn schemas_agree(before: &Object, after: &Object) -> bool {
    before.get("schemas") == after.get("schemas")
}

/// The number of elements in the attribute that has most.
fn largest_attribute(resource: &Resource) -> usize {
    let lengths = resource.document.members().map(|(_, value)| match value {
        Value::Array(items) => items.len(),
        _ => 0,
    });
    lengths.max().unwrap_or(0)
}

/// The refusal of a write by the directory, pointing at the attribute in the body.
fn refuse(fault: Fault, names: &[String]) -> ScimError {
    match fault {
        Fault::Conflict(conflict) => {
            let top = conflict.attribute.split(['.', ':']).next().unwrap_or_default();
            let name = names.iter().find(|name| name.eq_ignore_ascii_case(top));
            let pointer = name.map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1")));
            uniqueness(&conflict, Place::Body(pointer.unwrap_or_default()))
        }
        fault => ScimError::plain(404, fault.to_string()),
    }
}

/// The same for a PATCH: the operation that wrote the value is the one at fault.
fn refuse_operation(fault: Fault, lines: &[Line], draft: &mut Draft) -> ScimError {
    let Fault::Conflict(conflict) = fault else { return ScimError::plain(404, fault.to_string()) };
    let guilty = lines.iter().rev().find(|line| line.path == conflict.attribute).and_then(|line| line.operation);
    let place = match guilty {
        Some(index) => Place::Body(format!("/Operations/{index}")),
        None => Place::Body(String::new()),
    };
    let error = uniqueness(&conflict, place);
    if let Some(operation) = guilty.and_then(|index| draft.operations.get_mut(index)) {
        operation.outcome = OperationOutcome::Refused(error.detail.clone());
    }
    error
}

/// 409 on every method: RFC 7644 section 3.3 has it for POST, table 8 for the others.
fn uniqueness(conflict: &Conflict, place: Place) -> ScimError {
    ScimError { status: 409, ..ScimError::bad_request(ScimType::Uniqueness, place, conflict.to_string()) }
}

pub(crate) fn as_record(operation: &patch::Operation, outcome: OperationOutcome) -> Operation {
    Operation { index: operation.index, op: operation.op_as_sent.clone(), path: operation.path.clone(), outcome }
}

pub(crate) fn as_recorded(outcome: patch::Outcome) -> OperationOutcome {
    match outcome {
        patch::Outcome::Changed => OperationOutcome::Changed,
        patch::Outcome::Unchanged(why) => OperationOutcome::Unchanged(why),
        patch::Outcome::Refused(why) => OperationOutcome::Refused(why),
        patch::Outcome::NotReached => OperationOutcome::NotReached,
    }
}
