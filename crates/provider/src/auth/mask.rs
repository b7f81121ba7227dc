//! Secrets as they may be shown.

/// A secret is shown as stars and this many last characters.
const SHOWN: usize = 4;

/// Stars and the last four characters; stars alone for what is too short to hide behind four.
pub(crate) fn masked(secret: &str) -> String {
    let length = secret.chars().count();
    if length <= 2 * SHOWN {
        return if secret.is_empty() { "empty".into() } else { "****".into() };
    }
    let tail: String = secret.chars().skip(length - SHOWN).collect();
    format!("****{tail}")
}

/// A name from a request, fit for one line: control characters are left out, and what is long is cut.
pub(crate) fn name(text: &str) -> String {
    const LONGEST: usize = 60;
    let clean = || text.chars().filter(|letter| !letter.is_control());
    let mut name: String = clean().take(LONGEST).collect();
    if clean().nth(LONGEST).is_some() {
        name.push('…');
    }
    name
}
