//! Who is speaking, told from the shape of one request.
//!
//! Each dialect has signs with weights. The signs seen are added up per dialect; the dialect with the most wins if it
//! reaches [`ENOUGH`], and what speaks for another one is taken off. A User-Agent alone is never enough, because it is
//! free text, except for the one client of which little more is known.

use crate::dialect::Dialect;
use crate::look::Look;

mod entra;
mod okta;
mod others;

/// From this confidence on a dialect is said to be recognised.
pub const ENOUGH: u8 = 50;

/// One thing that tells a dialect.
pub(crate) struct Sign {
    weight: u8,
    /// A clause that completes "because": "op is capitalised".
    why: &'static str,
    seen: fn(&Look) -> bool,
}

/// A dialect and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// The dialect.
    pub dialect: Dialect,
    /// How sure, from [`ENOUGH`] to 99.
    pub confidence: u8,
    /// The signs seen, weightiest first.
    pub reasons: Vec<String>,
}

/// What the signs of one request say, if they say enough.
pub(crate) fn recognise(look: &Look) -> Option<Recognition> {
    let mut scores: Vec<(u32, Dialect, Vec<&Sign>)> = Dialect::ALL
        .into_iter()
        .map(|dialect| {
            let seen: Vec<&Sign> = signs(dialect).iter().filter(|sign| (sign.seen)(look)).collect();
            (seen.iter().map(|sign| u32::from(sign.weight)).sum(), dialect, seen)
        })
        .collect();
    // Stable, so equal scores stay in the order of `Dialect::ALL`.
    scores.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    let against = scores.get(1).map_or(0, |(score, ..)| *score);
    let (score, dialect, mut seen) = scores.into_iter().next()?;
    let confidence = score.saturating_sub(against / 3).min(99) as u8;
    if confidence < ENOUGH {
        return None;
    }
    seen.sort_by_key(|sign| std::cmp::Reverse(sign.weight));
    Some(Recognition { dialect, confidence, reasons: seen.iter().map(|sign| sign.why.to_owned()).collect() })
}

fn signs(dialect: Dialect) -> &'static [Sign] {
    match dialect {
        Dialect::Entra => entra::SIGNS,
        Dialect::Okta => okta::SIGNS,
        Dialect::OneLogin => others::ONELOGIN,
        Dialect::Google => others::GOOGLE,
        Dialect::JumpCloud => others::JUMPCLOUD,
        Dialect::Authentik => others::AUTHENTIK,
        Dialect::Rauthy => others::RAUTHY,
        Dialect::Keycloak => others::KEYCLOAK,
    }
}

/// Whether the Content-Type is exactly the one that Entra and Okta write.
fn scim_json_in_utf8(look: &Look) -> bool {
    look.header("content-type").is_some_and(|value| value.eq_ignore_ascii_case("application/scim+json; charset=utf-8"))
}

/// Whether the Content-Type is `application/json`, with or without parameters.
fn plain_json(look: &Look) -> bool {
    look.header("content-type")
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Whether these are 24 hexadecimal digits.
fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
