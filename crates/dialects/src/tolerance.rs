//! The deviations that real clients are known for, each with the words to explain it.

use serde::Serialize;

/// A deviation from the RFC that a profile may take in its stride.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tolerance {
    /// "T1" to "T17", the code of its findings.
    pub id: &'static str,
    /// A few words for a badge or a heading.
    pub title: &'static str,
    /// What is sent, and what is made of it.
    pub explanation: &'static str,
    /// How a client that follows the RFC writes it.
    pub rfc_form: &'static str,
    /// The section that it deviates from: "RFC 7644 section 3.5.2".
    pub rfc: &'static str,
    /// Clients that are known to do it, by name.
    pub who: &'static [&'static str],
    /// The field of `scim::leniency::Leniency` that takes it. Absent: always taken, in a strict profile too, because
    /// the RFC lets or makes a server take it.
    pub switch: Option<&'static str>,
}

impl Tolerance {
    /// The switch in words: its name, or "always taken".
    pub fn taken(&self) -> &'static str {
        self.switch.unwrap_or("always taken")
    }
}

/// All of them, in the order of their numbers.
pub fn tolerances() -> &'static [Tolerance] {
    &ALL
}

/// The one with this id.
pub fn tolerance(id: &str) -> Option<&'static Tolerance> {
    ALL.iter().find(|tolerance| tolerance.id == id)
}

