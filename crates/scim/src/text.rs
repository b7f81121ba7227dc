//! Comparison of texts: case folding and instants.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::schema::{Attribute, Kind};

/// The form of a text in which texts that differ in case alone are equal, for attributes with `caseExact: false` (RFC
/// 7643 section 2.2). Each character is folded by itself (Unicode simple case folding), so nothing depends on a language:
/// `ς` and `Σ` both become `σ`.
///
/// Writings of the same text are equal too, as RFC 7644 section 5 asks for user names (PRECIS, RFC 8265 section 3.3): an
/// accent may be a character of its own or not, letters may be of full width. This is done by compatibility
/// normalisation (NFKC), before and after folding.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        let mut folded = String::with_capacity(text.len());
        for letter in text.nfkc() {
            match only(letter.to_lowercase()) {
                // The way over the capital unites letters that share one (`ς` and `σ`, `ſ` and `s`); the dotless `ı` shares
                // the capital of `i`, yet is another letter.
                Some(lower) => match only(lower.to_uppercase()).and_then(|upper| only(upper.to_lowercase())) {
                    Some(shared) if lower != 'ı' => folded.push(shared),
                    _ => folded.push(lower),
                },
                None => folded.extend(letter.to_lowercase()),
            }
        }
        if is_nfkc_quick(folded.chars()) == IsNormalized::Yes {
            return Cow::Owned(folded);
        }
        Cow::Owned(folded.nfkc().collect())
    }
}

/// Whether two texts are the same value of this attribute: instants for a `dateTime`, without regard to case where the
/// attribute has none, byte by byte otherwise.
pub fn same(attribute: &Attribute, left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    if attribute.kind == Kind::DateTime
        && let (Some(left), Some(right)) = (date_time(left), date_time(right))
    {
        return left == right;
    }
    if attribute.compares_case() {
        return false;
    }
    if left.is_ascii() && right.is_ascii() { left.eq_ignore_ascii_case(right) } else { fold(left) == fold(right) }
}

/// The instant of an `xsd:dateTime` (RFC 7643 section 2.3.5): `2026-01-31T09:30:00Z`, with an offset (`+01:00`), with a
/// fraction of a second, or without a zone, which is taken as UTC. `None` if the text is anything else. Digits of the
/// fraction beyond the ninth do not count.
pub fn date_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once('T')?;
    let date = civil_date(date)?;
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    let offset = match zone {
        "" | "Z" => Offset::UTC,
        zone => offset(zone)?,
    };
    let (time, ends_day) = clock_time(time)?;
    // XML Schema lets a day end at 24:00:00, which is the first instant of the next.
    let date = if ends_day { date.tomorrow().ok()? } else { date };
    offset.to_timestamp(date.to_datetime(time)).ok()
}

fn civil_date(text: &str) -> Option<Date> {
    let (before_era, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let year: i16 = digits(year)?;
    Date::new(if before_era { -year } else { year }, two(month)?, two(day)?).ok()
}

/// A time of day, and whether it is the end of the day.
fn clock_time(text: &str) -> Option<(Time, bool)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, nanoseconds(fraction)?),
        None => (text, 0),
    };
    let mut parts = whole.split(':');
    let (hour, minute, second) = (two(parts.next()?)?, two(parts.next()?)?, two(parts.next()?)?);
    if parts.next().is_some() {
        return None;
    }
    if hour == 24 && minute == 0 && second == 0 && fraction == 0 {
        return Some((Time::midnight(), true));
    }
    Some((Time::new(hour, minute, second, fraction).ok()?, false))
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((0..9).fold(0, |sum, at| sum * 10 + fraction.as_bytes().get(at).map_or(0, |digit| i32::from(digit - b'0'))))
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (i32::from(two(hours)?), i32::from(two(minutes)?));
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

fn two(text: &str) -> Option<i8> {
    if text.len() == 2 { digits(text) } else { None }
}

/// A number of nothing but digits: the standard parser also takes a sign.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_case_alone_fold_to_the_same() {
        for (left, right) in [
            ("Ada", "aDA"),
            ("ÄRGER", "ärger"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("STRAẞE", "straße"),
            ("ſ", "S"),
            ("ПЁТР", "пётр"),
            ("ＡＤＡ", "ada"),
            ("re\u{301}ne\u{301}e", "RÉNÉE"),
            ("\u{212b}", "å"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} and {right}");
        }
        for (left, right) in [("ı", "i"), ("ß", "ss"), ("é", "e"), ("a", "b")] {
            assert_ne!(fold(left), fold(right), "{left} and {right}");
        }
        assert!(matches!(fold("plain.name@example.com"), Cow::Borrowed(_)));
    }

    #[test]
    fn folding_twice_changes_nothing_more() {
        let all: String = ('\0'..=char::MAX).collect();
        let once = fold(&all).into_owned();
        assert!(once == fold(&once), "a folded character folds to another");
    }

    #[test]
    fn a_date_time_is_an_instant_whatever_its_zone_and_fraction() {
        let instant = |text: &str| date_time(text).unwrap_or_else(|| panic!("{text} is a date and time"));
        let noon = instant("2026-01-31T12:00:00Z");
        for same in [
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00.000Z",
            "2026-01-31T13:00:00+01:00",
            "2026-01-31T04:30:00-07:30",
            "2026-01-31T12:00:00.0000000004Z",
        ] {
            assert_eq!(instant(same), noon, "{same}");
        }
        assert_eq!(instant("2026-01-31T24:00:00Z"), instant("2026-02-01T00:00:00Z"));
        assert!(instant("2026-01-31T12:00:00.001Z") > noon);
        assert!(instant("-0044-03-15T00:00:00Z") < noon);
    }

    #[test]
    fn other_texts_are_no_date_times() {
        for bad in [
            "",
            "2026-01-31",
            "2026-02-30T00:00:00Z",
            "2026-01-31 12:00:00Z",
            "2026-01-31t12:00:00z",
            "2026-1-31T12:00:00Z",
            "2026-01-31T12:00Z",
            "2026-01-31T25:00:00Z",
            "2026-01-31T12:00:60Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00+1:00",
            "2026-01-31T12:00:00+15:00",
            "2026-01-31T12:00:00Z[UTC]",
            "2026-01-31T12:00:00ZZ",
            "20260131T120000Z",
            "+2026-01-31T12:00:00Z",
            "2026-01-31T24:00:01Z",
            "9999-12-31T24:00:00Z",
        ] {
            assert_eq!(date_time(bad), None, "{bad:?}");
        }
    }
}
