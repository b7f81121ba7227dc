//! Faults of PATCH.

use serde_json::{Value, json};

use super::resources::sent;
use super::{Fault, drop_member, edit, refusal};
use crate::bench::{ENTERPRISE, PATCH_OP};
use crate::wire::{Ask, Reply};

/// Whether the first operation has this op.
fn begins(ask: &Ask, op: &str) -> bool {
    ask.method == "PATCH" && ask.value()["Operations"][0]["op"] == op
}

/// The same request as one that only reads.
fn reads(ask: Ask) -> Ask {
    Ask { method: "GET".into(), body: Vec::new(), ..ask }
}

/// The request with these operations instead.
fn operations(ask: &Ask, operations: &Value) -> Ask {
    Ask { body: json!({ "schemas": [PATCH_OP], "Operations": operations }).to_string().into_bytes(), ..ask.clone() }
}

/// A refused PATCH with this keyword is answered as if it had been carried out.
fn accepts(reply: Reply, inner: &super::Inner<'_>, ask: &Ask, scim_type: &str) -> Reply {
    if ask.method == "PATCH" && reply.at("/scimType") == scim_type { inner.pass(&reads(ask.clone())) } else { reply }
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        rule: "PAT-01",
        what: "does not know PATCH",
        serve: |inner, ask| if ask.method == "PATCH" { refusal(501, None) } else { inner.pass(&ask) },
    },
    Fault {
        rule: "PAT-02",
        what: "takes a PATCH without operations",
        serve: |inner, ask| {
            let none = ask.method == "PATCH" && ask.value()["Operations"] == json!([]);
            inner.pass(&if none { reads(ask) } else { ask })
        },
    },
    Fault {
        rule: "PAT-03",
        what: "takes every unknown op as add",
        serve: |inner, ask| {
            inner.pass(&sent(ask, |body| {
                if body["Operations"][0]["op"] == "move" {
                    body["Operations"][0]["op"] = json!("add")
                }
            }))
        },
    },
    Fault {
        rule: "PAT-04",
        what: "wants a path in a replace",
        serve: |inner, ask| {
            let pathless = begins(&ask, "replace") && ask.value()["Operations"][0].get("path").is_none();
            if pathless { refusal(400, Some("noTarget")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "PAT-05",
        what: "takes paths that it cannot read and does nothing",
        serve: |inner, ask| accepts(inner.pass(&ask), inner, &ask, "invalidPath"),
    },
    Fault {
        rule: "PAT-06",
        what: "turns numbers into text",
        serve: |inner, ask| {
            inner.pass(&sent(ask, |body| {
                if body["Operations"][0]["value"] == 7 {
                    body["Operations"][0]["value"] = json!("7")
                }
            }))
        },
    },
    Fault {
        rule: "PAT-08",
        what: "applies operations from the last to the first",
        serve: |inner, ask| {
            inner.pass(&sent(ask, |body| body["Operations"].as_array_mut().into_iter().for_each(|all| all.reverse())))
        },
    },
    Fault {
        rule: "PAT-09",
        what: "keeps what the operations before a refused one did",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.method == "PATCH" && reply.status >= 400 {
                for operation in ask.value()["Operations"].as_array().into_iter().flatten() {
                    if inner.pass(&operations(&ask, &json!([operation]))).status >= 400 {
                        break;
                    }
                }
            }
            reply
        },
    },
    Fault {
        rule: "PAT-10",
        what: "lets the old primary element stay so",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                for email in body["emails"].as_array_mut().into_iter().flatten() {
                    email["primary"] = json!(true);
                }
            })
        },
    },
    Fault {
        rule: "PAT-11",
        what: "answers with 204 even if attributes are asked for",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let asked = ask.method == "PATCH" && reply.status == 200 && ask.path.contains("attributes=");
            if asked { Reply { status: 204, body: Vec::new(), ..reply } } else { reply }
        },
    },
    Fault {
        rule: "PAT-12",
        what: "does not add the URN of an extension",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if let Some(urns) = body["schemas"].as_array_mut() {
                    urns.retain(|urn| urn != ENTERPRISE)
                }
            })
        },
    },
    Fault {
        rule: "PAT-13",
        what: "takes an add without a value and does nothing",
        serve: |inner, ask| {
            let valueless = begins(&ask, "add") && ask.value()["Operations"][0].get("value").is_none();
            inner.pass(&if valueless { reads(ask) } else { ask })
        },
    },
    Fault {
        rule: "PAT-14",
        what: "sets lastModified whenever something is added",
        serve: |inner, ask| {
            let adds = begins(&ask, "add");
            edit(inner.pass(&ask), |body| {
                if adds {
                    body["meta"]["lastModified"] = json!("2026-01-31T09:31:00.000Z")
                }
            })
        },
    },
    Fault {
        rule: "PAT-15",
        what: "takes a remove without a path and does nothing",
        serve: |inner, ask| {
            let pathless = begins(&ask, "remove") && ask.value()["Operations"][0].get("path").is_none();
            inner.pass(&if pathless { reads(ask) } else { ask })
        },
    },
    Fault {
        rule: "PAT-16",
        what: "takes the removal of what is required and does nothing",
        serve: |inner, ask| {
            if begins(&ask, "remove") { accepts(inner.pass(&ask), inner, &ask, "mutability") } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "PAT-17",
        what: "creates the element that a filter does not find",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.method != "PATCH" || reply.at("/scimType") != "noTarget" || !begins(&ask, "replace") {
                return reply;
            }
            let element = json!([{ "value": "b@example.com", "type": "boat" }]);
            inner.pass(&operations(&ask, &json!([{ "op": "add", "path": "emails", "value": element }])))
        },
    },
    Fault {
        rule: "PAT-18",
        what: "refuses to replace what is not there",
        serve: |inner, ask| {
            let path = ask.value()["Operations"][0]["path"].clone();
            let there = inner.pass(&reads(ask.clone())).value();
            let absent = begins(&ask, "replace")
                && path.as_str().is_some_and(|path| !path.contains(['.', '[', ':']) && there.get(path).is_none());
            if absent { refusal(400, Some("noTarget")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "PAT-21",
        what: "refuses to remove who is no member",
        serve: |inner, ask| {
            let absent = ask.value()["Operations"][0]["path"] == "members[value eq \"absent\"]";
            if absent { refusal(400, Some("noTarget")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "ETG-07",
        what: "gives a new version with every write",
        serve: |inner, ask| {
            let writes = ask.method == "PATCH" || ask.method == "PUT";
            edit(inner.pass(&ask), |body| {
                if writes && body.get("meta").is_some() {
                    body["meta"]["version"] = json!("W/\"77\"")
                }
            })
        },
    },
    Fault {
        rule: "RES-17",
        what: "shows null for what has no value",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if body.get("userName").is_some() && body.get("title").is_none() {
                    body["title"] = Value::Null
                }
            })
        },
    },
    Fault {
        rule: "AUTH-08",
        what: "shows the password that was sent",
        serve: |inner, ask| {
            let password = ask.value()["password"].clone();
            if password.is_string() {
                inner.memory().borrow_mut().push(Reply {
                    status: 200,
                    headers: Vec::new(),
                    body: ask.body.clone(),
                    findings: Vec::new(),
                });
            }
            let kept = inner.memory().borrow().last().map(|reply| reply.at("/password"));
            edit(inner.pass(&ask), |body| {
                if let Some(kept) = kept { body["password"] = kept } else { drop_member(body, "password") }
            })
        },
    },
];
