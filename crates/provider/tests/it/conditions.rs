//! Entity tags (RFC 7644 section 3.14).

use crate::bench::{Bench, USER, assert_refused, at, body, header, patch_body, string};

#[test]
fn a_read_of_the_version_that_the_client_has_is_not_modified() {
    let bench = Bench::tolerant();
    let path = format!("/Users/{}", bench.user("ada"));
    let read = bench.get(&path);
    let tag = header(&read, "ETag").unwrap().to_owned();
    assert_eq!((tag.as_str(), string(&body(&read), "/meta/version")), ("W/\"1\"", tag.clone()));
    for (condition, status) in
        [(tag.as_str(), 304), ("*", 304), ("\"1\"", 304), ("W/\"0\", W/\"1\"", 304), ("W/\"2\"", 200)]
    {
        let handled = bench.ask_with("GET", &path, &[("If-None-Match", condition)], "");
        assert_eq!((handled.response.status, header(&handled, "ETag")), (status, Some(tag.as_str())), "{condition}");
        assert_eq!(handled.response.body.is_empty(), status == 304);
    }
}

#[test]
fn a_write_that_expects_another_version_is_refused() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    let path = format!("/Users/{id}");
    let put = format!(r#"{{"schemas":["{USER}"],"userName":"ada2"}}"#);
    let patch = patch_body(r#"{"op":"replace","path":"userName","value":"ada3"}"#);
    for (method, body) in [("PUT", put.as_str()), ("PATCH", patch.as_str()), ("DELETE", "")] {
        let handled = bench.ask_with(method, &path, &[("If-Match", "W/\"7\"")], body);
        assert_refused(&handled, 412, None);
    }
    assert_eq!(at(&body(&bench.get(&path)), "/userName"), "\"ada\"");
    assert_eq!(bench.commits().len(), 1);
    for (method, body, tag) in
        [("PUT", put.as_str(), "W/\"1\""), ("PATCH", patch.as_str(), "W/\"9\", W/\"2\""), ("DELETE", "", "*")]
    {
        let status = bench.ask_with(method, &path, &[("If-Match", tag)], body).response.status;
        assert_eq!(status, if method == "DELETE" { 204 } else { 200 });
    }
}
