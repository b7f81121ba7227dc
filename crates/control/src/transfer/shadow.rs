//! What this server makes of exchanges that somebody else recorded: their requests are carried out once more, in a directory
//! that is nobody's, so that they get findings and changes as if they had come here. What was answered stays what it was.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use directory::Directory;
use formats::recorded::{self, Recorded};
use jiff::Timestamp;
use provider::populate::{NewResource, Populate};
use provider::{Clock, Entropy, Ids, Profile, Provider, ProviderConfig, Request, Tenant};
use scim::finding::Severity;
use scim::json::{Json, Limits, parse};
use scim::schema::Registry;
use traffic::change::{Cause, Committed};
use traffic::entry::Entry;
use traffic::handled::{Handled, Response};
use traffic::ids::{Pos, Revision, Seq};
use traffic::log::{Budget, Log};

use super::states;

/// Where the directory is served to itself.
const BASE: &str = "/scim/v2";
/// How much of its own record is kept: only the last commit is looked at.
const LOG_BYTES: usize = 1 << 20;
/// Resources of one list that are taken into the directory.
const MOST_LISTED: usize = 1000;

/// A directory that follows what was recorded.
pub(crate) struct Shadow {
    provider: Provider,
    log: Arc<Log>,
    desk: Arc<Desk>,
    registry: Arc<Registry>,
    profile: Profile,
    /// Whose changes they are.
    whose: Whose,
}

/// Whose directory follows.
enum Whose {
    /// Nobody's: changes are those of a tenant with this id, which does not exist; the last revision of it.
    Nobody(String, u64),
    /// That of a tenant. Its changes are in the record when they are made.
    Tenant,
}

/// What an exchange changed.
pub(crate) enum Changed {
    /// It is in the record already.
    Recorded,
    /// It is not, and its directory is nobody's.
    Here(Committed),
}

/// The time and the ids that the directory is given: those of the recording.
struct Desk {
    now: Mutex<Timestamp>,
    ids: Mutex<VecDeque<String>>,
}

impl Clock for Desk {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ids for Desk {
    fn next(&self) -> String {
        let next = self.ids.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        // Only what the recording did not name gets a number of its own, which nobody sees.
        next.unwrap_or_else(|| format!("unnamed-{}", self.now().as_nanosecond()))
    }
}

/// Nothing secret is made in this directory.
struct NoSecrets;

impl Entropy for NoSecrets {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// What is made of one exchange.
pub(crate) struct Seen {
    /// The provider's part, with the answer that was recorded.
    pub(crate) handled: Handled,
    /// What changed, if something did.
    pub(crate) committed: Option<Changed>,
    /// Whether it is SCIM.
    pub(crate) is_scim: bool,
}

impl Shadow {
    /// An empty directory with these schemas and this profile; its changes are those of a tenant with this id.
    pub(crate) fn new(registry: Arc<Registry>, profile: Profile, tenant: String, now: Timestamp) -> Shadow {
        let desk = Arc::new(Desk { now: Mutex::new(now), ids: Mutex::default() });
        let log = Arc::new(Log::within(Budget::of(LOG_BYTES)));
        let provider = open(&registry, &profile, &desk, &log, None);
        Shadow { provider, log, desk, registry, profile, whose: Whose::Nobody(tenant, 0) }
    }

    /// The directory of a tenant, which nobody else uses meanwhile; its changes go into this record.
    pub(crate) fn of_tenant(tenant: &Tenant, log: Arc<Log>, now: Timestamp) -> Shadow {
        let desk = Arc::new(Desk { now: Mutex::new(now), ids: Mutex::default() });
        let (registry, profile) = (Arc::clone(tenant.registry()), (*tenant.profile()).clone());
        let provider = open(&registry, &profile, &desk, &log, Some(Arc::clone(tenant.directory())));
        Shadow { provider, log, desk, registry, profile, whose: Whose::Tenant }
    }

