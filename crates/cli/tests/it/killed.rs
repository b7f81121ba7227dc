//! The death of the process loses no answered request.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

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

/// The budget of rounds in which the file is pruned, and that of those who look at what is left.
const LITTLE: &str = "4M";
const MUCH: &str = "1G";
/// How many bytes of text a write has in rounds in which the file is pruned, so that there is something to prune.
const TEXT_BYTES: usize = 2_000;

/// What a client knows: the answer to each of its requests, by the name that it gave the request.
type Answers = HashMap<String, (u16, String)>;
/// What a client knows of its users: the last round in which it wrote to one; then the last representation that was answered,
/// or that it was deleted; and the user that a request without an answer was about.
type Users = HashMap<String, (u32, Option<Value>)>;

#[test]
fn every_answered_write_is_there_again_after_the_process_was_killed_in_mid_load() {
    let report = rounds(ROUNDS, |_| false);
    assert!(
        report.iter().map(|round| round["answered"].as_u64().unwrap()).sum::<u64>() >= u64::from(ROUNDS * ANSWERED)
    );
}

#[test]
fn a_process_that_is_killed_while_it_prunes_leaves_whole_flows_and_the_whole_directory() {
    let report = rounds(4, |_| true);
    assert!(report.last().unwrap()["exchanges_pruned"].as_u64() > Some(0), "{report:?}");
}

/// For `cargo xtask measure kill`: as many rounds as it asks for, with pruning in every second one.
#[test]
fn as_many_rounds_as_are_asked_for() {
    let (Ok(count), Ok(file)) = (std::env::var("SCIMSCOPE_KILL_ROUNDS"), std::env::var("SCIMSCOPE_KILL_REPORT")) else {
        return;
    };
    let report = rounds(count.parse().unwrap(), |round| round % 2 == 1);
    std::fs::write(file, Value::Array(report).to_string()).unwrap();
}

/// Kills a server in mid-load as often, and looks each time at what is there again. What each round came to.
fn rounds(count: u32, prunes: fn(u32) -> bool) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.scimscope");
    let mut answers = Answers::new();
    let mut users = Users::new();
    let mut report = Vec::new();
    for round in 0..count {
        let before = answers.len();
        let pruning = prunes(round);
        let unanswered = load_and_kill(&file, round, pruning, &mut answers, &mut users);
        let killed = Instant::now();
        let server = open(&file, MUCH);
        let opened_ms = killed.elapsed().as_millis() as u64;
        let ready = server.ready();
        users.retain(|id, _| !unanswered.contains(id));
        let is_last = round + 1 == count;
        let looked_at = users.values().filter(|(written, _)| is_last || *written == round).count();
        check_directory(ready["scim"].as_str().unwrap(), &mut users, |written| is_last || written == round);
        let control = ready["control"].as_str().unwrap();
        let status = send("GET", &format!("{control}/api/v1/status"), &[CONTROL], "").json();
        if is_last {
            check_record(control, &answers, &status);
        }
        report.push(json!({
            "round": round,
            "pruning": pruning,
            "answered": answers.len() - before,
            "unanswered": unanswered.len(),
            "users_compared": looked_at,
            "ready_again_ms": opened_ms,
            "exchanges": status["head"],
            "exchanges_pruned": status["disk"]["exchanges_pruned"],
            "changes_pruned": status["disk"]["changes_pruned"],
            "file_bytes": status["disk"]["file_bytes"],
        }));
    }
    report
}

fn open(file: &Path, budget: &str) -> Server {
    let file = file.to_str().unwrap();
    Server::start(&[file, "--token", "t", "--control-token", "c", "--no-ui", "--disk-budget", budget])
}

/// Writes from several clients until enough is answered, then kills the server. Gives back the users whose last request was
/// not answered.
fn load_and_kill(file: &Path, round: u32, pruning: bool, answers: &mut Answers, users: &mut Users) -> Vec<String> {
    let server = open(file, if pruning { LITTLE } else { MUCH });
    let text = if pruning { TEXT_BYTES } else { 0 };
    let scim = server.ready()["scim"].as_str().unwrap().to_owned();
    let answered = Arc::new(AtomicU32::new(0));
    let known = Mutex::new((answers, users, Vec::new()));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (scim, answered, known) = (&scim, &answered, &known);
            scope.spawn(move || write_until_killed(scim, round, client, text, answered, known));
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
    round: u32,
    client: u32,
    text: usize,
    answered: &AtomicU32,
    known: &Mutex<(&mut Answers, &mut Users, Vec<String>)>,
) {
    let client = format!("{round}.{client}");
    for n in 0.. {
        let mut id = String::new();
        for step in ["create", "patch", "replace", "delete"] {
            // Every second user stays, so that there is something to compare.
            if step == "delete" && n % 2 == 0 {
                continue;
            }
            let name = format!("{client}.{n}.{step}");
            let user = format!("{client}.{n}@example.com");
            let noise = noise(&name, text);
            let (method, path, body) = match step {
                "create" => ("POST", "/Users".to_owned(), format!(r#"{{"schemas":["{USER}"],"userName":"{user}"}}"#)),
                "patch" => (
                    "PATCH",
                    format!("/Users/{id}"),
                    format!(
                        r#"{{"schemas":["{PATCH}"],"Operations":[{{"op":"add","path":"title","value":"{name}{noise}"}}]}}"#
                    ),
                ),
                "replace" => (
                    "PUT",
                    format!("/Users/{id}"),
                    format!(r#"{{"schemas":["{USER}"],"userName":"{user}","displayName":"{name}{noise}"}}"#),
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
            known.1.insert(id.clone(), (round, serde_json::from_str(&body).ok()));
            known.0.insert(name, (status, body));
            drop(known);
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Letters that cannot be packed well, another text for each name (a linear congruential generator).
fn noise(name: &str, bytes: usize) -> String {
    let mut state = name.bytes().fold(7_u64, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
    let letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + (state >> 40) as u8 % 75)
    };
    std::iter::repeat_with(letter).map(|letter| if letter == '\\' { '-' } else { letter }).take(bytes).collect()
}

/// Each user is as its last answer said, unless a request about it was on its way when the process died.
fn check_directory(scim: &str, users: &mut Users, looked_at: impl Fn(u32) -> bool) {
    for (id, (_, expected)) in users.iter_mut().filter(|(_, (written, _))| looked_at(*written)) {
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

/// Every answer that a client received is in the record, as it was received; or it was pruned, and that was counted.
fn check_record(control: &str, answers: &Answers, status: &Value) {
    let mut found: HashMap<String, (u16, String)> = HashMap::new();
    let (mut after, mut count) = (0, 0);
    loop {
        let page = send("GET", &format!("{control}/api/v1/exchanges?after={after}&limit=1000"), &[CONTROL], "").json();
        let items = page["items"].as_array().unwrap();
        let Some(last) = items.last() else { break };
        after = last["seq"].as_u64().unwrap();
        count += items.len() as u64;
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
    let pruned = status["disk"]["exchanges_pruned"].as_u64().unwrap();
    assert_eq!(count + pruned, status["head"].as_u64().unwrap());
    let missing = answers.keys().filter(|name| !found.contains_key(*name)).count() as u64;
    assert!(missing <= pruned, "{missing} answers are not in the record, and {pruned} exchanges were pruned");
    for (name, answer) in answers {
        if let Some(found) = found.get(name) {
            assert_eq!(found, answer, "{name}");
        }
    }
}
