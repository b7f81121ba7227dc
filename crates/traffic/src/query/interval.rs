//! Values on a scale: statuses, durations, times, numbers. A value as written is an interval (`4xx`, `14:02`), and so is
//! what a comparison or a range makes of it.

use jiff::{Timestamp, Unit};

/// A value that cannot be read: what to say and what may have been meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub message: String,
    pub suggestion: Option<String>,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>) -> Wrong {
        Wrong { message: message.into(), suggestion: None }
    }

    pub(super) fn meant(self, suggestion: Option<impl Into<String>>) -> Wrong {
        Wrong { suggestion: suggestion.map(Into::into), ..self }
    }
}

/// How a value is compared with what the exchange has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Plain,
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    /// The comparison at the beginning of a text, and its length.
    pub(super) fn at_the_start(text: &str) -> (Comparison, usize) {
        use Comparison::*;
        for (sign, comparison) in
            [(">=", AtLeast), ("<=", AtMost), ("!=", NotEqual), (">", Greater), ("<", Less), ("=", Equal)]
        {
            if text.starts_with(sign) {
                return (comparison, sign.len());
            }
        }
        (Plain, 0)
    }

    pub(super) fn is_an_order(self) -> bool {
        matches!(self, Comparison::Less | Comparison::AtMost | Comparison::Greater | Comparison::AtLeast)
    }
}

/// First and last value, both included; without one there is no bound.
pub(super) type Interval = (Option<i128>, Option<i128>);

/// What a value or a range (`a..b`, `a..`, `..b`) and its comparison mean, if one value means what `read` says. `!=` is
/// for the caller to turn round.
pub(super) fn interval(
    comparison: Comparison,
    text: &str,
    read: impl Fn(&str) -> Result<(i128, i128), Wrong>,
) -> Result<Interval, Wrong> {
    if let Some((from, to)) = text.split_once("..") {
        if comparison.is_an_order() {
            return Err(Wrong::new("a range cannot be compared: write a..b alone").meant(Some(text)));
        }
        if from.is_empty() && to.is_empty() {
            return Err(Wrong::new("a range needs a value before .. or after it"));
        }
        let bound = |side: &str| if side.is_empty() { Ok(None) } else { read(side).map(Some) };
        let (from, to) = (bound(from)?.map(|(first, _)| first), bound(to)?.map(|(_, last)| last));
        return match (from, to) {
            (Some(first), Some(last)) if first > last => {
                let turned = text.split_once("..").map(|(from, to)| format!("{to}..{from}"));
                Err(Wrong::new("the range ends before it begins").meant(turned))
            }
            range => Ok(range),
        };
    }
    let (first, last) = read(text)?;
    Ok(match comparison {
        Comparison::Plain | Comparison::Equal | Comparison::NotEqual => (Some(first), Some(last)),
        Comparison::Less => (None, Some(first - 1)),
        Comparison::AtMost => (None, Some(last)),
        Comparison::Greater => (Some(last + 1), None),
        Comparison::AtLeast => (Some(first), None),
    })
}

/// `404`, or all that begin so: `4`, `4xx`, `40`, `40x`.
pub(super) fn status(text: &str) -> Result<(i128, i128), Wrong> {
    let digits = text.trim_end_matches(['x', 'X']);
    let number = digits.parse::<u16>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let width = match digits.len() {
        1 => 100,
        2 => 10,
        _ => 1,
    };
    match number {
        Some(number @ 1..)
            if text.len() <= 3 && (digits.len() == 3 || digits.len() == text.len() || text.len() == 3) =>
        {
            let first = i128::from(number) * width;
            Ok((first, first + width - 1))
        }
        _ => Err(Wrong::new(format!("{text:?} is no status; write 404, 4xx, >=400, 400..404 or none"))),
    }
}

/// A number from 0.
pub(super) fn number(text: &str) -> Result<(i128, i128), Wrong> {
    match text.parse::<u64>() {
        Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok((number.into(), number.into())),
        _ => Err(Wrong::new(format!("{text:?} is no number; write 12, 10..20 or >=5"))),
    }
}

