//! All formats: what they look like, and what nothing from the record may do in them.

use formats::export::writer;
use formats::html::{HtmlWriter, Inspector};
use formats::import;
use formats::read::Limits;
use formats::recorded::Recorded;
use formats::redact::{Redactor, Settings};
use formats::writer::{About, Format, Writer};

use crate::sample;

pub fn write(format: Format, all: &[Recorded], about: &About) -> String {
    let mut out = Vec::new();
    {
        let mut writer = writer(format, Box::new(&mut out), about).unwrap();
        all.iter().for_each(|recorded| writer.write(recorded).unwrap());
        writer.finish().unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// Redacted exchanges, and what is known before they are written.
pub fn redacted(mut all: Vec<Recorded>) -> (Vec<Recorded>, About) {
    let mut redactor = Redactor::for_all(Settings::default(), &all);
    all.iter_mut().for_each(|recorded| redactor.redact(recorded));
    let mut about = sample::about(&all);
    about.redaction = redactor.report().clone();
    (all, about)
}

#[test]
fn every_format_looks_like_this() {
    let (all, about) = redacted(sample::lena());
    for format in Format::ALL {
        let file = write(format, &all, &about);
        assert_eq!(file, write(format, &all, &about), "the same bytes");
        assert!(!file.contains("t0p-s3cret") && !file.contains("NOT REDACTED"), "{format:?}");
        let golden = format!("{}/tests/it/golden/redacted.{}", env!("CARGO_MANIFEST_DIR"), format.extension());
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &file).unwrap();
        }
        let wanted = std::fs::read_to_string(&golden).unwrap_or_default();
        assert!(file == wanted, "{golden} is otherwise; UPDATE_GOLDEN=1 writes it");
        assert_eq!(Format::named(format.key()), Some(format));
    }
}

#[test]
fn a_file_from_which_nothing_was_taken_out_says_so_in_every_format_that_has_a_place_for_it() {
    let all = sample::lena();
    let about = sample::about(&all);
    for format in Format::ALL.into_iter().filter(|format| !matches!(format, Format::Csv | Format::Ndjson)) {
        assert!(write(format, &all, &about).contains("NOT REDACTED"), "{format:?}");
    }
}

#[test]
fn nothing_from_the_record_is_markup_a_formula_or_a_command() {
    let mut all = sample::lena();
    let bad = "</script><img src=x onerror=alert(1)>\u{0}\n`|$(touch x)';#";
    for recorded in &mut all {
        recorded.scim.as_mut().unwrap().sentence = bad.to_owned();
        recorded.request.headers.push(("X-Bad".into(), bad.into()));
        recorded.response.as_mut().unwrap().body = bad.to_owned().into();
    }
    all[0].scim.as_mut().unwrap().sentence = "=1+1".to_owned();
    let mut about = sample::about(&all);
    about.flows[0].name = bad.to_owned();
    let html = write(Format::Html, &all, &about);
    assert!(!html.contains("<img") && !html.contains("</script><"), "escaped");
    assert!(!html.contains("http-equiv=\"refresh\"") && !html.contains("src=\"") && !html.contains("href=\""));
    assert_eq!(
        html.matches("onerror").count(),
        html.matches("onerror=alert(1)&gt;").count() + html.matches("onerror=alert(1)>").count()
    );
    assert!(write(Format::Csv, &all, &about).contains(",'=1+1,"));
    let lines = write(Format::Markdown, &all, &about);
    assert!(!lines.contains("<img") || lines.contains("\\<img"), "{lines}");
    let hurl = write(Format::Hurl, &all, &about);
    assert!(
        hurl.lines()
            .filter(|line| line.contains("touch x"))
            .all(|line| line.starts_with('#') || line.starts_with("X-Bad"))
    );
}

#[test]
fn a_page_holds_its_data_and_a_script_that_nothing_ends() {
    let (all, about) = redacted(sample::lena());
    let inspector = Inspector::new("f('</script><!-- x')", "a::after { content: '</script>' }");
    let mut out = Vec::new();
    let mut writer = HtmlWriter::begin(Box::new(&mut out), &about, Some(&inspector)).unwrap();
    all.iter().for_each(|recorded| writer.write(recorded).unwrap());
    writer.leave_out(7);
    writer.finish_with(&[("start", b"\0\x1f<!--"), ("block", b"")]).unwrap();
    drop(writer);
    let html = String::from_utf8(out).unwrap();
    assert!(html.contains("<script type=\"application/octet-stream\" class=\"start\">AB88IS0t</script>"), "{html}");
    assert_eq!(html.matches("</script>").count(), 4, "{html}");
    assert_eq!(html.matches("</style>").count(), 1, "{html}");
    assert!(html.contains("f('<\\/script><\\!-- x')"), "{html}");
    assert!(html.contains("7 more exchanges are shown with JavaScript only"));
    // What runs is named by its hash, and nothing else may.
    let policy = html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("script-src 'unsafe-inline'"), "{policy}");
}

