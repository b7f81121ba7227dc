//! HTTP Archives.

use formats::har;
use formats::read::{Limits, ReadError};
use formats::recorded::{Recorded, Response};
use formats::writer::{About, Writer};
use proptest::prelude::*;
use serde_json::Value;

use crate::sample;

pub fn write(all: &[Recorded], about: &About) -> String {
    sample::written(all, about, |out, about| Box::new(har::HarWriter::begin(out, about).unwrap()))
}

pub fn read(file: &str) -> Result<Vec<Recorded>, ReadError> {
    let mut all = Vec::new();
    har::read(file.as_bytes(), &Limits::default(), &mut |recorded| {
        all.push(recorded);
        Ok(())
    })?;
    Ok(all)
}

#[test]
fn what_is_written_is_read_again_as_it_was() {
    let all = sample::lena();
    assert_eq!(read(&write(&all, &sample::about(&all))).unwrap(), all);
}

#[test]
fn the_same_exchanges_give_the_same_bytes() {
    let all = sample::lena();
    assert_eq!(write(&all, &sample::about(&all)), write(&all, &sample::about(&all)));
}

#[test]
fn every_entry_is_as_the_format_wants_it() {
    let all = sample::lena();
    let file: Value = serde_json::from_str(&write(&all, &sample::about(&all))).unwrap();
    let pages: Vec<&Value> = file["log"]["pages"].as_array().unwrap().iter().map(|page| &page["id"]).collect();
    for entry in file["log"]["entries"].as_array().unwrap() {
        assert!(pages.contains(&&entry["pageref"]), "{}", entry["pageref"]);
        let parts = ["send", "wait", "receive"].map(|phase| entry["timings"][phase].as_f64().unwrap());
        assert!((entry["time"].as_f64().unwrap() - parts.iter().sum::<f64>()).abs() < 1e-9);
        assert!(entry["cache"].is_object());
        let url = entry["request"]["url"].as_str().unwrap();
        assert!(url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'), "{url}");
        let query = url.split_once('?').map_or(0, |(_, query)| query.split('&').count());
        assert_eq!(entry["request"]["queryString"].as_array().unwrap().len(), query);
        let text = entry["response"]["content"]["text"].as_str().unwrap_or_default();
        assert_eq!(entry["response"]["content"]["size"], text.len());
        assert_eq!(entry["response"]["bodySize"], text.len());
    }
    assert_eq!(file["log"]["entries"][3]["_scim"]["quirks"], serde_json::json!(["T3"]));
    assert_eq!(file["log"]["entries"][0]["request"]["queryString"][0]["value"], "userName eq \"lena@contoso.test\"");
}

#[test]
fn a_url_that_is_none_is_kept_beside_one_that_is() {
    let mut all = vec![sample::exchange(1, 1, "GET", "/scim/v2/Users?filter=userName eq \"a\"", "", 200, "{}")];
    all[0].request.headers[0].1 = "[".into();
    let file = write(&all, &sample::about(&all));
    assert!(file.contains("filter=userName%20eq%20%22a%22\""), "{file}");
    assert_eq!(read(&file).unwrap(), all);
}

#[test]
fn an_aborted_exchange_bytes_that_are_no_http_and_bodies_that_are_no_text_come_back() {
    let mut all = sample::lena();
    all[0].response = None;
    all[0].problem = Some("aborted before the request was handled".into());
    all[1].request = formats::recorded::Request { body: vec![0x16, 0x03, 0xff].into(), ..Default::default() };
    all[2].response.as_mut().unwrap().body = vec![0xff, 0xfe, 0].into();
    all[3].request.body = vec![0xff, 1].into();
    all[4].server = Some("::1".parse().unwrap());
    assert_eq!(read(&write(&all, &sample::about(&all))).unwrap(), all);
}

#[test]
fn archives_of_browsers_and_proxies_are_read() {
    // Without what they leave out: a body with params, phases of -1, pseudo fields, a zone-less time, null.
    let file = r#"{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[
      {"startedDateTime":"2026-01-02T03:04:05.678","time":12.5,"cache":null,"pageref":"nowhere",
       "request":{"method":"POST","url":"https://idp.example.com/token?x=1#frag","httpVersion":"h2","cookies":[],
         "headers":[{"name":":authority","value":"idp.example.com"},{"name":"accept","value":"*/*"}],"queryString":[],
         "postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"c&d"}]},
         "headersSize":-1,"bodySize":-1},
       "response":{"status":200,"statusText":"","httpVersion":"http/2.0","cookies":[],"headers":[],
         "content":{"size":3,"mimeType":"text/plain","text":"AAH/","encoding":"base64"},"redirectURL":"",
         "headersSize":-1,"bodySize":3},
       "timings":{"blocked":-1,"dns":null,"connect":2,"ssl":1,"send":0.5,"wait":8,"receive":2},
       "serverIPAddress":"[::1]"},
      {"startedDateTime":"2026-01-02T03:04:05+02:00","time":0,
       "request":{"method":"GET","url":"http://h/","httpVersion":"unknown","headers":[{"name":"x","value":null}]},
       "response":{"status":0,"statusText":"","headers":[],"content":{}},"_error":"net::ERR_FAILED"}]}}"#;
    let all = read(&format!("\u{feff}{file}")).unwrap();
    assert_eq!((all[0].origin.as_str(), all[0].request.target.as_str()), ("https://idp.example.com", "/token?x=1"));
    assert_eq!(all[0].request.body, "a%20b=c%26d");
    assert_eq!(all[0].request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(all[0].response.as_ref().unwrap().body.as_ref(), [0, 1, 0xff]);
    assert_eq!((all[0].timing.request_us, all[0].timing.last_byte_us), (Some(2_500), Some(12_500)));
    assert_eq!((all[0].seq, all[1].seq), (1, 2));
    assert_eq!((&all[1].response, all[1].problem.as_deref()), (&None, Some("net::ERR_FAILED")));
}

