//! Providers on a bench: a rule's test makes the servers that it needs here, and a planted fault gets into each.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;
use provider::{Profile, Provider, ProviderConfig, Request};
use scim::schema::Registry;
use serde_json::{Value, json};
use traffic::ids::Seq;
use traffic::log::Log;

use crate::fault::{Fault, Inner};
use crate::wire::{Ask, Reply};
use crate::{CountingEntropy, CountingIds, FixedClock};

/// The token of every server on a bench.
pub const TOKEN: &str = "correct-horse-battery-staple";
/// Scheme and authority under which it is reached.
pub const HOST: &str = "http://127.0.0.1:8787";
/// The base URL of its default tenant.
pub const BASE: &str = "http://127.0.0.1:8787/scim/v2";
/// The URN of User.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of Group.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The URN of the enterprise extension.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The URN of the body of a PATCH.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Makes servers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bench {
    fault: Option<&'static Fault>,
}

/// A service provider, and maybe a fault before it.
pub struct Server {
    /// The provider itself.
    pub provider: Provider,
    /// Its clock.
    pub clock: Arc<FixedClock>,
    /// Its log.
    pub log: Arc<Log>,
    fault: Option<&'static Fault>,
    memory: RefCell<Vec<Reply>>,
}

impl Bench {
    /// Servers with this fault.
    pub fn with_fault(fault: &'static Fault) -> Bench {
        Bench { fault: Some(fault) }
    }

    /// A server with the preset `tolerant`.
    pub fn tolerant(&self) -> Server {
        self.with("tolerant", |_| {})
    }

    /// A server with the preset `rfc-strict`.
    pub fn strict(&self) -> Server {
        self.with("rfc-strict", |_| {})
    }

    /// Both, with their names: what does not depend on leniency is asked of both.
    pub fn both(&self) -> [Server; 2] {
        [self.tolerant(), self.strict()]
    }

    /// A server with a preset and other switches.
    pub fn with(&self, preset: &str, switch: impl FnOnce(&mut Profile)) -> Server {
        self.with_schemas(preset, Registry::builtin(), switch)
    }

    /// A server with other schemas and resource types.
    pub fn with_schemas(&self, preset: &str, registry: Registry, switch: impl FnOnce(&mut Profile)) -> Server {
        let mut profile = Profile::preset(preset).unwrap_or_else(|| panic!("there is no preset {preset}"));
        switch(&mut profile);
        let (clock, log) = (Arc::new(FixedClock::default()), Arc::new(Log::new()));
        let provider = Provider::new(ProviderConfig {
            registry: Arc::new(registry),
            profile,
            token: TOKEN.into(),
            clock: Arc::clone(&clock) as Arc<dyn provider::Clock>,
            ids: Arc::new(CountingIds::default()),
            entropy: Arc::new(CountingEntropy::default()),
            log: Arc::clone(&log),
        });
        Server { provider, clock, log, fault: self.fault, memory: RefCell::default() }
    }
}

impl Server {
    /// Sends a request with the token.
    pub fn ask(&self, ask: Ask) -> Reply {
        self.ask_plain(ask.with("Authorization", &format!("Bearer {TOKEN}")))
    }

    /// Sends a request with nothing added.
    pub fn ask_plain(&self, ask: Ask) -> Reply {
        match self.fault {
            Some(fault) => (fault.serve)(&Inner { server: self }, ask),
            None => self.answer(&ask),
        }
    }

    /// The provider's own answer.
    pub(crate) fn answer(&self, ask: &Ask) -> Reply {
        let rooted = ask.path.starts_with("/scim") || ask.path.starts_with("/t/") || ask.path.starts_with("//");
        let request = Request {
            seq: Seq(1),
            at: "2026-01-31T09:30:00Z".parse().expect("a timestamp"),
            method: ask.method.clone(),
            target: if rooted { ask.path.clone() } else { format!("/scim/v2{}", ask.path) },
            headers: ask.headers.clone(),
            body: Bytes::copy_from_slice(&ask.body),
            base_url: HOST.into(),
            peer: [127, 0, 0, 1].into(),
        };
        let handled = self.provider.prepare(request).execute();
        Reply {
            status: handled.response.status,
            headers: handled.response.headers,
            body: handled.response.body.to_vec(),
            findings: handled.findings.into_iter().map(|finding| finding.code).collect(),
        }
    }

    /// What a fault remembers.
    pub(crate) fn memory(&self) -> &RefCell<Vec<Reply>> {
        &self.memory
    }

    /// GET.
    pub fn get(&self, path: &str) -> Reply {
        self.ask(Ask::new("GET", path))
    }

    /// POST.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(Ask::json("POST", path, body))
    }

    /// PUT.
    pub fn put(&self, path: &str, body: &Value) -> Reply {
        self.ask(Ask::json("PUT", path, body))
    }

    /// PATCH with these operations.
    pub fn patch(&self, path: &str, operations: &Value) -> Reply {
        self.ask(Ask::json("PATCH", path, &json!({ "schemas": [PATCH_OP], "Operations": operations })))
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Reply {
        self.ask(Ask::new("DELETE", path))
    }

    /// Creates a user with these attributes beside its name and gives back its path.
    #[track_caller]
    pub fn user(&self, name: &str, attributes: &Value) -> String {
        let reply = self.post("/Users", &user(name, attributes));
        format!("/Users/{}", reply.created())
    }

    /// Creates a group with these members and gives back its path.
    #[track_caller]
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "schemas": [GROUP], "displayName": name, "members": members });
        format!("/Groups/{}", self.post("/Groups", &body).created())
    }

    /// The `userName`s, in order, that a filter on `/Users` finds.
    #[track_caller]
    pub fn found(&self, filter: &str) -> Vec<String> {
        self.filtered("/Users", filter).expect(200).listed("/userName")
    }

    /// GET with a filter.
    pub fn filtered(&self, path: &str, filter: &str) -> Reply {
        self.get(&format!("{path}?filter={}", encoded(filter)))
    }
}

/// A User with these attributes beside its name.
pub fn user(name: &str, attributes: &Value) -> Value {
    let mut body = json!({ "schemas": [USER], "userName": name });
    for (name, value) in attributes.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

/// The last segment of a path.
pub fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// A text percent-encoded for a query.
pub fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
