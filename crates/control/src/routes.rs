//! The router and its description.

mod checks;
mod compare;
mod credentials;
mod disk;
mod edit;
mod exchanges;
mod expect;
mod flows;
mod gather;
mod history;
mod imports;
mod jobs;
mod kept_credentials;
mod marks;
mod patches;
mod query;
mod reach;
mod removals;
mod replays;
mod reset;
mod resources;
mod rules;
mod search;
mod seed;
mod server;
mod setup;
mod snapshots;
mod tenants;
mod transfer;
mod upstream;
mod views;
mod why;
mod workspace;
mod workspaces;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use self::gather::Gather;
use crate::control::Control;
use crate::desk::Desk;
use crate::guard::{self, Guard};
use crate::page;
use crate::uploads::MOST_BYTES;

pub(crate) use resources::{filter_refused, find_shape};

/// Largest body that a call may have.
const BODY_BYTES: usize = 1 << 20;

#[derive(OpenApi)]
#[openapi(
    info(title = "Scimscope control API", description = "Reads the record of a running Scimscope and steers it."),
    modifiers(&BearerToken),
    security(("control_token" = [])),
    components(schemas(
        crate::error::ErrorBody,
        crate::events::Batch,
        crate::model::ExportFacts,
        crate::model::ImportFacts
    ))
)]
struct Description;

struct BearerToken;

impl utoipa::Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The control token. A browser trades it for a cookie at /api/v1/session."));
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("control_token", SecurityScheme::Http(scheme.build()));
    }
}

/// The whole router without access control: only for callers inside the process, like the desktop window.
pub fn router(desk: impl Into<Desk>) -> Router {
    finish(plain(desk.into()))
}

/// The whole router for a TCP listener that is bound to this address.
///
/// Calls under `/api` need the token or the cookie that `POST /api/v1/session` gives for it, every call a `Host` that
/// names this machine, and calls by cookie that change something our own origin. If the facts say that the page only shows, everybody may
/// look, and only who has the token may change something.
pub fn guarded(desk: impl Into<Desk>, control_token: &str, bound: SocketAddr) -> Router {
    let desk = desk.into();
    let read_only = desk.control().facts().demo.is_some_and(|demo| demo.read_only);
    let guard = Guard::new(control_token.to_owned(), bound, read_only);
    let session = Router::new().route(guard::SESSION_PATH, post(guard::open_session)).with_state(guard.clone());
    let whole = plain(desk).merge(session).method_not_allowed_fallback(page::wrong_method);
    finish(whole.layer(middleware::from_fn_with_state(guard, guard::check)))
}

/// The description of the API (OpenAPI 3.1) as indented JSON with a line break at the end.
pub fn openapi_json() -> String {
    let (_, mut document) = api(OpenApiRouter::with_openapi(Description::openapi())).split_for_parts();
    let (_, session) =
        OpenApiRouter::<std::sync::Arc<Guard>>::new().routes(routes!(guard::open_session)).split_for_parts();
    document.merge(session);
    let mut text = document.to_pretty_json().unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
    text.push('\n');
    text
}

