//! A directory as people look at it: past access, paging limits and projection, which are there for clients.

use std::ops::Range;
use std::sync::Arc;

use directory::{Plan, Query, Resource, Root};
use scim::error::ScimError;
use scim::filter::{self, Bound, Filter, Operator};
use scim::finding::{Finding, Place};
use scim::json::Json;
use scim::leniency::{Leniency, Reading};
use scim::schema::{Attribute, Returned, Shape};
use scim::sort::{Key, SortBy, Unsortable};
use scim::value::Value;

use crate::ancestry::Ancestry;
use crate::present::{Presenter, asks_for_computed, is_computed_path};
use crate::profile::Profile;

/// A question about the resources of one type: a filter, an order, or both. Bytes of the filter are told as
/// [`Place::Target`].
#[derive(Debug)]
pub struct Lookup {
    shape: Arc<Shape>,
    filter: Option<Filter>,
    bound: Option<Bound>,
    computed: bool,
    sort: Option<Sort>,
    findings: Vec<Finding>,
}

#[derive(Debug)]
struct Sort {
    by: SortBy,
    computed: bool,
    descending: bool,
}

/// Under which URL, and by which profile, what is computed of a resource is told.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Base URL with the tenant's path.
    pub base: &'a str,
    /// The tenant's profile.
    pub profile: &'a Profile,
}

/// A reference from one resource to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The attribute that refers: `members`, `urn:...:User:manager`.
    pub attribute: String,
    /// The `id` of the resource at the other end.
    pub id: String,
    /// The resource at the other end; absent if it is not there.
    pub resource: Option<Arc<Resource>>,
    /// Whether it is named by the attribute itself, and not by way of another group.
    pub direct: bool,
}

impl Reference {
    /// Whether this is a part of the name of the resource at the other end, in any case, or the beginning of its `id`.
    pub fn is_called(&self, text: &str) -> bool {
        let name = self.resource.as_ref().map(|resource| resource.display().to_lowercase()).unwrap_or_default();
        name.contains(&text.to_lowercase()) || self.id.get(..text.len()).is_some_and(|id| id.eq_ignore_ascii_case(text))
    }
}

impl Lookup {
    /// Reads a filter and an order, taking everything that real clients write.
    ///
    /// # Errors
    /// 400 `invalidFilter` for a text that is no filter, or asks what cannot be asked; 400 `invalidValue` for an attribute
    /// that nothing can be sorted by.
    pub fn read(
        shape: &Arc<Shape>,
        filter: Option<&str>,
        sort_by: Option<&str>,
        descending: bool,
    ) -> Result<Lookup, ScimError> {
        let place = |range: Range<usize>| Place::Target(range);
        let mut reading = Reading::new(shape, Leniency::TOLERANT);
        let filter = filter.filter(|text| !text.trim().is_empty()).map(filter::parse).transpose();
        let filter = filter.map_err(|error| error.into_scim_error(&place))?;
        let bound = filter.as_ref().map(|filter| filter.bind(&mut reading, &place)).transpose()?;
        let findings = reading.findings;
        let computed = filter.as_ref().is_some_and(|filter| asks_for_computed(shape, &filter.expression));
        let sort = sort_by.map(str::trim).filter(|path| !path.is_empty()).map(|path| {
            let by = SortBy::resolve(shape, path).map_err(|why| {
                let (Unsortable::Unknown(why) | Unsortable::Complex(why) | Unsortable::Hidden(why)) = why;
                ScimError::bad_request(scim::error::ScimType::InvalidValue, Place::Request, why)
            })?;
            Ok::<Sort, ScimError>(Sort { by, computed: is_computed_path(shape, path), descending })
        });
        Ok(Lookup { shape: Arc::clone(shape), filter, bound, computed, sort: sort.transpose()?, findings })
    }

    /// The filter as it was read.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// What was noticed about the filter: names that the schema does not have, writing beside the grammar.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether pages can be cut without looking at what is not on them.
    pub fn is_plain(&self) -> bool {
        self.bound.is_none() && self.sort.is_none()
    }

    /// How it will be answered, and at how many resources it looks.
    pub fn plan(&self, root: &Root, view: View<'_>) -> Plan {
        self.ask(root, view, (1, usize::MAX), |query| root.plan(query))
    }

    /// A page in the order of creation, with how many there are in all. Only right for a question that is plain.
    pub fn page(&self, root: &Root, start_index: u64, count: usize) -> (u64, Vec<Arc<Resource>>) {
        let query =
            Query { resource_type: &self.shape.resource_type.name, filter: None, view: None, start_index, count };
        let page = root.query(&query);
        (page.total, page.resources)
    }

