//! Faults of POST, PUT and DELETE.

use serde_json::json;

use super::resources::sent;
use super::{Fault, drop_member, edit, is, refusal};
use crate::wire::{Ask, Reply};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        rule: "POST-01",
        what: "refuses readOnly attributes in a new resource",
        serve: |inner, ask| {
            let writes = is(&ask, "POST", "/Users") && ask.value().get("groups").is_some();
            if writes { refusal(400, Some("mutability")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "POST-03",
        what: "answers 200 to a create",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status == 201 && ask.value()["name"].is_object() { Reply { status: 200, ..reply } } else { reply }
        },
    },
    Fault {
        rule: "POST-04",
        what: "answers a create with the id alone",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status != 201 {
                return reply;
            }
            edit(reply, |body| *body = json!({ "schemas": body["schemas"], "id": body["id"], "meta": body["meta"] }))
        },
    },
    Fault {
        rule: "POST-05",
        what: "answers a conflict with 400",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status == 409 { refusal(400, Some("uniqueness")) } else { reply }
        },
    },
    Fault {
        rule: "POST-06",
        what: "answers 500 to what is not JSON",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.at("/scimType") == "invalidSyntax" { refusal(500, None) } else { reply }
        },
    },
    Fault {
        rule: "POST-07",
        what: "does not look at attributes in a POST",
        serve: |inner, mut ask| {
            if ask.method == "POST" {
                ask.path = ask.resource().to_owned();
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "PUT-01",
        what: "does not know PUT",
        serve: |inner, ask| if is(&ask, "PUT", "/Users") { refusal(501, None) } else { inner.pass(&ask) },
    },
    Fault {
        rule: "PUT-02",
        what: "creates what is not there",
        serve: |inner, mut ask| {
            if ask.method == "PUT" && ask.resource() == "/Users/nobody" {
                (ask.method, ask.path) = ("POST".into(), "/Users".into());
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "PUT-03",
        what: "keeps the first title",
        serve: |inner, ask| {
            inner.pass(&if ask.method == "PUT" { sent(ask, |body| drop_member(body, "title")) } else { ask })
        },
    },
    Fault {
        rule: "PUT-05",
        what: "does not look at immutable attributes that differ",
        serve: |inner, ask| {
            inner.pass(&if ask.method == "PUT" {
                sent(ask, |body| {
                    if body["serial"] == "S2" {
                        body["serial"] = json!("S1")
                    }
                })
            } else {
                ask
            })
        },
    },
    Fault {
        rule: "PUT-06",
        what: "refuses an id that is not its own",
        serve: |inner, ask| {
            let other = ask.method == "PUT" && ask.value()["id"] == "other";
            if other { refusal(400, Some("mutability")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "PUT-07",
        what: "keeps a required attribute that is missing",
        serve: |inner, ask| {
            let missing = ask.method == "PUT" && is(&ask, "PUT", "/Users") && ask.value().get("userName").is_none();
            inner.pass(&if missing { sent(ask, |body| body["userName"] = json!("ada")) } else { ask })
        },
    },
    Fault {
        rule: "PUT-08",
        what: "answers a PUT with 204",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.method == "PUT" && reply.status == 200 {
                Reply { status: 204, body: Vec::new(), ..reply }
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "PUT-09",
        what: "keeps what is sent as an empty list",
        serve: |inner, ask| {
            let keeps = ask.method == "PUT" && ask.value()["emails"] == json!([]);
            inner.pass(&if keeps {
                sent(ask, |body| body["emails"] = json!([{ "value": "a@example.com" }]))
            } else {
                ask
            })
        },
    },
    Fault {
        rule: "PUT-10",
        what: "lets a PUT take the name of another",
        serve: |inner, ask| {
            let takes = ask.method == "PUT" && ask.value()["userName"] == "ADA";
            inner.pass(&if takes { Ask { method: "GET".into(), body: Vec::new(), ..ask } } else { ask })
        },
    },
    Fault {
        rule: "DEL-01",
        what: "answers a DELETE with 200 and a body",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status == 204 && ask.method == "DELETE" {
                Reply { status: 200, body: b"{}".to_vec(), ..reply }
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "DEL-02",
        what: "deletes twice",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status == 404 && ask.method == "DELETE" {
                Reply { status: 204, body: Vec::new(), ..reply }
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "DEL-03",
        what: "only switches off what is to be deleted",
        serve: |inner, ask| {
            if ask.method != "DELETE" {
                return inner.pass(&ask);
            }
            let operations = json!([{ "op": "replace", "path": "active", "value": false }]);
            let body = json!({ "schemas": [crate::bench::PATCH_OP], "Operations": operations });
            let off = Ask { method: "PATCH".into(), body: body.to_string().into_bytes(), ..ask };
            Reply { status: 204, body: Vec::new(), ..inner.pass(&off) }
        },
    },
    Fault {
        rule: "DEL-04",
        what: "keeps the names of what was deleted",
        serve: |inner, ask| {
            if ask.method == "DELETE" {
                inner.memory().borrow_mut().push(inner.pass(&Ask { method: "GET".into(), ..ask.clone() }));
            }
            let name = ask.value()["userName"].as_str().unwrap_or_default().to_lowercase();
            let kept = inner.memory().borrow().iter().any(|reply| reply.at("/userName") == name);
            if ask.method == "POST" && kept { refusal(409, Some("uniqueness")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "DEL-06",
        what: "shows members that were deleted",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if is(&ask, "POST", "/Groups") {
                inner.memory().borrow_mut().push(reply.clone());
            }
            let first = inner.memory().borrow().first().map(|group| group.at("/members"));
            match first {
                Some(members) if is(&ask, "GET", "/Groups/") => edit(reply, |body| body["members"] = members),
                _ => reply,
            }
        },
    },
];
