//! A replay: steps are sent in causal order, answers are judged, and what was recorded stays as it is.

mod ends;
mod outcome;
mod prepare;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use scim::json::{self, Json};
use scim::schema::Registry;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use outcome::{Bound, End, Ended, Event, Phase, StepOutcome, masked};

use crate::bindings::{BindingEdit, value_at};
use crate::compare::compare;
use crate::destination::Destination;
use crate::difference::{Difference, Ignores, Part};
use crate::expect;
use crate::mapping::Mapping;
use crate::order::{Order, Touches};
use crate::plan::{PAGE, Plan};
use crate::play::Verdict;
use crate::recording::{Measure, Recorded, Reply, Source, Unreadable};
use crate::steer::Steer;
use crate::variables::{RunNames, Variables};
use crate::wire::{Answer, Outgoing, Wire, WireError};

use ends::Ends;

/// Steps that are read ahead so that others can go on while some wait.
const WINDOW: usize = 256;
/// After so many requests in a row that reach nobody, no more are sent.
const UNREACHED: usize = 5;
/// After so many requests in a row whose answers did not come in time, no more are sent.
const SILENT: usize = 10;

/// When a step may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Tempo {
    /// As soon as nothing before it has to be finished first.
    #[default]
    Fast,
    /// As long after the first step as it was recorded, times this factor.
    Recorded(f64),
}

/// How long to wait for a server that does things later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// A read is asked again until its answer is the same, at most this long; so is what was refused with 429 or 503.
    pub within: Duration,
    /// Between two tries.
    pub every: Duration,
}

/// How to replay.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// What does not count.
    pub ignores: Ignores,
    /// When steps are sent.
    pub tempo: Tempo,
    /// How many may be under way at once, from 1.
    pub workers: usize,
    /// Whether a difference ends the run.
    pub stop_at_difference: bool,
    /// Waiting for a server that does things later; not at all without it.
    pub patience: Option<Patience>,
    /// Whether the resources are read back at the end.
    pub check_state: bool,
    /// Whether what the replay created is deleted at the end.
    pub clean_up: bool,
    /// What people changed of where values come from.
    pub bindings: Vec<BindingEdit>,
    /// The schemas by which resources are compared.
    pub registry: Arc<Registry>,
    /// The names that are new for each run of a flow file.
    pub names: RunNames,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        ReplayOptions {
            ignores: Ignores::default(),
            tempo: Tempo::Fast,
            workers: 1,
            stop_at_difference: false,
            patience: None,
            check_state: false,
            clean_up: false,
            bindings: Vec::new(),
            registry: Arc::new(Registry::builtin()),
            names: RunNames::random(),
        }
    }
}

/// Replays a source at a destination. Outcomes come in the order of the steps; the run waits while nobody takes them. Ends
/// early if nobody listens any more.
///
/// Nothing a server does can hang it: connecting, answering and repeating have limits, and redirects are not followed.
pub async fn replay(
    source: Arc<dyn Source>,
    destination: &Destination,
    options: &ReplayOptions,
    steer: &Steer,
    events: mpsc::Sender<Event>,
) -> Ended {
    let wire = match Wire::by(destination.base.trim_end_matches('/'), &destination.way, destination.limits) {
        Ok(wire) => wire,
        Err(error) => return Ended::early(End::Unreachable(error.to_string())),
    };
    let (planned, edits) = (Arc::clone(&source), options.bindings.clone());
    let plan = away(move || Plan::of(planned.as_ref(), &edits)).await;
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return Ended::early(End::Failed(error.to_string())),
    };
    if events.send(Event::Planned(plan.counts())).await.is_err() {
        return Ended::early(End::Stopped);
    }
    let base = destination.base.trim_end_matches('/');
    let run = Run {
        source,
        destination,
        options,
        plan,
        mapping: Mapping::default(),
        values: HashMap::new(),
        variables: Variables::new(&options.names, base, destination.credentials.token()),
        order: Order::default(),
        ends: Ends::default(),
        wires: (1..options.workers.clamp(1, 64)).map(|_| wire.another()).collect(),
        waiting: VecDeque::new(),
        open: HashSet::new(),
        read: 0,
        begun: Instant::now(),
        started: 0,
        unreached: 0,
        silent: 0,
        answered: false,
        end: None,
        out: Out { next: 0, held: BTreeMap::new(), events },
    };
    run.all(wire, steer).await
}

