//! Which endpoint a path leads to, and what can be done there.

use std::sync::Arc;

use scim::schema::{Registry, Shape};
use traffic::handled::Action;

use crate::profile::{Me, Profile};
use crate::target::Segment;

/// Where a path below the base leads.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    /// The base itself: a query over all types (RFC 7644 section 3.4.2.1).
    Base,
    /// All resources of a type.
    Type(Arc<Shape>),
    /// One resource.
    Resource(Arc<Shape>, Segment),
    /// `.search` of a resource type, or of all (RFC 7644 section 3.4.3).
    Search(Option<Arc<Shape>>),
    /// `/ServiceProviderConfig`.
    ServiceProviderConfig,
    /// `/ResourceTypes`, or one of them.
    ResourceTypes(Option<Segment>),
    /// `/Schemas`, or one of them.
    Schemas(Option<Segment>),
    /// `/Bulk` (RFC 7644 section 3.7).
    Bulk,
    /// `/Me` (RFC 7644 section 3.11).
    Me,
    /// Nothing.
    Nowhere,
}

impl Route {
    pub fn of(registry: &Registry, segments: &[Segment]) -> Route {
        let texts: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
        match texts.as_slice() {
            [] => return Route::Base,
            [".search"] => return Route::Search(None),
            ["ServiceProviderConfig"] => return Route::ServiceProviderConfig,
            ["ResourceTypes"] => return Route::ResourceTypes(None),
            ["ResourceTypes", _] => return Route::ResourceTypes(Some(segments[1].clone())),
            ["Schemas"] => return Route::Schemas(None),
            ["Schemas", _] => return Route::Schemas(Some(segments[1].clone())),
            ["Bulk"] => return Route::Bulk,
            ["Me"] => return Route::Me,
            _ => {}
        }
        for shape in registry.shapes() {
            let mut rest = texts.iter();
            let endpoint = shape.resource_type.endpoint.split('/').filter(|part| !part.is_empty());
            if endpoint.into_iter().all(|part| rest.next() == Some(&part)) {
                match rest.len() {
                    0 => return Route::Type(Arc::clone(shape)),
                    1 if texts.last() == Some(&".search") => return Route::Search(Some(Arc::clone(shape))),
                    1 => return Route::Resource(Arc::clone(shape), segments[segments.len() - 1].clone()),
                    _ => {}
                }
            }
        }
        Route::Nowhere
    }

    /// The methods that are offered here, for `Allow`; none where nothing is offered.
    pub fn methods(&self, profile: &Profile) -> Vec<&'static str> {
        let all: &[&'static str] = match self {
            Route::Type(_) => &["GET", "HEAD", "POST", "OPTIONS"],
            Route::Resource(..) | Route::Me => &["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
            Route::ServiceProviderConfig | Route::ResourceTypes(_) | Route::Schemas(_) | Route::Base => {
                &["GET", "HEAD", "OPTIONS"]
            }
            Route::Search(_) | Route::Bulk => &["POST", "OPTIONS"],
            Route::Nowhere => &[],
        };
        if self.unsupported(profile).is_some() {
            return Vec::new();
        }
        all.iter().copied().filter(|method| !self.is_switched_off(method, profile)).collect()
    }

    /// Whether a method that makes sense here is not offered by the profile.
    pub fn is_switched_off(&self, method: &str, profile: &Profile) -> bool {
        let limits = match self {
            Route::Type(shape) | Route::Resource(shape, _) | Route::Search(Some(shape)) => {
                profile.limits.of(&shape.resource_type.name)
            }
            _ => None,
        };
        let refuses = |name: &str| limits.is_some_and(|limits| limits.refused_methods.iter().any(|have| have == name));
        match (self, method) {
            (Route::Resource(..) | Route::Me, "PATCH") if !profile.patch => true,
            (Route::Search(_), "POST") => refuses("GET"),
            (_, "HEAD") => refuses("GET"),
            (_, method) => refuses(method),
        }
    }

    /// The resource type that a search is about; nothing for all.
    pub fn searched(&self) -> Option<&Arc<Shape>> {
        match self {
            Route::Search(shape) => shape.as_ref(),
            _ => None,
        }
    }

    /// What is not offered here at all.
    pub fn unsupported(&self, profile: &Profile) -> Option<&'static str> {
        match self {
            Route::Base if !profile.root_query => Some("a query over all resource types at the base URL"),
            Route::Search(_) if !profile.search => Some("searching by POST to .search"),
            Route::Search(None) if !profile.root_query => Some("a search over all resource types"),
            Route::Bulk if !profile.bulk => Some("bulk"),
            Route::Me if profile.me == Me::NotSupported => Some("/Me"),
            _ => None,
        }
    }

    /// The kind of request that this method is here.
    pub fn action(&self, method: &str) -> Action {
        match (self, method) {
            (Route::Type(_), "GET" | "HEAD") => Action::List,
            (Route::Type(_), "POST") => Action::Create,
            (Route::Base, "GET" | "HEAD") | (Route::Search(_), "POST") => Action::List,
            (Route::Resource(..) | Route::Me, "GET" | "HEAD") => Action::Read,
            (Route::Resource(..) | Route::Me, "PUT") => Action::Replace,
            (Route::Resource(..) | Route::Me, "PATCH") => Action::Modify,
            (Route::Resource(..) | Route::Me, "DELETE") => Action::Delete,
            (Route::ServiceProviderConfig | Route::ResourceTypes(_) | Route::Schemas(_), "GET" | "HEAD") => {
                Action::Discover
            }
            _ => Action::Unknown,
        }
    }
}
