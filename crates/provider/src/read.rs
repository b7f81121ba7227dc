//! GET on one resource (RFC 7644 section 3.4.1).

use directory::etag;
use scim::error::ScimError;
use scim::finding::Place;
use scim::schema::Shape;

use crate::answer::{Answer, Draft, Refused};
use crate::negotiate::tag_fits;
use crate::prepare::{Scene, known};
use crate::present::Presenter;
use crate::target::Segment;

pub(crate) fn read(scene: &Scene, id: &Segment, draft: &mut Draft) -> Result<Answer, Refused> {
    let root = scene.setting.root();
    let resource = known(&root, &scene.shape, &id.text).ok_or_else(|| missing(&scene.shape, id))?;
    draft.subject.display = Some(resource.display().to_owned());
    let tag = etag(resource.version);
    let fresh = scene.if_none_match.as_ref().is_some_and(|condition| tag_fits(condition, &tag));
    let answer = if fresh {
        Answer::empty(304)
    } else {
        Answer::text(200, Presenter::new(&root, &scene.setting).shown_text(resource, &scene.selection, &[]))
    };
    Ok(if scene.setting.profile.etag { answer.with("ETag", tag) } else { answer })
}

/// The refusal of an `id` that names nothing here.
pub(crate) fn missing(shape: &Shape, id: &Segment) -> Refused {
    let detail = format!("there is no {} with the id {:?}", shape.resource_type.name, id.text);
    ScimError { place: Place::Target(id.span.clone()), ..ScimError::plain(404, detail) }.into()
}
