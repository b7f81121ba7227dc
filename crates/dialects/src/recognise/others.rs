//! Signs of clients of which less is known. A trace of a real run is worth more than any of these.

use scim::json::{Json, Object};

use super::{Sign, is_object_id, plain_json};
use crate::look::{Look, Op};

pub(super) const ONELOGIN: &[Sign] = &[
    Sign { weight: 50, why: "emails is a single object, as its template makes it", seen: single_email },
    Sign { weight: 5, why: "Content-Type is application/json", seen: plain_json },
    Sign { weight: 5, why: "Accept is application/json", seen: accepts_json },
    Sign { weight: 10, why: "the User-Agent says so", seen: |look| look.header_has("user-agent", "onelogin") },
];

pub(super) const GOOGLE: &[Sign] = &[
    // Its fixed User-Agent is the one documented mark of this client.
    Sign { weight: 45, why: "the User-Agent is Google-Auto-Provisioning", seen: google_agent },
    Sign { weight: 15, why: "a request without a body has Content-Type application/json", seen: json_without_body },
    Sign { weight: 5, why: "Content-Type is application/json", seen: plain_json },
];

pub(super) const JUMPCLOUD: &[Sign] = &[
    Sign { weight: 45, why: "emails is null in a PUT", seen: null_emails },
    Sign { weight: 25, why: "externalId is 24 hexadecimal digits", seen: hex_external_id },
    Sign { weight: 20, why: "telephone numbers are written as tel: URIs", seen: tel_numbers },
    Sign {
        weight: 15,
        why: "the enterprise schema is named, but its data is not there",
        seen: enterprise_without_data,
    },
    Sign { weight: 10, why: "the User-Agent says so", seen: |look| look.header_has("user-agent", "jumpcloud") },
];

pub(super) const AUTHENTIK: &[Sign] = &[
    Sign { weight: 45, why: "each member comes in an add operation of its own", seen: an_add_for_each_member },
    Sign { weight: 45, why: "a value without path is the whole group, schemas included", seen: whole_group_in_value },
    Sign { weight: 20, why: "the primary mail has the type other", seen: other_email },
    Sign { weight: 5, why: "Content-Type is application/json", seen: plain_json },
    Sign { weight: 5, why: "Accept is application/json", seen: accepts_json },
    Sign { weight: 10, why: "the User-Agent says so", seen: |look| look.header_has("user-agent", "authentik") },
];

pub(super) const RAUTHY: &[Sign] = &[
    Sign { weight: 45, why: "a value without path is displayName and externalId", seen: name_and_external_id },
    Sign { weight: 25, why: "a look-up by externalId that asks for application/scim+json", seen: by_external_id },
    Sign { weight: 10, why: "Content-Type is application/scim+json", seen: scim_json },
    Sign { weight: 10, why: "the User-Agent says so", seen: |look| look.header_has("user-agent", "rauthy") },
];

pub(super) const KEYCLOAK: &[Sign] = &[
    Sign { weight: 60, why: "members, displayName and externalId are replaced in one request", seen: three_replaces },
    Sign { weight: 60, why: "members are removed with the value null", seen: removes_null },
    Sign { weight: 60, why: "active is the string \"true\" or \"false\"", seen: lower_case_boolean },
    Sign { weight: 10, why: "the User-Agent says so", seen: |look| look.header_has("user-agent", "keycloak") },
];

fn accepts_json(look: &Look) -> bool {
    look.header("accept") == Some("application/json")
}

fn scim_json(look: &Look) -> bool {
    look.header("content-type") == Some("application/scim+json")
}

fn single_email(look: &Look) -> bool {
    look.member("emails").is_some_and(|emails| emails.as_object().is_some())
}

fn google_agent(look: &Look) -> bool {
    look.header("user-agent") == Some("Google-Auto-Provisioning")
}

fn json_without_body(look: &Look) -> bool {
    plain_json(look) && matches!(look.method, "GET" | "DELETE") && look.body.is_none()
}

fn null_emails(look: &Look) -> bool {
    look.method == "PUT" && matches!(look.member("emails"), Some(Json::Null))
}

fn hex_external_id(look: &Look) -> bool {
    look.member("externalId").and_then(Json::as_str).is_some_and(is_object_id)
}

fn tel_numbers(look: &Look) -> bool {
    let numbers = look.member("phoneNumbers").and_then(Json::as_array).unwrap_or_default();
    numbers.iter().filter_map(|number| number.pointer("/value")?.as_str()).any(|number| number.starts_with("tel:"))
}

fn enterprise_without_data(look: &Look) -> bool {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let named = look.member("schemas").and_then(Json::as_array).unwrap_or_default();
    named.iter().any(|urn| urn.as_str() == Some(ENTERPRISE)) && look.member(ENTERPRISE).is_none()
}

fn an_add_for_each_member(look: &Look) -> bool {
    let operations = look.operations();
    let alone =
        |operation: &Op| operation.op == "add" && operation.path == Some("members") && operation.elements().len() == 1;
    operations.len() > 1 && operations.iter().all(alone)
}

fn path_less(look: &Look, fits: fn(&Object) -> bool) -> bool {
    look.operations().iter().filter(|operation| operation.op == "replace").filter_map(Op::without_path).any(fits)
}

fn whole_group_in_value(look: &Look) -> bool {
    path_less(look, |members| ["schemas", "id", "displayName"].iter().all(|name| members.get(name).is_some()))
}

fn other_email(look: &Look) -> bool {
    let emails = look.member("emails").and_then(Json::as_array).unwrap_or_default();
    emails.iter().any(|email| {
        email.pointer("/type").and_then(Json::as_str) == Some("other")
            && email.pointer("/primary").and_then(Json::as_bool) == Some(true)
    })
}

fn name_and_external_id(look: &Look) -> bool {
    path_less(look, |members| {
        members.len() == 2 && members.get("displayName").is_some() && members.get("externalId").is_some()
    })
}

fn by_external_id(look: &Look) -> bool {
    let filter = look.parameter("filter").unwrap_or_default();
    look.header("accept") == Some("application/scim+json") && filter.starts_with("externalId+eq+")
}

fn three_replaces(look: &Look) -> bool {
    let operations = look.operations();
    let replaced = |name: &str| operations.iter().any(|operation| operation.is("replace") && operation.at(name));
    operations.len() == 3 && ["members", "displayName", "externalId"].into_iter().all(replaced)
}

fn removes_null(look: &Look) -> bool {
    look.operations().iter().any(|operation| {
        operation.is("remove") && operation.at("members") && matches!(operation.value, Some(Json::Null))
    })
}

fn lower_case_boolean(look: &Look) -> bool {
    let text = |value: Option<&Json>| matches!(value.and_then(Json::as_str), Some("true" | "false"));
    look.operations().iter().any(|operation| match operation.without_path() {
        Some(members) => text(members.get("active")),
        None => operation.at("active") && text(operation.value),
    })
}
