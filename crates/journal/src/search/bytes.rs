//! Numbers and texts in a BLOB. Reading what is no such BLOB gives nothing, and never panics.

use std::collections::HashMap;

/// Appends a number in seven bits a byte, low ones first.
pub(super) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads what [`put`] and its like wrote.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }
}

/// Texts, each once, by the order in which they first came.
#[derive(Debug, Default)]
pub(super) struct Words {
    known: HashMap<String, u64>,
    in_order: Vec<String>,
}

impl Words {
    /// The number of a text, from 1.
    pub(super) fn number(&mut self, text: &str) -> u64 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        self.in_order.push(text.to_owned());
        self.known.insert(text.to_owned(), self.in_order.len() as u64);
        self.in_order.len() as u64
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put(out, self.in_order.len() as u64);
        for text in &self.in_order {
            put(out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// Reads what [`Words::write`] wrote.
pub(super) fn words<'a>(reader: &mut Reader<'a>) -> Option<Vec<&'a str>> {
    let count = reader.number()?;
    (0..count).map(|_| reader.text()).collect()
}
