//! What rules do on the wire, one test for each action. The record has to say what really left.

use std::sync::Arc;
use std::time::Instant;

use jiff::SignedDuration;
use listener::Config;
use provider::rules::{Rule, RuleSet};
use provider::{Clock, Profile, Provider, ProviderConfig};
use scim::schema::Registry;
use serde_json::{Value, json};
use testkit::{CountingEntropy, CountingIds, FixedClock};
use traffic::exchange::Ending;
use traffic::log::Log;

use crate::client::{Answer, Client};
use crate::server::{Over, Server};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

struct Ruled {
    server: Server<Provider>,
    clock: Arc<FixedClock>,
}

impl Ruled {
    /// A server whose default tenant has these rules.
    async fn with(rules: &[Value]) -> Ruled {
        let (log, clock) = (Arc::new(Log::new()), Arc::new(FixedClock::default()));
        let provider = Provider::new(ProviderConfig {
            registry: Arc::new(Registry::builtin()),
            profile: Profile::preset("tolerant").unwrap(),
            token: "secret".to_owned(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids: Arc::new(CountingIds::default()),
            entropy: Arc::new(CountingEntropy::default()),
            log: Arc::clone(&log),
        });
        let server = Server::start_for(provider, log, Config::default()).await;
        let ruled = Ruled { server, clock };
        ruled.put(rules);
        ruled
    }

    fn put(&self, rules: &[Value]) {
        let set = RuleSet::from_json(&json!({ "rules": rules }).to_string()).unwrap();
        let rules = set.named_rules(&[]);
        let problems: Vec<_> = rules.iter().flat_map(|rule: &Rule| rule.problems(self.clock.now())).collect();
        assert!(problems.is_empty(), "{problems:?}");
        self.server.provider.tenant().rules().put(rules, self.clock.now());
    }

    fn hits(&self) -> Vec<u64> {
        let standing = self.server.provider.tenant().rules().list(self.clock.now());
        standing.iter().map(|standing| standing.counts.hits).collect()
    }

    async fn client(&self) -> Client {
        self.server.client().await
    }

    /// Sends a request on a connection of its own and reads a whole answer.
    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.ask_with(method, path, "", body).await
    }

    async fn ask_with(&self, method: &str, path: &str, fields: &str, body: Option<Value>) -> Answer {
        let mut client = self.client().await;
        client.send(request(method, path, fields, body)).await;
        client.answer().await
    }