static ALL: [Tolerance; 17] = [
    Tolerance {
        id: "T1",
        title: "plus sign for a blank",
        explanation: "The blanks of the query are written as +, as HTML forms do it. A server that decodes \
                      only percent signs sees a filter without blanks and refuses every look-up. Here + in a \
                      query is a blank.",
        rfc_form: "filter=userName%20eq%20%22ada@example.com%22",
        rfc: "RFC 3986 section 2.1; RFC 7644 section 3.4.2.2",
        who: &["Entra", "rauthy"],
        switch: None,
    },
    Tolerance {
        id: "T2",
        title: "capitalised op",
        explanation: "The operation is written Add, Replace or Remove. Attribute values are compared without \
                      regard to case unless a schema says otherwise, so any case is taken.",
        rfc_form: "\"op\": \"replace\"",
        rfc: "RFC 7644 section 3.5.2; RFC 7643 section 2.2",
        who: &["Entra"],
        switch: None,
    },
    Tolerance {
        id: "T3",
        title: "boolean as a string",
        explanation: "A truth value comes as the string \"True\" or \"False\", in a value or in a filter. It \
                      is read as the boolean that it means; answers always hold a real boolean.",
        rfc_form: "\"value\": false",
        rfc: "RFC 7643 section 2.3.2",
        who: &["Entra", "Keycloak"],
        switch: Some("string_booleans"),
    },
    Tolerance {
        id: "T4",
        title: "element made by its filter",
        explanation: "An Add or Replace goes through a value filter that matches no element: the client \
                      fills an attribute that was empty before. A new element is made that has what the \
                      filter asks for, and the value is set in it. A profile may take a lower-case replace so too \
                      (replace_creates_missing_element).",
        rfc_form: "\"path\": \"emails\", \"value\": [{\"type\": \"work\", \"value\": \"ada@example.com\"}]",
        rfc: "RFC 7644 section 3.5.2.3",
        who: &["Entra"],
        switch: Some("create_missing_element"),
    },
    Tolerance {
        id: "T5",
        title: "remove with a value",
        explanation: "A remove names the whole attribute and lists the values that shall go. Only these are \
                      removed. By the letter of the RFC the value has no meaning and the attribute would be \
                      emptied. A value beside a path with a filter is ignored.",
        rfc_form: "\"op\": \"remove\", \"path\": \"members[value eq \\\"2819c223\\\"]\"",
        rfc: "RFC 7644 section 3.5.2.2",
        who: &["Entra", "JumpCloud", "authentik", "rauthy"],
        switch: Some("remove_by_value"),
    },
    Tolerance {
        id: "T6",
        title: "paths as names in a value",
        explanation: "A value without path has names such as name.familyName or an attribute with its \
                      schema's URN in front. Each is read as the path that it looks like.",
        rfc_form: "\"value\": {\"name\": {\"familyName\": \"Ortiz\"}}",
        rfc: "RFC 7644 section 3.5.2",
        who: &["Entra"],
        switch: Some("dotted_names"),
    },
    Tolerance {
        id: "T7",
        title: "bare value for a complex attribute",
        explanation: "A complex attribute such as manager is set to a plain string, or to a list of one \
                      element, or is named without its schema's URN. The string becomes its value \
                      sub-attribute; answers hold the object.",
        rfc_form: "\"path\": \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager\", \
                   \"value\": {\"value\": \"26118915\"}",
        rfc: "RFC 7643 sections 2.3.8 and 4.3; RFC 7644 section 3.10",
        who: &["Entra"],
        switch: Some("bare_complex"),
    },
    Tolerance {
        id: "T8",
        title: "empty value unassigns",
        explanation: "A value is set to \"\" or null to clear it. The attribute is unassigned. null means \
                      that by the RFC, and is always taken; an empty string is a value by the RFC, and a \
                      strict profile keeps it as one.",
        rfc_form: "\"op\": \"remove\", \"path\": \"title\"",
        rfc: "RFC 7643 section 2.5; RFC 7644 section 3.5.2.2",
        who: &["Entra", "JumpCloud", "rauthy", "Keycloak"],
        switch: Some("empty_unassigns"),
    },
    Tolerance {
        id: "T9",
        title: "application/json",
        explanation: "The request says that its body is application/json instead of SCIM's own media type. \
                      It is read all the same: the RFC asks servers for that.",
        rfc_form: "Content-Type: application/scim+json",
        rfc: "RFC 7644 sections 3.1 and 8.1",
        who: &["Google", "OneLogin", "authentik", "Okta"],
        switch: None,
    },
    Tolerance {
        id: "T10",
        title: "unknown schema named",
        explanation: "The list of schemas, or the body, names a schema that this resource type does not \
                      have. It and the data under it are left out; answers name only schemas that the \
                      resource has.",
        rfc_form: "\"schemas\": [\"urn:ietf:params:scim:schemas:core:2.0:Group\"]",
        rfc: "RFC 7643 section 3",
        who: &["Entra"],
        switch: None,
    },
    Tolerance {
        id: "T11",
        title: "readOnly data sent along",
        explanation: "The body of a POST or PUT has data that only the server may set: id, meta, or a user's \
                      groups. It is ignored, as the RFC asks.",
        rfc_form: "a body without id, meta and groups",
        rfc: "RFC 7644 sections 3.3 and 3.5.1",
        who: &["Entra", "Okta", "OneLogin", "authentik", "JumpCloud"],
        switch: None,
    },
    Tolerance {
        id: "T12",
        title: "id repeated in a value",
        explanation: "A replace without path repeats the resource's own id, or other readOnly data, \
                      unchanged. Nothing would change, so it is passed over. A different id is refused.",
        rfc_form: "\"value\": {\"displayName\": \"Team\"}",
        rfc: "RFC 7644 section 3.5.2; RFC 7643 section 2.2",
        who: &["Okta", "authentik"],
        switch: Some("read_only_if_equal"),
    },
    Tolerance {
        id: "T13",
        title: "one for a list",
        explanation: "A multi-valued attribute such as emails is a single object or value. It is read as a \
                      list of that one.",
        rfc_form: "\"emails\": [{\"value\": \"ada@example.com\"}]",
        rfc: "RFC 7643 section 2.4",
        who: &["OneLogin"],
        switch: Some("single_for_list"),
    },
    Tolerance {
        id: "T14",
        title: "member added again",
        explanation: "A value is added that is already there. Nothing changes, and the request succeeds, as \
                      the RFC asks.",
        rfc_form: "the same; a client that keeps state leaves it out",
        rfc: "RFC 7644 section 3.5.2.1",
        who: &["Entra", "JumpCloud"],
        switch: None,
    },
    Tolerance {
        id: "T15",
        title: "comparison after a value filter",
        explanation: "The filter compares a sub-attribute of the elements that a value filter selects. The \
                      grammar of the RFC has no such form; it is read as one element that satisfies both.",
        rfc_form: "emails[type eq \"work\" and value eq \"ada@example.com\"]",
        rfc: "RFC 7644 section 3.4.2.2, figure 1",
        who: &["Entra"],
        switch: Some("filter_after_value_path"),
    },
    Tolerance {
        id: "T16",
        title: "literal without quotes",
        explanation: "The text to compare with has no quotes, or single ones, or touches its operator. It is \
                      read as the string that it stands for.",
        rfc_form: "externalId eq \"jyoung\"",
        rfc: "RFC 7644 section 3.4.2.2; RFC 8259 section 7",
        who: &["Entra"],
        switch: Some("unquoted_literals"),
    },
    Tolerance {
        id: "T17",
        title: "null for $ref",
        explanation: "Members carry \"$ref\": null. null is the same as not there, so it is ignored.",
        rfc_form: "\"value\": [{\"value\": \"2819c223\"}]",
        rfc: "RFC 7643 section 2.5",
        who: &["Entra"],
        switch: None,
    },
];