    /// Whether the directory is that of a tenant.
    pub(crate) fn is_of_tenant(&self) -> bool {
        matches!(self.whose, Whose::Tenant)
    }

    /// Puts resources into the directory that were there before the first exchange.
    ///
    /// # Errors
    /// If one of them is refused, for people.
    pub(crate) fn begin_with(&mut self, resources: Vec<Json>) -> Result<(), String> {
        let count = resources.len() as u64;
        let new = resources.into_iter().zip(1..).map(|(body, from)| {
            let said = body.pointer("/meta/resourceType").and_then(Json::as_str).map(str::to_owned);
            let resource_type = said.unwrap_or_else(|| self.type_by_schemas(&body));
            NewResource { resource_type, id: id_of(&body), body, from }
        });
        let what = Populate { most: count, replace: false, cause: Cause::Import, dry_run: false };
        let done = self.provider.populate(&self.provider.tenant(), what, new.collect::<Vec<_>>(), &mut |_| true);
        done.map(|_| ()).map_err(|hitch| format!("the initial state of the fixture cannot be taken over: {hitch}"))
    }

    /// The type of a resource that does not say it.
    fn type_by_schemas(&self, body: &Json) -> String {
        let schemas = body.pointer("/schemas").and_then(Json::as_array).unwrap_or_default();
        let has = |schema: &str| schemas.iter().any(|one| one.as_str() == Some(schema));
        let shape = self.registry.shapes().iter().find(|shape| has(&shape.resource_type.schema));
        shape.map_or_else(|| "User".to_owned(), |shape| shape.resource_type.name.clone())
    }

    /// What is different between the directory and what is to be in it, for people.
    pub(crate) fn differs_from(&self, expected: &[Json]) -> Option<String> {
        states::difference(&self.provider.tenant().directory().root(), expected)
    }

    /// What this server makes of an exchange that has an answer.
    pub(crate) fn look(&mut self, seq: Seq, recorded: &Recorded) -> Option<Seen> {
        let answer = recorded.response.as_ref()?;
        let response = Response { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() };
        let Some(rest) = scim_rest(recorded, &self.registry) else {
            let handled = Handled {
                response,
                tenant: None,
                action: Default::default(),
                subject: Default::default(),
                auth: Vec::new(),
                findings: Vec::new(),
                operations: Vec::new(),
                would_have_changed: Vec::new(),
                rules: Vec::new(),
                forwarded: None,
            };
            return Some(Seen { handled, committed: None, is_scim: false });
        };
        *self.desk.now.lock().unwrap_or_else(PoisonError::into_inner) = recorded.at;
        let answered = parse(&answer.body, Limits::default()).ok();
        let is_done = (200..300).contains(&answer.status);
        let writes = !matches!(recorded.request.method.as_str(), "GET" | "HEAD" | "OPTIONS")
            && !rest.split('?').next().unwrap_or_default().ends_with("/.search");
        let mut handled = if writes && !is_done {
            // It was refused there and would perhaps be taken here; nothing may come of it.
            let nowhere = Arc::new(Log::within(Budget::of(0)));
            let scratch = open(&self.registry, &self.profile, &self.desk, &nowhere, None);
            carry_out(&scratch, seq, recorded, rest)
        } else {
            self.know(rest, recorded, answered.as_ref(), writes);
            if recorded.request.method == "POST" {
                answered.iter().flat_map(given_ids).for_each(|id| self.next_id(id));
            }
            carry_out(&self.provider, seq, recorded, rest)
        };
        self.desk.ids.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let committed = self.committed(seq);
        if handled.response.status != answer.status {
            // Why it would be refused here says nothing about the answer that it got.
            handled.findings.retain(|finding| finding.severity != Severity::Error);
            handled.would_have_changed.clear();
        }
        if let Some(total) = answered.as_ref().and_then(|body| body.pointer("/totalResults")).and_then(integer) {
            handled.subject.total_results = Some(total);
        }
        handled.response = response;
        if !self.is_of_tenant() {
            handled.tenant = recorded.scim.as_ref().and_then(|scim| scim.tenant.clone());
        }
        handled.auth.clear();
        Some(Seen { handled, committed, is_scim: true })
    }