/// A duration with its unit, in microseconds: `250us`, `1.5ms`, `2s`, `1m`.
pub(super) fn duration(text: &str) -> Result<i128, Wrong> {
    let wrong = || Wrong::new(format!("{text:?} is no duration; write a number and us, ms, s or m, as in >100ms"));
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    // More digits than fit are no duration; more digits of a fraction than microseconds have are cut.
    let whole: u32 = whole.parse().map_err(|_| wrong())?;
    let scale = match unit.to_ascii_lowercase().as_str() {
        "us" | "µs" | "μs" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" | "min" => 60_000_000,
        "" => return Err(Wrong::new("a duration needs a unit: us, ms, s or m").meant(Some(format!("{digits}ms")))),
        _ => return Err(wrong()),
    };
    if fraction.bytes().any(|byte| !byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let mut micros = i128::from(whole) * scale;
    let mut part = scale;
    for digit in fraction.bytes().take(9) {
        // Of a minute a tenth is whole, and so on; what is less than a microsecond is nothing.
        micros += i128::from(digit - b'0') * part / 10;
        part /= 10;
    }
    Ok(micros)
}

/// A time, in nanoseconds since 1970, as long as it is exact: a day, a minute, a second, or an instant.
pub(super) fn time(text: &str, now: Timestamp) -> Result<(i128, i128), Wrong> {
    const SECOND: i128 = 1_000_000_000;
    let wrong = || {
        let forms = "10m (ago), 14:02, 2026-01-31 or 2026-01-31T14:02Z";
        Wrong::new(format!("{text:?} is no time; write {forms}; times without a zone are UTC"))
    };
    if let Some(at) = ago(text, now)? {
        return Ok((at, at));
    }
    // A time in UTC begins with its date.
    let today = now.to_string();
    let today = today.get(..10).ok_or_else(wrong)?;
    let (date, clock) = match text.split_once(['T', 't', ' ']) {
        Some((date, clock)) => (date, clock),
        None if text.contains(':') => (today, text),
        None => (text, ""),
    };
    let zone_at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let length = match (clock.matches(':').count(), clock.contains('.')) {
        (0, _) if clock.is_empty() => 86_400 * SECOND,
        (_, true) => 1,
        (1, _) => 60 * SECOND,
        (2, _) => SECOND,
        _ => return Err(wrong()),
    };
    let clock = if clock.is_empty() { "00:00" } else { clock };
    let zone = if zone.is_empty() { "Z" } else { zone };
    let at: Timestamp = format!("{date}T{clock}{zone}").parse().map_err(|_| wrong())?;
    Ok((at.as_nanosecond(), at.as_nanosecond() + length - 1))
}

/// A time that is said by how long ago it was: `10m`.
fn ago(text: &str, now: Timestamp) -> Result<Option<i128>, Wrong> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let Ok(amount) = digits.parse::<u32>() else { return Ok(None) };
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "s" => Unit::Second,
        "m" | "min" => Unit::Minute,
        "h" => Unit::Hour,
        "d" => Unit::Day,
        "w" => Unit::Week,
        "" => {
            let message = format!("{text} of what? Write {text}s, {text}m, {text}h or {text}d");
            return Err(Wrong::new(message).meant(Some(format!("{text}m"))));
        }
        _ => return Ok(None),
    };
    Ok(Some(now.as_nanosecond() - i128::from(amount) * seconds(unit) * 1_000_000_000))
}

fn seconds(unit: Unit) -> i128 {
    match unit {
        Unit::Week => 604_800,
        Unit::Day => 86_400,
        Unit::Hour => 3_600,
        Unit::Minute => 60,
        _ => 1,
    }
}

/// Whether a time is said by how long ago it was.
pub(super) fn is_ago(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_alphabetic()) && !text.contains([':', '-', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-04T12:30:00Z".parse().unwrap()
    }

    fn span(text: &str) -> (String, String) {
        let (first, last) = time(text, now()).unwrap();
        let show = |nanos| Timestamp::from_nanosecond(nanos).unwrap().to_string();
        (show(first), show(last + 1))
    }

    #[test]
    fn a_status_stands_for_all_that_begin_so() {
        for (text, expected) in [
            ("404", Some((404, 404))),
            ("4xx", Some((400, 499))),
            ("4", Some((400, 499))),
            ("40X", Some((400, 409))),
            ("40", Some((400, 409))),
            ("4x", None),
            ("x", None),
            ("000", None),
            ("4000", None),
            ("+40", None),
            ("", None),
        ] {
            assert_eq!(status(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_duration_has_a_unit() {
        for (text, expected) in [
            ("250us", 250),
            ("1.5ms", 1_500),
            ("0.25s", 250_000),
            ("2S", 2_000_000),
            ("1m", 60_000_000),
            ("0.0000001s", 0),
            ("1.25m", 75_000_000),
        ] {
            assert_eq!(duration(text), Ok(expected), "{text}");
        }
        for bad in ["ms", "1.x", "1h", "1..2ms", "99999999999s", "-1s", "", "1.2.3s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert_eq!(duration("100").unwrap_err().suggestion.as_deref(), Some("100ms"));
    }

    #[test]
    fn a_time_lasts_as_long_as_it_is_exact() {
        for (text, from, before) in [
            ("14:02", "2026-03-04T14:02:00Z", "2026-03-04T14:03:00Z"),
            ("14:02:05", "2026-03-04T14:02:05Z", "2026-03-04T14:02:06Z"),
            ("2026-01-31", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("2026-01-31T14:02", "2026-01-31T14:02:00Z", "2026-01-31T14:03:00Z"),
            ("2026-01-31T14:02+02:00", "2026-01-31T12:02:00Z", "2026-01-31T12:03:00Z"),
            ("2026-01-31 14:02:07.5Z", "2026-01-31T14:02:07.5Z", "2026-01-31T14:02:07.500000001Z"),
        ] {
            assert_eq!(span(text), (from.to_owned(), before.to_owned()), "{text}");
        }
        assert_eq!(span("90m").0, "2026-03-04T11:00:00Z");
        assert_eq!(span("1d").0, "2026-03-03T12:30:00Z");
        for bad in ["", "25:00", "14:", "tomorrow", "2026-13-01", "2026-01", "T", "10y", "ä", "14:02:03:04", "-5m"] {
            assert!(time(bad, now()).is_err(), "{bad}");
        }
        assert_eq!(time("10", now()).unwrap_err().suggestion.as_deref(), Some("10m"));
    }

    #[test]
    fn comparisons_and_ranges_are_intervals() {
        use Comparison::*;
        for (comparison, text, expected) in [
            (AtLeast, "400", (Some(400), None)),
            (Greater, "4xx", (Some(500), None)),
            (Less, "4xx", (None, Some(399))),
            (AtMost, "4xx", (None, Some(499))),
            (Plain, "400..404", (Some(400), Some(404))),
            (Plain, "4xx..5xx", (Some(400), Some(599))),
            (Plain, "500..", (Some(500), None)),
            (Plain, "..399", (None, Some(399))),
        ] {
            assert_eq!(interval(comparison, text, status), Ok(expected), "{text}");
        }
        assert_eq!(interval(Plain, "404..400", status).unwrap_err().suggestion.as_deref(), Some("400..404"));
        assert!(interval(Less, "400..404", status).is_err());
        assert!(interval(Plain, "..", status).is_err());
    }
}
