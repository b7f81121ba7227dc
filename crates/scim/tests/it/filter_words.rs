//! Filters in words, and what can stand at the cursor in one.

use scim::filter::{complete, parse};

use crate::world::shape;

fn sentence(text: &str) -> String {
    parse(text).unwrap().sentence()
}

/// What can stand at the `|`, and the text that it replaces.
fn at(text: &str) -> (Vec<String>, String) {
    let cursor = text.find('|').unwrap();
    let text = text.replace('|', "");
    let found = complete(shape("User"), &text, cursor);
    (found.items.into_iter().map(|item| item.text).collect(), text[found.span].to_owned())
}

#[test]
fn a_filter_is_said_in_words() {
    assert_eq!(sentence(r#"active eq true and userName sw "ada""#), r#"active is true and userName starts with "ada""#);
    assert_eq!(
        sentence(r#"title pr and (a eq 1 or not (b le 2))"#),
        "title has a value and (a is 1 or not (b is at most 2))"
    );
    assert_eq!(
        sentence(r#"emails[type eq "work" and value co "@x"]"#),
        r#"one of emails fulfils (type is "work" and value contains "@x")"#
    );
}

#[test]
fn an_empty_filter_begins_with_an_attribute() {
    let (found, replaced) = at("|");
    assert!(found.contains(&"userName".to_owned()) && found.contains(&"emails[".to_owned()), "{found:?}");
    assert_eq!(replaced, "");
}

#[test]
fn names_are_found_by_their_beginning_first_then_by_any_part() {
    let (found, replaced) = at("userNa|");
    assert_eq!((found.first().map(String::as_str), replaced.as_str()), (Some("userName"), "userNa"));
    let (found, _) = at("FAMILY|");
    assert_eq!(found, ["name.familyName"]);
    assert!(at("depart|").0.iter().any(|name| name.ends_with(":User:department")));
}

#[test]
fn an_attribute_is_followed_by_the_operators_that_fit_its_type() {
    assert_eq!(at("active |").0, ["eq", "ne", "pr"]);
    assert_eq!(at("userName s|").0, ["sw"]);
    assert!(!at("meta.created |").0.contains(&"sw".to_owned()));
}

#[test]
fn an_operator_is_followed_by_the_values_that_are_known() {
    assert_eq!(at("active eq |").0, ["true", "false"]);
    assert!(at("emails[type eq |").0.contains(&r#""work""#.to_owned()));
    assert_eq!(at(r#"emails[type eq "w|"#).0, [r#""work""#]);
}

#[test]
fn a_condition_is_followed_by_another_one_or_by_the_end_of_what_is_open() {
    assert_eq!(at("active eq true |").0, ["and", "or"]);
    assert_eq!(at("(title pr |").0, ["and", "or", ")"]);
    assert_eq!(at(r#"emails[type eq "work" |"#).0, ["and", "or", "]"]);
    assert!(at("title pr and |").0.contains(&"userName".to_owned()));
}

#[test]
fn inside_brackets_there_are_sub_attributes() {
    let (found, _) = at("emails[|");
    assert!(found.contains(&"type".to_owned()) && !found.contains(&"userName".to_owned()), "{found:?}");
}

#[test]
fn what_is_never_returned_is_not_offered() {
    assert_eq!(at("passw|").0, Vec::<String>::new());
}

#[test]
fn any_text_and_any_cursor_can_be_asked() {
    for text in ["((((", "]]]", "\"", "a[b[c", "ä[ö eq \"ü", "not not", "emails[type eq \"a\\\""] {
        for cursor in 0..=text.len() + 2 {
            let found = complete(shape("User"), text, cursor);
            assert!(text.get(found.span).is_some(), "{text} at {cursor}");
        }
    }
}
