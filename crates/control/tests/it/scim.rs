//! The house's provider behind a real socket, without the listener's record.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use provider::Provider;
use tokio::net::TcpListener;
use traffic::ids::Seq;

use crate::house::{House, noon};

/// Begins to serve and points the house's own address there.
pub async fn serve(house: &House) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    house.control.update(|facts| facts.scim_url = format!("{base}/scim/v2"));
    let state = (house.control.provider().clone(), Arc::<str>::from(base));
    let router = Router::new().fallback(answer).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn answer(State((provider, base)): State<(Provider, Arc<str>)>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = provider::Request {
        seq: Seq(0),
        at: noon(),
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: to_bytes(body, usize::MAX).await.unwrap(),
        base_url: base.to_string(),
        peer: [127, 0, 0, 1].into(),
    };
    let decided = provider.prepare(request).execute().response;
    let mut response = Response::builder().status(decided.status);
    for (name, value) in decided.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(decided.body)).unwrap()
}
