//! The death of the process loses no answered request.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::process::{Answer, Server, send, try_send};

const ROUNDS: u32 = 10;
const CLIENTS: u32 = 4;
/// A round ends by force when so many writes have been answered.
const ANSWERED: u32 = 500;
const JSON: (&str, &str) = ("Content-Type", "application/scim+json");
const SCIM: (&str, &str) = ("Authorization", "Bearer t");
const CONTROL: (&str, &str) = ("Authorization", "Bearer c");
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What a client knows: the answer to each of its requests, by the name that it gave the request.
type Answers = HashMap<String, (u16, String)>;
/// What a client knows of its users: the last representation that was answered, or that it was deleted; and the user that a
/// request without an answer was about.
type Users = HashMap<String, Option<Value>>;

#[test]
fn every_answered_write_is_there_again_after_the_process_was_killed_in_mid_load() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.scimscope");
    let mut answers = Answers::new();
    let mut users = Users::new();
    for round in 0..ROUNDS {
        let unanswered = load_and_kill(&file, round, &mut answers, &mut users);
        let server = open(&file);
        let ready = server.ready();
        check_directory(ready["scim"].as_str().unwrap(), &mut users, &unanswered);
        if round + 1 == ROUNDS {
            check_record(ready["control"].as_str().unwrap(), &answers);
        }
    }
    assert!(answers.len() >= (ROUNDS * ANSWERED) as usize);
}

fn open(file: &Path) -> Server {
    Server::start(&[file.to_str().unwrap(), "--token", "t", "--control-token", "c", "--no-ui"])
}

/// Writes from several clients until enough is answered, then kills the server. Gives back the users whose last request was
/// not answered.
fn load_and_kill(file: &Path, round: u32, answers: &mut Answers, users: &mut Users) -> Vec<String> {
    let server = open(file);
    let scim = server.ready()["scim"].as_str().unwrap().to_owned();
    let answered = Arc::new(AtomicU32::new(0));
    let known = Mutex::new((answers, users, Vec::new()));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (scim, answered, known) = (&scim, &answered, &known);
            scope.spawn(move || write_until_killed(scim, &format!("{round}.{client}"), answered, known));
        }
        while answered.load(Ordering::Relaxed) < ANSWERED {
            std::thread::yield_now();
        }
        // Not at the same point of a request each time: the number of the round shifts it.
        for _ in 0..round * 1000 {
            std::hint::spin_loop();
        }
        drop(server);
    });
    known.into_inner().unwrap().2
}

fn write_until_killed(
    scim: &str,
    client: &str,
    answered: &AtomicU32,
    known: &Mutex<(&mut Answers, &mut Users, Vec<String>)>,
) {
    for n in 0.. {
        let mut id = String::new();
        for step in ["create", "patch", "replace", "delete"] {
            // Every second user stays, so that there is something to compare.
            if step == "delete" && n % 2 == 0 {
                continue;
            }
            let name = format!("{client}.{n}.{step}");
            let user = format!("{client}.{n}@example.com");
            let (method, path, body) = match step {
                "create" => ("POST", "/Users".to_owned(), format!(r#"{{"schemas":["{USER}"],"userName":"{user}"}}"#)),
                "patch" => (
                    "PATCH",
                    format!("/Users/{id}"),
                    format!(
                        r#"{{"schemas":["{PATCH}"],"Operations":[{{"op":"add","path":"title","value":"{name}"}}]}}"#
                    ),
                ),
                "replace" => (
                    "PUT",
                    format!("/Users/{id}"),
                    format!(r#"{{"schemas":["{USER}"],"userName":"{user}","displayName":"{name}"}}"#),
                ),
                _ => ("DELETE", format!("/Users/{id}"), String::new()),
            };
            let headers = [SCIM, JSON, ("X-Request", name.as_str())];
            let url = format!("{scim}{path}");
            let answer = try_send(method, &url, &headers, &body);
            let mut known = known.lock().unwrap();
            let Ok(Answer { status, body, .. }) = answer else {
                known.2.push(if id.is_empty() { user } else { id });
                return;
            };
            assert!(status < 300, "{name}: {status} {body}");
            if step == "create" {
                id = serde_json::from_str::<Value>(&body).unwrap()["id"].as_str().unwrap().to_owned();
            }
            known.1.insert(id.clone(), serde_json::from_str(&body).ok());
            known.0.insert(name, (status, body));
            drop(known);
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Each user is as its last answer said, unless a request about it was on its way when the process died.
fn check_directory(scim: &str, users: &mut Users, unanswered: &[String]) {
    users.retain(|id, _| !unanswered.contains(id));
    for (id, expected) in users {
        let found = send("GET", &format!("{scim}/Users/{id}"), &[SCIM], "");
        match expected {
            Some(expected) => {
                let mut found = found.json();
                // The port is another one after each start.
                for document in [&mut found, &mut *expected] {
                    document["meta"].as_object_mut().unwrap().remove("location");
                }
                assert_eq!(found, *expected);
            }
            None => assert_eq!(found.status, 404, "{id} was deleted"),
        }
    }
}

/// Every answer that a client received is in the record, as it was received.
fn check_record(control: &str, answers: &Answers) {
    let mut found: HashMap<String, (u16, String)> = HashMap::new();
    let mut after = 0;
    loop {
        let page = send("GET", &format!("{control}/api/v1/exchanges?after={after}&limit=1000"), &[CONTROL], "").json();
        let items = page["items"].as_array().unwrap();
        let Some(last) = items.last() else { break };
        after = last["seq"].as_u64().unwrap();
        for item in items.iter().filter(|item| item["method"] != "GET") {
            let whole = send("GET", &format!("{control}/api/v1/exchanges/{}", item["seq"]), &[CONTROL], "").json();
            let headers = whole["request"]["headers"].as_array().unwrap();
            let name = headers.iter().find(|header| header[0].as_str().unwrap().eq_ignore_ascii_case("x-request"));
            // A request that was still on its way when the process died has no name yet, and no answer.
            let Some(name) = name.map(|header| header[1].as_str().unwrap().to_owned()) else { continue };
            let status = item["status"].as_u64().unwrap_or_default() as u16;
            let body = whole["response"]["body"]["text"].as_str().unwrap_or_default().to_owned();
            found.insert(name, (status, body));
        }
    }
    for (name, answer) in answers {
        assert_eq!(found.get(name), Some(answer), "{name}");
    }
}
