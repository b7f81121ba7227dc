//! The fold that puts exchanges into flows as they come.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::{SignedDuration, Timestamp};
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Seq};
use traffic::step::Deed;

use super::tokens::{Ties, Token, ties};
use crate::look::Look;

/// How long a flow waits for its next exchange if nothing else is said.
pub const IDLE_GAP: SignedDuration = SignedDuration::from_secs(5);

/// Most exchanges of one flow; with more, a new one begins.
pub const MOST_STEPS: usize = 1000;

/// How many clients are remembered; beyond it, the one that was silent for longest is forgotten.
const CLIENTS: usize = 256;
/// How many flows of one client may be open at a time; beyond it, the one that was silent for longest is over.
const OPEN: usize = 64;
/// How many ways of sending requests a flow may have.
const WAYS: usize = 4;
/// How many identifiers tie exchanges to one flow.
const TOKENS: usize = 64;
/// How many reads after the last write may turn out to belong to what comes next.
const TRAILING: usize = 16;

/// Where an exchange belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its flow.
    pub flow: FlowId,
    /// Exchanges that were thought to end another flow, and began this one.
    pub moved: Vec<Seq>,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    /// Where it comes from, and with what credential.
    pub(crate) client: u64,
    /// How it sends: what stands in the header of every request. One client may have several ways.
    pub(crate) way: u64,
}

/// Groups exchanges in the order in which they are decided: by tenant and client, by the resource that they are about, by
/// what they are for, and by time. The same exchanges in the same order give the same flows.
///
/// Memory is bounded, however many exchanges and clients there are.
#[derive(Debug)]
pub struct Grouper {
    idle: SignedDuration,
    clients: HashMap<u64, Client>,
}

#[derive(Debug)]
struct Client {
    seen: Timestamp,
    open: Vec<Open>,
    /// No open flow was last active before this: until then there is none to look for that is over.
    silent_since: Timestamp,
}

/// A flow that may go on.
#[derive(Debug)]
struct Open {
    id: FlowId,
    last: Timestamp,
    steps: usize,
    purpose: Purpose,
    tokens: Vec<Token>,
    /// A bit for each of these tokens: see [`bit`].
    bits: u64,
    /// How its requests are sent.
    ways: Vec<u64>,
    /// The reads since the last write, oldest first.
    trailing: Vec<Seq>,
}

/// What a flow is about to do, or does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// It tests the connection; whether it has listed groups, too.
    Test { listed: bool },
    /// It reads what the server can do.
    Discovery,
    /// It reads everything, page by page.
    Import,
    /// It has looked, and not written yet.
    Looking,
    /// It has written so; whether the last write was answered with success.
    Writing { deed: Deed, group: bool, done: bool },
    /// It stands for itself.
    Single,
}

impl Default for Grouper {
    fn default() -> Self {
        Grouper::new(IDLE_GAP)
    }
}

impl Grouper {
    /// One that has seen nothing yet. A flow ends when nothing of it came for so long.
    pub fn new(idle: SignedDuration) -> Grouper {
        Grouper { idle, clients: HashMap::new() }
    }

    /// Changes how long a flow waits.
    pub fn set_idle(&mut self, idle: SignedDuration) {
        self.idle = idle;
    }

    /// How many flows are open: no more than a fixed number in all.
    pub fn open_flows(&self) -> usize {
        self.clients.values().map(|client| client.open.len()).sum()
    }

    /// The flow takes no more exchanges: a person has edited or locked it.
    pub fn end(&mut self, flow: FlowId) {
        self.clients.values_mut().for_each(|client| client.open.retain(|open| open.id != flow));
    }

