//! Secrets that were seen, and what stands in their place.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Literal;

/// What a secret is; each kind has placeholders of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Behind the scheme in an `Authorization` field: a variable, so that a replay can put one in.
    Token,
    /// The same of the scheme Basic.
    Basic,
    Password,
    Cookie,
    Key,
    /// What a rule of one's own found.
    Rule,
}

/// Shorter secrets are replaced only where they are known to stand: they are words of other texts, too.
const SHORTEST_ANYWHERE: usize = 6;
const SHORTEST_NAMED: usize = 3;
/// Secrets shorter than this are replaced only where they are no part of a longer word.
const SHORTEST_INSIDE: usize = 12;
/// Words that are no secrets, whatever the name before them says.
const PLAIN: [&str; 16] = [
    "true",
    "false",
    "null",
    "none",
    "bearer",
    "basic",
    "string",
    "always",
    "never",
    "readOnly",
    "readWrite",
    "writeOnly",
    "password",
    "secret",
    "default",
    "unknown",
];

/// The secrets seen so far, numbered in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Vault {
    placeholders: HashMap<String, String>,
    order: Vec<(Kind, String)>,
    counts: HashMap<Kind, usize>,
}

impl Vault {
    /// Remembers a secret. A placeholder of an earlier redaction, or an expression in its place, is none.
    pub(super) fn learn(&mut self, kind: Kind, secret: &str) {
        let is_variable = secret.starts_with("{{") && secret.ends_with("}}");
        if secret.is_empty() || is_variable || secret.starts_with("redacted-") || PLAIN.contains(&secret) {
            return;
        }
        if self.placeholders.contains_key(secret) {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let placeholder = placeholder(kind, *count);
        self.placeholders.insert(secret.to_owned(), placeholder);
        self.order.push((kind, secret.to_owned()));
    }

    /// What stands in the place of a secret.
    pub(super) fn placeholder(&self, secret: &str) -> Option<&str> {
        self.placeholders.get(secret).map(String::as_str)
    }

    /// The variables among the placeholders, and what each is for.
    pub(super) fn variables(&self) -> Vec<(String, &'static str)> {
        let kinds = self.order.iter().filter(|(kind, _)| matches!(kind, Kind::Token | Kind::Basic));
        kinds.filter_map(|(kind, secret)| Some((self.placeholders.get(secret)?.clone(), kind.words()))).collect()
    }

    /// What is replaced wherever it stands: secrets as they are, and as they look when they are encoded.
    pub(super) fn literals(&self) -> Vec<Literal> {
        let mut literals = Vec::new();
        for (kind, secret) in &self.order {
            // What somebody named on purpose is looked for in any case.
            let shortest = if *kind == Kind::Rule { SHORTEST_NAMED } else { SHORTEST_ANYWHERE };
            if secret.len() < shortest {
                continue;
            }
            let with = &self.placeholders[secret];
            let whole = secret.len() < SHORTEST_INSIDE;
            let mut add = |text: String| {
                if text != *secret || literals.last().is_none_or(|last: &Literal| last.text != text) {
                    literals.push(Literal { text, with: with.clone(), capital: None, whole });
                }
            };
            add(secret.clone());
            let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
            if percent != *secret {
                // What stays as it is in most encoders.
                let kept = [("%2D", "-"), ("%2E", "."), ("%5F", "_"), ("%7E", "~")];
                add(kept.iter().fold(percent.clone(), |text, (code, sign)| text.replace(code, sign)));
                add(percent);
            }
            let escaped = serde_json::to_string(secret).unwrap_or_default();
            let escaped = escaped.trim_matches('"');
            if escaped != secret {
                add(escaped.to_owned());
            }
            if secret.len() >= SHORTEST_INSIDE {
                add(STANDARD.encode(secret).trim_end_matches('=').to_owned());
            }
        }
        literals
    }
}

impl Kind {
    /// What a secret of this kind is called in a report.
    pub(super) fn words(self) -> &'static str {
        match self {
            Kind::Token => "access token",
            Kind::Basic => "user name and password",
            Kind::Password => "password",
            Kind::Cookie => "cookie",
            Kind::Key => "secret",
            Kind::Rule => "value named by a rule",
        }
    }
}

fn placeholder(kind: Kind, count: usize) -> String {
    let number = |name: &str| if count == 1 { format!("{{{{{name}}}}}") } else { format!("{{{{{name}{count}}}}}") };
    match kind {
        Kind::Token => number("scimToken"),
        Kind::Basic => number("scimBasic"),
        Kind::Password => format!("redacted-password-{count}"),
        Kind::Cookie => format!("redacted-cookie-{count}"),
        Kind::Key => format!("redacted-secret-{count}"),
        Kind::Rule => format!("redacted-value-{count}"),
    }
}
