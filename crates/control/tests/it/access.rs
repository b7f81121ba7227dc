//! Who may call over TCP.

use axum::Router;
use axum::body::Body;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, ORIGIN};

use crate::house::{Answer, House, TOKEN, request, send};

const OWN: &str = "http://127.0.0.1:8788";

async fn sign_in(router: &Router, token: &str, origin: Option<&str>) -> Answer {
    let mut request = request("POST", "/api/v1/session").header(CONTENT_TYPE, "application/json");
    if let Some(origin) = origin {
        request = request.header(ORIGIN, origin);
    }
    send(router.clone(), request.body(Body::from(format!("{{\"token\": \"{token}\"}}"))).unwrap()).await
}

async fn cookie(router: &Router) -> String {
    let answer = sign_in(router, TOKEN, Some(OWN)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Switches the profile: a call that changes something.
fn change() -> http::request::Builder {
    request("PUT", "/api/v1/profile").header(CONTENT_TYPE, "application/json")
}

fn strict() -> Body {
    Body::from(r#"{"name": "rfc-strict"}"#)
}

#[tokio::test]
async fn without_a_token_nothing_under_api_is_told() {
    let router = House::new().outside();
    for path in
        ["/api/v1/status", "/api/v1/connection", "/api/v1/openapi.json", "/api/v1/events", "/api/nothing", "/api"]
    {
        let answer = send(router.clone(), request("GET", path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "unauthorized"), "{path}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert!(!answer.header("content-security-policy").is_empty());
    }
}

#[tokio::test]
async fn only_the_right_bearer_token_opens() {
    let router = House::new().outside();
    for (sent, status) in [
        (format!("Bearer {TOKEN}"), StatusCode::OK),
        (format!("bearer {TOKEN}"), StatusCode::OK),
        (format!("Bearer {TOKEN}x"), StatusCode::UNAUTHORIZED),
        ("Bearer ".to_owned(), StatusCode::UNAUTHORIZED),
        (format!("Basic {TOKEN}"), StatusCode::UNAUTHORIZED),
        (TOKEN.to_owned(), StatusCode::UNAUTHORIZED),
        ("Bearer scim-t0ken".to_owned(), StatusCode::UNAUTHORIZED),
    ] {
        let call = request("GET", "/api/v1/status").header(AUTHORIZATION, &sent).body(Body::empty()).unwrap();
        assert_eq!(send(router.clone(), call).await.status, status, "{sent}");
    }
}

#[tokio::test]
async fn the_cookie_is_a_secret_of_its_own_that_scripts_and_foreign_pages_cannot_use() {
    let router = House::new().outside();
    let answer = sign_in(&router, TOKEN, Some(OWN)).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(TOKEN));
    assert!(cookie.split(';').next().unwrap().len() > 64, "{cookie}");
    assert_eq!(sign_in(&router, "wrong", Some(OWN)).await.code(), "wrong_token");
    assert_eq!(sign_in(&router, TOKEN, Some("http://evil.example.com")).await.code(), "foreign_origin");
    let other = House::new().outside();
    let reused = request("GET", "/api/v1/status").header(COOKIE, cookie.split(';').next().unwrap());
    let reused = send(other, reused.body(Body::empty()).unwrap()).await;
    assert_eq!(reused.status, StatusCode::UNAUTHORIZED, "another run has another secret");
}

#[tokio::test]
async fn the_cookie_reads_from_anywhere_but_a_foreign_page() {
    let router = House::new().outside();
    let cookie = format!("other=1; {}", cookie(&router).await);
    let read = |headers: &[(&str, &str)]| {
        let mut call = request("GET", "/api/v1/status").header(COOKIE, &cookie);
        for (name, value) in headers {
            call = call.header(*name, *value);
        }
        send(router.clone(), call.body(Body::empty()).unwrap())
    };
    assert_eq!(read(&[]).await.status, StatusCode::OK);
    assert_eq!(read(&[("sec-fetch-site", "same-origin")]).await.status, StatusCode::OK);
    assert_eq!(read(&[("sec-fetch-site", "none")]).await.status, StatusCode::OK);
    assert_eq!(read(&[("sec-fetch-site", "cross-site")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(read(&[("origin", "http://127.0.0.1:9999")]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_cookie_changes_only_from_our_own_page() {
    let house = House::new();
    let router = house.outside();
    let cookie = cookie(&router).await;
    for (headers, status) in [
        (vec![], StatusCode::FORBIDDEN),
        (vec![("origin", "http://127.0.0.1:9999")], StatusCode::FORBIDDEN),
        (vec![("origin", "null")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "none")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "cross-site"), ("origin", OWN)], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "same-origin"), ("origin", "http://evil.example.com")], StatusCode::FORBIDDEN),
        (vec![("origin", OWN)], StatusCode::OK),
        (vec![("sec-fetch-site", "same-origin")], StatusCode::OK),
    ] {
        let mut call = change().header(COOKIE, &cookie);
        for (name, value) in &headers {
            call = call.header(*name, *value);
        }
        let answer = send(router.clone(), call.body(strict()).unwrap()).await;
        assert_eq!(answer.status, status, "{headers:?}");
        let profile = house.control.provider().tenant().profile().name.clone();
        assert_eq!(profile == "rfc-strict", status == StatusCode::OK, "{headers:?}");
    }
}

#[tokio::test]
async fn the_token_changes_from_anywhere() {
    let call = change().header(AUTHORIZATION, format!("Bearer {TOKEN}")).body(strict()).unwrap();
    assert_eq!(send(House::new().outside(), call).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_host_that_is_not_this_machine_is_turned_away_even_with_the_token() {
    let router = House::new().outside();
    for (host, status) in [
        ("127.0.0.1:8788", StatusCode::OK),
        ("localhost:8788", StatusCode::OK),
        ("LOCALHOST", StatusCode::OK),
        ("[::1]:8788", StatusCode::OK),
        ("127.9.9.9", StatusCode::OK),
        ("evil.example.com:8788", StatusCode::MISDIRECTED_REQUEST),
        ("localhost.evil.example.com", StatusCode::MISDIRECTED_REQUEST),
        ("192.0.2.7:8788", StatusCode::MISDIRECTED_REQUEST),
        ("user@", StatusCode::MISDIRECTED_REQUEST),
        ("", StatusCode::MISDIRECTED_REQUEST),
    ] {
        for path in ["/api/v1/status", "/nothing.js"] {
            let call = http::Request::get(path).header(HOST, host).header(AUTHORIZATION, format!("Bearer {TOKEN}"));
            let answer = send(router.clone(), call.body(Body::empty()).unwrap()).await;
            let turned_away = answer.status == StatusCode::MISDIRECTED_REQUEST;
            assert_eq!(turned_away, status == StatusCode::MISDIRECTED_REQUEST, "{host:?} {path}");
        }
    }
}

#[tokio::test]
async fn on_all_addresses_literal_ones_are_ours_and_names_are_not() {
    let router = control::guarded(House::new().control, TOKEN, "0.0.0.0:8788".parse().unwrap());
    for (host, status) in [("192.0.2.7:8788", StatusCode::OK), ("box.example.com", StatusCode::MISDIRECTED_REQUEST)] {
        let call = http::Request::get("/api/v1/status").header(HOST, host);
        let call = call.header(AUTHORIZATION, format!("Bearer {TOKEN}")).body(Body::empty()).unwrap();
        assert_eq!(send(router.clone(), call).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn the_window_needs_no_token() {
    let answer = House::new().json("/api/v1/connection").await;
    assert_eq!(answer["token"], "scim-t0ken");
    assert_eq!(answer["scim_url"], "http://127.0.0.1:8787/scim/v2");
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let body = Body::from(format!("{{\"token\": \"{}\"}}", "x".repeat(2 << 20)));
    let call = request("POST", "/api/v1/session").header(CONTENT_TYPE, "application/json").body(body).unwrap();
    let answer = send(House::new().outside(), call).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "bad_body"));
}

#[tokio::test]
async fn a_page_that_only_shows_is_open_to_look_at_and_closed_to_change() {
    let house = House::new();
    house.control.update(|facts| {
        facts.demo = Some(control::facts::Demo { scenario: None, reset_every_s: Some(3600), read_only: true });
    });
    let answer = async |request: http::request::Builder| {
        send(house.outside(), request.header("content-type", "application/json").body(Body::from("{}")).unwrap()).await
    };
    let status = answer(request("GET", "/api/v1/status")).await;
    assert_eq!(status.json()["demo"]["read_only"], true);
    assert_eq!(answer(request("GET", "/api/v1/exchanges")).await.status, 200);
    assert_eq!(answer(request("POST", "/api/v1/seed/preview")).await.status, 200);
    for (method, path) in [
        ("POST", "/api/v1/reset"),
        ("POST", "/api/v1/jobs"),
        ("PUT", "/api/v1/serving"),
        ("DELETE", "/api/v1/tenants/default/tokens"),
        ("POST", "/api/v1/resource-files/1/preview"),
        ("POST", "/api/v1/tenants/default/send"),
        ("PATCH", "/api/v1/tenants/default"),
    ] {
        let refused = answer(request(method, path)).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "read_only"), "{method} {path}");
        let token = request(method, path).header("authorization", format!("Bearer {TOKEN}"));
        assert_ne!(answer(token).await.status, 403, "{method} {path}");
    }
    // The cookie of a session changes nothing either.
    let opened = request("POST", "/api/v1/session").header("content-type", "application/json");
    let opened = opened.body(Body::from(format!("{{\"token\": \"{TOKEN}\"}}"))).unwrap();
    let router = house.outside();
    let cookie = send(router.clone(), opened).await.header("set-cookie").split(';').next().unwrap().to_owned();
    let by_cookie = request("POST", "/api/v1/reset").header("cookie", cookie).header("sec-fetch-site", "same-origin");
    assert_eq!(send(router, by_cookie.body(Body::empty()).unwrap()).await.status, 403);
    // Names of others are refused all the same.
    let foreign = http::Request::get("/api/v1/status").header("host", "demo.example.com").body(Body::empty()).unwrap();
    assert_eq!(send(house.outside(), foreign).await.status, 421);
}

#[tokio::test]
async fn whether_it_is_ready_is_told_without_a_token() {
    let house = House::new();
    let ask = async || send(house.outside(), request("GET", "/readyz").body(Body::empty()).unwrap()).await;
    assert_eq!(ask().await.status, 200);
    house.control.close();
    assert_eq!(ask().await.status, 503);
}
