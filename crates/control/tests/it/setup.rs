//! What the page asks of the machine, and what it keeps of its arrangement.

use std::ffi::OsString;
use std::fs;

use axum::body::Body;
use control::programs::installed;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::json;

use crate::house::{Answer, House, send};

async fn put(house: &House, body: &serde_json::Value) -> Answer {
    let request = Request::put("/api/v1/list-columns").header(CONTENT_TYPE, "application/json");
    send(house.inside(), request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn columns_are_kept_in_the_order_in_which_they_were_chosen() {
    let house = House::new();
    assert_eq!(house.json("/api/v1/list-columns").await, json!({"columns": []}));
    let chosen = json!({"columns": ["status", "what", "time"]});
    assert_eq!(put(&house, &chosen).await.json(), chosen);
    assert_eq!(house.json("/api/v1/list-columns").await, chosen);
    for wrong in [json!(["what", "what"]), json!(["What"]), json!([""]), json!(vec!["a"; 33])] {
        let answer = put(&house, &json!({ "columns": wrong })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(house.json("/api/v1/list-columns").await, chosen);
    assert_eq!(put(&house, &json!({"columns": []})).await.status, StatusCode::OK);
}

#[cfg(unix)]
#[test]
fn a_program_is_found_where_it_can_be_run_and_nowhere_else() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    place("one/ngrok", 0o644);
    fs::create_dir_all(folder.path().join("one/zrok")).unwrap();
    let second = place("two/ngrok", 0o755);
    let path: OsString =
        std::env::join_paths([folder.path().join("none"), folder.path().join("one"), folder.path().join("two")])
            .unwrap();
    assert_eq!(installed(&["zrok", "ngrok", "tailscale"], &path), [("ngrok", second)]);
    assert_eq!(installed(&["ngrok"], &OsString::from(".:")), []);
}

#[tokio::test]
async fn installed_tunnels_are_told_by_name_and_place() {
    let house = House::new();
    let told = house.json("/api/v1/tunnel-programs").await;
    for program in told["items"].as_array().unwrap() {
        assert!(control::programs::TUNNELS.contains(&program["name"].as_str().unwrap()), "{program}");
    }
}