    /// The flow of an exchange by this client, which was for this.
    pub(crate) fn place(&mut self, exchange: &Exchange, look: &Look, deed: Deed, sender: Sender) -> Placed {
        let tenant = exchange.outcome().and_then(|handled| handled.tenant.as_deref());
        let client = of_tenant(sender.client, tenant);
        let at = exchange.opened.at;
        let seq = exchange.seq;
        if !self.clients.contains_key(&client) && self.clients.len() >= CLIENTS {
            let oldest = self.clients.iter().min_by_key(|(_, client)| client.seen).map(|(key, _)| *key);
            oldest.and_then(|oldest| self.clients.remove(&oldest));
        }
        let idle = self.idle;
        let client = self.clients.entry(client).or_insert_with(|| Client::new(at));
        client.seen = client.seen.max(at);
        client.end_silent(at, idle);
        let ties = ties(exchange, look, deed);
        let group = exchange.outcome().is_some_and(|handled| handled.subject.resource_type.as_deref() == Some("Group"));
        let done = exchange.outcome().is_some_and(|handled| handled.response.status < 400);
        let bits = bits(&ties.own);
        let this = This { seq, way: sender.way, at, ends: ends(exchange), deed, group, done, ties, bits };
        match client.home(&this) {
            Home::Join(found) => {
                let open = &mut client.open[found];
                open.take(&this);
                Placed { flow: open.id, moved: Vec::new() }
            }
            Home::Part(found) => {
                let before = &mut client.open[found];
                let moved = std::mem::take(&mut before.trailing);
                before.steps -= moved.len();
                // What was known of the resource is known in what follows, too.
                let tokens = std::mem::take(&mut before.tokens);
                let id = moved.first().copied().map_or(FlowId::from(seq), FlowId::from);
                // One action follows the other: the first one is over.
                client.open.remove(found);
                let mut open = Open::begin(id, tokens);
                open.steps = moved.len();
                open.take(&this);
                client.push(open);
                Placed { flow: id, moved }
            }
            Home::New => {
                let mut open = Open::begin(FlowId::from(seq), Vec::new());
                open.take(&this);
                client.push(open);
                Placed { flow: FlowId::from(seq), moved: Vec::new() }
            }
        }
    }
}

/// An exchange as the grouper sees it.
struct This {
    seq: Seq,
    way: u64,
    at: Timestamp,
    ends: Timestamp,
    deed: Deed,
    group: bool,
    done: bool,
    ties: Ties,
    /// A bit for each token of its own.
    bits: u64,
}

/// Where an exchange goes.
enum Home {
    /// Into this open flow.
    Join(usize),
    /// Into a new flow that this one leads to, with the reads that came last.
    Part(usize),
    /// Into a new flow.
    New,
}

impl Client {
    fn new(seen: Timestamp) -> Client {
        Client { seen, open: Vec::new(), silent_since: Timestamp::MAX }
    }

    /// Ends the flows of which nothing came for too long.
    fn end_silent(&mut self, at: Timestamp, idle: SignedDuration) {
        if at.duration_since(self.silent_since) > idle {
            self.open.retain(|open| at.duration_since(open.last) <= idle);
            self.silent_since = self.open.iter().map(|open| open.last).min().unwrap_or(Timestamp::MAX);
        }
    }

    fn push(&mut self, open: Open) {
        if self.open.len() >= OPEN
            && let Some(oldest) = (0..self.open.len()).min_by_key(|at| self.open[*at].last)
        {
            self.open.remove(oldest);
        }
        self.silent_since = self.silent_since.min(open.last);
        self.open.push(open);
    }

    fn newest(&self, fits: impl Fn(&Open) -> bool) -> Option<usize> {
        let found = (0..self.open.len()).filter(|at| self.open[*at].steps < MOST_STEPS && fits(&self.open[*at]));
        // Of two that were last active at the same time, the one that began later.
        found.max_by_key(|at| (self.open[*at].last, self.open[*at].id))
    }

    fn home(&self, this: &This) -> Home {
        let join = |found: Option<usize>| found.map_or(Home::New, Home::Join);
        let own = |fits: &dyn Fn(&Open) -> bool| self.newest(|open| fits(open) && open.ways.contains(&this.way));
        let about = |open: &Open| open.is_about(&this.ties.own, this.bits);
        // A write after a look at the same resource goes with it, however it is sent.
        let looked = |open: &Open| open.purpose == Purpose::Looking && about(open);
        match this.deed {
            Deed::Probe => join(own(&|open| matches!(open.purpose, Purpose::Test { .. }))),
            Deed::Discover => join(own(&|open| open.purpose == Purpose::Discovery)),
            Deed::List => {
                // Okta's test lists the groups, too, if they are to be imported.
                let test = |open: &Open| this.group && open.purpose == (Purpose::Test { listed: false });
                join(own(&|open| open.purpose == Purpose::Import).or_else(|| own(&test)))
            }
            Deed::Token | Deed::Other | Deed::Bulk => Home::New,
            deed if deed.writes() => match own(&about).or_else(|| self.newest(looked)) {
                Some(found) => match self.open[found].follows(this) {
                    Some(true) => Home::Join(found),
                    Some(false) => Home::Part(found),
                    None => Home::New,
                },
                None => join(this.ties.one_member.and_then(|member| own(&|open| open.provisions(member)))),
            },
            _ => join(own(&about)),
        }
    }
}

