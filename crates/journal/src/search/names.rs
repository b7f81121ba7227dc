//! How the users, groups and resources are called that exchanges are about.

use traffic::exchange::Exchange;
use traffic::query::asked::{self, Called};
use traffic::query::{ResourceTest, TextPattern};

use super::BLOCK;
use super::bits::{Answer, Bits};
use super::bytes::{Reader, Words, put, words};

/// Most names of one exchange that are taken in, and most bytes of them.
const MOST: usize = 128;
const LONGEST: usize = 8 << 10;

/// What a name is. From [`RESOURCE`] on it is the id of a resource, of the type with the number beyond.
const USER_NAME: u64 = 0;
const USER_ID: u64 = 1;
const GROUP_NAME: u64 = 2;
const GROUP_ID: u64 = 3;
const RESOURCE: u64 = 4;

/// Gathers the names of a block.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    words: Words,
    types: Words,
    rows: Vec<Vec<(u64, u64)>>,
}

impl Gatherer {
    /// Takes in an exchange. False if there is too much of it to be told here.
    pub(super) fn take(&mut self, place: usize, exchange: &Exchange) -> bool {
        let mut found: Vec<(u64, &str, String)> = Vec::new();
        let mut bytes = 0;
        let mut fits = true;
        let mut add = |kind: u64, of: &'static str, text: &str| {
            if !found.iter().any(|(have, _, name)| *have == kind && name == text) {
                bytes += text.len();
                found.push((kind, of, text.to_owned()));
            }
            fits = found.len() <= MOST && bytes <= LONGEST;
            !fits
        };
        asked::users(exchange, &mut |called| match called {
            Called::Name(name) => add(USER_NAME, "", name),
            Called::Id(id) => add(USER_ID, "", id),
        });
        asked::groups(exchange, &mut |called| match called {
            Called::Name(name) => add(GROUP_NAME, "", name),
            Called::Id(id) => add(GROUP_ID, "", id),
        });
        let mut row: Vec<(u64, u64)> = Vec::new();
        if fits {
            for (kind, id) in asked::resources(exchange) {
                bytes += kind.len() + id.len();
                if row.len() > MOST || bytes > LONGEST {
                    return false;
                }
                let entry = (self.words.number(id), RESOURCE + self.types.number(kind) - 1);
                if !row.contains(&entry) {
                    row.push(entry);
                }
            }
        } else {
            return false;
        }
        row.extend(found.iter().map(|(kind, _, name)| (self.words.number(name), *kind)));
        self.rows.resize_with(place, Vec::new);
        self.rows.push(row);
        true
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.rows.resize_with(BLOCK as usize, Vec::new);
        let mut texts = Vec::new();
        self.words.write(&mut texts);
        let mut blob = Vec::new();
        put(&mut blob, texts.len() as u64);
        blob.append(&mut texts);
        self.types.write(&mut blob);
        for row in &self.rows {
            put(&mut blob, row.len() as u64);
            for (word, kind) in row {
                put(&mut blob, *word);
                put(&mut blob, *kind);
            }
        }
        blob
    }
}

/// The names of a block, to be asked.
pub(super) struct Names<'a> {
    texts: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Names<'a> {
    pub(super) fn read(blob: &'a [u8]) -> Option<Names<'a>> {
        let mut reader = Reader(blob);
        let length = usize::try_from(reader.number()?).ok()?;
        let texts = reader.take(length)?;
        Some(Names { texts, rest: reader.0 })
    }

    pub(super) fn user(&self, pattern: &TextPattern) -> Option<Answer> {
        self.called(pattern, USER_NAME, USER_ID)
    }

    pub(super) fn group(&self, pattern: &TextPattern) -> Option<Answer> {
        self.called(pattern, GROUP_NAME, GROUP_ID)
    }

    fn called(&self, pattern: &TextPattern, name: u64, id: u64) -> Option<Answer> {
        // Most blocks have nobody who is called so; that is quickly seen.
        if !TextPattern::part(pattern.text()).is_in(self.texts) {
            return Some(Answer::exact(Bits::NONE));
        }
        let names: Vec<(bool, bool)> = words(&mut Reader(self.texts))?
            .into_iter()
            .map(|text| (pattern.calls(Called::Name(text)), pattern.calls(Called::Id(text))))
            .collect();
        let mut bits = Bits::NONE;
        let mut reader = Reader(self.rest);
        words(&mut reader)?;
        self.rows(reader, |place, word, kind| {
            let (as_name, as_id) = names.get(word).copied().unwrap_or_default();
            if as_name && kind == name || as_id && kind == id {
                bits.insert(place);
            }
        })?;
        Some(Answer::exact(bits))
    }

    pub(super) fn resource(&self, test: &ResourceTest) -> Option<Answer> {
        let mut reader = Reader(self.rest);
        let types = words(&mut reader)?;
        let may_be = match test {
            ResourceTest::TypeOrId(text) => {
                types.iter().any(|of| test.is(of, "")) || TextPattern::part(text.as_str()).is_in(self.texts)
            }
            ResourceTest::TypeAndId(_, id) => TextPattern::part(id.as_str()).is_in(self.texts),
        };
        if !may_be {
            return Some(Answer::exact(Bits::NONE));
        }
        let texts = words(&mut Reader(self.texts))?;
        let mut bits = Bits::NONE;
        self.rows(reader, |place, word, kind| {
            let of = kind.checked_sub(RESOURCE).and_then(|of| types.get(of as usize));
            if let (Some(of), Some(id)) = (of, texts.get(word))
                && test.is(of, id)
            {
                bits.insert(place);
            }
        })?;
        Some(Answer::exact(bits))
    }

    /// Shows place, index of the text, and kind of each name.
    fn rows(&self, mut reader: Reader<'_>, mut each: impl FnMut(usize, usize, u64)) -> Option<()> {
        for place in 0..BLOCK as usize {
            for _ in 0..reader.number()? {
                let (word, kind) = (reader.number()?, reader.number()?);
                each(place, (word as usize).checked_sub(1)?, kind);
            }
        }
        Some(())
    }
}
