//! Every revision of a directory can be read, compared and brought back, also after the program was started again.

use std::collections::BTreeMap;

use app::config::{Config, Workspace};
use app::running::App;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::running::config;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// What a directory is: documents by type and `id`.
type Naive = BTreeMap<(String, String), Value>;

/// A call to the control API; its status and body.
async fn call(app: &App, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request.header("Content-Type", "application/json").body(Body::from(body.to_string())),
    };
    let answer = app.control_router().oneshot(request.expect("a request")).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn done(app: &App, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = call(app, method, path, body).await;
    assert_eq!(status, 200, "{method} {path}: {answer}");
    answer
}

/// A SCIM request through the provider; the answer and the number of the exchange.
async fn scim(app: &App, method: &str, path: &str, body: Value) -> (Value, u64) {
    let request = json!({"method": method, "path": path, "body": body});
    let answer = done(app, "POST", "/tenants/default/send", request).await;
    assert!(answer["status"].as_u64().is_some_and(|status| status < 300), "{method} {path}: {answer}");
    (answer["body"].clone(), answer["seq"].as_u64().expect("a number"))
}

/// What the directory is at a revision, as the API tells it.
async fn told(app: &App, at: &str) -> Naive {
    let mut all = Naive::new();
    for kind in ["User", "Group"] {
        let page =
            done(app, "GET", &format!("/tenants/default/resources/{kind}?count=1000&at={at}"), Value::Null).await;
        for item in page["items"].as_array().expect("items") {
            let id = item["id"].as_str().expect("an id").to_owned();
            all.insert((kind.to_owned(), id), item["document"].clone());
        }
    }
    all
}

/// What the directory is, from the directory itself.
fn present(app: &App) -> (u64, Naive) {
    let root = app.control().provider().tenant().directory().root();
    let all = root.resources().map(|resource| {
        let text = resource.document.value().to_text();
        let key = (resource.resource_type().to_owned(), resource.id().to_owned());
        (key, serde_json::from_str(&text).expect("JSON"))
    });
    (root.revision(), all.collect())
}

/// The same without `meta`, which is new when a state is brought back.
fn content(naive: &Naive) -> Naive {
    let mut naive = naive.clone();
    naive.values_mut().for_each(|document| drop(document.as_object_mut().expect("an object").remove("meta")));
    naive
}

/// Numbers that look as if they came by chance, and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// Writes something; the directory has one revision more, or none.
async fn write(app: &App, chance: &mut Chance, count: usize) {
    let (_, now) = present(app);
    let of =
        |kind: &str| -> Vec<String> { now.keys().filter(|(of, _)| of == kind).map(|(_, id)| id.clone()).collect() };
    let (users, groups) = (of("User"), of("Group"));
    match chance.below(10) {
        0..=2 => {
            scim(app, "POST", "/Users", json!({"schemas": [USER], "userName": format!("user-{count}")})).await;
        }
        3 => {
            let members: Vec<Value> = users.iter().take(3).map(|id| json!({"value": id})).collect();
            let group = json!({"schemas": [GROUP], "displayName": format!("group-{count}"), "members": members});
            scim(app, "POST", "/Groups", group).await;
        }
        4 if !users.is_empty() => {
            let id = &users[chance.below(users.len())];
            scim(app, "DELETE", &format!("/Users/{id}"), Value::Null).await;
        }
        5 if !groups.is_empty() && !users.is_empty() => {
            let (group, user) = (&groups[chance.below(groups.len())], &users[chance.below(users.len())]);
            scim(app, "PATCH", &format!("/Groups/{group}"), patch("add", "members", json!([{"value": user}]))).await;
        }
        _ if !users.is_empty() => {
            let id = &users[chance.below(users.len())];
            scim(app, "PATCH", &format!("/Users/{id}"), patch("replace", "title", json!(format!("title-{count}"))))
                .await;
        }
        _ => {}
    }
}

fn patch(op: &str, path: &str, value: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": op, "path": path, "value": value}]})
}

