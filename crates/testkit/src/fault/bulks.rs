//! Faults of bulk, `/Me` and tenants.

use serde_json::{Value, json};

use super::{Fault, drop_member, edit, refusal};
use crate::wire::{Ask, Reply};

/// The results of a bulk response, each edited.
fn results(reply: Reply, mut change: impl FnMut(&mut Value)) -> Reply {
    edit(reply, |body| {
        body.get_mut("Operations").and_then(Value::as_array_mut).into_iter().flatten().for_each(&mut change)
    })
}

/// A bulk request with its operations edited.
fn operations(ask: &Ask, change: impl FnOnce(&mut Vec<Value>)) -> Ask {
    let mut body = ask.value();
    match body.get_mut("Operations").and_then(Value::as_array_mut) {
        Some(operations) if ask.resource() == "/Bulk" => {
            change(operations);
            Ask { body: body.to_string().into_bytes(), ..ask.clone() }
        }
        _ => ask.clone(),
    }
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        rule: "BLK-02",
        what: "calls its response a list",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let list = json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]);
            if ask.resource() == "/Bulk" { edit(reply, |body| body["schemas"] = list) } else { reply }
        },
    },
    Fault {
        rule: "BLK-03",
        what: "makes up a bulkId",
        serve: |inner, ask| {
            inner.pass(&operations(&ask, |all| {
                for one in all.iter_mut().filter(|one| one["method"] == "POST" && one.get("bulkId").is_none()) {
                    one["bulkId"] = json!("made-up");
                }
            }))
        },
    },
    Fault {
        rule: "BLK-04",
        what: "answers 409 if one operation is",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let failed =
                reply.at("/Operations").as_array().is_some_and(|all| all.iter().any(|one| one["status"] == "409"));
            if failed { refusal(409, Some("uniqueness")) } else { reply }
        },
    },
    Fault {
        rule: "BLK-05",
        what: "does not look at failOnErrors",
        serve: |inner, ask| {
            let mut body = ask.value();
            if body.get("failOnErrors").is_none() {
                return inner.pass(&ask);
            }
            drop_member(&mut body, "failOnErrors");
            inner.pass(&Ask { body: body.to_string().into_bytes(), ..ask })
        },
    },
    Fault {
        rule: "BLK-06",
        what: "does not give the bulkId back",
        serve: |inner, ask| results(inner.pass(&ask), |one| drop_member(one, "bulkId")),
    },
    Fault {
        rule: "BLK-07",
        what: "knows no bulkId that comes later",
        serve: |inner, ask| {
            let ahead = ask.value()["Operations"][0]["data"]["members"][0]["value"] == "bulkId:boss";
            if ahead { refusal(409, None) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "BLK-08",
        what: "breaks a circle by leaving the first reference out",
        serve: |inner, ask| {
            inner.pass(&operations(&ask, |all| {
                if all.len() == 2 && all[0]["bulkId"] == "a" && all[0]["path"] == "/Groups" {
                    drop_member(&mut all[0]["data"], "members");
                }
            }))
        },
    },
    Fault {
        rule: "BLK-09",
        what: "has no location in results",
        serve: |inner, ask| results(inner.pass(&ask), |one| drop_member(one, "location")),
    },
    Fault {
        rule: "BLK-11",
        what: "carries out as much as its limit and says nothing",
        serve: |inner, ask| {
            inner.pass(&operations(&ask, |all| {
                if all.len() == 3 {
                    all.truncate(2)
                }
            }))
        },
    },
    Fault {
        rule: "BLK-12",
        what: "deletes last",
        serve: |inner, ask| inner.pass(&operations(&ask, |all| all.sort_by_key(|one| one["method"] == "DELETE"))),
    },
    Fault {
        rule: "BLK-13",
        what: "does not look at the version of an operation",
        serve: |inner, ask| {
            inner.pass(&operations(&ask, |all| all.iter_mut().for_each(|one| drop_member(one, "version"))))
        },
    },
    Fault {
        rule: "ME-01",
        what: "answers 404 where there is no /Me",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status == 501 && ask.resource() == "/Me" { refusal(404, None) } else { reply }
        },
    },
    Fault {
        rule: "ME-03",
        what: "has /Me as Location",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            if ask.resource() == "/Me" {
                reply.headers.retain(|(name, _)| name != "Location");
                reply.headers.push(("Location".into(), format!("{}/Me", crate::bench::BASE)));
            }
            reply
        },
    },
    Fault {
        rule: "HTTP-08",
        what: "is nowhere without a version",
        serve: |inner, ask| if ask.path.starts_with("/scim/U") { refusal(404, None) } else { inner.pass(&ask) },
    },
    Fault {
        rule: "HTTP-10",
        what: "calls the endpoint of users /User",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            if ask.resource() == "/ResourceTypes" {
                reply.body = reply.text().replace("\"/Users\"", "\"/User\"").into();
            }
            reply
        },
    },
    Fault {
        rule: "HTTP-12",
        what: "shows every tenant the users of the first",
        serve: |inner, mut ask| {
            if ask.method == "GET" {
                ask.path = ask.path.replace("/t/other", "");
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "HTTP-13",
        what: "answers 401 to who may not",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status == 403 { refusal(401, None) } else { reply }
        },
    },
    Fault {
        rule: "HTTP-01",
        what: "has the tenant in a query of the base URL",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            edit(reply, |body| {
                if let Some(location) = body["meta"]["location"].as_str() {
                    body["meta"]["location"] = json!(format!("{location}?tenant=1"));
                }
            })
        },
    },
    Fault {
        rule: "AUTH-04",
        what: "takes tokens for ever",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let is_old = reply.text().contains("it expired");
            let token = format!("Bearer {}", crate::bench::TOKEN);
            if is_old { inner.pass(&ask.with("Authorization", &token)) } else { reply }
        },
    },
    Fault {
        rule: "AUTH-09",
        what: "takes letters of full width for others",
        serve: |inner, ask| {
            let text = String::from_utf8_lossy(&ask.body).replace(is_wide, "x");
            inner.pass(&Ask { body: text.into_bytes(), ..ask })
        },
    },
    Fault {
        rule: "AUTH-07",
        what: "finds by a filter that is sensitive",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.at("/scimType") == "sensitive" { refusal(403, None) } else { reply }
        },
    },
];

/// Whether a letter is one of the wide forms of ASCII.
fn is_wide(letter: char) -> bool {
    ('\u{ff01}'..='\u{ff5e}').contains(&letter)
}