    /// Takes in what the recording tells of resources that this directory has not seen: what a read gives, and what a
    /// write is about.
    fn know(&mut self, rest: &str, recorded: &Recorded, answered: Option<&Json>, writes: bool) {
        let path = rest.split('?').next().unwrap_or_default();
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let (Some(kind), id) = (segments.next(), segments.next()) else { return };
        let Some(shape) = self.registry.shapes().iter().find(|shape| shape.resource_type.endpoint.ends_with(kind))
        else {
            return;
        };
        let schema = shape.resource_type.schema.clone();
        let known = |shadow: &Shadow, id: &str| shadow.provider.tenant().directory().root().get(id).is_some();
        if writes {
            let Some(id) = id.filter(|id| !known(self, id) && recorded.request.method != "POST") else { return };
            // Nothing is known of it but that it was there.
            let name = if kind == "Groups" { "displayName" } else { "userName" };
            let stub = format!("{{\"schemas\":[\"{schema}\"],\"{name}\":{}}}", serde_json::json!(id));
            self.insert(kind, id.to_owned(), Bytes::from(stub), recorded);
            return;
        }
        let listed = answered.and_then(|body| body.pointer("/Resources")).and_then(Json::as_array);
        let resources = listed.unwrap_or_else(|| answered.map_or(&[], std::slice::from_ref));
        for resource in resources.iter().take(MOST_LISTED) {
            if let Some(id) = id_of(resource).filter(|id| !known(self, id)) {
                self.insert(kind, id, Bytes::from(resource.to_text()), recorded);
            }
        }
    }

