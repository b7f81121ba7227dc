//! Fixtures.

use formats::fixture;
use formats::import::Part;
use formats::read::{Limits, ReadError};
use formats::recorded::Recorded;
use formats::writer::About;
use jiff::Timestamp;
use proptest::prelude::*;
use scim::json::{Json, parse};

use crate::har::any_exchange;
use crate::sample;

fn write(all: &[Recorded], about: &About) -> String {
    sample::written(all, about, |out, about| Box::new(fixture::FixtureWriter::begin(out, about, false)))
}

fn write_lines(all: &[Recorded], about: &About) -> String {
    sample::written(all, about, |out, about| Box::new(fixture::FixtureWriter::begin(out, about, true)))
}

fn read(file: &str, began: Timestamp) -> Result<Vec<Recorded>, ReadError> {
    Ok(parts(file, began)?.into_iter().filter_map(exchange).collect())
}

fn exchange(part: Part) -> Option<Recorded> {
    match part {
        Part::Exchange(recorded) => Some(*recorded),
        Part::InitialState(_) | Part::ExpectedState(_) | Part::Flow(..) => None,
    }
}

fn parts(file: &str, began: Timestamp) -> Result<Vec<Part>, ReadError> {
    let mut all = Vec::new();
    let take = &mut |part| {
        all.push(part);
        Ok(())
    };
    let lines = file.starts_with('{') && file.lines().next().is_some_and(|line| line.ends_with('}') && line.len() > 1);
    if lines {
        fixture::read_lines(file.as_bytes(), began, &Limits::default(), take)?;
    } else {
        fixture::read(file.as_bytes(), began, &Limits::default(), take)?;
    }
    Ok(all)
}

/// A fixture does not say on which machines it was recorded.
fn portable(all: &[Recorded]) -> Vec<Recorded> {
    all.iter().cloned().map(|recorded| Recorded { client: None, server: None, ..recorded }).collect()
}

#[test]
fn what_is_written_is_read_again_as_it_was() {
    let all = sample::lena();
    let about = sample::about(&all);
    assert_eq!(read(&write(&all, &about), all[0].at).unwrap(), portable(&all));
    assert_eq!(read(&write_lines(&all, &about), all[0].at).unwrap(), portable(&all));
}

#[test]
fn a_fixture_looks_like_this() {
    let all = sample::lena();
    let file = write(&all, &sample::about(&all));
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden/lena.fixture.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &file).unwrap();
    }
    assert_eq!(file, std::fs::read_to_string(golden).unwrap());
    assert!(!file.contains("2026-11-24T12:00:01"), "no clock of the recording");
}

#[test]
fn a_fixture_says_what_was_there_before_and_after() {
    let all = sample::lena();
    let resource = |id: &str| {
        let text =
            format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"{id}","userName":"{id}"}}"#);
        parse(text.as_bytes(), scim::json::Limits::default()).unwrap()
    };
    let (before, after) = (vec![resource("a")], vec![resource("a"), resource("b")]);
    let states = (Some(before.clone()), Some(after.clone()));
    let about = About { initial_state: states.0, expected_state: states.1, ..sample::about(&all) };
    for file in [write(&all, &about), write_lines(&all, &about)] {
        let parts = parts(&file, all[0].at).unwrap();
        assert_eq!(parts[..2], [Part::InitialState(before.clone()), Part::ExpectedState(after.clone())]);
        assert_eq!(parts.into_iter().filter_map(exchange).collect::<Vec<_>>(), portable(&all));
    }
}

