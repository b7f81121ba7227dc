//! `/Me` (RFC 7644 section 3.11): another name of one resource.

use std::sync::Arc;

use directory::Query;
use scim::error::ScimError;
use scim::filter;
use scim::finding::Place;
use scim::json::Json;
use scim::leniency::{Leniency, Reading};
use scim::schema::Shape;

use crate::prepare::Setting;
use crate::present::Presenter;
use crate::profile::Me;

/// What `/Me` leads to.
pub(crate) enum Found {
    /// The resource of this type with this `id`.
    Is(Arc<Shape>, String),
    /// This URL, which the client is to use itself.
    At(String),
}

/// The resource that `/Me` names for this client.
///
/// # Errors
/// 404 if there is no such resource (any more).
pub(crate) fn resolve(setting: &Setting) -> Result<Found, ScimError> {
    let name = &setting.profile.me_user_name;
    let root = setting.tenant.directory().root();
    for shape in setting.tenant.registry().shapes() {
        if shape.core_attribute("userName").is_none() {
            continue;
        }
        let text = format!("userName eq {}", Json::from(name.as_str()).to_text());
        let Ok(filter) = filter::parse(&text) else { continue };
        let mut reading = Reading::new(shape, Leniency::STRICT);
        let Ok(bound) = filter.bind(&mut reading, &|_| Place::Request) else { continue };
        let query = Query {
            resource_type: &shape.resource_type.name,
            filter: Some(&bound),
            view: None,
            start_index: 1,
            count: 1,
        };
        let Some(user) = root.query(&query).resources.into_iter().next() else { continue };
        if setting.profile.me == Me::Redirect {
            return Ok(Found::At(Presenter::new(&root, setting).location(&user)));
        }
        return Ok(Found::Is(Arc::clone(shape), user.id().to_owned()));
    }
    let detail =
        format!("/Me is the user {name:?} here, and there is no such user; create it, or name another in the profile");
    Err(ScimError::plain(404, detail))
}
