//! References to resources that are not there (RFC 7643 section 2.3.7): kept with a finding, or refused.

use directory::Root;
use scim::diff::{Action, Line};
use scim::error::{ScimError, ScimType};
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use scim::leniency::Reading;
use scim::projection::without_filters;
use scim::schema::{Attribute, Target};

use crate::answer::Draft;
use crate::prepare::Scene;

const CODE: &str = "member-not-found";

/// Looks at the references that a write adds. `root` is the state that it makes.
///
/// # Errors
/// 400 `invalidValue` for the first one that leads nowhere, if the profile wants all to lead somewhere.
pub(crate) fn check(scene: &Scene, root: &Root, lines: &[Line], draft: &mut Draft) -> Result<(), ScimError> {
    for line in lines.iter().filter(|line| line.action != Action::Removed) {
        let Some(after) = &line.after else { continue };
        let path = without_filters(&line.path);
        let Ok(Target::Attribute { attribute, sub, .. }) = scene.shape.resolve(&path) else { continue };
        if !attribute.refers_to_resources() {
            continue;
        }
        let Some(id) = referred(attribute, sub, after) else { continue };
        if root.get(id).is_some() || scene.promised.contains(id) {
            continue;
        }
        let place = Place::Body(line.operation.map_or_else(
            || format!("/{}", scim::json::pointer_token(&attribute.name)),
            |operation| format!("/Operations/{operation}"),
        ));
        let id: String = id.chars().take(80).collect();
        let message = format!("{} names {id:?}, and there is no resource with this id", attribute.name);
        if scene.setting.profile.referential_integrity {
            let detail = format!("{message}; create it first");
            return Err(ScimError::bad_request(ScimType::InvalidValue, place, detail));
        }
        if draft.findings.iter().filter(|finding| finding.code == CODE).count() >= Reading::MANY {
            return Ok(());
        }
        let message = format!("{message}; the reference is kept");
        draft.findings.push(Finding::new(CODE, Severity::Warning, place, message));
    }
    Ok(())
}

/// The `id` in an element, or in its `value`.
fn referred<'v>(attribute: &Attribute, sub: Option<&Attribute>, after: &'v Json) -> Option<&'v str> {
    let names_value = sub.is_none_or(|sub| sub.name == "value");
    match after {
        Json::Object(element) if sub.is_none() => element.get("value")?.as_str(),
        Json::String(id) if names_value && attribute.sub("value").is_some() => Some(id),
        _ => None,
    }
}