    async fn user(&self, name: &str) -> String {
        let answer = self.ask("POST", "/Users", Some(user(name))).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    async fn group(&self, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "schemas": [GROUP], "displayName": "Finance", "members": members });
        let answer = self.ask("POST", "/Groups", Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    async fn patch(&self, path: &str, operation: Value) -> Answer {
        self.ask("PATCH", path, Some(json!({ "schemas": [PATCH_OP], "Operations": [operation] }))).await
    }

    /// Sends a request and reads all that comes until the connection ends; tells whether it ended in good order.
    async fn broken(&self, method: &str, path: &str) -> (String, bool) {
        let mut client = self.client().await;
        client.send(request(method, path, "", None)).await;
        let (bytes, ended) = client.rest().await;
        (String::from_utf8(bytes).unwrap(), ended)
    }

    /// The newest exchange, when it is over.
    async fn newest(&self) -> Over {
        self.server.over(self.server.log.head().seq.0).await
    }
}

fn request(method: &str, path: &str, fields: &str, body: Option<Value>) -> String {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    format!(
        "{method} /scim/v2{path} HTTP/1.1\r\nHost: scim.example.com\r\nAuthorization: Bearer secret\r\n{fields}\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn user(name: &str) -> Value {
    json!({ "schemas": [USER], "userName": name })
}

fn did(over: &Over) -> Vec<String> {
    over.exchange.outcome().unwrap().rules.iter().map(|hit| format!("{}: {}", hit.name, hit.did)).collect()
}

fn names(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let resources = list["Resources"].as_array().expect("a list").iter();
    resources.map(|one| one["userName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_status_is_answered_with_a_scim_error_and_nothing_is_done() {
    let action = json!({ "kind": "status", "status": 503, "detail": "down for a while", "retry_after_s": 120 });
    let ruled = Ruled::with(&[json!({ "name": "Down", "when": { "methods": ["POST"] }, "action": action })]).await;
    let answer = ruled.ask("POST", "/Users", Some(user("ada"))).await;
    assert_eq!((answer.status, &answer.json()["status"]), (503, &json!("503")));
    assert_eq!(answer.json()["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    assert_eq!(answer.json()["detail"], "down for a while");
    assert!(answer.head.contains("\r\nRetry-After: 120\r\n"), "{}", answer.head);
    let over = ruled.newest().await;
    assert_eq!(did(&over), ["Down: answered 503 with Retry-After: 120; nothing was done"]);
    assert_eq!(over.complete().response(), answer.raw);
    assert_eq!(ruled.ask("GET", "/Users", None).await.json()["totalResults"], 0);
    assert_eq!(did(&ruled.newest().await), [""; 0]);
    assert_eq!(ruled.hits(), [1]);
}

#[tokio::test]
async fn a_status_has_the_keyword_that_belongs_to_it() {
    let ruled = Ruled::with(&[json!({ "name": "Taken", "action": { "kind": "status", "status": 409 } })]).await;
    assert_eq!(ruled.ask("GET", "/Users", None).await.json()["scimType"], "uniqueness");
    let action = json!({ "kind": "status", "status": 400, "scim_type": "tooMany" });
    ruled.put(&[json!({ "name": "Many", "action": action })]);
    assert_eq!(ruled.ask("GET", "/Users", None).await.json()["scimType"], "tooMany");
    ruled.put(&[json!({ "name": "Gone", "action": { "kind": "status", "status": 500 } })]);
    assert_eq!(ruled.ask("GET", "/Users", None).await.json().get("scimType"), None);
}

#[tokio::test]
async fn a_rate_is_enforced_for_each_token_and_the_bucket_fills_again() {
    let action = json!({ "kind": "rate_limit", "requests": 2, "per_s": 10, "retry_after_as": "date" });
    let ruled = Ruled::with(&[json!({ "name": "Two", "action": action })]).await;
    let status = async || ruled.ask("GET", "/Users", None).await.status;
    assert_eq!([status().await, status().await], [200, 200]);
    let refused = ruled.ask("GET", "/Users", None).await;
    assert_eq!(refused.status, 429);
    // Five seconds for one request; the clock stands at 09:30:00.
    assert!(refused.head.contains("\r\nRetry-After: Sat, 31 Jan 2026 09:30:05 GMT\r\n"), "{}", refused.head);
    ruled.clock.advance(SignedDuration::from_secs(4));
    assert_eq!(status().await, 429);
    ruled.clock.advance(SignedDuration::from_secs(1));
    assert_eq!([status().await, status().await], [200, 429]);
    assert_eq!(ruled.hits(), [3]);
    let tenant = ruled.server.provider.tenant();
    let now = ruled.clock.now();
    tenant.change(|settings| settings.access.open = true);
    assert_eq!(status().await, 429, "the same credential");
    let mut other = ruled.client().await;
    other.send("GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer other\r\n\r\n").await;
    assert_eq!(other.answer().await.status, 200, "another one has a bucket of its own");
    assert!(tenant.rules().reset("two", now));
    assert_eq!(status().await, 200);
}

#[tokio::test]
async fn a_duplicate_is_told_of_a_name_that_nothing_has() {
    let ruled = Ruled::with(&[json!({ "name": "Twice", "action": { "kind": "duplicate" }, "budget": 1 })]).await;
    assert_eq!(ruled.ask("GET", "/Users", None).await.status, 200);
    let answer = ruled.ask("POST", "/Users", Some(user("ada"))).await;
    assert_eq!((answer.status, &answer.json()["scimType"]), (409, &json!("uniqueness")));
    assert_eq!(answer.json()["detail"], "\"ada\" exists already");
    assert_eq!(ruled.ask("POST", "/Users", Some(user("ada"))).await.status, 201, "the budget is used up");
}

#[tokio::test]
async fn an_answer_waits_and_the_record_has_the_time() {
    let action = json!({ "kind": "latency", "delay": { "kind": "fixed", "ms": 60 } });
    let ruled = Ruled::with(&[json!({ "name": "Slow", "action": action })]).await;
    let began = Instant::now();
    assert_eq!(ruled.ask("GET", "/Users", None).await.status, 200);
    assert!(began.elapsed().as_millis() >= 60);
    let over = ruled.newest().await;
    assert_eq!(did(&over), ["Slow: made the answer wait 60 ms"]);
    let handled_us = over.received().handled_us.unwrap();
    assert!(over.complete().closed.sent.first_byte_us.unwrap() >= handled_us + 60_000);
}

#[tokio::test]
async fn delays_add_up_and_come_out_the_same_with_the_same_seed() {
    let uniform = json!({ "kind": "latency", "delay": { "kind": "uniform", "from_ms": 1, "to_ms": 40 } });
    let normal = json!({ "kind": "latency", "delay": { "kind": "normal", "mean_ms": 10, "deviation_ms": 3 } });
    let rules =
        [json!({ "name": "A", "action": uniform, "seed": 7 }), json!({ "name": "B", "action": normal, "seed": 7 })];
    let mut runs = Vec::new();
    for _ in 0..2 {
        let ruled = Ruled::with(&rules).await;
        let mut run = Vec::new();
        for _ in 0..4 {
            ruled.ask("GET", "/Users", None).await;
            run.push(did(&ruled.newest().await));
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].iter().any(|did| did != &runs[0][0]), "{runs:?}");
}

#[tokio::test]
async fn a_body_is_cut_off_and_the_connection_ends() {
    let ruled = Ruled::with(&[json!({ "name": "Cut", "action": { "kind": "truncate", "bytes": 20 } })]).await;
    let (answer, _) = ruled.broken("GET", "/Users").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!(body.len(), 20);
    let over = ruled.newest().await;
    assert_eq!(over.response(), answer.as_bytes());
    let point = "in the middle of the response: the rule \"Cut\" broke it off";
    assert_eq!(over.closed.ending, Ending::Aborted(point.to_owned()));
    assert_eq!(did(&over), ["Cut: ended the connection after 20 bytes of the body"]);
}

#[tokio::test]
async fn a_length_is_wrong_and_the_record_has_every_byte() {
    for by in [-5, 5] {
        let action = json!({ "kind": "wrong_length", "by": by });
        let ruled = Ruled::with(&[json!({ "name": "Length", "action": action })]).await;
        let (answer, _) = ruled.broken("GET", "/Users").await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        assert_eq!(length.parse::<i64>().unwrap(), body.len() as i64 + by);
        serde_json::from_str::<Value>(body).expect("the whole body");
        let over = ruled.newest().await;
        assert_eq!(over.complete().response(), answer.as_bytes());
    }
}

#[tokio::test]
async fn a_connection_is_reset_before_and_within_a_response() {
    let ruled = Ruled::with(&[json!({ "name": "Reset", "action": { "kind": "reset" } })]).await;
    assert_eq!(ruled.broken("GET", "/Users").await, (String::new(), false));
    let over = ruled.newest().await;
    let point = "before the response was sent: the rule \"Reset\" reset the connection";
    assert_eq!(over.closed.ending, Ending::Aborted(point.to_owned()));
    ruled.put(&[json!({ "name": "Reset", "action": { "kind": "reset", "after_bytes": 10 } })]);
    let (_, ended) = ruled.broken("GET", "/Users").await;
    assert!(!ended);
    assert_eq!(ruled.newest().await.response(), b"HTTP/1.1 2");
}

#[tokio::test]
async fn a_request_hangs_until_its_time_is_over_or_the_client_goes() {
    let ruled = Ruled::with(&[json!({ "name": "Hang", "action": { "kind": "hang", "at_most_ms": 50 } })]).await;
    assert_eq!(ruled.broken("GET", "/Users").await.0, "");
    let over = ruled.newest().await;
    let point = "before the response was sent: the rule \"Hang\" let it hang";
    assert_eq!((over.closed.ending.clone(), over.status()), (Ending::Aborted(point.to_owned()), Some(200)));
    ruled.put(&[json!({ "name": "Hang", "action": { "kind": "hang", "at_most_ms": 600_000 } })]);
    let mut client = ruled.client().await;
    client.send(request("GET", "/Users", "", None)).await;
    ruled.server.exchange(2, |exchange| exchange.handled.is_some()).await;
    drop(client);
    assert!(matches!(ruled.server.over(2).await.closed.ending, Ending::Aborted(_)));
}

#[tokio::test]
async fn a_response_drips_and_is_whole_in_the_end() {
    let action = json!({ "kind": "drip", "bytes": 100, "every_ms": 5 });
    let ruled = Ruled::with(&[json!({ "name": "Drip", "action": action })]).await;
    let answer = ruled.ask("GET", "/Users", None).await;
    assert_eq!((answer.status, &answer.json()["totalResults"]), (200, &json!(0)));
    let over = ruled.newest().await;
    assert_eq!(over.complete().response(), answer.raw);
    let sent = &over.closed.sent;
    let steps = (answer.raw.len() as u64 - 1) / 100;
    assert!(sent.last_byte_us.unwrap() - sent.first_byte_us.unwrap() >= steps * 5_000);
}

#[tokio::test]
async fn json_is_malformed_and_a_media_type_is_wrong() {
    let ruled = Ruled::with(&[
        json!({ "name": "Broken", "action": { "kind": "malformed" } }),
        json!({ "name": "HTML", "action": { "kind": "content_type", "value": "text/html" } }),
    ])
    .await;
    let answer = ruled.ask("GET", "/Users", None).await;
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    assert!(answer.head.contains("\r\nContent-Type: text/html\r\n"), "{}", answer.head);
    let over = ruled.newest().await;
    assert_eq!(over.complete().response(), answer.raw);
    assert_eq!(did(&over), ["Broken: left out the last byte of the body", "HTML: said Content-Type: text/html"]);
}

#[tokio::test]
async fn lists_lie() {
    let ruled = Ruled::with(&[]).await;
    ruled.user("ada").await;
    ruled.put(&[json!({ "name": "Total", "action": { "kind": "total_results", "by": 3 } })]);
    assert_eq!(ruled.ask("GET", "/Users", None).await.json()["totalResults"], 4);
    ruled.put(&[json!({ "name": "None", "action": { "kind": "resources_absent" } })]);
    let list = ruled.ask("GET", "/Users", None).await.json();
    assert_eq!((&list["totalResults"], list.get("Resources")), (&json!(1), None));
    ruled.put(&[json!({ "name": "404", "action": { "kind": "empty_filter_404" } })]);
    let missing = ruled.ask("GET", "/Users?filter=userName%20eq%20%22bob%22", None).await;
    assert_eq!((missing.status, &missing.json()["status"]), (404, &json!("404")));
    assert_eq!(ruled.ask("GET", "/Users?filter=userName%20eq%20%22ada%22", None).await.status, 200);
    assert_eq!(ruled.hits(), [1], "a rule that makes no difference has not hit");
    ruled.put(&[json!({ "name": "All", "action": { "kind": "filter_ignored" } })]);
    assert_eq!(names(&ruled.ask("GET", "/Users?filter=userName%20eq%20%22bob%22", None).await), ["ada"]);
    assert_eq!(did(&ruled.newest().await), ["All: left the filter out of account"]);
}

#[tokio::test]
async fn pages_repeat_and_leave_out_a_resource() {
    let ruled = Ruled::with(&[]).await;
    for name in ["a", "b", "c", "d", "e"] {
        ruled.user(name).await;
    }
    let page = async |query: &str| names(&ruled.ask("GET", &format!("/Users?{query}"), None).await);
    ruled.put(&[json!({ "name": "Again", "action": { "kind": "repeated_items" } })]);
    assert_eq!(page("startIndex=1&count=2").await, ["a", "b"]);
    assert_eq!(page("startIndex=3&count=2").await, ["b", "c"]);
    assert_eq!(page("startIndex=3&count=2&sortBy=userName").await, ["b", "c"]);
    assert_eq!(ruled.hits(), [2]);
    ruled.put(&[json!({ "name": "Less", "action": { "kind": "missing_items" } })]);
    assert_eq!(page("startIndex=1&count=2").await, ["a", "b"]);
    assert_eq!(page("startIndex=3&count=2").await, ["d", "e"]);
}

#[tokio::test]
async fn user_names_count_with_their_case() {
    let ruled = Ruled::with(&[json!({ "name": "Case", "action": { "kind": "case_sensitive_user_name" } })]).await;
    ruled.user("Ada").await;
    let total = async |name: &str| {
        let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
        ruled.ask("GET", &path, None).await.json()["totalResults"].clone()
    };
    assert_eq!([total("Ada").await, total("ada").await], [json!(1), json!(0)]);
    assert_eq!(ruled.hits(), [1]);
}

#[tokio::test]
async fn versions_are_one_behind_so_that_a_write_fails() {
    let ruled = Ruled::with(&[json!({ "name": "Old", "action": { "kind": "stale_etag" } })]).await;
    let id = ruled.user("ada").await;
    let answer = ruled.ask("GET", &format!("/Users/{id}"), None).await;
    assert!(answer.head.contains("\r\nEtag: W/\"0\"\r\n"), "{}", answer.head);
    assert_eq!(answer.json()["meta"]["version"], "W/\"0\"");
    let write = ruled.ask_with("DELETE", &format!("/Users/{id}"), "If-Match: W/\"0\"\r\n", None).await;
    assert_eq!(write.status, 412);
}

#[tokio::test]
async fn a_patch_is_left_out_or_answered_without_a_body() {
    let ruled = Ruled::with(&[json!({ "name": "Deaf", "action": { "kind": "patch_ignored" } })]).await;
    let path = format!("/Users/{}", ruled.user("ada").await);
    let operation = json!({ "op": "replace", "path": "active", "value": false });
    let answer = ruled.patch(&path, operation.clone()).await;
    assert!((200..300).contains(&answer.status));
    let over = ruled.newest().await;
    assert_eq!(did(&over), ["Deaf: changed nothing and answered as if it had"]);
    assert!(over.exchange.committed.as_ref().is_none_or(|committed| committed.changes.is_empty()));
    assert_ne!(ruled.ask("GET", &path, None).await.json()["active"], false);
    ruled.put(&[json!({ "name": "Empty", "action": { "kind": "patch_empty_200" } })]);
    let answer = ruled.patch(&path, operation).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(ruled.newest().await.complete().response(), answer.raw);
    assert_eq!(ruled.ask("GET", &path, None).await.json()["active"], false);
}

#[tokio::test]
async fn removing_one_member_empties_the_group() {
    let action = json!({ "kind": "member_removal_empties_group" });
    let ruled = Ruled::with(&[json!({ "name": "All go", "action": action })]).await;
    let (ada, bob) = (ruled.user("ada").await, ruled.user("bob").await);
    let path = format!("/Groups/{}", ruled.group(&[&ada, &bob]).await);
    let remove = json!({ "op": "remove", "path": format!("members[value eq \"{ada}\"]") });
    assert!((200..300).contains(&ruled.patch(&path, remove).await.status));
    assert_eq!(ruled.ask("GET", &path, None).await.json().get("members"), None);
    assert_eq!(ruled.hits(), [1]);
}

#[tokio::test]
async fn reads_are_late_until_the_delay_is_over() {
    let action = json!({ "kind": "eventual_consistency", "delay_ms": 5000 });
    let ruled = Ruled::with(&[json!({ "name": "Late", "action": action })]).await;
    let path = format!("/Users/{}", ruled.user("ada").await);
    let total = async || ruled.ask("GET", "/Users", None).await.json()["totalResults"].clone();
    assert_eq!(ruled.ask("GET", &path, None).await.status, 404);
    assert_eq!(total().await, 0);
    ruled.clock.advance(SignedDuration::from_secs(3));
    ruled.user("bob").await;
    ruled.clock.advance(SignedDuration::from_secs(2));
    assert_eq!((total().await, ruled.ask("GET", &path, None).await.status), (json!(1), 200));
    ruled.clock.advance(SignedDuration::from_secs(3));
    assert_eq!(total().await, 2);
    assert_eq!(did(&ruled.newest().await), [""; 0], "what is seen is what is");
}

#[tokio::test]
async fn a_response_is_edited_by_a_json_patch() {
    let patch = json!([
        { "op": "replace", "path": "/userName", "value": "somebody" },
        { "op": "remove", "path": "/meta/created" },
    ]);
    let ruled = Ruled::with(&[]).await;
    let path = format!("/Users/{}", ruled.user("ada").await);
    ruled.put(&[json!({ "name": "Edit", "action": { "kind": "edit", "patch": patch } })]);
    let answer = ruled.ask("GET", &path, None).await;
    assert_eq!((&answer.json()["userName"], answer.json()["meta"].get("created")), (&json!("somebody"), None));
    assert_eq!(ruled.newest().await.complete().response(), answer.raw);
    let list = ruled.ask("GET", "/Users", None).await;
    assert_eq!(list.json()["totalResults"], 1);
    let did = did(&ruled.newest().await);
    assert!(did[0].contains("could not edit the response: operation 0 cannot be carried out"), "{did:?}");
}

#[tokio::test]
async fn a_rule_for_the_wire_spoils_its_own_response_among_pipelined_ones() {
    let rule = json!({ "name": "Cut", "when": { "path": "/Groups" }, "action": { "kind": "truncate", "bytes": 5 } });
    let ruled = Ruled::with(&[rule]).await;
    let mut client = ruled.client().await;
    let requests = ["/Users", "/Groups", "/Users"].map(|path| request("GET", path, "", None)).concat();
    client.send(requests).await;
    let first = client.answer().await;
    assert_eq!(first.json()["totalResults"], 0);
    let (second, _) = client.rest().await;
    assert!(second.ends_with(b"\r\n\r\n{\"sch"), "{}", String::from_utf8_lossy(&second));
    ruled.server.over(1).await.complete();
    assert_eq!(ruled.server.over(2).await.response(), second);
    ruled.server.over(3).await.aborted("before the request was handled");
}

#[tokio::test]
async fn no_rule_loses_a_record() {
    let actions = [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "latency", "delay": { "kind": "fixed", "ms": 1 } }),
        json!({ "kind": "truncate", "bytes": 3 }),
        json!({ "kind": "wrong_length", "by": -2 }),
        json!({ "kind": "reset" }),
        json!({ "kind": "hang", "at_most_ms": 5 }),
        json!({ "kind": "drip", "bytes": 200, "every_ms": 1 }),
        json!({ "kind": "malformed" }),
    ];
    let rules: Vec<Value> = actions
        .into_iter()
        .enumerate()
        .map(|(n, action)| json!({ "name": format!("R{n}"), "action": action, "when": { "probability": 0.3 }, "seed": n }))
        .collect();
    let ruled = Ruled::with(&rules).await;
    const REQUESTS: u64 = 120;
    for _ in 0..REQUESTS {
        let mut client = ruled.client().await;
        client.send(request("GET", "/Users", "Connection: close\r\n", None)).await;
        client.rest().await;
    }
    let (mut touched, mut links) = (0, 0);
    for seq in 1..=REQUESTS {
        let over = ruled.server.over(seq).await;
        let rules = &over.exchange.outcome().unwrap().rules;
        touched += u64::from(!rules.is_empty());
        links += rules.len() as u64;
    }
    assert_eq!(ruled.server.log.head().seq.0, REQUESTS);
    assert!(touched > REQUESTS / 2, "{touched}");
    assert_eq!(ruled.hits().iter().sum::<u64>(), links);
}
