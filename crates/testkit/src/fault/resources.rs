//! Faults of resources: common attributes, types, characteristics, users and groups.

use serde_json::{Value, json};

use super::{Fault, drop_member, each_resource, edit, is};
use crate::wire::{Ask, Reply};

/// The answer with each of its resources edited.
fn with(reply: Reply, mut change: impl FnMut(&mut Value)) -> Reply {
    edit(reply, |body| each_resource(body, &mut change))
}

/// The request with its body edited.
pub(super) fn sent(mut ask: Ask, change: impl FnOnce(&mut Value)) -> Ask {
    if let Ok(mut body) = serde_json::from_slice(&ask.body) {
        change(&mut body);
        ask.body = body.to_string().into_bytes();
    }
    ask
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        rule: "RES-01",
        what: "leaves schemas out if attributes are asked for",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.path.contains("attributes=") { with(reply, |one| drop_member(one, "schemas")) } else { reply }
        },
    },
    Fault {
        rule: "RES-02",
        what: "keeps the URN of an extension that is gone",
        serve: |inner, ask| {
            let enterprise = crate::bench::ENTERPRISE;
            let reply = inner.pass(&ask);
            let removes = ask.method == "PATCH" && ask.value()["Operations"][0]["op"] == "remove";
            if removes {
                with(reply, |one| one["schemas"].as_array_mut().expect("a list").push(json!(enterprise)))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "RES-03",
        what: "answers with schemas in the order that was sent, and twice if it was",
        serve: |inner, ask| {
            let sent = ask.value()["schemas"].clone();
            let reply = inner.pass(&ask);
            if ask.method == "POST" { with(reply, |one| one["schemas"] = sent.clone()) } else { reply }
        },
    },
    Fault {
        rule: "RES-04",
        what: "adds the base schema to a body that does not name it",
        serve: |inner, ask| {
            let urn = if is(&ask, "POST", "/Groups") { crate::bench::GROUP } else { crate::bench::USER };
            inner.pass(&if ask.method == "POST" { sent(ask, |body| body["schemas"] = json!([urn])) } else { ask })
        },
    },
    Fault {
        rule: "RES-05",
        what: "puts the attributes of an extension beside the others",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                let extension = one.as_object_mut().and_then(|members| members.remove(crate::bench::ENTERPRISE));
                for (name, value) in extension.as_ref().and_then(Value::as_object).into_iter().flatten() {
                    one[name] = value.clone();
                }
            })
        },
    },
    Fault {
        rule: "RES-06",
        what: "does not know names in another case",
        serve: |inner, ask| {
            inner.pass(&sent(ask, |body| {
                drop_member(body, "eMails");
                drop_member(body, "Name");
            }))
        },
    },
    Fault {
        rule: "RES-07",
        what: "takes meta from the client",
        serve: |inner, ask| {
            let meta = ask.value()["meta"].clone();
            let reply = inner.pass(&ask);
            if meta.is_object() {
                with(reply, |one| one["meta"]["resourceType"] = meta["resourceType"].clone())
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "RES-08",
        what: "gives every group the id of its first",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if !is(&ask, "POST", "/Groups") {
                return reply;
            }
            inner.memory().borrow_mut().push(reply.clone());
            let first = inner.memory().borrow()[0].at("/id");
            with(reply, |one| one["id"] = first.clone())
        },
    },
    Fault {
        rule: "RES-09",
        what: "takes the id from the client",
        serve: |inner, ask| {
            let id = ask.value()["id"].clone();
            let reply = inner.pass(&ask);
            if id.is_string() { with(reply, |one| one["id"] = id.clone()) } else { reply }
        },
    },
    Fault {
        rule: "RES-10",
        what: "makes up an externalId",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if one.get("externalId").is_none() {
                    one["externalId"] = json!("made-up")
                }
            })
        },
    },
    Fault {
        rule: "RES-11",
        what: "takes meta.created from the client",
        serve: |inner, ask| {
            let created = ask.value()["meta"]["created"].clone();
            let reply = inner.pass(&ask);
            if created.is_string() { with(reply, |one| one["meta"]["created"] = created.clone()) } else { reply }
        },
    },
    Fault {
        rule: "RES-12",
        what: "shows a new resource as changed later than created",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if one.get("meta").is_some() {
                    one["meta"]["lastModified"] = json!("2026-01-31T09:30:00.001Z")
                }
            })
        },
    },
    Fault {
        rule: "RES-13",
        what: "has a relative URI in meta.location",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if one.get("meta").is_some() {
                    one["meta"]["location"] = json!("/Users/1")
                }
            })
        },
    },
    Fault {
        rule: "RES-14",
        what: "has versions without W/",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            for (_, value) in reply.headers.iter_mut().filter(|(name, _)| name == "ETag") {
                *value = value.trim_start_matches("W/").to_owned();
            }
            let tag = reply.header("ETag").map(str::to_owned);
            with(reply, |one| {
                if let (Some(tag), true) = (&tag, one["meta"]["version"].is_string()) {
                    one["meta"]["version"] = json!(tag)
                }
            })
        },
    },
    Fault {
        rule: "RES-15",
        what: "calls every resource a User",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if one.get("meta").is_some() {
                    one["meta"]["resourceType"] = json!("User")
                }
            })
        },
    },
    Fault {
        rule: "RES-16",
        what: "shows an empty list for what has no value",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if one.get("userName").is_some() && one.get("emails").is_none() {
                    one["emails"] = json!([])
                }
            })
        },
    },
    Fault {
        rule: "RES-18",
        what: "has complex attributes in complex attributes",
        serve: |inner, ask| {
            let schemas = ask.resource() == "/Schemas";
            with(inner.pass(&ask), |one| {
                if let Some(kind) = one.pointer_mut("/attributes/1/subAttributes/0/type").filter(|_| schemas) {
                    *kind = json!("complex");
                }
            })
        },
    },
    Fault {
        rule: "RES-19",
        what: "answers with unknown attributes as they were sent",
        serve: |inner, ask| {
            let unknown = ask.value()["shoeSize"].clone();
            let reply = inner.pass(&ask);
            if unknown.is_null() { reply } else { with(reply, |one| one["shoeSize"] = unknown.clone()) }
        },
    },
    Fault {
        rule: "RES-20",
        what: "wants externalId to be unique",
        serve: |inner, ask| {
            let external = ask.value()["externalId"].clone();
            let taken =
                inner.pass(&Ask { body: Vec::new(), method: "GET".into(), path: "/Users".into(), ..ask.clone() });
            let taken = ask.method == "POST"
                && external.is_string()
                && taken.listed("/externalId").iter().any(|one| external == *one);
            if taken { super::refusal(409, Some("uniqueness")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "TYPE-01",
        what: "answers booleans as text",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if let Some(active) = one["active"].as_bool() {
                    one["active"] = json!(active.to_string())
                }
            })
        },
    },
    Fault {
        rule: "TYPE-02",
        what: "rounds numbers to integers",
        serve: |inner, ask| {
            inner.pass(&sent(ask, |body| {
                if let Some(count) = body["count"].as_f64() {
                    body["count"] = json!(count as i64)
                }
            }))
        },
    },
    Fault {
        rule: "TYPE-03",
        what: "takes a date without a time as midnight",
        serve: |inner, ask| {
            inner.pass(&sent(ask, |body| {
                if let Some(made) = body["made"].as_str().filter(|text| text.len() == 10) {
                    body["made"] = json!(format!("{made}T00:00:00Z"));
                }
            }))
        },
    },
    Fault {
        rule: "TYPE-04",
        what: "wants padding",
        serve: |inner, ask| {
            let unpadded = ask.value()["picture"].as_str().is_some_and(|text| text.len() % 4 != 0);
            if unpadded { super::refusal(400, Some("invalidValue")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "TYPE-05",
        what: "leaves the version out of $ref",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            reply.body = reply
                .text()
                .replace("\"$ref\":\"http://127.0.0.1:8787/scim/v2", "\"$ref\":\"http://127.0.0.1:8787/scim")
                .into();
            reply
        },
    },
    Fault {
        rule: "TYPE-07",
        what: "lets every element be primary",
        serve: |inner, ask| {
            let emails = ask.value()["emails"].clone();
            let reply = inner.pass(&sent(ask, |body| {
                for email in body["emails"].as_array_mut().into_iter().flatten() {
                    drop_member(email, "primary");
                }
            }));
            if emails.is_array() { with(reply, |one| one["emails"] = emails.clone()) } else { reply }
        },
    },
    Fault {
        rule: "TYPE-08",
        what: "shows an element twice",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if let Some(emails) = one.get_mut("emails").and_then(Value::as_array_mut) {
                    emails.extend(emails.clone());
                }
            })
        },
    },
    Fault {
        rule: "TYPE-10",
        what: "answers user names in small letters",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if let Some(name) = one["userName"].as_str() {
                    one["userName"] = json!(name.to_lowercase())
                }
            })
        },
    },
    Fault {
        rule: "TYPE-11",
        what: "takes a PATCH of what is readOnly without a word",
        serve: |inner, ask| {
            let path = ask.value()["Operations"][0]["path"].clone();
            if ask.method == "PATCH" && path == "groups" {
                return inner.pass(&Ask { method: "GET".into(), body: Vec::new(), ..ask });
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "TYPE-12",
        what: "lets an immutable attribute be replaced, in the answer at least",
        serve: |inner, ask| {
            let changes = ask.value()["Operations"][0]["value"] == "S2";
            if changes { inner.pass(&Ask { method: "GET".into(), body: Vec::new(), ..ask }) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "TYPE-13",
        what: "returns a secret if it is named",
        serve: |inner, ask| {
            let named = ask.path.contains("secret");
            with(inner.pass(&ask), |one| {
                if named {
                    one["secret"] = json!("d")
                }
            })
        },
    },
    Fault {
        rule: "TYPE-14",
        what: "leaves out what is always returned if something else is named",
        serve: |inner, ask| {
            let named = ask.path.contains("?attributes=label");
            with(inner.pass(&ask), |one| {
                if named {
                    drop_member(one, "always")
                }
            })
        },
    },
    Fault {
        rule: "TYPE-15",
        what: "answers a conflict with 400 and no keyword",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.at("/scimType") == "uniqueness" { super::refusal(400, None) } else { reply }
        },
    },
    Fault {
        rule: "TYPE-16",
        what: "fills in a required extension that is missing",
        serve: |inner, ask| {
            const WARRANTY: &str = "urn:example:params:scim:schemas:extension:2.0:Warranty";
            inner.pass(&sent(ask, |body| {
                if body[WARRANTY]["until"].is_null() && body.get("label").is_some() {
                    body[WARRANTY] = json!({ "until": "2030-01-01T00:00:00Z" })
                }
            }))
        },
    },
    Fault {
        rule: "USR-01",
        what: "makes up a userName",
        serve: |inner, ask| {
            let nameless =
                is(&ask, "POST", "/Users") && ask.value()["userName"].as_str().unwrap_or_default().is_empty();
            inner.pass(&if nameless { sent(ask, |body| body["userName"] = json!("user")) } else { ask })
        },
    },
    Fault {
        rule: "USR-02",
        what: "shows a hash of the password",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if one.get("userName").is_some() {
                    one["password"] = json!("$2b$10$x")
                }
            })
        },
    },
    Fault {
        rule: "USR-04",
        what: "makes name.formatted of the parts",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if one["name"]["givenName"].is_string() {
                    one["name"]["formatted"] = json!("made up")
                }
            })
        },
    },
    Fault {
        rule: "USR-06",
        what: "turns phone numbers into URIs",
        serve: |inner, ask| {
            with(inner.pass(&ask), |one| {
                if let Some(number) = one.pointer_mut("/phoneNumbers/1/value") {
                    *number = json!("tel:+1-201-555-0199");
                }
            })
        },
    },
    Fault {
        rule: "USR-07",
        what: "says nothing about a country that is none",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            reply.findings.retain(|code| code != "country-code");
            reply
        },
    },
    Fault {
        rule: "USR-08",
        what: "takes the text of a PEM file",
        serve: |inner, ask| {
            inner.pass(&sent(ask, |body| {
                if let Some(value) = body.pointer_mut("/x509Certificates/0/value") {
                    *value = json!("AAAA");
                }
            }))
        },
    },
    Fault {
        rule: "USR-09",
        what: "forgets the groups of a user",
        serve: |inner, ask| with(inner.pass(&ask), |one| drop_member(one, "groups")),
    },
    Fault {
        rule: "USR-11",
        what: "takes groups without a name",
        serve: |inner, ask| {
            inner.pass(&if is(&ask, "POST", "/Groups") {
                sent(ask, |body| {
                    if body["displayName"].as_str().unwrap_or_default().is_empty() {
                        body["displayName"] = json!("group")
                    }
                })
            } else {
                ask
            })
        },
    },
];
