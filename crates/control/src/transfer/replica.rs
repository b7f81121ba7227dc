//! What this server would say of exchanges as they are in a file: a record of its own, made of nothing but what the file has,
//! and the answers of the API about it. So nothing that was taken out of the exchanges can be in the answers.

use std::io::Write;
use std::sync::Arc;

use axum::body::Body;
use dialects::Annotator;
use flate2::Compression;
use flate2::write::GzEncoder;
use formats::recorded::Recorded;
use formats::writer::About;
use http::Request;
use http_body_util::BodyExt;
use provider::Profile;
use scim::json::Json;
use scim::schema::Registry;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tower::ServiceExt;
use traffic::entry::{Annotation, Entry};
use traffic::ids::Seq;
use traffic::log::{Budget, Log, Record};

use super::import::Taking;
use super::shadow::{self, Shadow};
use crate::control::{Control, Parts};
use crate::facts::{Facts, StorageState, WorkspaceKind};
use crate::model::Summary;
use crate::ports::Nowhere;

/// More exchanges are not shown in a page.
pub(super) const MOST: u64 = 20_000;
/// Exchanges, or flows, whose answers are packed together.
const TOGETHER: usize = 64;
/// So many findings a page of theirs may have before something is wrong.
const PAGES: usize = 1000;

/// The answers about the record as a whole.
const ALWAYS: [&str; 9] = [
    "/api/v1/status",
    "/api/v1/connection",
    "/api/v1/profile",
    "/api/v1/tolerances",
    "/api/v1/list-columns",
    "/api/v1/views",
    "/api/v1/removals",
    "/api/v1/tenants",
    "/api/v1/workspace",
];

/// A record of exchanges that have been through the redaction.
pub(super) struct Replica {
    control: Control,
    log: Arc<Log>,
    taking: Taking,
    annotator: Annotator,
}

/// Answers, packed.
pub(super) struct Packed {
    /// What the page reads first: the answers about the whole, all lines of the list, and where the others are.
    pub(super) start: Vec<u8>,
    /// Answers about single exchanges and flows.
    pub(super) blocks: Vec<Vec<u8>>,
}

impl Replica {
    /// An empty one.
    pub(super) fn new(registry: &Arc<Registry>, profile: &Profile, facts: &Facts, now: jiff::Timestamp) -> Replica {
        let log = Arc::new(Log::within(Budget::of(usize::MAX / 4)));
        let provider = shadow::provider(Arc::clone(registry), profile.clone(), Arc::clone(&log), now);
        let shadow = Shadow::of_tenant(&provider.tenant(), Arc::clone(&log), now);
        let mut facts = facts.clone();
        facts.workspace.id = "file".to_owned();
        facts.workspace.kind = WorkspaceKind::Temporary;
        facts.workspace.path = None;
        facts.workspace.state = StorageState::Working;
        facts.workspace.problem = None;
        facts.workspace.recovered = None;
        facts.file_ends_at = None;
        // Flows are folded from what comes after this.
        let control = Control::new(Parts {
            log: Arc::clone(&log),
            provider,
            facts,
            page: false,
            documents: Arc::new(Nowhere),
            sockets: Arc::new(Nowhere),
            storage: Arc::new(Nowhere),
            flows: Vec::new(),
            changes: None,
            repeatable: Arc::new(Nowhere),
            keychain: None,
        });
        Replica { control, taking: Taking::new(Arc::clone(&log), shadow), log, annotator: Annotator::new() }
    }

    /// Puts resources there that were there before the first exchange. What cannot be there is left out.
    pub(super) fn begin_with(&mut self, resources: Vec<Json>) {
        if let Err(why) = self.taking.shadow.begin_with(resources) {
            tracing::debug!("a page is made without the directory: {why}");
        }
    }

    /// Takes the next exchange.
    pub(super) fn take(&mut self, recorded: &Recorded) -> Result<(), String> {
        self.taking.take(recorded, false);
        let seq = self.log.head().seq;
        let found = Record::new(Arc::clone(&self.log)).exchange(seq);
        let exchange = found.map_err(|why| why.to_string())?.ok_or("the exchange was not kept")?;
        let (told, _) = self.annotator.take(&exchange);
        let scim = recorded.scim.clone().unwrap_or_default();
        // What was said of it then holds.
        let annotation = Annotation {
            flow: Some(self.taking.flow(recorded.flow())),
            sentence: if scim.sentence.is_empty() { told.sentence.clone() } else { scim.sentence },
            confidence: if scim.dialect.is_some() { scim.confidence } else { told.confidence },
            dialect: scim.dialect.or_else(|| told.dialect.clone()),
            ..told
        };
        self.log.append(Entry::Annotated(seq, Arc::new(annotation)));
        Ok(())
    }

    /// The record.
    pub(super) fn log(&self) -> Arc<Log> {
        Arc::clone(&self.log)
    }

