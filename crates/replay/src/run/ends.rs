//! The end of a replay: reading back what it left, and deleting what it created.

use std::collections::BTreeMap;
use std::time::Duration;

use scim::json::{self, Json, Limits};
use tokio::time::Instant;

use super::outcome::sent;
use super::{Event, Phase, Run, StepOutcome, reply_of};
use crate::compare::compare_state;
use crate::difference::{Difference, Part};
use crate::play::Verdict;
use crate::recording::{Call, Recorded, Reply};
use crate::steer::Steer;
use crate::texts::last_segment;
use crate::wire::{Outgoing, Wire};

/// After so many requests in a row without an answer no more is deleted.
const UNREACHED: usize = 2;
/// Most resources whose expected state is kept.
const MOST: usize = 10_000;

/// What the recording left of a resource.
#[derive(Debug)]
enum Left {
    /// It was like this when it was last seen, and not changed since.
    Known(Json),
    /// It was changed by a request whose answer does not tell how.
    Changed,
    /// It was deleted.
    Deleted,
}

/// What a replay leaves behind.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// By endpoint and recorded id, in the order in which they were first seen.
    left: BTreeMap<usize, (String, String, Left)>,
    places: std::collections::HashMap<String, usize>,
    /// Paths of what was created at the target.
    created: Vec<String>,
}

impl Ends {
    /// How many resources are there that were not before.
    pub fn created(&self) -> usize {
        self.created.len()
    }

    /// Takes in a step that was answered.
    pub fn step(&mut self, step: &Recorded, outgoing: &Outgoing, reply: &Reply) {
        self.created_there(outgoing, reply);
        let Some(recorded) = step.reply().filter(|recorded| (200..300).contains(&recorded.status)) else { return };
        let (path, query) = step.call.path.split_once('?').unwrap_or((&step.call.path, ""));
        let mut segments = path.trim_matches('/').split('/');
        let (Some(endpoint), id) = (segments.next(), segments.next()) else { return };
        let body = json::parse(&recorded.body, Limits::default()).ok();
        let own_id = || body.as_ref()?.pointer("/id")?.as_str().map(str::to_owned);
        let is_whole = !query.to_ascii_lowercase().contains("attributes=");
        let known = |body: Option<Json>| match body.filter(|body| is_whole && body.pointer("/id").is_some()) {
            Some(body) => Left::Known(body),
            None => Left::Changed,
        };
        match (step.call.method.as_str(), id) {
            ("POST", None) if endpoint != "Bulk" => {
                if let Some(id) =
                    own_id().or_else(|| recorded.header("location").and_then(last_segment).map(str::to_owned))
                {
                    self.put(endpoint, &id, known(body));
                }
            }
            ("PUT" | "PATCH", Some(id)) => self.put(endpoint, id, known(body)),
            ("DELETE", Some(id)) => {
                self.put(endpoint, id, Left::Deleted);
                self.forget_groups_with(id);
            }
            ("GET", Some(id)) if is_whole && own_id().as_deref() == Some(id) && self.places.contains_key(id) => {
                self.put(endpoint, id, known(body));
            }
            _ => {}
        }
    }

    fn put(&mut self, endpoint: &str, id: &str, left: Left) {
        let next = self.left.len();
        let place = *self.places.entry(id.to_owned()).or_insert(next);
        if place < MOST {
            self.left.insert(place, (endpoint.to_owned(), id.to_owned(), left));
        }
    }

    /// A resource that is gone is no member any more.
    fn forget_groups_with(&mut self, id: &str) {
        for (_, _, left) in self.left.values_mut() {
            let Left::Known(body) = left else { continue };
            let members = body.pointer("/members").and_then(Json::as_array).unwrap_or_default();
            if members.iter().any(|member| member.pointer("/value").and_then(Json::as_str) == Some(id)) {
                *left = Left::Changed;
            }
        }
    }

    fn created_there(&mut self, outgoing: &Outgoing, reply: &Reply) {
        let path = outgoing.path.split('?').next().unwrap_or_default().trim_end_matches('/');
        if outgoing.method == "DELETE" && (200..300).contains(&reply.status) {
            self.created.retain(|created| created != path);
        }
        if outgoing.method != "POST" || path.ends_with(".search") {
            return;
        }
        let body = json::parse(&reply.body, Limits::default()).ok();
        if path.ends_with("/Bulk") {
            let operations = body.as_ref().and_then(|body| body.pointer("/Operations")?.as_array()).unwrap_or_default();
            for operation in operations {
                let text = |name: &str| operation.pointer(name).and_then(Json::as_str);
                let was_created = text("/status").is_some_and(|status| status == "201");
                let location = text("/location").filter(|_| was_created);
                self.created.extend(location.and_then(resource_path));
            }
        } else if reply.status == 201 {
            let id = body.as_ref().and_then(|body| body.pointer("/id")?.as_str());
            let id = id.or_else(|| reply.header("location").and_then(last_segment));
            self.created.extend(id.map(|id| format!("{path}/{id}")));
        }
    }
}

/// Endpoint and id of a resource's URL.
fn resource_path(url: &str) -> Option<String> {
    let (at, _) = url.rmatch_indices('/').nth(1)?;
    Some(url[at..].to_owned())
}