#[test]
fn identifiers_are_bound_to_the_steps_that_use_them() {
    let all = sample::lena();
    let file = parse(write(&all, &sample::about(&all)).as_bytes(), scim::json::Limits::default()).unwrap();
    let given = file.pointer("/flows/0/steps/1/bindings").unwrap().to_text();
    assert_eq!(given, r#"[{"name":"user1_id","from":"response.body.id"}]"#);
    let used = file.pointer("/flows/1/steps/0/uses").unwrap().to_text();
    assert_eq!(used, r#"[{"name":"user1_id","in":"body.Operations[0].value[0].value"}]"#);
    assert_eq!(file.pointer("/flows/2/steps/0/uses/0/in").unwrap().to_text(), "\"path\"");
    // In one flow, the step that gives it says where it is used.
    let mut one = all.clone();
    one.iter_mut().for_each(|recorded| recorded.scim.as_mut().unwrap().flow = 1);
    let file = parse(write(&one, &sample::about(&one)).as_bytes(), scim::json::Limits::default()).unwrap();
    let used = file.pointer("/flows/0/steps/1/bindings/0/usedIn").unwrap().to_text();
    assert_eq!(used, r#"["3.body.Operations[0].value[0].value","4.path","5.path"]"#);
}

#[test]
fn flow_files_come_in_and_go_out_without_loss() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");
    let mut count = 0;
    for part in ["flows", "scenarios"] {
        for entry in std::fs::read_dir(format!("{folder}/{part}")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = std::fs::read(&path).unwrap();
            let flow = parse(&text, scim::json::Limits::default()).unwrap();
            let fixture = fixture::from_flow_file(&flow, "0.1.0").unwrap();
            // Through the text of the fixture.
            let fixture = parse(fixture.to_pretty_text().as_bytes(), scim::json::Limits::default()).unwrap();
            let back = fixture::to_flow_file(&fixture).unwrap();
            assert_eq!(back.len(), 1);
            let plain = |json: &Json| serde_json::from_str::<serde_json::Value>(&json.to_text()).unwrap();
            assert_eq!(plain(&back[0]), plain(&flow), "{}", path.display());
            // What is sent keeps its order.
            let steps = flow.pointer("/steps").unwrap().as_array().unwrap().len();
            for at in 0..steps {
                for member in ["body", "headers", "capture"] {
                    let pointer = format!("/steps/{at}/{member}");
                    assert_eq!(back[0].pointer(&pointer), flow.pointer(&pointer), "{} {pointer}", path.display());
                }
            }
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_member_that_has_no_place_is_not_lost_silently() {
    let flow =
        parse(br#"{"formatVersion":1,"id":"x","surprise":1,"steps":[]}"#, scim::json::Limits::default()).unwrap();
    assert_eq!(fixture::from_flow_file(&flow, "0").unwrap_err(), "a fixture has no place for \"surprise\"");
}

#[test]
fn what_is_no_fixture_of_a_known_version_is_refused_in_words() {
    let error = |file: &str| read(file, Timestamp::UNIX_EPOCH).unwrap_err().to_string();
    assert!(error("{\n\"format\":\"x\"}").contains("its format is not \"scim-fixture\""));
    assert!(
        error("{\n\"format\":\"scim-fixture\",\"version\":2}")
            .contains("its version is 2; this program reads version 1")
    );
    assert!(error("{\n\"format\":\"scim-fixture\",\"version\":1}").contains("it has no flows"));
    let step = |step: &str| {
        error(&format!("{{\n\"format\":\"scim-fixture\",\"version\":1,\"flows\":[{{\"steps\":[{step}]}}]}}"))
    };
    let state = r#"{
"format":"scim-fixture","version":1,"initialState":[{"id":"1"}],"flows":[]}"#;
    assert!(error(state).contains("/initialState/0 is no resource"), "{}", error(state));
    assert!(step(r#"{"response":{"status":200}}"#).contains("/flows/0/steps/0: request is missing"));
    assert!(step(r#"{"request":{"method":"GET","path":"/"},"response":{}}"#).contains("no status"));
}

#[test]
fn a_flow_file_comes_in_with_what_it_expects() {
    let file = include_bytes!("../../../../fixtures/flows/entra-01-test-connection.json");
    let mut all = Vec::new();
    let take = &mut |part| {
        all.push(part);
        Ok(())
    };
    let read = formats::import::read_parts(&file[..], Timestamp::UNIX_EPOCH, &Limits::default(), take).unwrap();
    assert_eq!(read.0, formats::import::Source::FlowFile);
    let Part::Flow(1, said) = &all[0] else { panic!("{:?}", all[0]) };
    assert_eq!(said.pointer("/id").unwrap().as_str(), Some("entra-01-test-connection"));
    let first = all.into_iter().find_map(exchange).unwrap();
    assert_eq!((first.response, first.request.method.as_str()), (None, "GET"));
    assert!(first.problem.unwrap().starts_with("it was not sent"));
    assert!(first.scim.unwrap().script.unwrap().pointer("/expect/status").is_some());
}

proptest! {
    #[test]
    fn any_exchange_comes_back_from_a_fixture(recorded in any_exchange()) {
        let all = vec![recorded];
        let about = sample::about(&all);
        prop_assert_eq!(read(&write(&all, &about), all[0].at).unwrap(), portable(&all));
        prop_assert_eq!(read(&write_lines(&all, &about), all[0].at).unwrap(), portable(&all));
    }
}
