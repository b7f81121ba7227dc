//! Header fields: media types and entity tags.

use scim::error::ScimError;
use scim::finding::{Finding, Place, Severity};

use crate::request::Request;

/// The media type of SCIM (RFC 7644 section 8.1).
pub(crate) const SCIM_JSON: &str = "application/scim+json";
const JSON: &str = "application/json";

/// The media type to answer with (RFC 7644 section 3.8).
pub(crate) fn answer_type(request: &Request, findings: &mut Vec<Finding>) -> &'static str {
    let Some(accept) = request.header_list("Accept") else { return SCIM_JSON };
    let scim = quality(&accept, SCIM_JSON);
    let json = quality(&accept, JSON);
    if scim == 0 && json == 0 {
        let name = request.header_fields("Accept").next().map_or("Accept", |(name, _)| name);
        findings.push(Finding::new(
            "accept-ignored",
            Severity::Warning,
            Place::Header(name.to_owned()),
            format!("Accept is {accept:?}, which allows neither {SCIM_JSON} nor {JSON}; answered with {SCIM_JSON}"),
        ));
        return SCIM_JSON;
    }
    if json > scim { JSON } else { SCIM_JSON }
}

/// How much a media type is wanted, in thousandths; the most specific range that fits decides (RFC 9110 section 12.5.1).
fn quality(accept: &str, wanted: &str) -> u16 {
    let (wanted_type, _) = wanted.split_once('/').unwrap_or((wanted, ""));
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let specific = if name.eq_ignore_ascii_case(wanted) {
            3
        } else if name.strip_suffix("/*").is_some_and(|name| name.eq_ignore_ascii_case(wanted_type)) {
            2
        } else if name == "*/*" || name == "*" {
            1
        } else {
            continue;
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight = weight.map_or(1000, |text| {
            let weight: f32 = text.parse().unwrap_or(1.0);
            (weight.clamp(0.0, 1.0) * 1000.0) as u16
        });
        if specific > best.0 {
            best = (specific, weight);
        }
    }
    best.1
}

/// Looks at the media type of a request. Without a body any type will do, since there is nothing that it could describe.
///
/// `severity` is that of a deviation that the profile takes.
///
/// # Errors
/// 415 if a method that takes a body comes with a type that is neither SCIM's nor JSON's.
pub(crate) fn check_content_type(
    request: &Request,
    takes_body: bool,
    severity: Severity,
    findings: &mut Vec<Finding>,
) -> Result<(), ScimError> {
    let Some((name, value)) = request.header_fields("Content-Type").next() else {
        if takes_body && !request.body.is_empty() {
            findings.push(Finding::new(
                "missing-content-type",
                Severity::Warning,
                Place::Request,
                format!("the body has no Content-Type; it was read as {SCIM_JSON}"),
            ));
        }
        return Ok(());
    };
    let place = Place::Header(name.to_owned());
    let media_type = value.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(JSON) {
        findings.push(Finding::new(
            "T9",
            severity,
            place,
            format!("Content-Type is {JSON}; RFC 7644 section 3.1 has {SCIM_JSON}"),
        ));
        Ok(())
    } else if media_type.eq_ignore_ascii_case(SCIM_JSON) || !takes_body {
        Ok(())
    } else {
        let detail = format!("Content-Type is {value:?}; send {SCIM_JSON}");
        Err(ScimError { place, ..ScimError::plain(415, detail) })
    }
}

/// Whether an entity tag fits the condition of `If-Match` or `If-None-Match`: `*`, or a list with this tag. Compared
/// weakly (RFC 9110 section 8.8.3.2), since RFC 7644 section 3.14 sends weak tags in `If-Match`.
pub(crate) fn tag_fits(condition: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).to_owned();
    condition.trim() == "*" || condition.split(',').any(|listed| opaque(listed) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_media_range_decides() {
        assert_eq!(quality("application/json;q=0.5, */*;q=0.1", "application/json"), 500);
        assert_eq!(quality("application/*", "application/scim+json"), 1000);
        assert_eq!(quality("application/json, application/scim+json;q=0", "application/scim+json"), 0);
        assert_eq!(quality("text/html", "application/json"), 0);
    }

    #[test]
    fn entity_tags_are_compared_weakly_and_in_lists() {
        assert!(tag_fits("W/\"1\", W/\"2\"", "W/\"2\""));
        assert!(tag_fits("\"2\"", "W/\"2\""));
        assert!(tag_fits("*", "W/\"9\""));
        assert!(!tag_fits("W/\"1\"", "W/\"2\""));
    }
}
