//! Names of people, by where they come from.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// A language and what goes with it: names, offices, time zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Polish.
    Pl,
    /// Japanese.
    Ja,
    /// Chinese.
    Zh,
    /// Arabic, written from right to left.
    Ar,
}

/// A name as it is written, and in letters that any address takes.
#[derive(Debug)]
pub(super) struct Name {
    pub written: &'static str,
    pub ascii: &'static str,
}

/// The names of a locale. No family name, in ASCII, is in two of them: that makes user names unique.
#[derive(Debug)]
pub(super) struct Names {
    pub given: Vec<Name>,
    pub family: Vec<Name>,
}

impl Locale {
    /// All of them.
    pub const ALL: [Locale; 8] =
        [Locale::En, Locale::De, Locale::Fr, Locale::Es, Locale::Pl, Locale::Ja, Locale::Zh, Locale::Ar];

    /// The language tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::De => "de",
            Locale::Fr => "fr",
            Locale::Es => "es",
            Locale::Pl => "pl",
            Locale::Ja => "ja",
            Locale::Zh => "zh",
            Locale::Ar => "ar",
        }
    }

    /// Whether the family name comes first, without a blank between.
    pub(super) fn family_first(self) -> bool {
        matches!(self, Locale::Ja | Locale::Zh)
    }

    pub(super) fn names(self) -> &'static Names {
        static ALL: OnceLock<Vec<Names>> = OnceLock::new();
        &ALL.get_or_init(|| TEXTS.iter().map(|text| read(text)).collect())[self as usize]
    }
}

/// In the order of [`Locale`]: given names, an empty line, family names; each with its ASCII form after a bar if that is
/// another one.
const TEXTS: [&str; 8] = [
    include_str!("names/en.txt"),
    include_str!("names/de.txt"),
    include_str!("names/fr.txt"),
    include_str!("names/es.txt"),
    include_str!("names/pl.txt"),
    include_str!("names/ja.txt"),
    include_str!("names/zh.txt"),
    include_str!("names/ar.txt"),
];

fn read(text: &'static str) -> Names {
    let (given, family) = text.split_once("\n\n").unwrap_or((text, ""));
    let names = |lines: &'static str| {
        let names = lines.lines().map(|line| {
            let (written, ascii) = line.split_once('|').unwrap_or((line, line));
            Name { written: written.trim(), ascii: ascii.trim() }
        });
        names.collect()
    };
    Names { given: names(given), family: names(family) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_locales_share_a_family_name_and_no_name_is_there_twice() {
        let mut families = HashSet::new();
        for locale in Locale::ALL {
            let Names { given, family } = locale.names();
            assert_eq!((given.len(), family.len()), (40, 40), "{locale:?}");
            let given: HashSet<String> = given.iter().map(|name| name.ascii.to_lowercase()).collect();
            assert_eq!(given.len(), 40, "{locale:?}");
            for name in family {
                assert!(families.insert(name.ascii.to_lowercase()), "{locale:?} {}", name.ascii);
            }
        }
    }

    #[test]
    fn ascii_names_are_what_an_address_takes() {
        for name in Locale::ALL.iter().flat_map(|locale| locale.names().given.iter().chain(&locale.names().family)) {
            let fits = |letter: char| letter.is_ascii_alphabetic() || letter == '-';
            assert!(!name.ascii.is_empty() && name.ascii.chars().all(fits), "{name:?}");
        }
    }
}
