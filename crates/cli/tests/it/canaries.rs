//! Secrets that are planted in requests are in nothing that leaves: no file of any format, no log, no answer to somebody else.

use std::io::{Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::process::{Server, scimscope, send};

const FORMATS: [&str; 13] = [
    "har",
    "fixture",
    "fixture-ndjson",
    "curl",
    "powershell",
    "hurl",
    "postman",
    "http",
    "wiremock",
    "markdown",
    "csv",
    "ndjson",
    "html",
];

fn canary(at: usize) -> String {
    format!("canary{at:02}q7Zx9Kp2")
}

/// Sends bytes as they are, and gives the answer.
fn raw(address: &str, request: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Requests with a secret in every place where one was ever seen.
fn plant(address: &str) -> Vec<String> {
    let c = canary;
    let basic = STANDARD.encode(format!("svc:{}", c(2)));
    let jwt = format!("eyJhbGciOiJub25lIn0.{}.c2lnbmF0dXJl", c(12));
    let ok = "Authorization: Bearer t0ken\r\n";
    let form = format!("grant_type=client_credentials&client_secret={}&client_assertion={jwt}", c(11));
    let user = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada","password":"{}"}}"#,
        c(10)
    );
    let patch = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"password","value":"{}"}},{{"op":"add","value":{{"urn:example:User":{{"apiToken":"{}"}}}}}}]}}"#,
        c(13),
        c(14)
    );
    let broken = format!(r#"{{"userName":"a","access_token":"{}","#, c(18));
    let requests = [
        ("GET", "/Users".to_owned(), format!("Authorization: Bearer {}\r\n", c(1)), String::new()),
        ("GET", "/Users".to_owned(), format!("Authorization: Basic {basic}\r\n"), String::new()),
        ("GET", format!("/Users?access_token={}", c(3)), String::new(), String::new()),
        ("GET", format!("/Users?filter=password%20eq%20%22{}%22", c(4)), ok.to_owned(), String::new()),
        (
            "GET",
            "/Users".to_owned(),
            format!("{ok}Cookie: theme=dark; session={}\r\nX-Api-Key: {}\r\n", c(5), c(6)),
            String::new(),
        ),
        (
            "GET",
            "/Users".to_owned(),
            format!(
                "{ok}Referer: https://idp.example.com/cb?code={}\r\nX-Forwarded-Uri: https://user:{}@example.com/\r\nX-Debug: curl -H 'Authorization: Bearer {}'\r\n",
                c(7),
                c(8),
                c(9)
            ),
            String::new(),
        ),
        ("POST", "/Users".to_owned(), ok.to_owned(), user),
        ("POST", "/oauth/token".to_owned(), "Content-Type: application/x-www-form-urlencoded\r\n".to_owned(), form),
        ("PATCH", "/Users/4711".to_owned(), ok.to_owned(), patch),
        // The token of the first one, where no token belongs.
        ("GET", format!("/Users/{}", c(1)), ok.to_owned(), String::new()),
        (
            "GET",
            "/Users".to_owned(),
            format!("{ok}Proxy-Authorization: Bearer {}\r\nX-Auth-Token: {}\r\n", c(15), c(16)),
            String::new(),
        ),
        ("GET", format!("/Users?client_secret={}#{}", c(17), c(17)), ok.to_owned(), String::new()),
        ("POST", "/Users".to_owned(), ok.to_owned(), broken),
        (
            "GET",
            format!("/Users?sortBy=x&password={}", c(19)),
            format!("{ok}Authorization: Bearer {}\r\n", c(20)),
            String::new(),
        ),
    ];
    let mut answers = Vec::new();
    for (method, path, headers, body) in requests {
        let request = format!(
            "{method} /scim/v2{path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        answers.push(raw(address, &request));
    }
    // Bytes that are no HTTP.
    answers.push(raw(address, &format!("Bearer {}\r\n\r\n", c(21))));
    answers
}

/// The file, and what is packed in it.
fn unpacked(path: &Path) -> String {
    let file = std::fs::read(path).expect("a file");
    let mut text = String::from_utf8_lossy(&file).into_owned();
    if path.extension().is_some_and(|extension| extension == "html") {
        let parts: Vec<String> =
            text.split("<script type=\"application/octet-stream\"").skip(1).map(str::to_owned).collect();
        for part in parts {
            let data = part.split_once('>').and_then(|(_, rest)| rest.split_once("</script>")).expect("a block").0;
            let bytes = STANDARD.decode(data).expect("base64");
            let mut inner = String::new();
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut inner).expect("gzip");
            text.push_str(&inner);
        }
    }
    text
}

#[track_caller]
fn clean(what: &str, text: &str) {
    let spelled = |at: usize| [canary(at), STANDARD.encode(canary(at)).trim_end_matches('=').to_owned()];
    let found: Vec<usize> =
        (1..=21).filter(|at| spelled(*at).iter().any(|secret| text.contains(secret.as_str()))).collect();
    assert!(found.is_empty(), "{what} has the canaries {found:?}: {}", &text[..text.len().min(3000)]);
}

#[test]
fn planted_secrets_leave_in_no_format_no_log_and_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = [("SCIMSCOPE_LOG", Path::new("debug"))];
    let server = Server::start_in(&["--token", "t0ken", "--control-token", "c0ntrol"], &log);
    let ready = server.ready();
    let text = |name: &str| ready[name].as_str().expect("a URL").to_owned();
    let (scim, control) = (text("scim"), text("control"));
    let address = scim.trim_start_matches("http://").split('/').next().expect("an address").to_owned();
    for (at, answer) in plant(&address).iter().enumerate() {
        // What is not found is named in the answer to who has asked for it; that is no secret to them.
        if at != 9 {
            clean(&format!("the answer to request {}", at + 1), answer);
        }
    }
    for format in FORMATS {
        for people in [false, true] {
            let path = folder.path().join(format!("out-{people}.{format}"));
            let name = path.to_str().expect("a path").to_owned();
            let mut command = scimscope(&["export", "--control", &control, "--to", format, "-o", &name]);
            command.args(people.then_some("--people")).env("SCIMSCOPE_CONTROL_TOKEN", "c0ntrol");
            let output = command.output().expect("the binary starts");
            assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
            clean(&format!("what the export to {format} says"), &String::from_utf8_lossy(&output.stderr));
            let file = unpacked(&path);
            assert!(file.len() > 100, "{format}: {file}");
            clean(format, &file);
            assert!(!file.contains("t0ken"), "{format} has the token that is right");
        }
    }
    let headers = [("Authorization", "Bearer c0ntrol"), ("Content-Type", "application/json")];
    let preview = send("POST", &format!("{control}/api/v1/exports/preview"), &headers, r#"{"scope":{"by":"all"}}"#);
    assert_eq!(preview.status, 200, "{}", preview.body);
    clean("the preview", &preview.body);
    clean("the list of jobs", &send("GET", &format!("{control}/api/v1/jobs"), &headers, "").body);
    let (_, out, err) = server.terminate();
    clean("the log", &format!("{out}{err}"));
}
