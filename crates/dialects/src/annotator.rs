//! The fold over the record that says of each exchange who it was and what happened.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use traffic::entry::Annotation;
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Seq};

use crate::flow::{self, Grouper, Placed, Sender};
use crate::look::Look;
use crate::probe::is_probe;
use crate::recognise::{ENOUGH, Recognition, recognise};
use crate::sentence::sentence;

/// How many clients are remembered; with more, all are forgotten and learnt again.
const CLIENTS: usize = 1024;
/// How much less sure it is that a client speaks as it did before.
const DOUBT: u8 = 10;

/// Annotates exchanges in the order of the record and remembers clients, so that a request that tells nothing by itself
/// (a plain GET or DELETE) is known by what the same client sent before.
///
/// The same exchanges in the same order give the same annotations.
#[derive(Debug, Default)]
pub struct Annotator {
    clients: HashMap<u64, (Seq, Recognition)>,
    grouper: Grouper,
}

impl Annotator {
    /// One that has seen nothing yet.
    pub fn new() -> Annotator {
        Annotator::default()
    }

    /// What puts exchanges into flows.
    pub fn grouper(&mut self) -> &mut Grouper {
        &mut self.grouper
    }

    /// Who it was and what happened.
    pub fn annotate(&mut self, exchange: &Exchange) -> Annotation {
        self.take(exchange).0
    }

    /// Who it was, what happened, and to which flow it belongs; and the exchanges that turn out to belong to that flow, too.
    /// An exchange that was put into a flow before stays there.
    pub fn take(&mut self, exchange: &Exchange) -> (Annotation, Vec<Seq>) {
        let look = Look::at(exchange);
        let client = client(exchange, &look);
        let recognition = match recognise(&look) {
            Some(own) => {
                if self.clients.len() >= CLIENTS {
                    self.clients.clear();
                }
                self.clients.insert(client, (exchange.seq, own.clone()));
                Some(own)
            }
            None => self.clients.get(&client).and_then(|(seq, before)| remembered(*seq, before)),
        };
        let mut annotation = annotation(exchange, &look, recognition);
        if let Some(before) = exchange.annotation.as_ref().filter(|before| before.flow.is_some()) {
            (annotation.flow, annotation.by_hand) = (before.flow, before.by_hand);
            return (annotation, Vec::new());
        }
        let Placed { flow, moved } =
            self.grouper.place(exchange, &look, annotation.deed, sender(exchange, &look, client));
        annotation.flow = Some(flow);
        (annotation, moved)
    }
}

/// Who it was and what happened, from this exchange alone. [`Annotator`] knows more.
pub fn annotate(exchange: &Exchange) -> Annotation {
    let look = Look::at(exchange);
    let recognition = recognise(&look);
    annotation(exchange, &look, recognition)
}

fn remembered(seq: Seq, before: &Recognition) -> Option<Recognition> {
    let confidence = before.confidence.saturating_sub(DOUBT).max(ENOUGH);
    let reasons = vec![format!("the same client spoke {} in exchange {seq}", before.dialect.name())];
    Some(Recognition { dialect: before.dialect, confidence, reasons })
}

fn annotation(exchange: &Exchange, look: &Look, recognition: Option<Recognition>) -> Annotation {
    let dialect = recognition.as_ref().map(|recognition| recognition.dialect);
    let probe = is_probe(look, exchange.outcome(), dialect);
    Annotation {
        dialect: dialect.map(|dialect| dialect.key().to_owned()),
        confidence: recognition.as_ref().map_or(0, |recognition| recognition.confidence),
        reasons: recognition.map(|recognition| recognition.reasons).unwrap_or_default(),
        sentence: sentence(exchange, look, dialect.map(crate::dialect::Dialect::name), probe),
        probe,
        flow: Some(FlowId::from(exchange.seq)),
        by_hand: false,
        deed: flow::deed(exchange, look, probe),
        about: flow::about(exchange, look),
    }
}

/// The same for flows: one client may send its requests in several ways.
fn sender(exchange: &Exchange, look: &Look, way: u64) -> Sender {
    let mut hasher = DefaultHasher::new();
    exchange.opened.connection.peer.ip().hash(&mut hasher);
    look.header("authorization").hash(&mut hasher);
    Sender { client: hasher.finish(), way }
}

/// What tells one client from another: its address, and what it sends with every request.
fn client(exchange: &Exchange, look: &Look) -> u64 {
    let mut hasher = DefaultHasher::new();
    exchange.opened.connection.peer.ip().hash(&mut hasher);
    for name in ["authorization", "user-agent", "accept", "accept-charset"] {
        look.header(name).hash(&mut hasher);
    }
    hasher.finish()
}
