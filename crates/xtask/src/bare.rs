//! The yardstick: an axum server that parses the body as JSON and answers a body of a given size, nothing else.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::any;

/// The largest answer that is kept ready.
const LARGEST: usize = 1 << 20;

/// Serves `/{bytes}` at a free port of this machine until the process is ended; prints the address.
#[allow(clippy::print_stdout)]
pub fn serve() -> anyhow::Result<()> {
    let filler = Bytes::from(vec![b'x'; LARGEST]);
    let router = Router::new().route("/{bytes}", any(answer)).with_state(filler);
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("http://{}", listener.local_addr()?);
        axum::serve(listener, router).await.context("the bare server ended")
    })
}

async fn answer(State(filler): State<Bytes>, Path(bytes): Path<usize>, body: Bytes) -> impl IntoResponse {
    let status = match body.is_empty() || serde_json::from_slice::<serde_json::Value>(&body).is_ok() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    (status, [(header::CONTENT_TYPE, "application/scim+json")], filler.slice(..bytes.min(LARGEST)))
}
