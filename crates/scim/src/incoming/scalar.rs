//! Values without parts: texts, booleans, numbers, dates, binaries, references (RFC 7643 section 2.3).

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine};

use super::pointer::Pointer;
use super::{Named, SECRET, is_secret, mismatch, quoted};
use crate::error::ScimError;
use crate::finding::{Finding, Severity};
use crate::json::Json;
use crate::leniency::Reading;
use crate::number;
use crate::schema::{Attribute, Kind};
use crate::text;

/// Padding may be missing (RFC 7643 section 2.3.6).
const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, ANY_PADDING);

pub(super) fn read(reading: &mut Reading, named: Named, value: Json, here: &Pointer) -> Result<Json, ScimError> {
    let attribute = named.attribute;
    let expected = match attribute.kind {
        Kind::String | Kind::Reference => match value {
            Json::String(text) => return Ok(kept_text(reading, named, text, here)),
            _ if attribute.kind == Kind::Reference => "a URI in a string",
            _ => "a string",
        },
        Kind::Boolean => match &value {
            Json::Bool(_) => return Ok(value),
            Json::String(text) if reading.leniency.string_booleans => match truth(text) {
                Some(truth) => {
                    let message = format!("{named} was sent as the string {}; it is taken as {truth}", quoted(text));
                    reading.tolerated("T3", here.place(), message);
                    return Ok(Json::Bool(truth));
                }
                None => "true or false",
            },
            _ => "true or false",
        },
        Kind::Integer => match &value {
            Json::Number(number) if number.as_i64().is_some() => return Ok(value),
            Json::Number(number) if number::is_integer_text(number.text()) => "a number that 64 bits hold",
            _ => "a number without fraction and exponent",
        },
        Kind::Decimal => match &value {
            Json::Number(number) if is_double(number.text()) => return Ok(value),
            Json::Number(_) => "a number that a 64-bit floating point number can come near to",
            _ => "a number",
        },
        Kind::DateTime => match &value {
            Json::String(text) if text::date_time(text).is_some() => return Ok(value),
            _ => "a date and time such as \"2026-01-31T09:30:00Z\"",
        },
        Kind::Binary => match &value {
            Json::String(text) if is_base64(text) => return Ok(value),
            _ => "base64 in a string",
        },
        // A complex attribute is never read here.
        Kind::Complex => "an object",
    };
    Err(mismatch(named, expected, &value, here))
}

fn kept_text(reading: &mut Reading, named: Named, text: String, here: &Pointer) -> Json {
    let attribute = named.attribute;
    if is_secret(attribute) {
        return Json::from(SECRET);
    }
    if !text.is_empty() && !is_canonical(attribute, &text) {
        let message = format!(
            "{} is none of the canonical values of {named} ({}); it is kept",
            quoted(&text),
            attribute.canonical_values.join(", ")
        );
        reading.note(Finding::new("non-canonical-value", Severity::Info, here.place(), message));
    }
    if let Some(format) = attribute.format.filter(|format| !text.is_empty() && !format.fits(&text)) {
        let message = format!("{named} is {}, which is not {}; it is kept", quoted(&text), format.expected());
        reading.note(Finding::new(format.code(), Severity::Warning, here.place(), message));
    }
    if attribute.kind == Kind::Reference && !is_uri_reference(&text) {
        let message = format!("{named} is {}, which is no URI; it is kept", quoted(&text));
        reading.note(Finding::new("no-uri", Severity::Warning, here.place(), message));
    }
    Json::String(text)
}

fn is_canonical(attribute: &Attribute, text: &str) -> bool {
    attribute.canonical_values.is_empty()
        || attribute.canonical_values.iter().any(|known| text::same(attribute, known, text))
}

/// Whether a text has only characters of URIs (RFC 3986); those beyond ASCII are taken as an IRI has them.
fn is_uri_reference(text: &str) -> bool {
    !text.contains(|letter: char| letter.is_whitespace() || letter.is_control() || "<>\"\\^`{|}".contains(letter))
}

/// Whether other software can read the number at all. It is kept as it is written, digit for digit.
fn is_double(text: &str) -> bool {
    text.parse().is_ok_and(f64::is_finite)
}

fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn is_base64(text: &str) -> bool {
    STANDARD.decode(text).is_ok() || URL_SAFE.decode(text).is_ok()
}
