//! Reading a request: route, access, syntax, schema, plan.

use std::collections::HashSet;
use std::sync::Arc;

use directory::{Resource, Root};
use scim::error::ScimError;
use scim::json::Json;
use scim::patch;
use scim::projection::Selection;
use scim::schema::Shape;
use traffic::handled::Handled;
use traffic::ids::Seq;

use crate::admit::admit;
use crate::answer::{Answer, Draft, Refused};
use crate::auth;
use crate::bulk::Bulk;
use crate::list::List;
use crate::locate::{Located, locate};
use crate::negotiate;
use crate::net;
use crate::onward::{self, Answered, Errand, Onward, Passed, Unreached};
use crate::plan;
use crate::printed::Printed;
use crate::profile::Profile;
use crate::provider::Shared;
use crate::request::Request;
use crate::route::Route;
use crate::rules::{Behaviour, Delivery, Plan, Scope};
use crate::target::{Segment, Target};
use crate::tenant::{Tenant, TenantSettings};
use crate::{read, write};

/// Looking at more resources than this takes long enough to be done outside of the async workers.
const EXPENSIVE_SCAN: usize = 2_000;
/// The same for a resource of this many bytes at rest: a group with some thousands of members.
const EXPENSIVE_BYTES: usize = 256 * 1024;
/// The same for a bulk request of this many operations.
const EXPENSIVE_BULK: usize = 20;
/// The answer of a proxy that has nobody who could send a request on.
const NOBODY_SENDS: &str = "this tenant is a proxy, and requests are sent on only from its own address; send it there";
/// After how many seconds a client may ask again while the provider is paused.
const AGAIN_AFTER: &str = "60";

/// A request that is read and waits to be carried out.
pub struct Prepared {
    shared: Arc<Shared>,
    draft: Draft,
    step: Result<Step, Refused>,
    expensive: bool,
    /// The rules of the tenant that fired, if any did.
    plan: Option<Box<Plan>>,
}

pub(crate) enum Step {
    /// There is nothing left to do.
    Decided(Answer),
    /// A list is left to be made.
    Listing(Box<Setting>, List),
    /// An operation on a resource is left to do.
    Pending(Box<Scene>, Operation),
    /// Several are.
    Several(Arc<Setting>, Bulk),
    /// Another server is to be asked.
    Onward(Box<Onward>),
}

/// Where a request is carried out.
#[derive(Clone)]
pub(crate) struct Setting {
    pub tenant: Arc<Tenant>,
    /// The tenant's settings when the request came.
    pub settings: Arc<TenantSettings>,
    pub profile: Arc<Profile>,
    pub seq: Seq,
    /// Base URL with the tenant's path.
    pub base: String,
    /// What the client presented to be let in; what is made for one client is of no use to another.
    pub client: Option<String>,
    /// Texts of resources, if what is shown is kept for the next one who asks.
    pub printed: Option<Arc<Printed>>,
    /// How rules make it be carried out otherwise.
    pub behaviour: Option<Arc<Behaviour>>,
}

impl Setting {
    /// The root that reads see.
    pub fn root(&self) -> Arc<Root> {
        match &self.behaviour {
            None => self.tenant.directory().root(),
            Some(behaviour) => behaviour.root(&self.tenant),
        }
    }
}

/// What an operation on a resource needs to know.
pub(crate) struct Scene {
    pub setting: Arc<Setting>,
    pub shape: Arc<Shape>,
    pub selection: Selection,
    /// Whether the request says which attributes it wants.
    pub selects: bool,
    /// `If-Match`, if it is to be regarded.
    pub if_match: Option<String>,
    /// `If-None-Match`, if it is to be regarded.
    pub if_none_match: Option<String>,
    /// Ids that resources of the same request will have.
    pub promised: Arc<HashSet<String>>,
}

/// An operation on a resource.
pub(crate) enum Operation {
    Read(Segment),
    Create(write::Creation),
    Replace(Segment, Json),
    Modify(Segment, Vec<patch::Operation>),
    Delete(Segment),
}

impl Prepared {
    pub(crate) fn new(shared: Arc<Shared>, alone: Option<&str>, ruled: bool, request: Request) -> Prepared {
        let (mut draft, mut plan) = (Draft::default(), None);
        let fired = ruled.then_some(&mut plan);
        let step = prepare(&shared, alone, &request, &mut draft, fired);
        let expensive = match &step {
            Ok(Step::Pending(scene, operation)) => is_expensive(scene, operation),
            Ok(Step::Listing(setting, list)) => list.cost(setting) > EXPENSIVE_SCAN,
            Ok(Step::Several(_, bulk)) => bulk.len() > EXPENSIVE_BULK,
            _ => false,
        };
        Prepared { shared, draft, step, expensive, plan }
    }

