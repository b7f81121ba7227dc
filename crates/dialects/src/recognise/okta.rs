//! Signs of Okta.

use scim::json::Json;

use super::{Sign, scim_json_in_utf8};
use crate::look::Look;

pub(super) const SIGNS: &[Sign] = &[
    Sign { weight: 45, why: "Accept-Charset is sent", seen: accept_charset },
    Sign { weight: 35, why: "a value without path repeats the group's id", seen: group_id_in_value },
    Sign { weight: 30, why: "a look-up with startIndex=1 and count=100, blanks as %20", seen: paged_look_up },
    Sign { weight: 30, why: "an empty groups list is sent along", seen: empty_groups },
    Sign { weight: 30, why: "a test with startIndex=1 and count=2", seen: counts_two },
    Sign { weight: 25, why: "a listing in steps of 100", seen: lists_by_hundred },
    Sign { weight: 25, why: "a value without path holds nothing but active or password", seen: active_without_path },
    Sign { weight: 20, why: "externalId looks like one of its user ids (00u...)", seen: okta_id },
    Sign { weight: 20, why: "the PUT echoes id and meta", seen: echoes_meta },
    Sign { weight: 15, why: "a new user comes with a password", seen: password },
    Sign { weight: 15, why: "members carry display but no type", seen: displayed_members },
    Sign { weight: 15, why: "the User-Agent says so", seen: user_agent },
    Sign { weight: 10, why: "Content-Type is application/scim+json; charset=utf-8", seen: scim_json_in_utf8 },
    Sign { weight: 5, why: "Accept is application/scim+json", seen: accept_scim },
];

fn accept_charset(look: &Look) -> bool {
    look.header_has("accept-charset", "utf-8")
}

fn group_id_in_value(look: &Look) -> bool {
    look.operations()
        .iter()
        .filter_map(|operation| operation.without_path())
        .any(|members| members.get("id").is_some() && members.get("displayName").is_some() && members.len() == 2)
}

fn pages(look: &Look, start: &str, count: &str) -> bool {
    look.parameter("startIndex") == Some(start) && look.parameter("count") == Some(count)
}

fn paged_look_up(look: &Look) -> bool {
    pages(look, "1", "100") && look.parameter("filter").is_some_and(|filter| filter.contains("%20eq%20%22"))
}

fn counts_two(look: &Look) -> bool {
    pages(look, "1", "2") && look.parameters().count() == 2
}

fn lists_by_hundred(look: &Look) -> bool {
    let start = look.parameter("startIndex").is_some_and(|start| start.ends_with('1'));
    start && look.parameter("count") == Some("100") && look.parameters().count() == 2
}

fn empty_groups(look: &Look) -> bool {
    look.member("groups").and_then(Json::as_array).is_some_and(<[Json]>::is_empty)
}

fn active_without_path(look: &Look) -> bool {
    let operations = look.operations();
    let [operation] = operations.as_slice() else { return false };
    operation.op == "replace"
        && operation.without_path().is_some_and(|members| {
            members.len() == 1 && (members.get("active").is_some() || members.get("password").is_some())
        })
}

fn okta_id(look: &Look) -> bool {
    look.member("externalId").and_then(Json::as_str).is_some_and(|id| id.starts_with("00u"))
}

fn echoes_meta(look: &Look) -> bool {
    let meta = look.member("meta").and_then(Json::as_object);
    look.method == "PUT" && look.member("id").is_some() && meta.is_some_and(|meta| meta.len() > 1)
}

fn password(look: &Look) -> bool {
    look.method == "POST" && look.member("password").is_some()
}

fn displayed_members(look: &Look) -> bool {
    let displayed = |member: &Json| member.pointer("/display").is_some() && member.pointer("/type").is_none();
    let operations = look.operations();
    let pushed =
        operations.iter().filter(|operation| operation.at("members")).flat_map(|operation| operation.elements());
    let replaced = look.member("members").and_then(Json::as_array).unwrap_or_default();
    pushed.chain(replaced).any(displayed)
}

fn user_agent(look: &Look) -> bool {
    look.header_has("user-agent", "okta scim")
}

fn accept_scim(look: &Look) -> bool {
    look.header("accept") == Some("application/scim+json")
}
