//! Links into the app from elsewhere: `scimscope://flow/12`, `scimscope://exchange/7`.

use std::fmt;

/// How a link begins.
pub const SCHEME: &str = "scimscope";

/// What a link leads to. Following one only looks: a link never changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A flow, by the number of its first exchange.
    Flow(u64),
    /// An exchange, by its number.
    Exchange(u64),
}

/// Why a link leads nowhere, in words for the person who followed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Link {
    /// Whether a text claims to be a link, right or wrong.
    pub fn claims(text: &str) -> bool {
        let (scheme, rest) = text.split_at_checked(SCHEME.len()).unwrap_or_default();
        scheme.eq_ignore_ascii_case(SCHEME) && rest.starts_with(':')
    }

    /// Reads a link. What comes from outside is not trusted: anything but the two known forms is refused.
    pub fn parse(text: &str) -> Result<Link, Unknown> {
        let shown = || text.chars().filter(|c| !c.is_control()).take(120).collect::<String>();
        let forms = || format!("links have the form {SCHEME}://flow/NUMBER or {SCHEME}://exchange/NUMBER");
        let rest = text.split_at_checked(SCHEME.len() + 1).map(|(_, rest)| rest).filter(|_| Link::claims(text));
        let path = rest.and_then(|rest| rest.strip_prefix("//"));
        let Some(path) = path else {
            return Err(Unknown(format!("{} is no link of Scimscope: {}", shown(), forms())));
        };
        // Some programs add a slash to a link that they pass on.
        let path = path.strip_suffix('/').unwrap_or(path);
        let (kind, number) = path.split_once('/').unwrap_or((path, ""));
        let make = match kind.to_ascii_lowercase().as_str() {
            "flow" => Link::Flow,
            "exchange" => Link::Exchange,
            _ => return Err(Unknown(format!("{} leads to nothing that Scimscope has: {}", shown(), forms()))),
        };
        // `parse` alone would take a sign.
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        match number.parse() {
            Ok(number) if digits && number > 0 => Ok(make(number)),
            _ => Err(Unknown(format!("{} has no number that an exchange can have: {}", shown(), forms()))),
        }
    }

    /// The address in the page.
    pub fn address(self) -> String {
        match self {
            Link::Flow(id) => format!("#/flows/{id}"),
            Link::Exchange(seq) => format!("#/live?seq={seq}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_flows_and_exchanges_are_read_however_they_are_written() {
        for (text, link) in [
            ("scimscope://flow/12", Link::Flow(12)),
            ("scimscope://exchange/7", Link::Exchange(7)),
            ("SCIMSCOPE://Exchange/7/", Link::Exchange(7)),
            ("scimscope://flow/18446744073709551615", Link::Flow(u64::MAX)),
        ] {
            assert_eq!(Link::parse(text), Ok(link), "{text}");
        }
        assert_eq!(Link::Flow(12).address(), "#/flows/12");
        assert_eq!(Link::Exchange(7).address(), "#/live?seq=7");
    }

    #[test]
    fn what_is_no_link_is_refused_with_the_forms_that_there_are() {
        for text in [
            "",
            "scimscope",
            "scimscope:",
            "scimscope:flow/1",
            "scimscope://",
            "scimscope://flow",
            "scimscope://flow/",
            "scimscope://flow/0",
            "scimscope://flow/-1",
            "scimscope://flow/+1",
            "scimscope://flow/1/2",
            "scimscope://flow/1?then=delete",
            "scimscope://flow/1#x",
            "scimscope://flow/18446744073709551616",
            "scimscope://import/file",
            "https://example.com/flow/1",
            "flöw://flow/1",
        ] {
            let why = Link::parse(text).expect_err(text).to_string();
            assert!(why.contains("scimscope://exchange/NUMBER"), "{text}: {why}");
        }
    }

    #[test]
    fn a_message_about_a_link_is_short_and_has_no_control_characters() {
        let why = Link::parse(&format!("scimscope://{}\u{1b}[31m", "x".repeat(10_000))).unwrap_err().to_string();
        assert!(why.len() < 400 && !why.contains('\u{1b}'), "{why}");
    }

    #[test]
    fn a_path_is_not_taken_for_a_link() {
        assert!(Link::claims("scimscope://nonsense"));
        assert!(!Link::claims("scimscope.scimscope"));
        assert!(!Link::claims("/home/ada/scimscope:flow"));
    }
}
