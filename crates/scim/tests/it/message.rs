//! Messages of the protocol.

use scim::error::{ScimError, ScimType};
use scim::finding::Place;
use scim::leniency::Leniency;
use scim::message;

use crate::world::parse;

/// GET-02, GET-03.
#[test]
fn a_list_counts_in_numbers_and_always_has_resources() {
    let one = message::list_response(120, 11, vec![parse(r#"{"id":"1"}"#)]);
    assert_eq!(
        one.to_text(),
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":120,"startIndex":11,"itemsPerPage":1,"Resources":[{"id":"1"}]}"#
    );
    let none = message::list_response(0, 1, Vec::new());
    assert_eq!(none.pointer("/Resources").map(|list| list.to_text()), Some("[]".into()));
    let many = message::list_response(u64::MAX, 1, Vec::new());
    assert_eq!(many.pointer("/totalResults").map(|total| total.to_text()), Some("18446744073709551615".into()));
}

/// ERR-02, ERR-04.
#[test]
fn an_error_has_its_status_as_a_string() {
    let error = ScimError::bad_request(ScimType::InvalidValue, Place::Request, "userName is required");
    assert_eq!(
        message::error_body(&error).to_text(),
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"invalidValue","detail":"userName is required","status":"400"}"#
    );
    let plain = message::error_body(&ScimError::plain(404, "no such user"));
    assert_eq!(plain.pointer("/scimType"), None);
    assert_eq!(plain.pointer("/status").and_then(|status| status.as_str()), Some("404"));
}

#[test]
fn what_a_client_sent_does_not_make_messages_endless() {
    let name = "é".repeat(400_000);
    let error = crate::world::shape("User").resolve(&name).expect_err("no such attribute");
    let refused = ScimError::bad_request(ScimType::InvalidPath, Place::Body(format!("/a/{name}/0")), error.message);
    assert!(refused.detail.len() < 1_500, "{} bytes", refused.detail.len());
    assert!(refused.detail.starts_with("User has no attribute \"é") && refused.detail.ends_with("é\""));
    assert_eq!(refused.place, Place::Body("/a".into()), "the value around the one with the endless name");
    let (_, findings) = crate::world::post("User", Leniency::TOLERANT, &crate::world::user(&format!("\"{name}\":1")));
    assert!(findings.iter().all(|finding| finding.message.len() < 1_500), "{} findings", findings.len());
}