    fn insert(&mut self, kind: &str, id: String, body: Bytes, recorded: &Recorded) {
        if self.is_of_tenant() {
            // No exchange has done it, so that it is what came with the file.
            let Ok(body) = parse(&body, Limits::default()) else { return };
            let endpoint = self.registry.shapes().iter().find(|shape| shape.resource_type.endpoint.ends_with(kind));
            let Some(resource_type) = endpoint.map(|shape| shape.resource_type.name.clone()) else { return };
            let what = Populate { most: 1, replace: false, cause: Cause::Import, dry_run: false };
            let new = [NewResource { resource_type, id: Some(id), body, from: recorded.seq }];
            // What cannot be there was otherwise there, and shows in what the exchanges after it say.
            let _ = self.provider.populate(&self.provider.tenant(), what, new, &mut |_| true);
            return;
        }
        self.next_id(id);
        let mut creation = recorded.clone();
        creation.request.method = "POST".to_owned();
        creation.request.headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
        creation.request.body = body;
        carry_out(&self.provider, Seq(0), &creation, &format!("/{kind}"));
        self.desk.ids.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn next_id(&self, id: String) {
        self.desk.ids.lock().unwrap_or_else(PoisonError::into_inner).push_back(id);
    }

    /// What the exchange changed.
    fn committed(&mut self, seq: Seq) -> Option<Changed> {
        let head = self.log.head().pos;
        let last = self.log.read(Pos(head.0.saturating_sub(1)), 1).pop();
        let Some((_, Entry::Committed(committed))) = last else { return None };
        if committed.cause != Cause::Exchange(seq) {
            return None;
        }
        let Whose::Nobody(tenant, revision) = &mut self.whose else { return Some(Changed::Recorded) };
        *revision += 1;
        Some(Changed::Here(Committed {
            tenant: tenant.clone(),
            revision: Revision(*revision),
            cause: Cause::Exchange(seq),
            changes: committed.changes.clone(),
            ahead: None,
        }))
    }
}

/// A provider with an empty directory for a record that is read from a file.
pub(crate) fn provider(registry: Arc<Registry>, profile: Profile, log: Arc<Log>, now: Timestamp) -> Provider {
    let desk = Arc::new(Desk { now: Mutex::new(now), ids: Mutex::default() });
    open(&registry, &profile, &desk, &log, None)
}

/// A provider with the time and the ids of the recording, over this directory or an empty one.
fn open(
    registry: &Arc<Registry>,
    profile: &Profile,
    desk: &Arc<Desk>,
    log: &Arc<Log>,
    directory: Option<Arc<Directory>>,
) -> Provider {
    let config = ProviderConfig {
        registry: Arc::clone(registry),
        profile: profile.clone(),
        token: String::new(),
        clock: Arc::<Desk>::clone(desk),
        ids: Arc::<Desk>::clone(desk),
        entropy: Arc::new(NoSecrets),
        log: Arc::clone(log),
    };
    let provider = match directory {
        Some(directory) => Provider::with_directory(config, directory),
        None => Provider::new(config),
    };
    provider.tenant().change(|settings| settings.access.open = true);
    provider
}

fn carry_out(provider: &Provider, seq: Seq, recorded: &Recorded, rest: &str) -> Handled {
    let mut headers = recorded.request.headers.clone();
    // Whoever was let in there is let in here.
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    let request = Request {
        seq,
        at: recorded.at,
        method: recorded.request.method.clone(),
        target: format!("{BASE}{rest}"),
        headers,
        body: recorded.request.body.clone(),
        base_url: recorded.origin.clone(),
        peer: recorded.client.unwrap_or(std::net::Ipv4Addr::LOCALHOST.into()),
    };
    provider.prepare(request).execute()
}

/// What stands behind the base URL, if the exchange is SCIM.
fn scim_rest<'a>(recorded: &'a Recorded, registry: &Registry) -> Option<&'a str> {
    let own: Vec<&str> =
        registry.shapes().iter().map(|shape| shape.resource_type.endpoint.trim_start_matches('/')).collect();
    let (base, rest) = recorded::split_base(&recorded.request.target, &own)?;
    let says_so = |fields: &[recorded::Field]| fields.iter().any(|(_, value)| value.contains("application/scim+json"));
    let has_urn = |body: &[u8]| body.windows(20).any(|window| window == b"urn:ietf:params:scim");
    let answer = recorded.response.as_ref()?;
    let is_scim = base.to_ascii_lowercase().contains("scim")
        || says_so(&recorded.request.headers)
        || says_so(&answer.headers)
        || has_urn(&recorded.request.body)
        || has_urn(&answer.body);
    is_scim.then_some(rest)
}

/// The ids that an answer to POST gave, in the order in which they were given: one, or those of a bulk answer.
fn given_ids(answered: &Json) -> Vec<String> {
    let Some(operations) = answered.pointer("/Operations").and_then(Json::as_array) else {
        return id_of(answered).into_iter().collect();
    };
    let text = |operation: &Json, name: &str| operation.pointer(name).and_then(Json::as_str).map(str::to_owned);
    let created = operations
        .iter()
        .filter(|operation| text(operation, "/method").is_some_and(|it| it.eq_ignore_ascii_case("POST")));
    // One that failed had an id set aside, too.
    created
        .enumerate()
        .map(|(at, operation)| match text(operation, "/location") {
            Some(location) => location.rsplit('/').next().unwrap_or_default().to_owned(),
            None => format!("not-created-{at}"),
        })
        .collect()
}

fn id_of(resource: &Json) -> Option<String> {
    resource.pointer("/id").and_then(Json::as_str).map(str::to_owned)
}

fn integer(json: &Json) -> Option<u64> {
    match json {
        Json::Number(number) => number.as_i64().and_then(|number| u64::try_from(number).ok()),
        _ => None,
    }
}
