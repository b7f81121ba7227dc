//! Which endpoint a path leads to, and what can be done there.

use std::sync::Arc;

use scim::schema::{Registry, Shape};
use traffic::handled::Action;

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
    /// `.search` (RFC 7644 section 3.4.3).
    Search,
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
            [.., ".search"] => return Route::Search,
            ["ServiceProviderConfig"] => return Route::ServiceProviderConfig,
            ["ResourceTypes"] => return Route::ResourceTypes(None),
            ["ResourceTypes", _] => return Route::ResourceTypes(Some(segments[1].clone())),
            ["Schemas"] => return Route::Schemas(None),
            ["Schemas", _] => return Route::Schemas(Some(segments[1].clone())),
            ["Bulk"] => return Route::Bulk,
            ["Me", ..] => return Route::Me,
            _ => {}
        }
        for shape in registry.shapes() {
            let mut rest = texts.iter();
            let endpoint = shape.resource_type.endpoint.split('/').filter(|part| !part.is_empty());
            if endpoint.into_iter().all(|part| rest.next() == Some(&part)) {
                match rest.len() {
                    0 => return Route::Type(Arc::clone(shape)),
                    1 => return Route::Resource(Arc::clone(shape), segments[segments.len() - 1].clone()),
                    _ => {}
                }
            }
        }
        Route::Nowhere
    }

    /// The methods that make sense here, for `Allow`; none where nothing is supported.
    pub fn methods(&self) -> &'static [&'static str] {
        match self {
            Route::Type(_) => &["GET", "HEAD", "POST", "OPTIONS"],
            Route::Resource(..) => &["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
            Route::ServiceProviderConfig | Route::ResourceTypes(_) | Route::Schemas(_) => &["GET", "HEAD", "OPTIONS"],
            Route::Base | Route::Search | Route::Bulk | Route::Me | Route::Nowhere => &[],
        }
    }

    /// What is not supported here, if that is all there is to say.
    pub fn unsupported(&self) -> Option<&'static str> {
        match self {
            Route::Base => Some("a query over all resource types at the base URL"),
            Route::Search => Some("searching by POST to .search"),
            Route::Bulk => Some("bulk"),
            Route::Me => Some("/Me"),
            _ => None,
        }
    }

    /// The kind of request that this method is here.
    pub fn action(&self, method: &str) -> Action {
        match (self, method) {
            (Route::Type(_), "GET" | "HEAD") => Action::List,
            (Route::Type(_), "POST") => Action::Create,
            (Route::Base, "GET" | "HEAD") | (Route::Search, "POST") => Action::List,
            (Route::Resource(..), "GET" | "HEAD") => Action::Read,
            (Route::Resource(..), "PUT") => Action::Replace,
            (Route::Resource(..), "PATCH") => Action::Modify,
            (Route::Resource(..), "DELETE") => Action::Delete,
            (Route::ServiceProviderConfig | Route::ResourceTypes(_) | Route::Schemas(_), "GET" | "HEAD") => {
                Action::Discover
            }
            _ => Action::Unknown,
        }
    }
}
