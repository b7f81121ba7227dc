//! The page beside the API.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::house::{House, request, send};

#[tokio::test]
async fn the_page_asks_for_no_token() {
    let answer = send(House::new().outside(), request("GET", "/").body(Body::empty()).unwrap()).await;
    // 503 where the page is not built; the point is that it is not 401.
    assert!(matches!(answer.status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE), "{}", answer.status);
    if answer.status == StatusCode::SERVICE_UNAVAILABLE {
        assert_eq!(&answer.body[..], b"the UI is not built yet\n");
    }
}

#[tokio::test]
async fn addresses_inside_the_page_are_the_page_and_missing_files_are_missing() {
    let house = House::new();
    let root = house.get("/").await;
    let inside = house.get("/live/12").await;
    assert_eq!((inside.status, &inside.body), (root.status, &root.body));
    assert_eq!(house.get("/assets/gone.js").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
    let post = send(house.inside(), Request::post("/live").body(Body::empty()).unwrap()).await;
    assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let house = House::new();
    for path in ["/", "/assets/gone.js", "/api/v1/status", "/api/nothing"] {
        let answer = house.get(path).await;
        assert!(answer.header("content-security-policy").contains("default-src 'self'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
    assert_eq!(house.get("/api/v1/status").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_page_can_be_switched_off_and_the_api_stays() {
    let house = House::with(false);
    assert_eq!(house.get("/").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/api/v1/status").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_path_of_the_api_is_no_page() {
    let house = House::new();
    let answer = house.get("/api/v1/nothing").await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let wrong = send(house.inside(), Request::delete("/api/v1/status").body(Body::empty()).unwrap()).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
}