/// Reads on a thread that may wait.
async fn away<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Unreadable(error.to_string())))
}

struct Run<'a> {
    source: Arc<dyn Source>,
    destination: &'a Destination,
    options: &'a ReplayOptions,
    plan: Plan,
    mapping: Mapping,
    /// Values of the target's answers that later steps need, by step and place.
    values: HashMap<(usize, String), String>,
    variables: Variables,
    order: Order,
    ends: Ends,
    wires: Vec<Wire>,
    waiting: VecDeque<Waiting>,
    /// Steps that are read and not over.
    open: HashSet<usize>,
    /// How many steps are read.
    read: usize,
    begun: Instant,
    started: u64,
    unreached: usize,
    silent: usize,
    answered: bool,
    end: Option<End>,
    out: Out,
}

/// A step that is not over.
struct Waiting {
    index: usize,
    step: Recorded,
    touches: Touches,
    not_before: Instant,
    /// Until when it is tried again.
    until: Option<Instant>,
    attempts: u32,
    bound: Vec<Bound>,
}

/// Hands outcomes on in the order of the steps.
struct Out {
    next: usize,
    held: BTreeMap<usize, StepOutcome>,
    events: mpsc::Sender<Event>,
}

impl Out {
    async fn put(&mut self, outcome: StepOutcome) -> Result<(), End> {
        self.held.insert(outcome.index, outcome);
        while let Some(outcome) = self.held.remove(&self.next) {
            self.next += 1;
            self.events.send(Event::Step(Box::new(outcome))).await.map_err(|_| End::Stopped)?;
        }
        Ok(())
    }
}

type Sent = (Wire, Waiting, Outgoing, Result<Answer, WireError>);

