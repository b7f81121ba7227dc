//! A provider on a bench: requests in, outcomes out.

use std::sync::Arc;

use bytes::Bytes;
use provider::{Prepared, Profile, Provider, ProviderConfig, Request};
use scim::finding::{Finding, Severity};
use scim::json::{Json, Limits, parse};
use scim::schema::Registry;
use testkit::{CountingEntropy, CountingIds, FixedClock};
use traffic::change::Committed;
use traffic::entry::Entry;
use traffic::handled::Handled;
use traffic::ids::{Pos, Seq};
use traffic::log::Log;

pub const TOKEN: &str = "correct-horse-battery-staple";
pub const BASE: &str = "http://127.0.0.1:8787/scim/v2";
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub struct Bench {
    pub provider: Provider,
    pub clock: Arc<FixedClock>,
    pub log: Arc<Log>,
}

impl Bench {
    pub fn new(profile: &str) -> Bench {
        Bench::with(Profile::preset(profile).unwrap(), Registry::builtin())
    }

    pub fn tolerant() -> Bench {
        Bench::new("tolerant")
    }

    pub fn strict() -> Bench {
        Bench::new("rfc-strict")
    }

    pub fn with(profile: Profile, registry: Registry) -> Bench {
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
        Bench { provider, clock, log }
    }

    /// A request with the token; the target is below the tenant's base unless it begins with "/scim".
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let target = if path.starts_with("/scim") { path.to_owned() } else { format!("/scim/v2{path}") };
        let mut all = vec![("Authorization".to_owned(), format!("Bearer {TOKEN}"))];
        if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            all.push(("Content-Type".to_owned(), "application/scim+json".to_owned()));
        }
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.plain(method, &target, all, body)
    }

    /// A request with nothing added.
    pub fn plain(&self, method: &str, target: &str, headers: Vec<(String, String)>, body: &str) -> Request {
        Request {
            seq: Seq(7),
            at: "2026-01-31T09:30:00Z".parse().unwrap(),
            method: method.into(),
            target: target.into(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            base_url: "http://127.0.0.1:8787".into(),
            peer: [127, 0, 0, 1].into(),
        }
    }

    pub fn prepare(&self, method: &str, path: &str, body: &str) -> Prepared {
        self.provider.prepare(self.request(method, path, &[], body))
    }

    pub fn ask(&self, method: &str, path: &str, body: &str) -> Handled {
        self.prepare(method, path, body).execute()
    }

    pub fn ask_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Handled {
        self.provider.prepare(self.request(method, path, headers, body)).execute()
    }

    pub fn get(&self, path: &str) -> Handled {
        self.ask("GET", path, "")
    }

    /// Creates a user and gives back its id.
    pub fn user(&self, name: &str) -> String {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"{name}"}}"#);
        created(&self.ask("POST", "/Users", &body))
    }

    /// Creates a group and gives back its id.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<String> = members.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
        let members = members.join(",");
        let body = format!(r#"{{"schemas":["{GROUP}"],"displayName":"{name}","members":[{members}]}}"#);
        created(&self.ask("POST", "/Groups", &body))
    }

    /// PATCH with these operations.
    pub fn patch(&self, path: &str, operations: &str) -> Handled {
        self.ask("PATCH", path, &patch_body(operations))
    }

    pub fn commits(&self) -> Vec<Arc<Committed>> {
        let entries = self.log.read(Pos(0), usize::MAX).into_iter();
        entries
            .filter_map(|(_, entry)| match entry {
                Entry::Committed(committed) => Some(committed),
                _ => None,
            })
            .collect()
    }
}

pub fn patch_body(operations: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#)
}

fn created(handled: &Handled) -> String {
    assert_eq!(handled.response.status, 201, "{}", text(handled));
    string(&body(handled), "/id")
}

pub fn text(handled: &Handled) -> String {
    String::from_utf8(handled.response.body.to_vec()).unwrap()
}

pub fn body(handled: &Handled) -> Json {
    parse(&handled.response.body, Limits::default()).unwrap()
}

pub fn header<'a>(handled: &'a Handled, name: &str) -> Option<&'a str> {
    let found = handled.response.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

pub fn at(json: &Json, pointer: &str) -> String {
    json.pointer(pointer).map_or_else(|| "absent".to_owned(), Json::to_text)
}

pub fn string(json: &Json, pointer: &str) -> String {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("no text at {pointer} of {json}")).to_owned()
}

/// Rules (T1 to T17) of the deviations that were taken, in order, each once.
pub fn tolerances(handled: &Handled) -> Vec<&str> {
    let is_rule = |code: &str| code.strip_prefix('T').is_some_and(|number| number.parse::<u32>().is_ok());
    let mut codes: Vec<&str> = Vec::new();
    for finding in handled.findings.iter().filter(|finding| is_rule(&finding.code)) {
        if !codes.contains(&finding.code.as_str()) {
            codes.push(&finding.code);
        }
    }
    codes.sort_by_key(|code| code[1..].parse::<u32>().unwrap_or(0));
    codes
}

pub fn finding<'a>(handled: &'a Handled, code: &str) -> &'a Finding {
    let found = handled.findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no finding {code} among {:?}", handled.findings))
}

/// Asserts a SCIM error with this status and keyword, whose finding says the same.
#[track_caller]
pub fn assert_refused(handled: &Handled, status: u16, scim_type: Option<&str>) {
    assert_eq!(handled.response.status, status, "{}", text(handled));
    let body = body(handled);
    assert_eq!(at(&body, "/schemas"), r#"["urn:ietf:params:scim:api:messages:2.0:Error"]"#);
    assert_eq!(string(&body, "/status"), status.to_string());
    assert_eq!(body.pointer("/scimType").and_then(Json::as_str), scim_type, "{body}");
    assert!(!string(&body, "/detail").is_empty());
    let code = scim_type.map_or_else(|| format!("http-{status}"), str::to_owned);
    let finding = finding(handled, &code);
    assert_eq!((finding.severity, finding.message.as_str()), (Severity::Error, string(&body, "/detail").as_str()));
}
