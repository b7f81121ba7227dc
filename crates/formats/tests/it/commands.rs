//! Commands for shells.

use std::process::Command;

use formats::curl;
use formats::read::{Limits, ReadError};
use formats::recorded::Recorded;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::sample;

fn read(text: &str) -> Result<Vec<Recorded>, ReadError> {
    let mut all = Vec::new();
    curl::read(text, Timestamp::UNIX_EPOCH, &Limits::default(), &mut |recorded| {
        all.push(recorded);
        Ok(())
    })?;
    Ok(all)
}

/// What a shell makes of the command: its words.
fn words(command: &str) -> Vec<String> {
    let script = format!("set -f\ncurl() {{ for word; do printf '%s\\0' \"$word\"; done; }}\n{command}");
    let out = Command::new("sh").arg("-c").arg(script).env("SCIM_TOKEN", "from-the-environment").output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let words = out.stdout.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    let mut words: Vec<String> = words.collect();
    words.pop();
    words
}

#[test]
fn a_shell_takes_a_command_apart_as_it_is_meant() {
    let body = "{\"a\":\"it's $HOME `x` \\\\ \\\"q\\\" é\"}";
    let mut one = sample::exchange(1, 1, "POST", "/scim/v2/Users?x='y'", body, 201, "{}");
    one.request.headers[1].1 = "Bearer {{scimToken}}".into();
    one.request.headers.push(("X-Empty".into(), String::new()));
    let words = words(&curl::posix(&one));
    assert_eq!(words[..3], ["--fail-with-body", "-X", "POST"]);
    assert!(words.contains(&"Authorization: Bearer from-the-environment".to_owned()), "{words:?}");
    assert!(words.contains(&"X-Empty;".to_owned()));
    assert_eq!(words.last().unwrap(), body);
}

#[test]
fn commands_as_browsers_copy_them_are_read() {
    let text = "# a comment\ncurl 'https://idp.example.com/scim/v2/Users?count=1' \\\n  -X PATCH \\\n  -H 'Authorization: Bearer t' \\\n\
                --compressed -o /dev/null --data-raw $'{\"a\":\"it\\'s\\u00e9\\n\"}'; echo done\n\
                curl -sS -u user:pass -G --data-urlencode 'filter=userName eq \"a\"' http://h/Users\n\
                curl http://h -d a=1 -d b=2 -H 'Content-Type:'";
    let all = read(text).unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!((all[0].request.method.as_str(), all[0].request.target.as_str()), ("PATCH", "/scim/v2/Users?count=1"));
    assert_eq!(all[0].request.body, "{\"a\":\"it'sé\n\"}");
    assert_eq!(all[1].request.target, "/Users?filter=userName%20eq%20%22a%22");
    assert_eq!(all[1].request.header("authorization"), Some("Basic dXNlcjpwYXNz"));
    assert_eq!((all[2].request.method.as_str(), &all[2].request.body[..]), ("POST", b"a=1&b=2".as_slice()));
    assert_eq!(all[2].request.header("content-type"), None);
}

#[test]
fn a_command_never_reads_a_file_and_says_what_it_lacks() {
    let error = |text: &str| read(text).unwrap_err().to_string();
    assert!(error("curl http://h -d @/etc/passwd").contains("which is not read"));
    assert!(error("curl -H x").contains("it has no URL"));
    assert!(error("curl 'http://h").contains("is not closed"));
    assert!(error("echo hello").contains("there is no curl command"));
    assert!(error("curl http://h -H").contains("-H has no value"));
}

proptest! {
    #[test]
    fn what_is_written_as_a_command_is_read_again(
        body in "[ -~é\n]{0,40}",
        value in "[!-~é]([ -~é]{0,20}[!-~é])?",
        query in "[a-zA-Z0-9%=&'+-]{0,20}",
    ) {
        prop_assume!(!body.contains("{{scim") && !value.contains("{{scim"));
        let target = format!("/scim/v2/Users?{query}");
        let mut one = sample::exchange(1, 1, "POST", &target, &body, 201, "{}");
        one.request.headers.push(("X-Any".into(), value));
        let back = read(&curl::posix(&one)).unwrap();
        // A percent sign that begins no escape is written as one.
        let url = one.url();
        prop_assert_eq!(back[0].url(), url);
        prop_assert_eq!(&back[0].request.body, &one.request.body);
        let kept: Vec<_> = one.request.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "Host" | "Content-Length")).cloned().collect();
        prop_assert_eq!(&back[0].request.headers, &kept);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = read(&text);
        let _ = read(&format!("curl {text}"));
    }
}