    /// All resources that fit, in their order.
    pub fn hits(&self, root: &Root, view: View<'_>) -> Vec<Arc<Resource>> {
        let hits = self.ask(root, view, (1, usize::MAX), |query| root.query(query)).resources;
        let Some(sort) = &self.sort else { return hits };
        let presenter = Presenter::at(root, view.base, view.profile);
        let key = |resource: &Arc<Resource>| match sort.computed {
            true => sort.by.key((&presenter.whole(resource)).into()),
            false => sort.by.key(resource.document.value()),
        };
        let mut keyed: Vec<(Key, Arc<Resource>)> =
            hits.into_iter().map(|resource| (key(&resource), resource)).collect();
        // Stable: what is equal stays in the order of creation.
        keyed.sort_by(|(left, _), (right, _)| {
            let ascending = left.compare(right);
            if sort.descending { ascending.reverse() } else { ascending }
        });
        keyed.into_iter().map(|(_, resource)| resource).collect()
    }

    fn ask<T>(
        &self,
        root: &Root,
        view: View<'_>,
        (start_index, count): (u64, usize),
        ask: impl FnOnce(&Query<'_>) -> T,
    ) -> T {
        let presenter = Presenter::at(root, view.base, view.profile);
        let complete = |_: &Root, resource: &Resource| presenter.whole(resource);
        ask(&Query {
            resource_type: &self.shape.resource_type.name,
            filter: self.bound.as_ref(),
            view: if self.computed { Some(&complete) } else { None },
            start_index,
            count,
        })
    }
}

/// What a resource refers to: attribute by attribute in the order of the schema, and the groups that it is in last.
pub fn references_of(root: &Root, resource: &Resource) -> Vec<Reference> {
    let mut found = Vec::new();
    let core = resource.shape.core_attributes().map(|attribute| (None, attribute));
    let extended = resource.shape.extensions.iter();
    let extended =
        extended.flat_map(|(schema, _)| schema.attributes.iter().map(|attribute| (Some(&schema.id), attribute)));
    for (extension, attribute) in core.chain(extended).filter(|(_, attribute)| attribute.refers_to_resources()) {
        let owner = extension.map_or(Some(resource.document.value()), |urn| resource.document.get(urn));
        let Some(value) = owner.and_then(|owner| owner.get(&attribute.name)) else { continue };
        let ids = value.values().filter_map(|element| element.get("value").and_then(Value::as_str));
        found.extend(ids.map(|id| Reference {
            attribute: path_of(extension.map(String::as_str), attribute),
            id: id.to_owned(),
            resource: root.get(id).cloned(),
            direct: true,
        }));
    }
    found
}

/// What refers to a resource: the groups that it is in, directly or through other groups, and then the resources that name
/// it in an attribute with one value, as a manager. The latter takes a look at every resource of their types.
pub fn references_to(root: &Root, shapes: &[Arc<Shape>], id: &str) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for (group, direct) in Ancestry::new(root).of(id) {
        found.push(refers("members".to_owned(), group, direct));
    }
    for (attribute, resource) in root.referring(id) {
        if attribute != "members" {
            found.push(refers(attribute, resource, true));
        }
    }
    for shape in shapes {
        let core = shape.core_attributes().map(|attribute| (None, attribute));
        let extended = shape.extensions.iter();
        let extended = extended
            .flat_map(|(schema, _)| schema.attributes.iter().map(|attribute| (Some(schema.id.as_str()), attribute)));
        for (extension, attribute) in core.chain(extended) {
            if attribute.multi_valued || !attribute.refers_to_resources() {
                continue;
            }
            let path = path_of(extension, attribute);
            let text = format!("{path}.value {} {}", Operator::Equal, Json::from(id).to_text());
            let Ok(lookup) = Lookup::read(shape, Some(&text), None, false) else { continue };
            let query = Query {
                resource_type: &shape.resource_type.name,
                filter: lookup.bound.as_ref(),
                view: None,
                start_index: 1,
                count: usize::MAX,
            };
            found.extend(root.query(&query).resources.iter().map(|resource| refers(path.clone(), resource, true)));
        }
    }
    found
}

fn refers(attribute: String, resource: &Arc<Resource>, direct: bool) -> Reference {
    Reference { attribute, id: resource.id().to_owned(), resource: Some(Arc::clone(resource)), direct }
}

fn path_of(extension: Option<&str>, attribute: &Attribute) -> String {
    extension.map_or_else(|| attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name))
}

/// The names of attributes at the top and in extensions that are never shown, like `password`; of those in an extension with
/// its URN before it.
pub fn secret_attributes(shape: &Shape) -> Vec<(Option<String>, String)> {
    let never = |attribute: &&Attribute| attribute.returned == Returned::Never;
    let core = shape.core_attributes().filter(never).map(|attribute| (None, attribute.name.clone()));
    let extended = shape.extensions.iter().flat_map(|(schema, _)| {
        schema.attributes.iter().filter(never).map(|attribute| (Some(schema.id.clone()), attribute.name.clone()))
    });
    core.chain(extended).collect()
}
