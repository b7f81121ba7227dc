//! Secrets that can be told by how they look, in any text.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::secrets::Kind;

/// Without one of these in a text there is nothing to look for. Most texts have none.
static HINTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let hints =
        ["eyj", "bearer", "basic", "://", "pass", "pwd", "secret", "token", "key", "assertion", "cookie", "sessionid"];
    AhoCorasick::builder().ascii_case_insensitive(true).build(hints).expect("the hints are a few words")
});

static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    let shapes = [
        // A JSON Web Token (RFC 7519): three parts, the first of which begins as `{"` does in base64url.
        r"(?P<jwt>\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*)",
        r"(?i:\bbearer)(?:\s|%20|\+)+(?P<bearer>[A-Za-z0-9._~+/=-]{6,})",
        r"(?i:\bbasic)(?:\s|%20|\+)+(?P<basic>[A-Za-z0-9+/]{8,}={0,2})",
        r"://(?P<user>[^/\s:@?#]+:[^/\s@?#]+)@",
        r"(?P<pem>-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----)",
        r#"(?i:[\w.-]*(?:password|passwd|secret|token|api[_-]?key|assertion|sessionid))["']?\s*(?:=|:)\s*["']?(?P<named>[^\s"'&,;}{)]{3,})"#,
        r#"(?i:[\w.:-]*(?:password|secret))\s+(?i:eq|ne|co|sw|ew|gt|ge|lt|le)\s+"(?P<filter>(?:[^"\\]|\\.)+)""#,
    ];
    Regex::new(&shapes.join("|")).expect("the shapes are regular expressions")
});

/// Shows where secrets stand in a text, in order, and of which kind they are.
pub(super) fn find(text: &str, mut found: impl FnMut(Range<usize>, Kind)) {
    if !HINTS.is_match(text) {
        return;
    }
    for hit in SHAPES.captures_iter(text) {
        let kinds = [
            ("jwt", Kind::Token),
            ("bearer", Kind::Token),
            ("basic", Kind::Basic),
            ("user", Kind::Key),
            ("pem", Kind::Key),
            ("named", Kind::Key),
            ("filter", Kind::Password),
        ];
        for (name, kind) in kinds {
            let Some(secret) = hit.name(name) else { continue };
            // The first parameter of a challenge: `Bearer realm="..."`.
            let is_parameter = secret.as_str().ends_with('=') && text[secret.end()..].starts_with('"');
            if !is_parameter && is_secret(name, secret.as_str()) {
                found(secret.range(), kind);
            }
        }
    }
}

/// Words that stand where a secret would: "token: expired", "basic authentication".
fn is_secret(shape: &str, text: &str) -> bool {
    let is_word = || text.chars().all(|letter| letter.is_ascii_lowercase()) || text.starts_with("{{");
    match shape {
        "bearer" | "basic" => !is_word() && !text.trim_end_matches(['.', ':', ',']).chars().all(char::is_alphabetic),
        // A URL of something that is called after a token is none itself.
        "named" => !is_word() && !text.starts_with("//") && !text.contains("://"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        find(text, |range, _| all.push(&text[range]));
        all
    }

    #[test]
    fn secrets_are_told_by_their_looks() {
        assert_eq!(found("jwt eyJhbGciOi.eyJzdWIiOi.c2ln end"), ["eyJhbGciOi.eyJzdWIiOi.c2ln"]);
        assert_eq!(found("got Bearer abc-123.x, why"), ["abc-123.x"]);
        assert_eq!(found("https://u:p4ss@host/x"), ["u:p4ss"]);
        assert_eq!(found("client_secret=abc1&x=1"), ["abc1"]);
        assert_eq!(found(r#"password eq "hunter\"2""#), ["hunter\\\"2"]);
    }

    #[test]
    fn words_about_secrets_are_none() {
        for text in [
            "the bearer token is missing",
            "Basic authentication failed",
            "Bearer error_description=\"no\"",
            "token: expired",
            "password: {{password}}",
            "tokenUrl: https://login.example.com/token",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
