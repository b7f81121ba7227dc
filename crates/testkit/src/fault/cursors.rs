//! Faults of sorting, searching and pages by cursor.

use serde_json::{Value, json};

use super::{Fault, drop_member, edit, refusal};
use crate::wire::{Ask, Reply};

/// The request with a part of its target replaced.
fn asked(mut ask: Ask, from: &str, to: &str) -> Ask {
    ask.path = ask.path.replace(from, to);
    ask
}

/// The answer with its listed resources edited.
fn listed(reply: Reply, change: impl FnOnce(&mut Vec<Value>)) -> Reply {
    edit(reply, |body| {
        if let Some(all) = body.get_mut("Resources").and_then(Value::as_array_mut) {
            change(all);
        }
    })
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        rule: "SRT-01",
        what: "does not announce that it sorts",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if ask.resource() == "/ServiceProviderConfig" {
                edit(reply, |body| body["sort"]["supported"] = json!(false))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "SRT-02",
        what: "always ascends",
        serve: |inner, ask| inner.pass(&asked(ask, "sortOrder=descending", "sortOrder=ascending")),
    },
    Fault {
        rule: "SRT-03",
        what: "sorts capitals before small letters",
        serve: |inner, ask| {
            let by_name = ask.path.contains("sortBy=USERNAME");
            let reply = inner.pass(&ask);
            if by_name { listed(reply, |all| all.sort_by_key(|one| one["userName"].to_string())) } else { reply }
        },
    },
    Fault {
        rule: "SRT-04",
        what: "sorts by the first value, primary or not",
        serve: |inner, ask| {
            let by_email = ask.path.contains("sortBy=emails");
            let reply = inner.pass(&ask);
            if by_email {
                listed(reply, |all| all.sort_by_key(|one| one["emails"][0]["value"].to_string()))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "SRT-05",
        what: "sorts every name by the family name",
        serve: |inner, ask| inner.pass(&asked(ask, "sortBy=name.givenName", "sortBy=name.familyName")),
    },
    Fault {
        rule: "SRT-06",
        what: "puts what has no value first",
        serve: |inner, ask| {
            let ascends = ask.path.contains("sortBy=title") && !ask.path.contains("descending");
            let reply = inner.pass(&ask);
            if ascends { listed(reply, |all| all.sort_by_key(|one| one.get("title").is_some())) } else { reply }
        },
    },
    Fault {
        rule: "SRT-07",
        what: "does not sort pages by cursor",
        serve: |inner, ask| {
            let by_cursor = ask.path.contains("cursor");
            inner.pass(&if by_cursor { asked(ask, "sortBy=userName", "x=y") } else { ask })
        },
    },
    Fault {
        rule: "GET-05",
        what: "answers a query at the root with users alone",
        serve: |inner, mut ask| {
            if ask.resource() == "/" {
                ask.path = format!("/Users{}", &ask.path[1..]);
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "GET-06",
        what: "answers with an empty list if there is too much",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.at("/scimType") != "tooMany" {
                return reply;
            }
            let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0 });
            Reply { status: 200, body: body.to_string().into_bytes(), ..reply }
        },
    },
    Fault {
        rule: "SCH-01",
        what: "does not know .search at a type",
        serve: |inner, ask| if ask.resource().ends_with("s/.search") { refusal(404, None) } else { inner.pass(&ask) },
    },
    Fault {
        rule: "SCH-02",
        what: "takes a search that does not say what it is",
        serve: |inner, ask| {
            let mut body = ask.value();
            if !ask.resource().ends_with(".search") || !body.is_object() {
                return inner.pass(&ask);
            }
            body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
            inner.pass(&Ask { body: body.to_string().into_bytes(), ..ask })
        },
    },
    Fault {
        rule: "SCH-03",
        what: "leaves meta out of what a search finds",
        serve: |inner, ask| {
            let searches = ask.resource().ends_with(".search");
            let reply = inner.pass(&ask);
            if searches { listed(reply, |all| all.iter_mut().for_each(|one| drop_member(one, "meta"))) } else { reply }
        },
    },
    Fault {
        rule: "CUR-01",
        what: "has cursors with characters that a URL needs encoded",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if let Some(next) = body["nextCursor"].as_str() {
                    body["nextCursor"] = json!(format!("{next}=="));
                }
            })
        },
    },
    Fault {
        rule: "CUR-02",
        what: "refuses a negative count",
        serve: |inner, ask| {
            if ask.path.contains("count=-5") { refusal(400, Some("invalidCount")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "CUR-03",
        what: "has a nextCursor on the last page too",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if body.get("previousCursor").is_some() && body.get("nextCursor").is_none() {
                    body["nextCursor"] = json!("end");
                }
            })
        },
    },
    Fault {
        rule: "CUR-04",
        what: "has a previousCursor on the first page",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if body.get("nextCursor").is_some() {
                    body["previousCursor"] = json!("start")
                }
            })
        },
    },
    Fault {
        rule: "CUR-05",
        what: "goes on with another count",
        serve: |inner, ask| {
            let goes_on = ask.path.contains("count=2&cursor=");
            inner.pass(&if goes_on { asked(ask, "count=2", "count=3") } else { ask })
        },
    },
    Fault {
        rule: "CUR-08",
        what: "announces no default",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                body.get_mut("pagination").into_iter().for_each(|one| drop_member(one, "defaultPaginationMethod"))
            })
        },
    },
    Fault {
        rule: "CUR-09",
        what: "calls an old cursor invalid",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.at("/scimType") == "expiredCursor" { refusal(400, Some("invalidCursor")) } else { reply }
        },
    },
    Fault {
        rule: "CUR-10",
        what: "does not announce how it pages",
        serve: |inner, ask| edit(inner.pass(&ask), |body| drop_member(body, "pagination")),
    },
    Fault {
        rule: "CUR-11",
        what: "does not look at cursor in a search",
        serve: |inner, ask| {
            let mut body = ask.value();
            if !ask.resource().ends_with(".search") {
                return inner.pass(&ask);
            }
            drop_member(&mut body, "cursor");
            inner.pass(&Ask { body: body.to_string().into_bytes(), ..ask })
        },
    },
    Fault {
        rule: "CUR-12",
        what: "lets everybody in who has a cursor",
        serve: |inner, ask| {
            let token = format!("Bearer {}", crate::bench::TOKEN);
            let has_cursor = ask.path.contains("cursor=") && !ask.path.ends_with("cursor=");
            inner.pass(&if has_cursor { ask.with("Authorization", &token) } else { ask })
        },
    },
    Fault {
        rule: "CUR-13",
        what: "begins again with a cursor that it does not know",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let from = ask.path.find("cursor=");
            match from {
                Some(at) if reply.at("/scimType") == "invalidCursor" => {
                    inner.pass(&Ask { path: format!("{}cursor=", &ask.path[..at]), ..ask })
                }
                _ => reply,
            }
        },
    },
];
