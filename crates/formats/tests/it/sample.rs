//! Exchanges to write and read.

use formats::recorded::{Access, Change, Recorded, Request, Response, Scim, Timing};
use formats::writer::{About, FlowLine};
use scim::diff::{Action, Line};
use scim::finding::{Finding, Place, Severity};

pub const LENA: &str = "2819c223-7f76-453a-919d-413861904646";

/// One exchange with a JSON answer.
pub fn exchange(seq: u64, flow: u64, method: &str, target: &str, body: &str, status: u16, answer: &str) -> Recorded {
    let mut headers = vec![
        ("Host".to_owned(), "127.0.0.1:8787".to_owned()),
        ("Authorization".to_owned(), "Bearer t0p-s3cret-t0ken".to_owned()),
    ];
    if !body.is_empty() {
        headers.push(("Content-Type".to_owned(), "application/scim+json; charset=utf-8".to_owned()));
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    let mut answered = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    if status == 201 {
        answered.push(("Location".to_owned(), format!("http://127.0.0.1:8787/scim/v2/Users/{LENA}")));
    }
    if status != 204 {
        answered.push(("Content-Length".to_owned(), answer.len().to_string()));
    }
    let second = (seq % 60) as i64;
    Recorded {
        seq,
        at: format!("2026-11-24T12:00:{second:02}.123456Z").parse().unwrap(),
        origin: "http://127.0.0.1:8787".to_owned(),
        client: Some("127.0.0.1".parse().unwrap()),
        server: Some("127.0.0.1".parse().unwrap()),
        request: Request {
            method: method.to_owned(),
            target: target.to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers,
            body: body.to_owned().into(),
        },
        response: Some(Response {
            status,
            reason: formats::recorded::reason(status).to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: answered,
            body: answer.to_owned().into(),
        }),
        timing: Timing { request_us: Some(210), first_byte_us: Some(1_842), last_byte_us: Some(1_905) },
        problem: None,
        scim: Some(Scim { flow, sentence: format!("Entra: step {seq}"), ..Scim::default() }),
    }
}

/// What Entra does with one user: looks for her, makes her, puts her into a group, disables her.
pub fn lena() -> Vec<Recorded> {
    let user = format!(
        "{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"{LENA}\",\"userName\":\"lena@contoso.test\",\
         \"name\":{{\"givenName\":\"Lena\",\"familyName\":\"Ortiz\"}},\"displayName\":\"Lena Ortiz\",\"active\":true,\
         \"emails\":[{{\"value\":\"lena@contoso.test\",\"type\":\"work\"}}],\
         \"meta\":{{\"resourceType\":\"User\",\"created\":\"2026-11-24T12:00:02Z\",\
         \"location\":\"http://127.0.0.1:8787/scim/v2/Users/{LENA}\"}}}}"
    );
    let create = "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"lena@contoso.test\",\
         \"name\":{\"givenName\":\"Lena\",\"familyName\":\"Ortiz\"},\"displayName\":\"Lena Ortiz\",\"active\":true,\
         \"emails\":[{\"value\":\"lena@contoso.test\",\"type\":\"work\"}]}";
    let empty =
        "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":0,\"Resources\":[]}";
    let join = format!(
        "{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{{\"op\":\"Add\",\
         \"path\":\"members\",\"value\":[{{\"value\":\"{LENA}\"}}]}}]}}"
    );
    let disable = "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{\"op\":\"Replace\",\
         \"path\":\"active\",\"value\":\"False\"}]}";
    let look = "/scim/v2/Users?filter=userName+eq+%22lena%40contoso.test%22";
    let mut all = vec![
        exchange(1, 1, "GET", look, "", 200, empty),
        exchange(2, 1, "POST", "/scim/v2/Users", create, 201, &user),
        exchange(3, 3, "PATCH", "/scim/v2/Groups/9f0b1c2d-0000-4000-8000-0000000000aa", &join, 204, ""),
        exchange(4, 4, "PATCH", &format!("/scim/v2/Users/{LENA}"), disable, 204, ""),
        exchange(5, 5, "GET", &format!("/scim/v2/Users/{LENA}?attributes=userName"), "", 404, "{\"detail\":\"gone\"}"),
    ];
    let scim = all[3].scim.as_mut().unwrap();
    *scim = Scim {
        dialect: Some("entra".into()),
        confidence: 90,
        tenant: Some("default".into()),
        access: Some(Access { checked: "bearer token".into(), found: "Bearer ****oken".into(), passed: true }),
        findings: vec![Finding::new(
            "T3",
            Severity::Tolerated,
            Place::Body("/Operations/0/value".into()),
            "active was sent as the string \"False\"",
        )],
        changes: vec![Change {
            resource_type: "User".into(),
            id: LENA.into(),
            display: "Lena Ortiz".into(),
            lines: vec![Line {
                path: "active".into(),
                action: Action::Changed,
                before: Some(true.into()),
                after: Some(false.into()),
                operation: Some(0),
            }],
        }],
        pinned: true,
        note: "look here".into(),
        tags: vec!["demo".into()],
        flow: 4,
        sentence: "Entra disabled Lena Ortiz".into(),
        script: None,
    };
    all
}

/// What is known before such exchanges are written.
pub fn about(all: &[Recorded]) -> About {
    let mut flows: Vec<FlowLine> = Vec::new();
    for recorded in all {
        let id = recorded.flow();
        if flows.iter().all(|flow| flow.id != id) {
            let name = format!("Entra: flow {id}");
            flows.push(FlowLine {
                id,
                name,
                kind: "provision".into(),
                subject: None,
                at: Some(recorded.at),
                script: None,
            });
        }
    }
    flows.sort_by_key(|flow| flow.id);
    About {
        version: "0.1.0".into(),
        flows,
        base_paths: vec!["/scim/v2".into()],
        profile: Some("tolerant".into()),
        dialect: Some(("entra".into(), 90)),
        tolerances: vec!["T3".into()],
        ..About::default()
    }
}

/// The file that a writer makes.
pub fn written(
    all: &[Recorded],
    about: &About,
    begin: for<'a> fn(Box<dyn std::io::Write + 'a>, &'a About) -> Box<dyn formats::writer::Writer + 'a>,
) -> String {
    let mut out = Vec::new();
    {
        let mut writer = begin(Box::new(&mut out), about);
        all.iter().for_each(|recorded| writer.write(recorded).unwrap());
        writer.finish().unwrap();
    }
    String::from_utf8(out).unwrap()
}
