//! Whatever comes is answered: with what was asked for, or with a SCIM error.

use proptest::prelude::*;

use crate::bench::{Bench, USER, at, body};

fn is_send<T: Send + 'static>(value: T) -> T {
    value
}

fn target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[/?&=%+;.:a-zA-Z0-9]{0,12}",
        "\\PC{0,6}",
        Just("/scim/v2/Users".to_owned()),
        Just("/Groups/".to_owned()),
        Just("?filter=".to_owned()),
        Just("userName+eq+%22ada%22".to_owned()),
        Just("emails[type%20eq%20%22work%22]".to_owned()),
        Just("&startIndex=".to_owned()),
        Just("&attributes=".to_owned()),
        Just("%".to_owned()),
        Just("http://".to_owned()),
    ];
    proptest::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[{}\\[\\],:\"a-z0-9]{0,10}",
        "\\PC{0,6}",
        Just(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"#.to_owned()),
        Just(r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","#.to_owned()),
        Just(r#""path":"emails[type eq \"work\"].value","value":"#.to_owned()),
        Just("\"x\"".to_owned()),
        Just("}".to_owned()),
        Just("}]}".to_owned()),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request_is_answered(
        method in prop_oneof!["GET", "POST", "PUT", "PATCH", "DELETE", "[A-Z]{0,5}"],
        target in target(),
        header in "\\PC{0,20}",
        text in text(),
    ) {
        let bench = Bench::tolerant();
        let id = bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#));
        let path = format!("/scim/v2/Users/{}", body(&id).pointer("/id").unwrap().as_str().unwrap());
        for target in [target.as_str(), path.as_str()] {
            let mut request = bench.request(&method, "/Users", &[], "");
            request.target = target.to_owned();
            request.headers.push(("Accept".into(), header.clone()));
            request.headers.push(("If-None-Match".into(), header.clone()));
            request.body = text.clone().into();
            let handled = is_send(bench.provider.prepare(request)).execute();
            prop_assert!((200..600).contains(&handled.response.status));
            prop_assert!(handled.response.status != 500);
            if handled.response.status >= 400 {
                prop_assert_eq!(at(&body(&handled), "/status"), format!("\"{}\"", handled.response.status));
            }
        }
    }
}