#[test]
fn a_request_that_is_answered_otherwise_the_second_time_is_a_scenario() {
    let mut all = vec![
        sample::exchange(1, 1, "GET", "/scim/v2/Users?filter=a%20eq%20%22b%22", "", 200, "{\"totalResults\":0}"),
        sample::exchange(2, 1, "GET", "/scim/v2/Users?filter=a%20eq%20%22b%22", "", 200, "{\"totalResults\":1}"),
        sample::exchange(3, 1, "GET", "/scim/v2/Users?filter=a%20eq%20%22b%22", "", 200, "{\"totalResults\":1}"),
        sample::exchange(4, 1, "GET", "/scim/v2/Groups", "", 200, "{}"),
    ];
    all[3].response = None;
    let file: serde_json::Value = serde_json::from_str(&write(Format::WireMock, &all, &sample::about(&all))).unwrap();
    let mappings = file["mappings"].as_array().unwrap();
    assert_eq!(mappings.len(), 3);
    assert_eq!(
        (&mappings[0]["requiredScenarioState"], &mappings[0]["newScenarioState"]),
        (&"Started".into(), &"answered 1".into())
    );
    assert_eq!(
        (&mappings[1]["requiredScenarioState"], mappings[1].get("newScenarioState")),
        (&"answered 1".into(), None)
    );
    assert_eq!(mappings[0]["request"]["queryParameters"]["filter"]["equalTo"], "a eq \"b\"");
    assert_eq!(mappings[2]["response"]["fault"], "EMPTY_RESPONSE");
}

#[test]
fn a_collection_is_read_again_with_its_answers() {
    let (all, about) = redacted(sample::lena());
    let file = write(Format::Postman, &all, &about);
    let mut back = Vec::new();
    let began = all[0].at;
    let (source, count) = import::read(file.as_bytes(), began, &Limits::default(), &mut |recorded| {
        back.push(recorded);
        Ok(())
    })
    .unwrap();
    assert_eq!((source, count), (import::Source::Postman, 5));
    for (before, after) in all.iter().zip(&back) {
        assert_eq!(before.request.method, after.request.method);
        let id = |text: &str| text.replace("{{user1_id}}", sample::LENA);
        assert_eq!(before.request.target, id(&after.request.target));
        assert_eq!(String::from_utf8_lossy(&before.request.body), id(&String::from_utf8_lossy(&after.request.body)));
        assert_eq!(before.response, after.response);
    }
}

#[test]
fn the_format_of_a_file_is_told_by_how_it_begins() {
    let (all, about) = redacted(sample::lena());
    for (format, source) in [
        (Format::Har, import::Source::Har),
        (Format::Fixture, import::Source::Fixture),
        (Format::FixtureLines, import::Source::FixtureLines),
        (Format::Postman, import::Source::Postman),
        (Format::Curl, import::Source::Curl),
    ] {
        assert_eq!(import::recognise(write(format, &all, &about).as_bytes()).unwrap(), source);
    }
    assert_eq!(import::recognise(b"{\"formatVersion\": 1}").unwrap(), import::Source::FlowFile);
    for other in ["", "hello", "{\"a\":1}", "PK\u{3}\u{4}"] {
        assert!(import::recognise(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn collections_of_version_1_and_folders_without_end_are_refused() {
    let read = |file: &str| {
        import::read(file.as_bytes(), jiff::Timestamp::UNIX_EPOCH, &Limits::default(), &mut |_| Ok(()))
            .unwrap_err()
            .to_string()
    };
    assert!(
        read("{\"_postman_id\":1,\"info\":{\"schema\":\"https://schema.getpostman.com/json/collection/v1.0.0/\"}}")
            .contains("v1 is not")
    );
    let deep = format!(
        "{{\"info\":{{\"schema\":\"https://schema.getpostman.com/json/collection/v2.1.0/collection.json\"}},\"item\":{}[]{}}}",
        "[{\"item\":".repeat(40),
        "}]".repeat(40)
    );
    assert!(read(&deep).contains("nested deeper than 20"), "{}", read(&deep));
}
