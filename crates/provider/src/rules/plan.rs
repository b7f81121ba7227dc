//! Which rules fire for a request, and what that means for it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use scim::error::{ScimError, ScimType};
use scim::message;
use traffic::handled::{self, Handled, RuleHit, Subject};

use super::action::{Action, Part, RetryAs};
use super::behaviour::Behaviour;
use super::chance::delay_ms;
use super::edit;
use super::say;
use super::seen::Seen;
use super::table::{Claim, Live};
use crate::answer::Answer;
use crate::request::Request;
use crate::route::Route;
use crate::target::{Segment, Target};
use crate::tenant::Tenant;

/// What the listener has to do with an answer beside sending it. It does so outside of every lock.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// How long the answer waits before it leaves.
    pub delay: Duration,
    /// How its bytes leave, if not as they should.
    pub wire: Option<Wire>,
    /// Who wants it so: "the rule \"Slow\"".
    pub by: String,
}

/// How the bytes of a response leave, if not as they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// So many bytes of the body, then the end of the connection.
    Truncate {
        /// How many.
        bytes: usize,
    },
    /// With a `Content-Length` that is wrong by so many bytes; then the end of the connection.
    WrongLength {
        /// What is added.
        by: i64,
    },
    /// So many bytes of the response, then a reset.
    Reset {
        /// How many.
        after_bytes: usize,
    },
    /// None, until the client goes or the time is over.
    Hang {
        /// How long.
        at_most: Duration,
    },
    /// A few at a time.
    Drip {
        /// How many at a time.
        bytes: usize,
        /// How long between two times.
        every: Duration,
    },
}

/// What rules look at, as far as a request was read.
pub(crate) struct Scope<'a> {
    pub request: &'a Request,
    pub target: &'a Target,
    pub below: &'a [Segment],
    pub route: &'a Route,
    pub tenant: &'a Tenant,
    /// What the client presented to be let in.
    pub client: Option<&'a str>,
    pub action: handled::Action,
    pub subject: &'a Subject,
}

/// The rules that fired for a request.
#[derive(Debug)]
pub(crate) struct Plan {
    seq: u64,
    fired: Vec<Fired>,
    answer: Option<Answer>,
    behaviour: Option<Arc<Behaviour>>,
    delivery: Option<Box<Delivery>>,
}

#[derive(Debug)]
struct Fired {
    live: Arc<Live>,
    did: String,
}

impl Plan {
    /// Asks the rules of a tenant in their order. Nothing if none fires.
    pub fn make(scope: &Scope<'_>, now: Timestamp) -> Option<Box<Plan>> {
        let set = scope.tenant.rules().set();
        let seen = Seen::new(
            scope.request,
            scope.target,
            scope.below,
            scope.route,
            scope.tenant.id(),
            scope.action,
            scope.subject,
        );
        let seq = scope.request.seq.0;
        let mut plan = Plan { seq, fired: Vec::new(), answer: None, behaviour: None, delivery: None };
        let mut behaviour = Behaviour::default();
        let mut has_behaviour = false;
        for live in set.iter() {
            let action = &live.rule.action;
            let is_decided = match action.part() {
                Part::Answer => plan.answer.is_some(),
                Part::Wire => plan.delivery.as_ref().is_some_and(|delivery| delivery.wire.is_some()),
                // What is not carried out cannot be carried out otherwise.
                Part::Conduct => plan.answer.is_some(),
                Part::Delay | Part::Response => false,
            };
            if is_decided || !applies(action, &seen) || !live.is_about(&seen, now) {
                continue;
            }
            let peer = scope.request.peer.to_string();
            scope.tenant.rules().note_counted();
            let Some(claim) = live.claim(seq, scope.client.unwrap_or(&peer), now) else { continue };
            let did = match action.part() {
                Part::Answer => {
                    let (answer, did) = answer(live, &claim, scope.request, now);
                    plan.answer = Some(answer);
                    did
                }
                Part::Delay => {
                    let Action::Latency { delay } = action else { continue };
                    let ms = delay_ms(*delay, live.rule.seed, claim.hit);
                    plan.delivery(live).delay += Duration::from_millis(ms);
                    format!("made the answer wait {ms} ms")
                }
                Part::Wire => {
                    plan.delivery(live).wire = wire(action);
                    say::did(action)
                }
                Part::Conduct => {
                    if !behaviour.add(action, now) {
                        live.give_back(seq);
                        continue;
                    }
                    has_behaviour = true;
                    say::did(action)
                }
                Part::Response => say::did(action),
            };
            plan.fired.push(Fired { live: Arc::clone(live), did });
        }
        plan.behaviour = has_behaviour.then(|| Arc::new(behaviour));
        (!plan.fired.is_empty()).then(|| Box::new(plan))
    }

    /// The answer instead of that of the server.
    pub fn answer(&mut self) -> Option<Answer> {
        self.answer.take()
    }

    /// How the request is carried out.
    pub fn behaviour(&self) -> Option<Arc<Behaviour>> {
        self.behaviour.clone()
    }

    /// What the listener has to do.
    pub fn take_delivery(&mut self) -> Option<Box<Delivery>> {
        self.delivery.take()
    }

