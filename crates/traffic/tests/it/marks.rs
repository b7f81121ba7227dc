//! What people put on exchanges.

use std::sync::Arc;

use traffic::entry::{Annotation, Entry};
use traffic::ids::FlowId;
use traffic::log::Log;
use traffic::marks::{LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, Marks};
use traffic::summary::Summary;

use crate::sample::opened;

fn tags(tags: &[&str]) -> Marks {
    Marks { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..Marks::default() }
}

#[test]
fn the_last_marks_stand_for_all_before() {
    let log = Log::new();
    let seq = log.open(opened("/a"));
    let line = || Summary::from(&*log.exchange(seq).unwrap());
    assert!(!line().pinned && !line().has_note && line().tags.is_empty());
    log.append(Entry::Marked(seq, Arc::new(Marks { pinned: true, note: "why?".into(), ..tags(&["ask"]) })));
    assert!(line().pinned && line().has_note);
    assert_eq!(line().tags, ["ask"]);
    let pos = log.append(Entry::Marked(seq, Arc::new(Marks::default())));
    assert!(!line().pinned && !line().has_note && line().tags.is_empty());
    assert_eq!(line().pos, pos);
}

#[test]
fn an_exchange_is_alone_in_a_flow_of_its_own_until_it_is_put_into_another() {
    let log = Log::new();
    let (first, second) = (log.open(opened("/a")), log.open(opened("/b")));
    assert_eq!(log.exchange(second).unwrap().flow(), FlowId(2));
    let flow = Some(FlowId::from(first));
    log.append(Entry::Annotated(second, Arc::new(Annotation { flow, ..Annotation::default() })));
    assert_eq!(Summary::from(&*log.exchange(second).unwrap()).flow, FlowId(1));
}

#[test]
fn a_tag_is_there_once_whatever_its_case() {
    let mut marks = tags(&[" Ask ", "ask", "later"]).checked().unwrap();
    assert_eq!(marks.tags, ["Ask", "later"]);
    marks.add_tag("ASK").unwrap();
    assert!(marks.has_tag("aSK"));
    marks.remove_tag("ask ");
    assert_eq!(marks.tags, ["later"]);
}

#[test]
fn marks_that_are_too_long_or_too_many_or_no_text_are_refused_in_words() {
    let note = Marks { note: "ä".repeat(LONGEST_NOTE), ..Marks::default() };
    assert!(note.clone().checked().is_ok());
    let note = Marks { note: format!("{}!", note.note), ..note };
    assert!(note.checked().unwrap_err().0.contains("10001 characters"));
    assert!(tags(&[""]).checked().is_err());
    assert!(tags(&["two\nlines"]).checked().is_err());
    assert!(tags(&[&"t".repeat(LONGEST_TAG + 1)]).checked().is_err());
    let many: Vec<String> = (0..=MOST_TAGS).map(|number| number.to_string()).collect();
    let mut marks = Marks { tags: many[..MOST_TAGS].to_vec(), ..Marks::default() }.checked().unwrap();
    assert!(marks.add_tag(&many[0]).is_ok(), "it is there already");
    assert!(marks.add_tag(&many[MOST_TAGS]).is_err());
}