#[test]
fn what_is_no_archive_says_what_is_wrong_and_where() {
    let error = |file: &str| read(file).unwrap_err().to_string();
    assert!(error("").contains("HAR"), "{}", error(""));
    assert!(error("{}").contains("no log.entries"));
    assert!(error("{\"log\":{\"entries\":[{}]}}").contains("entry 1: startedDateTime is missing"));
    assert!(error("{\"log\":{\"entries\":[{\"startedDateTime\":\"x\"}]}}").contains("which is no time"));
    let entry = "{\"startedDateTime\":\"2026-01-01T00:00:00Z\",\"request\":{\"method\":\"GET\",\"url\":\"nowhere\"}}";
    assert!(error(&format!("{{\"log\":{{\"entries\":[{entry}]}}}}")).contains("\"nowhere\", which is no URL"));
}

#[test]
fn hostile_archives_end_in_an_error() {
    let deep = format!("{{\"log\":{}", "{\"a\":".repeat(100_000));
    assert!(read(&deep).is_err());
    let all = sample::lena();
    let file = write(&all, &sample::about(&all));
    let mut count = 0;
    let few = Limits { exchanges: 3, ..Limits::default() };
    let error = har::read(file.as_bytes(), &few, &mut |_| {
        count += 1;
        Ok(())
    });
    assert!(matches!(error, Err(ReadError::TooMuch(_))) && count == 3);
    let short = Limits { body_bytes: 10, ..Limits::default() };
    assert!(matches!(har::read(file.as_bytes(), &short, &mut |_| Ok(())), Err(ReadError::TooMuch(_))));
    let stopped = har::read(file.as_bytes(), &Limits::default(), &mut |_| Err("enough".into()));
    assert!(matches!(stopped, Err(ReadError::Stopped(why)) if why == "enough"));
}

#[test]
fn a_file_with_secrets_says_so_itself() {
    let all = sample::lena();
    let mut about = sample::about(&all);
    assert!(write(&all, &about).contains("NOT REDACTED"));
    about.redaction.secrets = true;
    assert!(!write(&all, &about).contains("NOT REDACTED"));
}

/// Any exchange that HTTP allows, and some that it does not.
pub fn any_exchange() -> impl Strategy<Value = Recorded> {
    let field = ("[A-Za-z-]{1,12}", "[ -~é]{0,20}").prop_map(|(name, value)| (name, value.trim().to_owned()));
    let headers = prop::collection::vec(field, 0..5);
    let body = prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 0..40),
        "[ -~é\n]{0,40}".prop_map(String::into_bytes),
        Just(b"{\"a\":[1.50,{\"b\":null}],\"c\":\"\\u00e9\"}".to_vec()),
        Just(b"\"a string\"".to_vec()),
        Just(b"{ \"spaced\" : 1 }".to_vec()),
    ];
    let target = "/scim/v2(/[A-Za-z0-9 %\"-]{0,12}){0,2}(\\?[a-z]{1,4}(=[ -\"$-~]{0,12})?(&[a-z]=){0,2})?";
    (1u64..100, headers.clone(), headers, body.clone(), body, target, 200u16..600, any::<Option<u32>>()).prop_map(
        |(seq, headers, answered, body, answer, target, status, us)| {
            let mut recorded = sample::exchange(seq, seq, "PATCH", &target, "", 200, "");
            (recorded.request.headers, recorded.request.body) = (headers, body.into());
            recorded.response = Some(Response {
                status,
                reason: "any".into(),
                version: "HTTP/1.0".into(),
                headers: answered,
                body: answer.into(),
            });
            recorded.timing.request_us = us.map(u64::from);
            recorded
        },
    )
}

proptest! {
    #[test]
    fn any_exchange_comes_back_from_an_archive(recorded in any_exchange()) {
        let all = vec![recorded];
        prop_assert_eq!(read(&write(&all, &sample::about(&all))).unwrap(), all);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}", at in 0usize..4000) {
        let _ = read(&text);
        // A file that broke off.
        let all = sample::lena();
        let file = write(&all, &sample::about(&all));
        let end = file.floor_char_boundary(at.min(file.len() - 2));
        prop_assert!(read(&file[..end]).is_err());
    }
}

/// The writer and the reader agree with the trait that every format has.
#[test]
fn an_archive_of_nothing_is_one() {
    let about = About::default();
    let mut out = Vec::new();
    let mut writer = har::HarWriter::begin(Box::new(&mut out), &about).unwrap();
    writer.finish().unwrap();
    drop(writer);
    assert_eq!(read(std::str::from_utf8(&out).unwrap()).unwrap(), []);
}
