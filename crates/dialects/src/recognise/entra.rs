//! Signs of Microsoft Entra ID.

use scim::json::Json;

use super::{Sign, scim_json_in_utf8};
use crate::look::Look;
use crate::probe::is_guid;

const GROUP_URN: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

pub(super) const SIGNS: &[Sign] = &[
    Sign { weight: 80, why: "the body names Microsoft's own group schema", seen: names_group_urn },
    Sign { weight: 60, why: "op is capitalised (Add, Replace, Remove)", seen: capitalised_op },
    Sign { weight: 55, why: "a value without path has dotted or URN-prefixed names", seen: dotted_names },
    Sign { weight: 45, why: "members carry \"$ref\": null", seen: null_ref },
    Sign { weight: 40, why: "excludedAttributes=members stands before the filter", seen: excludes_members_first },
    Sign { weight: 30, why: "the filter's blanks are written as + and its quotes as %22", seen: plus_for_blanks },
    Sign { weight: 30, why: "a boolean is the string \"True\" or \"False\"", seen: capital_boolean },
    Sign { weight: 25, why: "the filter looks for a random GUID", seen: looks_for_guid },
    Sign { weight: 25, why: "a comparison follows a value filter", seen: filter_after_value_path },
    Sign { weight: 25, why: "the body's meta holds nothing but resourceType", seen: bare_meta },
    Sign { weight: 10, why: "a look-up without paging", seen: look_up_without_paging },
    Sign { weight: 10, why: "an empty roles list is sent along", seen: empty_roles },
    Sign {
        weight: 10,
        why: "one operation for each attribute, with value filters in their paths",
        seen: value_filter_in_path,
    },
    Sign { weight: 10, why: "Content-Type is application/scim+json; charset=utf-8", seen: scim_json_in_utf8 },
    Sign { weight: 10, why: "no media type is asked for", seen: |look| look.asks_for_no_type() },
    Sign { weight: 10, why: "the User-Agent says so", seen: user_agent },
];

fn names_group_urn(look: &Look) -> bool {
    look.member("schemas")
        .and_then(Json::as_array)
        .is_some_and(|urns| urns.iter().any(|urn| urn.as_str() == Some(GROUP_URN)))
}

fn capitalised_op(look: &Look) -> bool {
    look.operations().iter().any(|operation| matches!(operation.op, "Add" | "Replace" | "Remove"))
}

fn dotted_names(look: &Look) -> bool {
    look.operations().iter().filter_map(|operation| operation.without_path()).any(|members| {
        members.iter().any(|(name, _)| match name.get(..4) {
            Some(urn) if urn.eq_ignore_ascii_case("urn:") => !name.ends_with(":User") && !name.ends_with(":Group"),
            _ => name.contains('.'),
        })
    })
}

fn null_ref(look: &Look) -> bool {
    look.operations()
        .iter()
        .filter(|operation| operation.at("members"))
        .any(|operation| operation.elements().iter().any(|member| matches!(member.pointer("/$ref"), Some(Json::Null))))
}

fn excludes_members_first(look: &Look) -> bool {
    let mut parameters = look.parameters();
    parameters.next() == Some(("excludedAttributes", "members")) && parameters.any(|(name, _)| name == "filter")
}

fn plus_for_blanks(look: &Look) -> bool {
    look.parameter("filter").is_some_and(|filter| filter.contains("+eq+%22"))
}

fn looks_for_guid(look: &Look) -> bool {
    let Some((attribute, literal)) = look.parameter("filter").and_then(|filter| filter.split_once("+eq+%22")) else {
        return false;
    };
    matches!(attribute, "userName" | "displayName" | "externalId") && literal.strip_suffix("%22").is_some_and(is_guid)
}

fn filter_after_value_path(look: &Look) -> bool {
    look.parameter("filter").is_some_and(|filter| filter.contains("%5D.") || filter.contains("]."))
}

fn look_up_without_paging(look: &Look) -> bool {
    look.method == "GET"
        && look.parameter("filter").is_some()
        && look.parameters().all(|(name, _)| matches!(name, "filter" | "excludedAttributes"))
}

fn capital_boolean(look: &Look) -> bool {
    look.operations().iter().any(|operation| matches!(operation.value.and_then(Json::as_str), Some("True" | "False")))
}

fn bare_meta(look: &Look) -> bool {
    let meta = look.member("meta").and_then(Json::as_object);
    look.method == "POST" && meta.is_some_and(|meta| meta.len() == 1 && meta.get("resourceType").is_some())
}

fn empty_roles(look: &Look) -> bool {
    look.member("roles").and_then(Json::as_array).is_some_and(<[Json]>::is_empty)
}

fn value_filter_in_path(look: &Look) -> bool {
    look.operations().iter().any(|operation| operation.path.is_some_and(|path| path.contains("[type eq ")))
}

fn user_agent(look: &Look) -> bool {
    look.header_has("user-agent", "azure ad scim") || look.header_has("user-agent", "entra")
}