    /// The request, to be refused for now.
    pub(crate) fn put_off(self) -> Prepared {
        let error = ScimError::plain(503, "the server is paused and will answer when it is resumed; try again later");
        let refused = Refused::from(error).with("Retry-After", AGAIN_AFTER);
        Prepared { step: Err(refused), expensive: false, plan: None, ..self }
    }

    /// Whether carrying it out takes long enough to be done outside of the async workers.
    pub fn is_expensive(&self) -> bool {
        self.expensive
    }

    /// What rules want of whoever sends the answer; nothing if they want nothing, or it was taken.
    pub fn take_delivery(&mut self) -> Option<Box<Delivery>> {
        self.plan.as_mut()?.take_delivery()
    }

    /// What is to be sent on to another server, which decides: then it is not to be executed, but [`Prepared::answered`] or
    /// [`Prepared::unreached`]. Nothing for all others, and if it was taken.
    pub fn take_errand(&mut self) -> Option<Errand> {
        match &mut self.step {
            Ok(Step::Onward(onward)) => onward.take_errand(),
            _ => None,
        }
    }

    /// The other server has answered.
    pub fn answered(self, answered: Answered) -> Passed {
        let Prepared { draft, step, plan, .. } = self;
        let Ok(Step::Onward(onward)) = step else {
            let (handled, edited, follow_up) = (Prepared { draft, step, plan, ..self }.execute(), true, None);
            return Passed { handled, edited, follow_up };
        };
        let mut passed = onward.answered(draft, answered);
        if let Some(plan) = plan {
            let before = passed.handled.response.clone();
            plan.touch(&mut passed.handled);
            passed.edited |= before != passed.handled.response;
        }
        passed
    }

    /// The other server has not answered.
    pub fn unreached(self, unreached: Unreached) -> Handled {
        let Prepared { draft, step, plan, .. } = self;
        let Ok(Step::Onward(onward)) = step else { return Prepared { draft, step, plan, ..self }.execute() };
        let mut handled = onward.unreached(draft, unreached);
        if let Some(plan) = plan {
            plan.touch(&mut handled);
        }
        handled
    }

    /// Carries the request out.
    pub fn execute(self) -> Handled {
        let Prepared { shared, mut draft, step, plan, .. } = self;
        let decision = step.and_then(|step| match step {
            Step::Decided(answer) => Ok(answer),
            Step::Listing(setting, list) => list.execute(&shared, &setting, &mut draft),
            Step::Pending(scene, operation) => carry_out(&shared, &scene, operation, &mut draft),
            Step::Several(setting, bulk) => Ok(bulk.execute(&shared, &setting, &mut draft)),
            Step::Onward(_) => Err(Refused::from(ScimError::plain(502, NOBODY_SENDS))),
        });
        let mut handled = draft.finish(decision);
        shared.date(&mut handled);
        if let Some(plan) = plan {
            plan.touch(&mut handled);
        }
        handled
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("draft", &self.draft)
            .field("expensive", &self.expensive)
            .finish_non_exhaustive()
    }
}

/// Carries out an operation on a resource.
pub(crate) fn carry_out(
    shared: &Shared,
    scene: &Scene,
    operation: Operation,
    draft: &mut Draft,
) -> Result<Answer, Refused> {
    match operation {
        Operation::Read(id) => read::read(scene, &id, draft),
        Operation::Create(creation) => write::create(shared, scene, creation, draft),
        Operation::Replace(id, body) => write::replace(shared, scene, &id, body, draft),
        Operation::Modify(id, operations) => write::modify(shared, scene, &id, &operations, draft),
        Operation::Delete(id) => write::delete(shared, scene, &id, draft),
    }
}

fn is_expensive(scene: &Scene, operation: &Operation) -> bool {
    let root = scene.setting.tenant.directory().root();
    match operation {
        Operation::Read(id) | Operation::Replace(id, _) | Operation::Modify(id, _) => {
            root.get(&id.text).is_some_and(|resource| resource.document.packed_bytes() > EXPENSIVE_BYTES)
        }
        Operation::Delete(id) => root.referrers(&id.text).len() > EXPENSIVE_SCAN,
        Operation::Create(_) => false,
    }
}