fn file(path: &std::path::Path) -> Config {
    Config {
        workspace: Workspace::File(path.to_owned()),
        durability: Some(app::config::Durability::Relaxed),
        ..config()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_revision_is_what_it_was_also_after_a_restart_and_after_it_was_brought_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("work.scimscope");
    let mut app = App::start(file(&path)).await.expect("it starts");
    let mut chance = Chance(11);
    let mut states = BTreeMap::from([present(&app)]);
    for count in 0..420 {
        write(&app, &mut chance, count).await;
        let (revision, state) = present(&app);
        states.insert(revision, state);
    }
    // More than are kept in memory.
    assert!(states.len() > 300, "{}", states.len());
    for round in 0..2 {
        for (revision, state) in states.iter().filter(|(revision, _)| *revision % 23 == 0 || **revision < 3) {
            assert_eq!(&told(&app, &revision.to_string()).await, state, "revision {revision}, round {round}");
        }
        // Back to a state that only the workspace has, and to one in memory.
        let last = *states.keys().last().expect("states");
        for back in [7, last - 5] {
            let before = present(&app);
            let would =
                done(&app, "POST", "/tenants/default/restore?dry_run=true", json!({"to": back.to_string()})).await;
            assert_eq!(present(&app), before, "nothing was changed yet");
            let did = done(&app, "POST", "/tenants/default/restore", json!({"to": back.to_string()})).await;
            assert_eq!(would["count"], did["count"]);
            let (revision, state) = present(&app);
            assert_eq!((revision, content(&state)), (before.0 + 1, content(&states[&back])), "to revision {back}");
            // And back again.
            let undo = format!("/tenants/default/revisions/{revision}/undo");
            done(&app, "POST", &undo, Value::Null).await;
            let (_, undone) = present(&app);
            assert_eq!(content(&undone), content(&before.1));
            states.insert(revision, state);
            let (revision, state) = present(&app);
            states.insert(revision, state);
        }
        app.stop().await;
        app = App::start(file(&path)).await.expect("it starts again");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_version_of_a_resource_says_what_made_it() {
    let app = App::start(config()).await.expect("it starts");
    let (ada, first) = scim(&app, "POST", "/Users", json!({"schemas": [USER], "userName": "ada"})).await;
    let id = ada["id"].as_str().expect("an id");
    let (_, second) = scim(&app, "PATCH", &format!("/Users/{id}"), patch("replace", "title", json!("Countess"))).await;
    let (_, third) = scim(&app, "DELETE", &format!("/Users/{id}"), Value::Null).await;
    let path = format!("/tenants/default/resources/User/{id}");
    let page = done(&app, "GET", &format!("{path}/history"), Value::Null).await;
    let causes: Vec<_> =
        page["items"].as_array().expect("versions").iter().map(|item| item["cause"]["seq"].as_u64()).collect();
    assert_eq!(causes, [Some(third), Some(second), Some(first)]);
    assert_eq!(page["items"][1]["lines"][0]["path"], "title");
    assert_eq!(page["items"][1]["lines"][0]["operation"], 0);
    assert_eq!((&page["items"][0]["kind"], &page["items"][2]["version"]), (&json!("deleted"), &json!(1)));
    let page = done(&app, "GET", &format!("{path}/history?count=2"), Value::Null).await;
    let rest = done(&app, "GET", &format!("{path}/history?before={}", page["next"]), Value::Null).await;
    assert_eq!((rest["items"].as_array().expect("versions").len(), &rest["next"]), (1, &Value::Null));
    // The state right after each exchange.
    let then = done(&app, "GET", &format!("{path}?at=seq:{second}"), Value::Null).await;
    assert_eq!(then["resource"]["document"]["title"], "Countess");
    assert_eq!(call(&app, "GET", &format!("{path}?at=seq:{third}"), Value::Null).await.0, 404);
    let compared = format!("/tenants/default/compare?type=User&id={id}&from=version:1&to=seq:{second}");
    let compared = done(&app, "GET", &compared, Value::Null).await;
    assert_eq!(
        (&compared["lines"][0]["path"], &compared["patch"]["Operations"][0]["op"]),
        (&json!("title"), &json!("add"))
    );
    // It comes back as it was in a version.
    let back = done(&app, "POST", &format!("{path}/restore"), json!({"to": "version:2"})).await;
    assert_eq!((&back["count"], &back["changes"][0]["kind"]), (&json!(1), &json!("created")));
    let page = done(&app, "GET", &format!("{path}/history?count=1"), Value::Null).await;
    assert_eq!(
        (&page["items"][0]["cause"]["kind"], &page["items"][0]["cause"]["revision"]),
        (&json!("restored"), &json!(2))
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_is_undone_unless_something_later_depends_on_it() {
    let app = App::start(config()).await.expect("it starts");
    let (ada, made) = scim(&app, "POST", "/Users", json!({"schemas": [USER], "userName": "ada"})).await;
    let id = ada["id"].as_str().expect("an id").to_owned();
    let (_, titled) = scim(&app, "PATCH", &format!("/Users/{id}"), patch("replace", "title", json!("Countess"))).await;
    let (status, refused) = call(&app, "POST", &format!("/exchanges/{made}/undo"), Value::Null).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("depended_on")));
    let message = refused["error"]["message"].as_str().expect("a message");
    assert!(message.contains(&format!("exchange {titled}")), "{message}");
    done(&app, "POST", &format!("/exchanges/{titled}/undo"), Value::Null).await;
    let (_, now) = present(&app);
    assert_eq!(now.values().next().expect("ada").get("title"), None);
    let group = json!({"schemas": [GROUP], "displayName": "Staff", "members": [{"value": id}]});
    let (_, grouped) = scim(&app, "POST", "/Groups", group).await;
    let (_, deleted) = scim(&app, "DELETE", &format!("/Users/{id}"), Value::Null).await;
    // The membership comes back with the user, since the deletion took both.
    let undone = done(&app, "POST", &format!("/exchanges/{deleted}/undo"), Value::Null).await;
    assert_eq!(undone["count"], 2);
    let (_, now) = present(&app);
    assert!(now.values().any(|document| document["members"][0]["value"] == json!(id)));
    // Once is enough.
    let (status, _) = call(&app, "POST", &format!("/exchanges/{deleted}/undo?dry_run=true"), Value::Null).await;
    assert_eq!(status, 409);
    // A user that a group names does not just go.
    let (cleo, made) = scim(&app, "POST", "/Users", json!({"schemas": [USER], "userName": "cleo"})).await;
    let (staff, _) = scim(&app, "GET", "/Groups", Value::Null).await;
    let staff = staff["Resources"][0]["id"].as_str().expect("an id");
    let (_, joined) =
        scim(&app, "PATCH", &format!("/Groups/{staff}"), patch("add", "members", json!([{"value": cleo["id"]}]))).await;
    let (status, refused) = call(&app, "POST", &format!("/exchanges/{made}/undo"), Value::Null).await;
    let message = refused["error"]["message"].as_str().expect("a message");
    assert!(status == 409 && message.contains(&format!("exchange {joined}")), "{message}");
    assert_eq!(call(&app, "POST", &format!("/exchanges/{}/undo", grouped + 900), Value::Null).await.0, 404);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_told_as_a_patch_before_it_is_sent() {
    let app = App::start(config()).await.expect("it starts");
    let user = json!({"schemas": [USER], "userName": "ada", "password": "s3cret-w0rd", "title": "Countess"});
    let (ada, seq) = scim(&app, "POST", "/Users", user).await;
    let id = ada["id"].as_str().expect("an id");
    let path = format!("/tenants/default/resources/User/{id}");
    let shown = done(&app, "GET", &path, Value::Null).await;
    let mut document = shown["resource"]["document"].clone();
    let same = done(&app, "POST", &format!("{path}/preview"), json!({"document": document})).await;
    assert_eq!(same["is_empty"], true, "{same}");
    document["title"] = json!("Analyst");
    let edit = done(&app, "POST", &format!("{path}/preview"), json!({"document": document})).await;
    assert_eq!(edit["patch"]["Operations"], json!([{"op": "replace", "path": "title", "value": "Analyst"}]));
    let (_, sent) = scim(&app, "PATCH", &format!("/Users/{id}"), edit["patch"].clone()).await;
    assert!(sent > seq);
    let exchange = done(&app, "GET", &format!("/exchanges/{sent}"), Value::Null).await;
    assert_eq!(exchange["summary"]["origin"], "scimscope");
    assert_eq!(exchange["changes"][0]["lines"][0]["after"], "Analyst");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_exchanges_are_compared_by_their_bodies_and_by_what_they_left() {
    let app = App::start(config()).await.expect("it starts");
    let user = |name: &str, title: &str| json!({"schemas": [USER], "userName": name, "title": title});
    let (ada, first) = scim(&app, "POST", "/Users", user("ada", "Countess")).await;
    let (_, second) =
        scim(&app, "PUT", &format!("/Users/{}", ada["id"].as_str().expect("an id")), user("ada", "Analyst")).await;
    let compared = done(&app, "GET", &format!("/compare?left=seq:{first}&right=seq:{second}"), Value::Null).await;
    let line =
        json!({"path": "title", "action": "changed", "before": "Countess", "after": "Analyst", "operation": null});
    for part in ["request", "response"] {
        assert_eq!((&compared[part]["compared_as"], &compared[part]["lines"]), (&json!("resource"), &json!([line])));
    }
    assert_eq!((&compared["state"]["lines"], &compared["state"]["from"]["revision"]), (&json!([line]), &json!(1)));
    let (_, list) = scim(&app, "GET", "/Users?count=0", Value::Null).await;
    let (_, other) = scim(&app, "GET", "/Users", Value::Null).await;
    let compared = done(&app, "GET", &format!("/compare?left=seq:{list}&right=seq:{other}"), Value::Null).await;
    assert_eq!((&compared["request"], &compared["response"]["compared_as"]), (&Value::Null, &json!("json")));
    assert!(
        compared["response"]["lines"].as_array().expect("lines").iter().any(|line| line["path"] == "/itemsPerPage")
    );
    assert_eq!(call(&app, "GET", "/compare?left=seq:1&right=seq:999", Value::Null).await.0, 404);
    assert_eq!(call(&app, "GET", "/compare?left=1&right=seq:1", Value::Null).await.0, 400);
    // Requests of our own are told from others.
    let ours = done(&app, "GET", "/exchanges?q=origin:scimscope", Value::Null).await;
    assert_eq!(ours["items"].as_array().expect("items").len(), 4);
    let theirs = done(&app, "GET", "/exchanges?q=origin:client", Value::Null).await;
    assert_eq!(theirs["items"], json!([]));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_none_is_not_sent_and_a_refusal_is_an_answer() {
    let app = App::start(config()).await.expect("it starts");
    let send = async |request: Value| call(&app, "POST", "/tenants/default/send", request).await;
    assert_eq!(send(json!({"method": "GE T", "path": "/Users"})).await.0, 400);
    assert_eq!(send(json!({"method": "GET", "path": "Users"})).await.0, 400);
    assert_eq!(send(json!({"method": "GET", "path": "/Users", "headers": [["a b", "c"]]})).await.0, 400);
    assert_eq!(app.log().head().seq.0, 0, "nothing was recorded");
    let headers = json!([["Authorization", "Bearer wrong"]]);
    let (status, answer) = send(json!({"method": "GET", "path": "/Users", "headers": headers})).await;
    assert_eq!((status, &answer["status"], &answer["seq"]), (200, &json!(401), &json!(1)));
    app.stop().await;
}