fn api<G: Gather>(gathered: G) -> G {
    gathered
        .routes(routes!(server::status))
        .routes(routes!(workspace::get, workspace::change))
        .routes(routes!(workspaces::open))
        .routes(routes!(workspaces::create))
        .routes(routes!(workspaces::save_as))
        .routes(routes!(workspaces::copy))
        .routes(routes!(workspaces::recent, workspaces::forget))
        .routes(routes!(workspaces::layout, workspaces::put_layout))
        .routes(routes!(disk::set_budget))
        .routes(routes!(server::connection))
        .routes(routes!(server::set_serving))
        .routes(routes!(exchanges::list))
        .routes(routes!(search::search))
        .routes(routes!(expect::tail))
        .routes(routes!(expect::wait_for))
        .routes(routes!(expect::assert))
        .routes(routes!(reset::reset))
        .routes(routes!(reset::clock, reset::set_clock))
        .routes(routes!(reset::advance_clock))
        .routes(routes!(reset::ids, reset::set_ids))
        .routes(routes!(exchanges::detail))
        .routes(routes!(exchanges::request_bytes))
        .routes(routes!(exchanges::response_bytes))
        .routes(routes!(exchanges::live))
        .routes(routes!(flows::list))
        .routes(routes!(flows::get, flows::change))
        .routes(routes!(flows::split))
        .routes(routes!(flows::merge))
        .routes(routes!(flows::regroup))
        .routes(routes!(marks::set))
        .routes(routes!(marks::change))
        .routes(routes!(removals::remove, removals::list))
        .routes(routes!(removals::undo))
        .routes(routes!(query::complete))
        .routes(routes!(setup::columns, setup::set_columns))
        .routes(routes!(setup::tunnel_programs))
        .routes(routes!(why::why))
        .routes(routes!(patches::patches))
        .routes(routes!(views::list))
        .routes(routes!(views::put, views::delete))
        .routes(routes!(checks::list))
        .routes(routes!(jobs::start, jobs::list))
        .routes(routes!(jobs::get, jobs::cancel))
        .routes(routes!(jobs::result))
        .routes(routes!(transfer::preview))
        .routes(routes!(transfer::import))
        .routes(routes!(transfer::open_file))
        .routes(routes!(server::scenarios))
        .routes(routes!(server::profile, server::switch_profile))
        .routes(routes!(server::tolerances))
        .routes(routes!(reach::run))
        .routes(routes!(replays::plan))
        .routes(routes!(replays::start, replays::list))
        .routes(routes!(replays::compare))
        .routes(routes!(replays::consents))
        .routes(routes!(kept_credentials::get, kept_credentials::put, kept_credentials::delete))
        .routes(routes!(replays::consent, replays::withdraw))
        .routes(routes!(replays::unaccept))
        .routes(routes!(replays::get, replays::delete))
        .routes(routes!(replays::step))
        .routes(routes!(replays::accept))
        .routes(routes!(replays::steer))
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(tenants::get, tenants::change, tenants::delete))
        .routes(routes!(upstream::put, upstream::delete))
        .routes(routes!(resources::types))
        .routes(routes!(resources::list))
        .routes(routes!(resources::get))
        .routes(routes!(resources::references))
        .routes(routes!(resources::explain))
        .routes(routes!(edit::preview))
        .routes(routes!(edit::send))
        .routes(routes!(compare::exchanges))
        .routes(routes!(compare::flows))
        .routes(routes!(history::versions))
        .routes(routes!(history::compare))
        .routes(routes!(history::restore_resource))
        .routes(routes!(history::restore_directory))
        .routes(routes!(history::undo_exchange))
        .routes(routes!(history::undo_revision))
        .routes(routes!(snapshots::list, snapshots::take))
        .routes(routes!(snapshots::change, snapshots::delete))
        .routes(routes!(snapshots::restore))
        .routes(routes!(snapshots::compare))
        .routes(routes!(snapshots::export))
        .routes(routes!(imports::preview))
        .routes(routes!(imports::hand_in).layer(DefaultBodyLimit::max(MOST_BYTES)))
        .routes(routes!(seed::list))
        .routes(routes!(seed::preview))
        .routes(routes!(tenants::duplicate))
        .routes(routes!(tenants::reset))
        .routes(routes!(tenants::profile, tenants::switch_profile))
        .routes(routes!(tenants::announced))
        .routes(routes!(rules::list, rules::create, rules::put))
        .routes(routes!(rules::replace, rules::change, rules::delete))
        .routes(routes!(rules::reset))
        .routes(routes!(rules::sets))
        .routes(routes!(rules::add_set))
        .routes(routes!(rules::check))
        .routes(routes!(rules::suggest))
        .routes(routes!(credentials::list, credentials::create))
        .routes(routes!(credentials::change, credentials::delete))
        .routes(routes!(credentials::rotate))
        .routes(routes!(credentials::revoke_tokens))
}

fn plain(desk: Desk) -> Router {
    api(Router::new())
        .route("/api/v1/openapi.json", get(document))
        .route("/readyz", get(ready))
        .layer(middleware::map_response(never_stored))
        .fallback(page::serve)
        .method_not_allowed_fallback(page::wrong_method)
        .with_state(desk)
}

fn finish(router: Router) -> Router {
    router.layer(DefaultBodyLimit::max(BODY_BYTES)).layer(middleware::map_response(defended))
}

/// Whether SCIM is answered: for scripts and health checks, which need no token for this.
async fn ready(State(control): State<Control>) -> (StatusCode, &'static str) {
    match control.is_closed() {
        false => (StatusCode::OK, "ready\n"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
    }
}

async fn document() -> ([(HeaderName, &'static str); 1], String) {
    ([(CONTENT_TYPE, "application/json")], openapi_json())
}

/// Answers of the API change and hold secrets.
async fn never_stored(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn defended(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(page::CONTENT_SECURITY_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
