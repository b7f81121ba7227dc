//! Faults of reading: lists, filters, pages, selection.

use serde_json::{Value, json};

use super::{Fault, drop_member, each_resource, edit, is, refusal};
use crate::wire::Ask;

/// The request with a part of its target replaced.
fn asked(mut ask: Ask, from: &str, to: &str) -> Ask {
    ask.path = ask.path.replace(from, to);
    ask
}

/// Whether the query has this text.
fn has(ask: &Ask, text: &str) -> bool {
    ask.path.split_once('?').is_some_and(|(_, query)| query.contains(text))
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        rule: "GET-01",
        what: "answers null for what is not there",
        serve: |inner, ask| {
            let mut reply = inner.pass(&ask);
            if ask.method == "GET" && reply.status == 404 {
                (reply.status, reply.body) = (200, b"null".to_vec());
            }
            reply
        },
    },
    Fault {
        rule: "GET-02",
        what: "writes totalResults as text",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if let Some(total) = body["totalResults"].as_u64() {
                    body["totalResults"] = json!(total.to_string())
                }
            })
        },
    },
    Fault {
        rule: "GET-03",
        what: "answers 404 to an empty list",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if reply.at("/totalResults") == 0 { refusal(404, None) } else { reply }
        },
    },
    Fault {
        rule: "GET-07",
        what: "shows no externalId in lists",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                if body.get("Resources").is_some() {
                    each_resource(body, |one| drop_member(one, "externalId"))
                }
            })
        },
    },
    Fault {
        rule: "FLT-02",
        what: "knows operators in small letters only",
        serve: |inner, ask| {
            let capital = ["%20Eq%20", "%20EQ%20", "%20SW%20"].iter().any(|operator| has(&ask, operator));
            if capital { refusal(400, Some("invalidFilter")) } else { inner.pass(&ask) }
        },
    },
    Fault {
        rule: "FLT-03",
        what: "finds everything by a filter that it cannot read",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let unread = ask.method == "GET" && reply.at("/scimType") == "invalidFilter";
            if unread {
                inner.pass(&Ask::new("GET", ask.resource()).with("Authorization", &token(&ask)))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "FLT-04",
        what: "does not say what is wrong with an operator",
        serve: |inner, ask| if has(&ask, "regex") { refusal(400, Some("invalidFilter")) } else { inner.pass(&ask) },
    },
    Fault {
        rule: "FLT-05",
        what: "orders booleans",
        serve: |inner, ask| inner.pass(&asked(ask, "active%20gt%20true", "active%20eq%20true")),
    },
    Fault {
        rule: "FLT-06",
        what: "reads or before and",
        serve: |inner, ask| {
            let from = "userName%20eq%20%22ada%22%20or%20userName%20eq%20%22grace%22%20and";
            let to = "%28userName%20eq%20%22ada%22%20or%20userName%20eq%20%22grace%22%29%20and";
            inner.pass(&if ask.path.contains(&format!("={from}")) { asked(ask, from, to) } else { ask })
        },
    },
    Fault {
        rule: "FLT-07",
        what: "looks at the first value only",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let first =
                |one: &Value| one["emails"][0]["value"].as_str().is_some_and(|value| value.ends_with("example.org"));
            if !has(&ask, "emails.value%20ew") {
                return reply;
            }
            edit(reply, |body| body["Resources"].as_array_mut().expect("a list").retain(first))
        },
    },
    Fault {
        rule: "FLT-09",
        what: "reads a complex attribute as its text",
        serve: |inner, ask| inner.pass(&asked(ask, "name%20co", "name.givenName%20co")),
    },
    Fault {
        rule: "FLT-10",
        what: "compares externalId without case",
        serve: |inner, ask| inner.pass(&asked(ask, "E-A", "E-a")),
    },
    Fault {
        rule: "FLT-11",
        what: "shows a default that filters do not see",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                each_resource(body, |one| {
                    if one.get("userName").is_some() && one.get("active").is_none() {
                        one["active"] = json!(true)
                    }
                })
            })
        },
    },
    Fault {
        rule: "PAG-01",
        what: "counts from 0",
        serve: |inner, ask| {
            inner.pass(&if has(&ask, "startIndex=4") { asked(ask, "startIndex=4", "startIndex=5") } else { ask })
        },
    },
    Fault {
        rule: "PAG-02",
        what: "refuses a negative count",
        serve: |inner, ask| if has(&ask, "count=-") { refusal(400, Some("invalidValue")) } else { inner.pass(&ask) },
    },
    Fault {
        rule: "PAG-03",
        what: "takes count=0 as no count",
        serve: |inner, ask| inner.pass(&asked(ask, "count=0", "none=0")),
    },
    Fault {
        rule: "PAG-04",
        what: "sends one more than asked for",
        serve: |inner, ask| inner.pass(&asked(ask, "?count=2", "?count=3")),
    },
    Fault {
        rule: "PAG-07",
        what: "answers 404 beyond the end",
        serve: |inner, ask| if has(&ask, "startIndex=99") { refusal(404, None) } else { inner.pass(&ask) },
    },
    Fault {
        rule: "PAG-08",
        what: "takes the first page if the page is no number",
        serve: |inner, ask| inner.pass(&asked(ask, "count=ten", "none=ten")),
    },
    Fault {
        rule: "PAG-09",
        what: "turns the order around if attributes are asked for",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            let turns = is(&ask, "GET", "/Users") && has(&ask, "attributes=");
            if turns {
                edit(reply, |body| body["Resources"].as_array_mut().into_iter().for_each(|all| all.reverse()))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "ATT-01",
        what: "does not look at attributes in a PATCH",
        serve: |inner, mut ask| {
            if ask.method == "PATCH" {
                ask.path = ask.resource().to_owned();
            }
            inner.pass(&ask)
        },
    },
    Fault {
        rule: "ATT-02",
        what: "leaves the id out if other attributes are named",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if has(&ask, "attributes=title") { edit(reply, |body| drop_member(body, "id")) } else { reply }
        },
    },
    Fault {
        rule: "ATT-03",
        what: "lets the id be excluded",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if has(&ask, "excludedAttributes=id") { edit(reply, |body| drop_member(body, "id")) } else { reply }
        },
    },
    Fault {
        rule: "ATT-04",
        what: "takes both parameters at once",
        serve: |inner, ask| inner.pass(&asked(ask, "&excludedAttributes=name", "")),
    },
    Fault {
        rule: "ATT-05",
        what: "knows no URNs in attributes",
        serve: |inner, ask| inner.pass(&asked(ask, "?attributes=urn", "?attributes=none")),
    },
    Fault {
        rule: "ATT-06",
        what: "always sends what is to be asked for",
        serve: |inner, ask| {
            edit(inner.pass(&ask), |body| {
                each_resource(body, |one| {
                    if one.get("always").is_some() {
                        one["asked"] = json!("b")
                    }
                })
            })
        },
    },
    Fault {
        rule: "ATT-07",
        what: "sends what is never returned if it is named",
        serve: |inner, ask| {
            let reply = inner.pass(&ask);
            if has(&ask, "never") {
                edit(reply, |body| each_resource(body, |one| one["never"] = json!("c")))
            } else {
                reply
            }
        },
    },
    Fault {
        rule: "ATT-08",
        what: "sends the whole of an attribute of which a part is named",
        serve: |inner, ask| inner.pass(&asked(ask, "name.givenName", "name")),
    },
];

/// The credentials of a request.
fn token(ask: &Ask) -> String {
    ask.headers.iter().find(|(name, _)| name == "Authorization").map(|(_, value)| value.clone()).unwrap_or_default()
}
