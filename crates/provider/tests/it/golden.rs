//! Whole exchanges, byte for byte: the same clock and ids make the same answers.

use crate::bench::{Bench, ENTERPRISE, USER, text};

#[test]
fn an_exchange_is_the_same_in_every_run() {
    let post = format!(
        r#"{{"schemas":["{USER}","{ENTERPRISE}"],"externalId":"lena","userName":"lena@contoso.example.com","active":true,"emails":[{{"primary":true,"type":"work","value":"lena@contoso.example.com"}}],"meta":{{"resourceType":"User"}},"name":{{"familyName":"Ortiz","givenName":"Lena"}},"roles":[],"{ENTERPRISE}":{{"employeeNumber":"4711"}}}}"#
    );
    let run = || {
        let bench = Bench::tolerant();
        let exchanges = [
            bench.ask("POST", "/Users", &post),
            bench.get("/Users?filter=userName+eq+%22LENA%40contoso.example.com%22"),
            bench.ask("POST", "/Users", &post),
            bench.get("/Users/unknown"),
        ];
        exchanges.map(|handled| {
            let headers = handled.response.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
            format!("{}\n{}\n{}", handled.response.status, headers.collect::<String>(), text(&handled))
        })
    };
    let resource = concat!(
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","#,
        r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"#,
        r#""id":"00000000-0000-4000-8000-000000000001","externalId":"lena","userName":"lena@contoso.example.com","#,
        r#""name":{"familyName":"Ortiz","givenName":"Lena"},"active":true,"#,
        r#""emails":[{"primary":true,"type":"work","value":"lena@contoso.example.com"}],"#,
        r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"4711"},"#,
        r#""meta":{"resourceType":"User","created":"2026-01-31T09:30:00.000Z","lastModified":"2026-01-31T09:30:00.000Z","#,
        r#""location":"http://127.0.0.1:8787/scim/v2/Users/00000000-0000-4000-8000-000000000001","version":"W/\"1\""}}"#
    );
    let expected = [
        format!(
            "201\nContent-Type: application/scim+json\n\
             Location: http://127.0.0.1:8787/scim/v2/Users/00000000-0000-4000-8000-000000000001\n\
             ETag: W/\"1\"\n\n{resource}"
        ),
        format!(
            "200\nContent-Type: application/scim+json\n\n\
             {{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":1,\"startIndex\":1,\
             \"itemsPerPage\":1,\"Resources\":[{resource}]}}"
        ),
        "409\nContent-Type: application/scim+json\n\n\
         {\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"scimType\":\"uniqueness\",\
         \"detail\":\"userName \\\"lena@contoso.example.com\\\" is already used by User \
         00000000-0000-4000-8000-000000000001\",\"status\":\"409\"}"
            .to_owned(),
        "404\nContent-Type: application/scim+json\n\n\
         {\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\
         \"detail\":\"there is no User with the id \\\"unknown\\\"\",\"status\":\"404\"}"
            .to_owned(),
    ];
    assert_eq!(run(), expected);
    assert_eq!(run(), run());
}