    /// How many exchanges there are.
    pub(super) fn len(&self) -> u64 {
        self.log.head().seq.0
    }

    /// All answers. `go` is told how many exchanges are done and says whether to go on.
    pub(super) fn answers(
        self,
        about: &About,
        runtime: &Handle,
        go: &mut dyn FnMut(u64) -> Result<(), String>,
    ) -> Result<Packed, String> {
        let count = self.len();
        let control = self.control;
        for line in about.flows.iter().filter(|line| !line.name.is_empty()) {
            let id = self.taking.flow(line.id);
            let found = runtime.block_on(control.flows().get(id)).map_err(|why| why.to_string())?;
            // A person has called it otherwise.
            if found.is_some_and(|flow| control.flow_summary(&flow).name != line.name) {
                let named = runtime.block_on(control.edit_flow(id, |document| document.name = Some(line.name.clone())));
                named.map_err(|error| error.to_string())?;
            }
        }
        let asked = Asked { router: crate::routes::router(control), runtime };
        let (mut blocks, mut block) = (Vec::new(), Block::default());
        let mut items = Vec::new();
        let mut codes = serde_json::Map::new();
        let record = Record::new(self.log);
        for from in (0..count).step_by(TOGETHER) {
            for exchange in record.exchanges(Seq(from), TOGETHER).map_err(|why| why.to_string())? {
                let seq = exchange.seq.0;
                items.push(json!(Summary::from(exchange.as_ref())));
                let found = exchange.outcome().map_or(&[][..], |handled| &handled.findings);
                if !found.is_empty() {
                    codes.insert(seq.to_string(), found.iter().map(|finding| json!(finding.code)).collect());
                }
                for rest in ["", "/why", "/patches"] {
                    if rest == "/patches" && exchange.committed.is_none() {
                        continue;
                    }
                    let path = format!("/api/v1/exchanges/{seq}{rest}");
                    block.add(&path, &asked.get(&path)?);
                }
                go(seq)?;
            }
            blocks.push(block.pack()?);
        }
        let exchange_blocks = blocks.len();
        let mut flows: Vec<Value> = Vec::new();
        let mut before = None;
        loop {
            let from = before.map(|before: u64| format!("&before={before}")).unwrap_or_default();
            let page = asked.json(&format!("/api/v1/flows?limit=100{from}"))?;
            let next = page["next"].as_u64();
            flows.extend(page["items"].as_array().cloned().unwrap_or_default());
            match next {
                Some(next) if before != Some(next) => before = Some(next),
                _ => break,
            }
        }
        let mut flow_blocks = serde_json::Map::new();
        for some in flows.chunks(TOGETHER) {
            for flow in some {
                let path = format!("/api/v1/flows/{}", flow["id"]);
                flow_blocks.insert(flow["id"].to_string(), json!(blocks.len()));
                block.add(&path, &asked.get(&path)?);
            }
            blocks.push(block.pack()?);
        }
        let mut answers = serde_json::Map::new();
        for path in ALWAYS {
            answers.insert(path.to_owned(), asked.json(path)?);
        }
        let mut findings: Vec<Value> = Vec::new();
        let mut before = String::new();
        for _ in 0..PAGES {
            let mut page = asked.json(&format!("/api/v1/findings{before}"))?;
            let next = page["next"].take();
            findings.push(page);
            let Some(next) = next.as_u64() else { break };
            before = format!("?before={next}");
        }
        let start = json!({
            "version": about.version,
            "warning": about.warning(),
            "items": items,
            "codes": codes,
            "flows": flows,
            "findings": findings,
            "answers": answers,
            "together": TOGETHER,
            "exchangeBlocks": exchange_blocks,
            "flowBlocks": flow_blocks,
        });
        Ok(Packed { start: packed(start.to_string().as_bytes())?, blocks })
    }
}

/// Answers as lines: the path, a tab, the JSON.
#[derive(Default)]
struct Block(Vec<u8>);

impl Block {
    fn add(&mut self, path: &str, json: &[u8]) {
        self.0.extend_from_slice(path.as_bytes());
        self.0.push(b'\t');
        self.0.extend_from_slice(json);
        self.0.push(b'\n');
    }

    fn pack(&mut self) -> Result<Vec<u8>, String> {
        packed(&std::mem::take(&mut self.0))
    }
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

/// The API of the replica.
struct Asked<'a> {
    router: axum::Router,
    runtime: &'a Handle,
}

impl Asked<'_> {
    fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let request = Request::get(path).body(Body::empty()).map_err(|error| error.to_string())?;
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.map_err(|error| error.to_string())?;
            let status = answer.status();
            let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
            match status.is_success() {
                true => Ok(body.to_vec()),
                false => Err(format!("{path} answered {status}")),
            }
        })
    }

    fn json(&self, path: &str) -> Result<Value, String> {
        serde_json::from_slice(&self.get(path)?).map_err(|error| error.to_string())
    }
}
