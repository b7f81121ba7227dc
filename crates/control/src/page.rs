//! The page: files of the built UI, embedded in release builds and read from disk in debug builds.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode, Uri};
use rust_embed::RustEmbed;

use crate::control::Control;
use crate::error::ApiError;

/// What the page may load and call. `ipc:` is the desktop host's own channel; without it large calls hang in WebKit.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
     style-src 'self' 'unsafe-inline'; connect-src 'self' ipc: http://ipc.localhost; object-src 'none'; \
     base-uri 'none'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Files;

/// Answers everything that no route of the API takes.
pub(crate) async fn serve(State(control): State<Control>, method: Method, uri: Uri) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::not_found(format!("the API has no {path}; GET /api/v1/openapi.json lists what it has"))
            .into_response();
    }
    if !control.page() {
        return ApiError::not_found("the page is switched off; the API is at /api/v1").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return wrong_method().await.into_response();
    }
    file(path.trim_start_matches('/')).unwrap_or_else(|| fallback(path))
}

/// Answers a method that a path of the API does not have.
pub(crate) async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not have this method")
}

/// Addresses inside the page are the page's own matter; a missing file is missing.
fn fallback(path: &str) -> Response {
    if path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path != "/index.html" {
        return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
    }
    file("index.html").unwrap_or_else(|| (StatusCode::SERVICE_UNAVAILABLE, "the UI is not built yet\n").into_response())
}

fn file(path: &str) -> Option<Response> {
    let file = Files::get(path)?;
    // Vite puts a hash of the content into the names under assets.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    Some(([(CONTENT_TYPE, media_type(path)), (CACHE_CONTROL, cache)], file.data).into_response())
}

/// Script and style sheet of the page for a file of its own, if the page is built.
pub(crate) fn inspector() -> Option<formats::html::Inspector> {
    let text = |path: &str| Files::get(path).and_then(|file| String::from_utf8(file.data.into_owned()).ok());
    Some(formats::html::Inspector::new(&text("file/inspector.js")?, &text("file/inspector.css")?))
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