impl Run<'_> {
    async fn all(mut self, wire: Wire, steer: &Steer) -> Ended {
        let spare = wire.another();
        self.wires.push(wire);
        let end = match self.steps(steer).await {
            Ok(()) => self.end.take().unwrap_or(End::Complete),
            Err(end) => end,
        };
        let over = !matches!(end, End::Failed(_) | End::Unreachable(_)) && !self.out.events.is_closed();
        // What was held back behind a step that was not sent any more.
        for (_, outcome) in std::mem::take(&mut self.out.held) {
            self.out.next = outcome.index + 1;
            let _ = self.out.events.send(Event::Step(Box::new(outcome))).await;
        }
        let created = self.ends.created();
        if over {
            let mut last = self.wires.pop().unwrap_or(spare);
            self.at_the_end(&mut last, steer, matches!(end, End::Complete)).await;
        }
        Ended { end, ids: self.mapping.len(), created }
    }

    /// Sends all steps; an error ends the run at once.
    async fn steps(&mut self, steer: &Steer) -> Result<(), End> {
        let mut orders = steer.orders();
        let mut sent: JoinSet<Sent> = JoinSet::new();
        loop {
            self.read_ahead().await?;
            let now = *orders.borrow_and_update();
            if now.stop {
                // What is under way is not waited for: a server that hangs would hold up whoever stops.
                return Err(End::Stopped);
            }
            if self.end.is_none() {
                self.start(&mut sent, now.allowed).await?;
            }
            if sent.is_empty() && (self.end.is_some() || self.waiting.is_empty() && self.read >= self.source.len()) {
                return Ok(());
            }
            let soonest = self.waiting.iter().map(|waiting| waiting.not_before).filter(|at| *at > Instant::now()).min();
            let soonest = soonest.filter(|_| self.end.is_none() && !self.wires.is_empty());
            tokio::select! {
                Some(done) = sent.join_next() => {
                    let done = done.map_err(|error| End::Failed(format!("the player broke off: {error}")))?;
                    self.finish(done).await?;
                }
                changed = orders.changed() => if changed.is_err() { return Err(End::Stopped) },
                () = tokio::time::sleep_until(soonest.unwrap_or_else(Instant::now)), if soonest.is_some() => {}
                () = self.out.events.closed() => return Err(End::Stopped),
            }
        }
    }

    async fn read_ahead(&mut self) -> Result<(), End> {
        while self.end.is_none() && self.waiting.len() + PAGE <= WINDOW && self.read < self.source.len() {
            let (source, from) = (Arc::clone(&self.source), self.read);
            let to = (from + PAGE).min(source.len());
            let steps = away(move || source.read(from..to)).await.map_err(|error| End::Failed(error.to_string()))?;
            if steps.is_empty() {
                return Err(End::Failed("the recording is shorter than it was".to_owned()));
            }
            for step in steps {
                let touches = self.order.queue(self.read, Touches::of(&step));
                let offset = match self.options.tempo {
                    Tempo::Fast => 0.0,
                    Tempo::Recorded(factor) => step.offset_us.unwrap_or_default() as f64 / 1e6 * factor,
                };
                let offset = Duration::try_from_secs_f64(offset).unwrap_or_default();
                let not_before = self.begun.checked_add(offset).unwrap_or(self.begun);
                let (index, bound) = (self.read, Vec::new());
                self.waiting.push_back(Waiting { index, step, touches, not_before, until: None, attempts: 0, bound });
                self.open.insert(self.read);
                self.read += 1;
            }
        }
        Ok(())
    }

    /// Begins what can be begun.
    async fn start(&mut self, sent: &mut JoinSet<Sent>, allowed: Option<u64>) -> Result<(), End> {
        let mut at = 0;
        while at < self.waiting.len() && self.end.is_none() {
            let waiting = &self.waiting[at];
            let is_new = waiting.attempts == 0;
            if is_new && allowed.is_some_and(|allowed| self.started >= allowed || !sent.is_empty()) {
                return Ok(());
            }
            let needs = self.plan.bindings.get(&waiting.index).map(Vec::as_slice).unwrap_or_default();
            let free = waiting.not_before <= Instant::now()
                && self.order.may_start(waiting.index, &waiting.touches)
                && !needs.iter().any(|binding| self.open.contains(&binding.from_step));
            if !free {
                at += 1;
                continue;
            }
            let Some(mut wire) = self.wires.pop() else { return Ok(()) };
            let Some(mut waiting) = self.waiting.remove(at) else { continue };
            self.started += u64::from(is_new);
            match self.prepare(&mut waiting) {
                Err(why) => {
                    self.wires.push(wire);
                    let (verdict, why) = why;
                    self.conclude(waiting, None, None, verdict, vec![Difference::said(Part::Expectation, why)]).await?;
                    // What waited for it may go now.
                    at = 0;
                }
                Ok(outgoing) => {
                    waiting.attempts += 1;
                    sent.spawn(async move {
                        let answer = wire.send(&outgoing).await;
                        (wire, waiting, outgoing, answer)
                    });
                }
            }
        }
        Ok(())
    }

    /// Judges an answer.
    async fn finish(&mut self, (wire, mut waiting, outgoing, answer): Sent) -> Result<(), End> {
        self.wires.push(wire);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.unreached = if error.is_unreachable() { self.unreached + 1 } else { 0 };
                if self.unreached > 0 && (!self.answered || self.unreached >= UNREACHED) {
                    self.end = Some(End::Unreachable(error.to_string()));
                }
                self.silent = if matches!(error, WireError::AnswerTimeout(_)) { self.silent + 1 } else { 0 };
                if self.silent == SILENT && self.end.is_none() {
                    let why = format!("{SILENT} requests in a row were not answered in time: {error}");
                    self.end = Some(End::Unreachable(why));
                }
                let said = vec![Difference::said(Part::Status, error.to_string())];
                return self.conclude(waiting, Some(outgoing), None, Verdict::Error, said).await;
            }
        };
        (self.answered, self.unreached, self.silent) = (true, 0, 0);
        let reply = reply_of(&answer);
        let recorded_status = waiting.step.reply().map(|reply| reply.status);
        let is_busy = matches!(reply.status, 429 | 503) && recorded_status != Some(reply.status);
        if is_busy && let Some(at) = self.again_at(&mut waiting, &reply) {
            waiting.not_before = at;
            self.waiting.push_front(waiting);
            return Ok(());
        }
        let (differences, terms) = match &waiting.step.measure {
            Measure::Nothing => (Vec::new(), None),
            Measure::Recorded(recorded) => {
                let compared =
                    compare(&self.options.registry, &mut self.mapping, &waiting.step.call.path, recorded, &reply);
                (compared.differences, compared.in_recorded_terms)
            }
            Measure::Expected(step) => (self.expected(step, &answer), None),
        };
        let verdict = self.options.ignores.judge(&differences);
        if verdict == Verdict::Different
            && !waiting.step.writes()
            && let Some(at) = self.again_at(&mut waiting, &reply)
        {
            waiting.not_before = at;
            self.waiting.push_front(waiting);
            return Ok(());
        }
        self.take_in(waiting.index, &waiting.step, &reply);
        self.ends.step(&waiting.step, &outgoing, &reply);
        if verdict == Verdict::Different && self.options.stop_at_difference && self.end.is_none() {
            self.end = Some(End::AtDifference(waiting.index));
        }
        let heard = Heard { reply, elapsed_us: answer.elapsed_us, terms };
        self.conclude(waiting, Some(outgoing), Some(heard), verdict, differences).await
    }

    /// When to ask again; nothing if the patience is over.
    fn again_at(&self, waiting: &mut Waiting, reply: &Reply) -> Option<Instant> {
        let patience = self.options.patience?;
        let now = Instant::now();
        let until = *waiting.until.get_or_insert(now + patience.within);
        let told = reply.header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let at = now + told.unwrap_or(patience.every).max(Duration::from_millis(1));
        (at <= until).then_some(at)
    }

    /// What of an expectation does not hold, in words. If all does, variables are captured.
    fn expected(&mut self, step: &crate::flow::Step, answer: &Answer) -> Vec<Difference> {
        let said = |words: String| Difference::said(Part::Expectation, words);
        let expect = match self.variables.expectation(&step.expect) {
            Ok(expect) => expect,
            Err(unknown) => return vec![said(unknown.to_string())],
        };
        let mut found: Vec<Difference> = expect::differences(&expect, answer).into_iter().map(said).collect();
        if found.is_empty() {
            found = crate::play::capture(&mut self.variables, step, answer).into_iter().map(said).collect();
        }
        found
    }

    /// Keeps the values that later steps need.
    fn take_in(&mut self, index: usize, step: &Recorded, reply: &Reply) {
        let Some(places) = self.plan.wanted.get(&index) else { return };
        let read = |body: &[u8]| json::parse(body, json::Limits::default()).ok();
        let body = read(&reply.body);
        let recorded = step.reply().and_then(|recorded| read(&recorded.body));
        for place in places {
            let place_there = match (&recorded, &body) {
                (Some(recorded), Some(body)) => self.place_there(place, recorded, body),
                _ => place.clone(),
            };
            if let Some(value) = value_at(&place_there, reply, body.as_ref()) {
                self.values.insert((index, place.clone()), value);
            }
        }
    }

    /// A place of a recorded body in the body of the target: elements of arrays are found by what they are.
    fn place_there(&self, place: &str, recorded: &Json, body: &Json) -> String {
        let (mut here, mut there, mut out) = (Some(recorded), Some(body), String::new());
        for token in place.split('/').skip(1) {
            let mut token = token.to_owned();
            if let (Some(Json::Array(left)), Some(Json::Array(right)), Ok(index)) =
                (here, there, token.parse::<usize>())
            {
                let pairs = crate::counterparts::counterparts(left, right, left.len() == 1, |id| {
                    self.mapping.there(id).map(str::to_owned)
                });
                token = pairs.get(index).copied().flatten().map_or_else(|| "-".to_owned(), |at| at.to_string());
                here = left.get(index);
                there = token.parse().ok().and_then(|at: usize| right.get(at));
            } else {
                let name = token.replace("~1", "/").replace("~0", "~");
                here = here.and_then(|json| json.as_object()?.get(&name));
                there = there.and_then(|json| json.as_object()?.get(&name));
            }
            out.push('/');
            out.push_str(&token);
        }
        if place.starts_with('/') { out } else { place.to_owned() }
    }

    async fn conclude(
        &mut self,
        waiting: Waiting,
        outgoing: Option<Outgoing>,
        heard: Option<Heard>,
        verdict: Verdict,
        differences: Vec<Difference>,
    ) -> Result<(), End> {
        self.order.finish(waiting.index, &waiting.touches);
        self.open.remove(&waiting.index);
        let outcome = outcome::of(waiting, outgoing, heard, verdict, differences);
        self.out.put(outcome).await
    }
}

/// An answer, and the recorded terms for its body.
struct Heard {
    reply: Reply,
    elapsed_us: u64,
    terms: Option<Json>,
}

fn reply_of(answer: &Answer) -> Reply {
    let headers = answer.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Reply { status: answer.status, headers: headers.collect(), body: answer.body.clone() }
}
