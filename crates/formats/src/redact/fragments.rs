//! Parts of values that filters ask for: `userName sw "ad"`, `emails.value ew "@contoso.test"`. An alias has none of the letters
//! that it stands for, so that the part is written anew: as one that the same values have when they are aliases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::people::{COMPARED, Kind, kind_of};

/// So many different questions are answered anew; further ones are left to the aliases.
const MOST_ASKED: usize = 2000;
/// So many parts of an alias are tried as the new part.
const MOST_TRIED: usize = 2000;
/// So many values are named one by one if they have no part of their own in common.
const MOST_NAMED: usize = 50;

/// How a filter compares with a part of a value (RFC 7644 section 3.4.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum How {
    Starts,
    Contains,
    Ends,
}

impl How {
    fn of(operator: &str) -> Option<How> {
        match operator.to_ascii_lowercase().as_str() {
            "sw" => Some(How::Starts),
            "co" => Some(How::Contains),
            "ew" => Some(How::Ends),
            _ => None,
        }
    }

    fn holds(self, value: &str, part: &str) -> bool {
        match self {
            How::Starts => value.starts_with(part),
            How::Contains => value.contains(part),
            How::Ends => value.ends_with(part),
        }
    }
}

/// What stands in the place of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
enum With {
    Part(String),
    /// No part tells these from all others: they are named.
    OneOf(Vec<String>),
}

/// What was asked for, and among which values.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    asked: BTreeSet<(Kind, How, String)>,
    values: BTreeMap<Kind, BTreeSet<String>>,
    with: HashMap<(Kind, How, String), With>,
}

impl Fragments {
    /// Whether an operator compares with a part of a value.
    pub(super) fn is_about(operator: &str) -> bool {
        How::of(operator).is_some()
    }

    /// Remembers a question.
    pub(super) fn ask(&mut self, kind: Kind, operator: &str, part: &str) {
        if let Some(how) = How::of(operator).filter(|_| !part.is_empty() && self.asked.len() < MOST_ASKED) {
            self.asked.insert((kind, how, part.to_lowercase()));
        }
    }

    /// Remembers a value that somebody, or something, has.
    pub(super) fn know(&mut self, kind: Kind, value: &str) {
        self.values.entry(kind).or_default().insert(value.to_owned());
    }

    /// Finds what stands in the place of each part. `alias` is what becomes of a value.
    pub(super) fn answer(&mut self, alias: impl Fn(&str) -> String) {
        let asked = std::mem::take(&mut self.asked);
        let kinds: BTreeSet<Kind> = asked.iter().map(|(kind, ..)| *kind).collect();
        let no_values = BTreeSet::new();
        let known: BTreeMap<Kind, Vec<(String, String)>> = kinds
            .into_iter()
            .map(|kind| {
                let values = self.values.get(&kind).unwrap_or(&no_values);
                (kind, values.iter().map(|value| (value.to_lowercase(), alias(value).to_lowercase())).collect())
            })
            .collect();
        let mut with = HashMap::new();
        for (number, key) in asked.into_iter().enumerate() {
            let (kind, how, part) = &key;
            let values = known.get(kind).map_or(&[][..], Vec::as_slice);
            with.insert(key.clone(), answer(*how, part, values, number + 1));
        }
        self.with = with;
        self.values.clear();
    }

    /// The text with other parts in its comparisons, and what `rest` makes of what is between them: what was put in is not looked at
    /// again. None if there is no part to replace.
    pub(super) fn replace(&self, text: &str, rest: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
        if self.with.is_empty() || !text.contains('"') {
            return None;
        }
        let mut between = |text: &str| rest(text).unwrap_or_else(|| text.to_owned());
        let (mut out, mut at) = (String::new(), 0);
        for found in COMPARED.captures_iter(text) {
            let (path, operator, value) = (&found[1], &found[2], unquoted(&found[3]));
            let Some((kind, how)) = kind_of(path).zip(How::of(operator)) else { continue };
            let Some(with) = self.with.get(&(kind, how, value.to_lowercase())) else { continue };
            let range = found.get_match().range();
            out.push_str(&between(&text[at..range.start]));
            out.push_str(&match with {
                With::Part(part) => format!("{path} {operator} {}", quoted(part)),
                With::OneOf(values) => {
                    let named: Vec<String> =
                        values.iter().map(|value| format!("{path} eq {}", quoted(value))).collect();
                    format!("({})", named.join(" or "))
                }
            });
            at = range.end;
        }
        if at == 0 {
            return None;
        }
        out.push_str(&between(&text[at..]));
        Some(out)
    }
}