impl Run<'_> {
    /// Reads back and cleans up, as the options say.
    pub(super) async fn at_the_end(&mut self, wire: &mut Wire, steer: &Steer, complete: bool) {
        let mut index = self.out.next.max(if complete { self.source.len() } else { 0 });
        if self.options.check_state && complete {
            for (_, (endpoint, id, left)) in std::mem::take(&mut self.ends.left) {
                if steer.orders().borrow().stop {
                    break;
                }
                let Some(there) = self.mapping.there(&id) else { continue };
                let path = format!("/{endpoint}/{there}");
                let outcome = self.read_back(wire, index, path, left, steer).await;
                index += 1;
                if self.out.events.send(Event::Step(Box::new(outcome))).await.is_err() {
                    return;
                }
            }
        }
        if self.options.clean_up {
            let mut unreached = 0;
            for path in std::mem::take(&mut self.ends.created).into_iter().rev() {
                let (outgoing, answer) = self.ask(wire, "DELETE", path).await;
                unreached = if answer.is_err() { unreached + 1 } else { 0 };
                let (verdict, said) = match &answer {
                    Ok((reply, _)) if matches!(reply.status, 200 | 202 | 204 | 404) => (Verdict::Same, Vec::new()),
                    Ok((reply, _)) => (
                        Verdict::Different,
                        vec![Difference::said(Part::Status, format!("{} instead of 204", reply.status))],
                    ),
                    Err(why) => (Verdict::Error, vec![Difference::said(Part::Status, why.clone())]),
                };
                let outcome = ended(index, Phase::CleanUp, outgoing, answer, None, verdict, said);
                index += 1;
                if self.out.events.send(Event::Step(Box::new(outcome))).await.is_err() || unreached >= UNREACHED {
                    return;
                }
            }
        }
    }

    /// Reads a resource back; as often as the patience allows while it is not as it should be.
    async fn read_back(
        &mut self,
        wire: &mut Wire,
        index: usize,
        path: String,
        left: Left,
        steer: &Steer,
    ) -> StepOutcome {
        let until = self.options.patience.map(|patience| (Instant::now() + patience.within, patience.every));
        let mut attempts = 1;
        loop {
            let mut outcome = self.read_once(wire, index, path.clone(), &left).await;
            outcome.attempts = attempts;
            match until {
                Some((until, every)) if outcome.verdict == Verdict::Different && Instant::now() + every <= until => {
                    let mut orders = steer.orders();
                    let stopped = async { orders.wait_for(|orders| orders.stop).await.is_ok() };
                    tokio::select! {
                        true = stopped => return outcome,
                        () = tokio::time::sleep(every.max(Duration::from_millis(1))) => {}
                    }
                    attempts += 1;
                }
                _ => return outcome,
            }
        }
    }

    async fn read_once(&mut self, wire: &mut Wire, index: usize, path: String, left: &Left) -> StepOutcome {
        let (outgoing, answer) = self.ask(wire, "GET", path).await;
        let reply = match &answer {
            Ok((reply, _)) => reply,
            Err(why) => {
                let said = vec![Difference::said(Part::Status, why.clone())];
                return ended(index, Phase::State, outgoing, answer, None, Verdict::Error, said);
            }
        };
        let said = |words: String| vec![Difference::said(Part::State, words)];
        let body = json::parse(&reply.body, Limits::default()).ok();
        let status = reply.status;
        let (expected, found) = match (left, body) {
            (Left::Deleted, _) if status == 404 => (None, Vec::new()),
            (Left::Deleted, _) => (None, said(format!("it is still there: {status} instead of 404"))),
            (_, _) if status != 200 => (None, said(format!("it cannot be read: {status} instead of 200"))),
            (Left::Changed, _) => (None, Vec::new()),
            (Left::Known(_), None) => (None, said("the body is no JSON".to_owned())),
            (Left::Known(expected), Some(body)) => {
                // Who is in which group follows from the groups, which may have changed after the user was last seen.
                let (expected, body) = (without_groups(expected.clone()), without_groups(body));
                let found = compare_state(&self.options.registry, &mut self.mapping, &expected, &body);
                (Some(expected), found)
            }
        };
        let verdict = self.options.ignores.judge(&found);
        let expected = expected.map(|body| Reply { status: 200, headers: Vec::new(), body: body.to_text().into() });
        ended(index, Phase::State, outgoing, answer, expected, verdict, found)
    }

    async fn ask(&self, wire: &mut Wire, method: &str, path: String) -> (Outgoing, Result<(Reply, u64), String>) {
        let accept = ("Accept".to_owned(), "application/scim+json".to_owned());
        let own = self.destination.credentials.field();
        let secret = own.as_ref().map(|(name, _)| name.clone());
        let headers = std::iter::once(accept).chain(own).collect();
        let outgoing = Outgoing { method: method.to_owned(), path, headers, body: None, secret };
        let answer = wire.send(&outgoing).await;
        let answer = answer.map(|answer| (reply_of(&answer), answer.elapsed_us)).map_err(|error| error.to_string());
        (outgoing, answer)
    }
}

fn without_groups(mut body: Json) -> Json {
    if let Some(members) = body.as_object_mut() {
        members.remove("groups");
    }
    body
}

fn ended(
    index: usize,
    phase: Phase,
    outgoing: Outgoing,
    answer: Result<(Reply, u64), String>,
    recorded: Option<Reply>,
    verdict: Verdict,
    differences: Vec<Difference>,
) -> StepOutcome {
    let call: Call = sent(outgoing);
    let (replayed, elapsed_us) =
        answer.ok().map_or((None, None), |(reply, elapsed_us)| (Some(reply), Some(elapsed_us)));
    StepOutcome {
        index,
        phase,
        label: String::new(),
        seq: None,
        call,
        recorded,
        recorded_us: None,
        replayed,
        elapsed_us,
        attempts: 1,
        verdict,
        differences,
        bound: Vec::new(),
        in_recorded_terms: None,
    }
}
