//! Numbers by their text: nothing is rounded, comparison is exact.

use std::cmp::Ordering;
use std::fmt;

/// A JSON number as it was written. Two numbers are equal if their values are, whatever their text.
#[derive(Clone, Debug)]
pub struct Number(Box<str>);

impl Number {
    /// A number from text that follows the grammar of RFC 8259 section 6; `None` otherwise.
    pub fn parse(text: &str) -> Option<Number> {
        is_number(text.as_bytes()).then(|| Number(text.into()))
    }

    /// For text that a JSON parser has already checked.
    pub(crate) fn from_valid_text(text: impl Into<Box<str>>) -> Number {
        Number(text.into())
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The value as a 64-bit integer, if it is written as an integer (no fraction, no exponent) and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Number::from_valid_text(value.to_string())
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number(value.to_string().into())
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        compare_texts(&self.0, &other.0) == Ordering::Equal
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(value) = self.0.parse::<i64>() {
            serializer.serialize_i64(value)
        } else if let Ok(value) = self.0.parse::<u64>() {
            serializer.serialize_u64(value)
        } else {
            // What is out of range becomes the largest number that is in it: infinity would be written as `null`.
            let value: f64 = self.0.parse().unwrap_or_default();
            serializer.serialize_f64(value.clamp(f64::MIN, f64::MAX))
        }
    }
}

/// Whether the text is written as an integer: no fraction and no exponent (RFC 7643 section 2.3.4).
pub fn is_integer_text(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// Compares two numbers by value, exactly, from their texts.
pub fn compare_texts(left: &str, right: &str) -> Ordering {
    let (left, right) = (Decimal::of(left), Decimal::of(right));
    match (left.negative, right.negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => left.compare_size(&right),
        (true, true) => right.compare_size(&left),
    }
}

/// `0.digits * 10^exponent` with a first digit that is not zero; no digits means zero.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Decimal {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], exponent_of(&text[at + 1..])),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        let trailing = digits.iter().rev().take_while(|digit| **digit == b'0').count();
        if leading == digits.len() {
            return Decimal { negative: false, digits: Vec::new(), exponent: 0 };
        }
        Decimal {
            negative,
            exponent: exponent.saturating_add(whole.len() as i64 - leading as i64),
            digits: digits[leading..digits.len() - trailing].to_vec(),
        }
    }

    fn compare_size(&self, other: &Decimal) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

/// Exponents beyond 64 bits saturate: such numbers still order by sign and size of their exponent.
fn exponent_of(text: &str) -> i64 {
    let text = text.strip_prefix('+').unwrap_or(text);
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 })
}

fn is_number(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', digits @ ..] => digits,
            digits => digits,
        };
        let count = digits(exponent);
        if count == 0 {
            return false;
        }
        rest = &exponent[count..];
    }
    rest.is_empty()
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_whatever_their_text() {
        for (left, right, expected) in [
            ("1", "1.0", Ordering::Equal),
            ("10", "1e1", Ordering::Equal),
            ("0", "-0.0", Ordering::Equal),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("-2", "-1", Ordering::Less),
            ("0.1", "0.09", Ordering::Greater),
            ("1e400", "1e399", Ordering::Greater),
            ("99999999999999999999", "100000000000000000000", Ordering::Less),
        ] {
            assert_eq!(compare_texts(left, right), expected, "{left} against {right}");
        }
    }

    #[test]
    fn only_the_grammar_of_rfc_8259_is_a_number() {
        for good in ["0", "-0", "10", "1.5", "1e5", "1E+5", "-1.25e-3"] {
            assert!(Number::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-", "01", "1.", ".5", "1e", "+1", "0x1", "NaN", "1 "] {
            assert!(Number::parse(bad).is_none(), "{bad}");
        }
    }
}