impl Open {
    fn begin(id: FlowId, tokens: Vec<Token>) -> Open {
        let (last, purpose) = (Timestamp::MIN, Purpose::Single);
        let bits = bits(&tokens);
        Open { id, last, steps: 0, purpose, tokens, bits, ways: Vec::new(), trailing: Vec::new() }
    }

    fn take(&mut self, this: &This) {
        self.last = self.last.max(this.at).max(this.ends);
        self.steps += 1;
        for token in &this.ties.own {
            if self.tokens.len() < TOKENS && !self.tokens.contains(token) {
                self.tokens.push(*token);
                self.bits |= bit(*token);
            }
        }
        if self.ways.len() < WAYS && !self.ways.contains(&this.way) {
            self.ways.push(this.way);
        }
        let writes = this.deed.writes();
        self.purpose = match (self.purpose, this.deed) {
            (Purpose::Test { listed }, deed) => Purpose::Test { listed: listed || deed == Deed::List },
            (_, Deed::Probe) => Purpose::Test { listed: false },
            (_, Deed::Discover) => Purpose::Discovery,
            (_, Deed::List) => Purpose::Import,
            (Purpose::Writing { deed, group, done }, _) if writes => {
                // What comes after a creation completes it.
                let deed = if deed == Deed::Create { deed } else { this.deed };
                Purpose::Writing { deed, group, done: done || this.done }
            }
            (_, deed) if writes => Purpose::Writing { deed, group: this.group, done: this.done },
            (Purpose::Single, Deed::Lookup | Deed::Read) => Purpose::Looking,
            (purpose, _) => purpose,
        };
        match self.purpose {
            _ if writes => self.trailing.clear(),
            Purpose::Writing { .. } if self.trailing.len() < TRAILING => self.trailing.push(this.seq),
            // Too many to be the beginning of something else.
            Purpose::Writing { .. } => self.trailing.clear(),
            _ => {}
        }
    }

    /// `bits`: of the tokens. Most flows have none of them in common.
    fn is_about(&self, tokens: &[Token], bits: u64) -> bool {
        self.bits & bits != 0 && self.tokens.iter().any(|token| tokens.contains(token))
    }

    /// Whether a user with this identifier was just made or found to be made here.
    fn provisions(&self, user: Token) -> bool {
        matches!(self.purpose, Purpose::Writing { deed: Deed::Create, group: false, done: true })
            && self.tokens.contains(&user)
    }

    /// Whether a write about the same resource goes on with what this flow does; none if it has nothing to do with it.
    fn follows(&self, this: &This) -> Option<bool> {
        let Purpose::Writing { deed, group, done } = self.purpose else {
            return (self.purpose == Purpose::Looking).then_some(true);
        };
        let same = match (deed, this.deed) {
            // A second try, or more of the same.
            (before, now) if before == now => true,
            // It was there already: what follows brings it to what it should be.
            (Deed::Create, _) if !done => this.deed != Deed::Delete,
            (Deed::Create, Deed::Refer) => !group,
            (Deed::Create | Deed::Push, Deed::Membership | Deed::Push) => group,
            (Deed::Membership, Deed::Push) => true,
            (Deed::Update, Deed::Refer) | (Deed::Refer, Deed::Update) => true,
            // Bulk stands for itself; what is read after it belongs to it, what is written does not.
            _ => false,
        };
        Some(same)
    }
}

/// One of 64 bits that stands for a token: what has no bit in common has no token in common.
fn bit(token: Token) -> u64 {
    1 << (token % 64)
}

fn bits(tokens: &[Token]) -> u64 {
    tokens.iter().fold(0, |bits, token| bits | bit(*token))
}

/// One client that speaks to two tenants does two things.
fn of_tenant(client: u64, tenant: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (client, tenant).hash(&mut hasher);
    hasher.finish()
}

/// When the exchange was over, as far as it is known.
fn ends(exchange: &Exchange) -> Timestamp {
    let micros = exchange.elapsed_us().and_then(|micros| i64::try_from(micros).ok()).unwrap_or(0);
    exchange.opened.at.checked_add(SignedDuration::from_micros(micros)).unwrap_or(exchange.opened.at)
}
