//! Where routes are gathered: with their description, or without it. The description of the whole API takes megabytes while it
//! is made, and a server that starts needs none.

use axum::Router;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::desk::Desk;

/// Takes routes.
pub(super) trait Gather {
    /// Takes one path with its methods.
    fn routes(self, routes: UtoipaMethodRouter<Desk>) -> Self;
}

impl Gather for OpenApiRouter<Desk> {
    fn routes(self, routes: UtoipaMethodRouter<Desk>) -> Self {
        OpenApiRouter::routes(self, routes)
    }
}

impl Gather for Router<Desk> {
    fn routes(self, (_, paths, methods): UtoipaMethodRouter<Desk>) -> Self {
        paths.paths.into_keys().fold(self, |router, path| router.route(&path, methods.clone()))
    }
}
