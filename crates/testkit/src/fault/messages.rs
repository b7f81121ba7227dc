//! Faults of messages: media types, errors, access, discovery, versions.

use serde_json::{Value, json};

use super::{Fault, drop_member, each_resource, edit, is, refusal};
use crate::wire::Reply;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        rule: "HTTP-02",
        what: "turns what is beyond ASCII into question marks",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            let text = reply.text();
            reply.body =
                text.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect::<String>().into();
            reply
        },
    },
    Fault {
        rule: "HTTP-03",
        what: "always answers with application/json",
        serve: |inner, ask| with_type(inner.pass(&ask), "application/json"),
    },
    Fault {
        rule: "HTTP-04",
        what: "refuses Accept: application/json",
        serve: |inner, ask| {
            let json_alone = ask.headers.iter().any(|(name, value)| name == "Accept" && value == "application/json");
            if json_alone { refusal(406, None) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "HTTP-05",
        what: "answers with text/plain if there is no Accept",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.headers.iter().any(|(name, _)| name == "Accept") { reply } else { with_type(reply, "text/plain") }
        },
    },
    Fault {
        rule: "HTTP-07",
        what: "answers every version as if it were its own",
        serve: |inner, mut ask| {
            ask.path =
                ask.path.replace("/v9/", "/v2/").replace("/v1/ServiceProviderConfigs", "/v2/ServiceProviderConfig");
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "HTTP-09",
        what: "refuses parameters that it does not know",
        serve: |inner, ask| {
            if ask.path.contains("foo=") { refusal(400, Some("invalidValue")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "HTTP-11",
        what: "gives lists the URN of SCIM 1.1",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if body.get("Resources").is_some() {
                    body["schemas"] = json!(["urn:scim:schemas:core:1.0"])
                }
            })
        },
    },
    Fault {
        rule: "AUTH-01",
        what: "names no scheme in a 401",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            reply.headers.retain(|(name, _)| name != "WWW-Authenticate");
            reply
        },
    },
    Fault {
        rule: "AUTH-06",
        what: "wants credentials for ServiceProviderConfig",
        serve: |inner, ask| {
            let known = ask.headers.iter().any(|(name, _)| name == "Authorization");
            if is(&ask, "GET", "/ServiceProviderConfig") && !known { refusal(401, None) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "ERR-01",
        what: "has no body in a 405",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            if reply.status == 405 {
                reply.body.clear();
            }
            reply
        },
    },
    Fault {
        rule: "ERR-02",
        what: "writes status as a number",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status < 400 {
                return reply;
            }
            let status = reply.status;
            reply.edited(|body| body["status"] = json!(status))
        },
    },
    Fault {
        rule: "ERR-03",
        what: "says 400 in the body of a 404",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.status == 404 { reply.edited(|body| body["status"] = json!("400")) } else { reply }
        },
    },
    Fault {
        rule: "ETG-02",
        what: "sends no ETag",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            reply.headers.retain(|(name, _)| name != "ETag");
            reply
        },
    },
    Fault {
        rule: "ETG-03",
        what: "leaves W/ out of meta.version",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                each_resource(body, |resource| {
                    if let Some(Value::String(version)) = resource.pointer_mut("/meta/version") {
                        *version = version.trim_start_matches("W/").to_owned();
                    }
                })
            })
        },
    },
    Fault {
        rule: "ETG-04",
        what: "does not look at If-None-Match",
        serve: |inner, mut ask| {
            ask.headers.retain(|(name, _)| name != "If-None-Match");
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "ETG-05",
        what: "does not look at If-Match",
        serve: |inner, mut ask| {
            ask.headers.retain(|(name, _)| name != "If-Match");
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "ETG-06",
        what: "does not know If-Match: *",
        serve: |inner, mut ask| {
            for (_, value) in ask.headers.iter_mut().filter(|(name, value)| name == "If-Match" && value == "*") {
                *value = "\"*\"".into();
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "DIS-01",
        what: "leaves changePassword out of ServiceProviderConfig",
        serve: |inner, ask| edit(inner.pass(&ask), |body| drop_member(body, "changePassword")),
    },
    Fault {
        rule: "DIS-02",
        what: "answers /Schemas with a bare array",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.resource() == "/Schemas" { edit(reply, |body| *body = body["Resources"].take()) } else { reply }
        },
    },
    Fault {
        rule: "DIS-03",
        what: "pages resource types",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let pages = is(&ask, "GET", "/ResourceTypes") && ask.path.contains("count=1");
            if pages {
                edit(reply, |body| body["Resources"].as_array_mut().expect("a list").truncate(1))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "DIS-04",
        what: "filters schemas",
        serve: |inner, mut ask| {
            if is(&ask, "GET", "/Schemas?filter") {
                ask.path = "/Schemas".into();
            } else if ask.resource() == "/Schemas" {
                ask.path = ask.path.replace("filter=", "none=");
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "DIS-05",
        what: "names a schema in ResourceTypes that it does not serve",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let all = is(&ask, "GET", "/ResourceTypes");
            if all {
                edit(reply, |body| each_resource(body, |one| one["schema"] = json!("urn:example:none")))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "DIS-06",
        what: "serves the schema of a message",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.resource() != "/Schemas" {
                return reply;
            }
            let message = json!({ "id": "urn:ietf:params:scim:api:messages:2.0:PatchOp" });
            edit(reply, |body| body["Resources"].as_array_mut().expect("a list").push(message))
        },
    },
    Fault {
        rule: "DIS-07",
        what: "takes a PUT to a schema",
        serve: |inner, mut ask| {
            if is(&ask, "PUT", "/Schemas/") {
                ask.method = "GET".into();
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "EVT-08",
        what: "announces events",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let config = ask.resource() == "/ServiceProviderConfig";
            if config { edit(reply, |body| body["securityEvents"] = json!({ "asyncRequest": "long" })) } else { reply }
        },
    },
];

fn with_type(mut reply: Reply, media_type: &str) -> Reply {
    for (_, value) in reply.headers.iter_mut().filter(|(name, _)| name == "Content-Type") {
        *value = media_type.into();
    }
    reply
}