fn prepare(
    shared: &Arc<Shared>,
    alone: Option<&str>,
    request: &Request,
    draft: &mut Draft,
    fired: Option<&mut Option<Box<Plan>>>,
) -> Result<Step, Refused> {
    draft.answer_type = negotiate::answer_type(request, &mut draft.findings);
    let target = Target::parse(&request.target)?;
    let table = shared.tenants.table();
    let (tenant, base_path, rest) = match locate(&table, alone, &target.segments)? {
        Located::Scim(tenant, base_path, rest) => (tenant, base_path, rest),
        Located::Token(tenant) => {
            draft.tenant = Some(tenant.id().to_owned());
            let (access, now) = (&tenant.settings().access, shared.clock.now());
            let entropy = &*shared.entropy;
            return Ok(Step::Decided(auth::token_endpoint(request, access, tenant.issued(), entropy, now, draft)));
        }
    };
    draft.tenant = Some(tenant.id().to_owned());
    let route = Route::of(tenant.registry(), rest);
    draft.action = route.action(request.method.as_str());
    note_subject(&route, &tenant, draft);
    let settings = tenant.settings();
    match &settings.upstream {
        Some(upstream) if fired.is_none() => {
            let detail = format!(
                "the tenant {:?} is a proxy: its directory shows what {} has answered; change it there",
                tenant.name(),
                upstream.url.as_str()
            );
            return Err(ScimError::plain(409, detail).into());
        }
        Some(upstream) if !upstream.credential.is_own() => draft.auth.push(onward::passed_on()),
        _ => admit(request, &route, rest, &tenant, &settings, shared.clock.now(), draft)?,
    }
    let profile = match &settings.upstream {
        None => Arc::clone(&settings.profile),
        Some(_) => onward::reading_profile(),
    };
    let mut setting = Setting {
        seq: request.seq,
        base: net::base_url(request, &settings, &base_path, &mut draft.findings),
        client: presented(request, &settings),
        profile,
        settings,
        tenant,
        printed: Some(Arc::clone(&shared.printed)),
        behaviour: None,
    };
    // Rules see what is let in; what is refused for its credentials is refused as always.
    let mut is_ruled = false;
    if let Some(fired) = fired.filter(|_| setting.tenant.rules().any()) {
        let scope = Scope {
            request,
            target: &target,
            below: rest,
            route: &route,
            tenant: &setting.tenant,
            client: setting.client.as_deref(),
            action: draft.action,
            subject: &draft.subject,
        };
        if let Some(mut plan) = Plan::make(&scope, shared.clock.now()) {
            setting.behaviour = plan.behaviour();
            let answer = plan.answer();
            is_ruled = true;
            *fired = Some(plan);
            if let Some(answer) = answer {
                return Ok(Step::Decided(answer));
            }
        }
    }
    if setting.settings.upstream.is_some() {
        let mut step = onward::plan(shared, request, &target, rest, route, setting, draft);
        if let (true, Ok(Step::Onward(onward))) = (is_ruled, &mut step) {
            onward.want_whole();
        }
        return step;
    }
    plan::plan(shared, request, &target, rest, route, setting, draft)
}

/// The credentials of a request, as they were sent.
fn presented(request: &Request, settings: &TenantSettings) -> Option<String> {
    let own = settings.access.own_headers();
    let names = std::iter::once("Authorization").chain(own);
    let values: Vec<String> = names.filter_map(|name| request.header_list(name)).collect();
    (!values.is_empty()).then(|| values.join("\n"))
}

fn note_subject(route: &Route, tenant: &Tenant, draft: &mut Draft) {
    let (shape, id) = match route {
        Route::Type(shape) | Route::Search(Some(shape)) => (shape, None),
        Route::Resource(shape, id) => (shape, Some(id)),
        _ => return,
    };
    draft.subject.resource_type = Some(shape.resource_type.name.clone());
    if let Some(id) = id {
        draft.subject.resource_id = Some(id.text.clone());
        let root = tenant.directory().root();
        draft.subject.display = known(&root, shape, &id.text).map(|resource| resource.display().to_owned());
    }
}

/// The resource of this type with this `id`.
pub(crate) fn known<'a>(root: &'a directory::Root, shape: &Shape, id: &str) -> Option<&'a Arc<Resource>> {
    root.get(id).filter(|resource| resource.resource_type() == shape.resource_type.name)
}