    /// Edits the outcome, and writes into it which rules touched it. A rule that made no difference gets its hit back.
    pub fn touch(self, handled: &mut Handled) {
        let mut hits = Vec::with_capacity(self.fired.len());
        for Fired { live, mut did } in self.fired {
            let action = &live.rule.action;
            let touched = match action.part() {
                Part::Answer | Part::Delay | Part::Wire => true,
                Part::Conduct => self.behaviour.as_ref().is_some_and(|behaviour| behaviour.made(action)),
                Part::Response => match edit::edit(action, handled) {
                    Ok(touched) => touched,
                    Err(why) => {
                        did = format!("could not edit the response: {why}");
                        true
                    }
                },
            };
            if touched {
                hits.push(RuleHit { id: live.rule.id.clone(), name: live.rule.name.clone(), did });
            } else {
                live.give_back(self.seq);
            }
        }
        handled.rules = hits;
    }

    fn delivery(&mut self, live: &Live) -> &mut Delivery {
        let delivery = self
            .delivery
            .get_or_insert_with(|| Box::new(Delivery { delay: Duration::ZERO, wire: None, by: String::new() }));
        delivery.by = format!("the rule {:?}", live.rule.name);
        delivery
    }
}

/// Whether an action can make a difference to such a request at all.
fn applies(action: &Action, seen: &Seen<'_>) -> bool {
    use handled::Action as Asked;
    let is = |kinds: &[Asked]| kinds.contains(&seen.action);
    match action {
        Action::Duplicate {} => is(&[Asked::Create]),
        Action::RepeatedItems {} | Action::MissingItems {} => is(&[Asked::List]),
        Action::TotalResults { .. } | Action::ResourcesAbsent {} => is(&[Asked::List]),
        Action::FilterIgnored {} | Action::CaseSensitiveUserName {} | Action::EmptyFilter404 {} => {
            is(&[Asked::List, Asked::Read]) && seen.filter().is_some()
        }
        Action::PatchIgnored {} | Action::MemberRemovalEmptiesGroup {} | Action::PatchEmpty200 {} => {
            is(&[Asked::Modify])
        }
        Action::EventualConsistency { .. } => is(&[Asked::List, Asked::Read]),
        _ => true,
    }
}

fn answer(live: &Live, claim: &Claim, request: &Request, now: Timestamp) -> (Answer, String) {
    let retry = |answer: Answer, after_s: Option<u64>, written: RetryAs| match after_s {
        None => (answer, String::new()),
        Some(after_s) => {
            let value = retry_after(after_s, written, now);
            let said = format!(" with Retry-After: {value}");
            (answer.with("Retry-After", value), said)
        }
    };
    match &live.rule.action {
        Action::Status { status, scim_type, detail, retry_after_s, retry_after_as } => {
            let scim_type = scim_type.or_else(|| say::scim_type_of(*status));
            let detail = detail.clone().unwrap_or_else(|| format!("the rule {:?} answers so", live.rule.name));
            let (answer, said) =
                retry(error(*status, scim_type, detail), retry_after_s.map(u64::from), *retry_after_as);
            (answer, format!("answered {status}{said}; nothing was done"))
        }
        Action::RateLimit { requests, per_s, retry_after_as, .. } => {
            let detail = format!("more than {requests} requests in {per_s} s; wait and send it again");
            let (answer, said) = retry(error(429, None, detail), claim.wait_s, *retry_after_as);
            (answer, format!("answered 429{said}; the limit of {requests} in {per_s} s was reached"))
        }
        _ => {
            let name = name_in(request).unwrap_or_default();
            let detail = match name.is_empty() {
                true => "a resource with this name exists already".to_owned(),
                false => format!("{name:?} exists already"),
            };
            let said = "answered 409 uniqueness, although nothing has the name; nothing was created";
            (error(409, Some(ScimType::Uniqueness), detail), said.to_owned())
        }
    }
}

/// What a body calls its resource.
fn name_in(request: &Request) -> Option<String> {
    let body = scim::json::parse(&request.body, scim::json::Limits::default()).ok()?;
    let body = body.as_object()?;
    ["userName", "displayName", "name"]
        .iter()
        .find_map(|name| body.get_ignoring_case(name)?.1.as_str().map(str::to_owned))
}

fn error(status: u16, scim_type: Option<ScimType>, detail: String) -> Answer {
    if status < 400 {
        return Answer::empty(status);
    }
    let error = ScimError { scim_type, ..ScimError::plain(status, detail) };
    Answer::json(status, message::error_body(&error))
}

/// `Retry-After` (RFC 9110 section 10.2.3).
fn retry_after(after_s: u64, written: RetryAs, now: Timestamp) -> String {
    let date = || {
        let after = jiff::SignedDuration::from_secs(i64::try_from(after_s).unwrap_or(i64::MAX));
        // Dates have whole seconds: the next one, so that nobody comes too early.
        let at = now.checked_add(after).ok()?;
        let at = if at.subsec_nanosecond() > 0 { at.checked_add(jiff::SignedDuration::from_secs(1)).ok()? } else { at };
        DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
    };
    let date = if written == RetryAs::Date { date() } else { None };
    date.unwrap_or_else(|| after_s.to_string())
}

fn wire(action: &Action) -> Option<Wire> {
    Some(match *action {
        Action::Truncate { bytes } => Wire::Truncate { bytes: bytes as usize },
        Action::WrongLength { by } => Wire::WrongLength { by: by.into() },
        Action::Reset { after_bytes } => Wire::Reset { after_bytes: after_bytes.unwrap_or(0) as usize },
        Action::Hang { at_most_ms } => Wire::Hang { at_most: Duration::from_millis(at_most_ms.into()) },
        Action::Drip { bytes, every_ms } => {
            Wire::Drip { bytes: bytes.max(1) as usize, every: Duration::from_millis(every_ms.into()) }
        }
        _ => return None,
    })
}
