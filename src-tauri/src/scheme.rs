//! The custom scheme: the window's requests go to the control router without a socket.

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use tauri::http::{Request, Response};
use tower::ServiceExt;

/// Answers one request of the window. The scheme carries whole bodies only, so the answer is collected first.
pub async fn answer(router: Router, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let response = match router.oneshot(request.map(Body::from)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, body.to_bytes().to_vec()),
        Err(error) => {
            tracing::error!("an answer for the window broke off: {error}");
            let mut response = Response::new(Vec::new());
            *response.status_mut() = tauri::http::StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}
