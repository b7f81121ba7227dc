//! Flows, pins, tags and notes in queries.

use std::sync::Arc;

use jiff::Timestamp;
use traffic::entry::{Annotation, Entry};
use traffic::exchange::Exchange;
use traffic::ids::FlowId;
use traffic::log::Log;
use traffic::marks::Marks;
use traffic::query::{Query, Vocabulary, complete};
use traffic::step::{Deed, Named};

use crate::sample::opened;

fn marked() -> Exchange {
    let log = Log::new();
    log.open(opened("/a"));
    let seq = log.open(opened("/b"));
    let about = vec![Named { resource_type: "User".into(), id: None, name: "Ada Lovelace".into() }];
    let annotation = Annotation { flow: Some(FlowId(1)), deed: Deed::Create, about, ..Annotation::default() };
    log.append(Entry::Annotated(seq, Arc::new(annotation)));
    let marks = Marks { pinned: true, note: "Why twice?".into(), tags: vec!["To Ask".into()] };
    log.append(Entry::Marked(seq, Arc::new(marks)));
    log.exchange(seq).unwrap().as_ref().clone()
}

fn query(text: &str) -> Query {
    let query = Query::parse(text, Timestamp::UNIX_EPOCH);
    assert_eq!(query.diagnostics(), [], "{text}");
    query
}

#[test]
fn what_people_put_on_exchanges_selects_them() {
    let bare = {
        let log = Log::new();
        log.exchange(log.open(opened("/a"))).unwrap()
    };
    for (text, selects, selects_bare) in [
        ("pinned", true, false),
        ("pinned:no", false, true),
        ("tag:\"to ask\"", true, false),
        ("tag:ask", false, false),
        ("tag:any", true, false),
        ("tag:none", false, true),
        ("note:WHY", true, false),
        ("note:=why", false, false),
        ("-note:why", false, true),
        ("flow:1", true, true),
        ("flow:2", false, false),
        ("flow:provision", true, false),
        ("flow:lovelace", true, false),
        ("flow:delete", false, false),
    ] {
        assert_eq!(query(text).matches(&marked()), selects, "{text}");
        assert_eq!(query(text).matches(&bare), selects_bare, "{text}, bare");
    }
}

#[test]
fn with_the_words_of_its_flow_an_exchange_is_selected_by_these() {
    let (marked, words) = (marked(), "group-push Okta: push group Staff");
    assert!(query("flow:push").matches_in(&marked, words));
    assert!(query("not(flow:provision) pinned").matches_in(&marked, words));
    assert!(query("flow:1").matches_in(&marked, words));
}

#[test]
fn they_are_said_in_the_sentence() {
    for (text, sentence) in [
        ("pinned", "Exchanges that are pinned"),
        ("-pinned", "Exchanges that are not pinned"),
        ("tag:a,b", "Exchanges tagged a or b"),
        ("tag:none", "Exchanges without tags"),
        ("note:why", "Exchanges with \u{201c}why\u{201d} in the note"),
        ("flow:12", "Exchanges of flow 12"),
        ("flow:provision", "Exchanges of a flow like provision"),
    ] {
        assert_eq!(query(text).sentence(), sentence, "{text}");
    }
}

#[test]
fn tags_that_were_seen_are_offered() {
    let mut vocabulary = Vocabulary::default();
    vocabulary.see(&marked());
    let texts = |text: &str| -> Vec<String> {
        complete(text, text.len(), &vocabulary).items.into_iter().map(|item| item.text).collect()
    };
    assert_eq!(texts("tag:t"), ["\"To Ask\""]);
    assert_eq!(texts("flow:pro"), ["provision"]);
    assert!(texts("pin").contains(&"pinned:".to_owned()));
}