/// A part that is in the aliases of exactly those values that have the part.
fn answer(how: How, part: &str, values: &[(String, String)], number: usize) -> With {
    let (fits, others): (Vec<_>, Vec<_>) = values.iter().partition(|(value, _)| how.holds(value, part));
    if fits.iter().all(|(value, alias)| value == alias) && !fits.is_empty() {
        // Nothing becomes of those, so the part tells nothing that does not stand there.
        if others.iter().all(|(_, alias)| !how.holds(alias, part)) {
            return With::Part(part.to_owned());
        }
    }
    let tells = |candidate: &str| {
        !candidate.is_empty()
            && fits.iter().all(|(_, alias)| how.holds(alias, candidate))
            && others.iter().all(|(_, alias)| !how.holds(alias, candidate))
    };
    let Some((_, first)) = fits.first() else {
        let nobody = (number..).map(|number| format!("nobody-{number:04}")).find(|candidate| tells(candidate));
        return With::Part(nobody.unwrap_or_default());
    };
    let prefix = fits.iter().fold(first.as_str(), |prefix, (_, alias)| common_prefix(prefix, alias));
    let suffix = fits.iter().fold(first.as_str(), |suffix, (_, alias)| common_suffix(suffix, alias));
    // If the longest that all have is in others too, every shorter one is.
    let candidates: Vec<&str> = match how {
        How::Starts => vec![prefix],
        How::Ends => vec![suffix],
        How::Contains => [prefix, suffix].into_iter().chain(parts_of(first).take(MOST_TRIED)).collect(),
    };
    if let Some(found) = candidates.into_iter().find(|candidate| tells(candidate)) {
        return With::Part(found.to_owned());
    }
    match fits.len() {
        ..=MOST_NAMED => With::OneOf(fits.iter().map(|(_, alias)| alias.clone()).collect()),
        _ if how == How::Ends => With::Part(suffix.to_owned()),
        _ => With::Part(prefix.to_owned()),
    }
}

fn common_prefix<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.char_indices().zip(other.chars()).take_while(|((_, left), right)| left == right);
    let end = same.last().map_or(0, |((at, letter), _)| at + letter.len_utf8());
    &one[..end]
}

fn common_suffix<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.char_indices().rev().zip(other.chars().rev()).take_while(|((_, left), right)| left == right);
    let start = same.last().map_or(one.len(), |((at, _), _)| at);
    &one[start..]
}

/// All parts of a text, the longest first.
fn parts_of(text: &str) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let count = ends.len() - 1;
    (1..=count).rev().flat_map(move |length| {
        let ends = ends.clone();
        (0..=count - length).map(move |from| &text[ends[from]..ends[from + length]])
    })
}

pub(super) fn unquoted(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(how: &str, part: &str, values: &[(&str, &str)]) -> String {
        let mut fragments = Fragments::default();
        fragments.ask(Kind::Handle, how, part);
        values.iter().for_each(|(value, _)| fragments.know(Kind::Handle, value));
        fragments.answer(|value| {
            values.iter().find(|(known, _)| *known == value).map_or_else(String::new, |(_, alias)| (*alias).to_owned())
        });
        let filter = format!("active eq true and userName {how} \"{part}\"");
        fragments.replace(&filter, &mut |_| None).unwrap_or(filter)
    }

    #[test]
    fn a_part_becomes_one_that_the_same_aliases_have() {
        let people = [
            ("ada@a.test", "user-0001@example.com"),
            ("adam@b.test", "user-0002@d2.example.com"),
            ("bob", "user-0003"),
        ];
        assert_eq!(asked("sw", "ada@", &people), "active eq true and userName sw \"user-0001@example.com\"");
        assert_eq!(asked("ew", "@b.test", &people), "active eq true and userName ew \"user-0002@d2.example.com\"");
        assert_eq!(asked("co", ".test", &people), "active eq true and userName co \"example.com\"");
    }

    #[test]
    fn values_without_a_part_of_their_own_are_named() {
        let people = [("ada", "user-0001"), ("adam", "user-0002"), ("bob", "user-0003")];
        let named = "active eq true and (userName eq \"user-0001\" or userName eq \"user-0002\")";
        assert_eq!(asked("sw", "ad", &people), named);
    }

    #[test]
    fn what_nobody_has_stays_what_nobody_has() {
        assert_eq!(asked("co", "Zoe", &[("ada", "user-0001")]), "active eq true and userName co \"nobody-0001\"");
    }
}
