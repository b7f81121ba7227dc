//! What can stand at the cursor.

use traffic::query::{CompletionKind, Completions, Field, Vocabulary, Word, complete};

fn vocabulary() -> Vocabulary {
    Vocabulary {
        dialects: vec![Word::new("entra", "Entra"), Word::new("okta", "Okta")],
        findings: vec![Word::new("T3", "string for a boolean")],
        users: vec![Word::new("Ada Lovelace", "9f"), Word::new("bob", "")],
        paths: vec![Word::new("emails[type eq \"work\"].value", "")],
        ..Vocabulary::default()
    }
}

/// Completions at the `|` of a text.
fn at(marked: &str) -> (String, Completions) {
    let cursor = marked.find('|').unwrap();
    let text = marked.replacen('|', "", 1);
    let completions = complete(&text, cursor, &vocabulary());
    (text, completions)
}

/// The text with a completion put in.
fn chosen(marked: &str, choice: &str) -> String {
    let (mut text, completions) = at(marked);
    let texts: Vec<_> = completions.items.iter().map(|item| item.text.as_str()).collect();
    assert!(texts.contains(&choice), "{marked}: {texts:?}");
    text.replace_range(completions.span, choice);
    text
}

#[test]
fn a_completion_takes_the_place_of_the_word_at_the_cursor() {
    for (marked, choice, expected) in [
        ("|", "status:", "status:"),
        ("sta|", "status:", "status:"),
        ("st|a", "status:", "status:"),
        ("a -pro|", "probe", "a -probe"),
        ("a no|", "not", "a not"),
        ("(a or us|)", "user:", "(a or user:)"),
        ("me|:get", "method:", "method:get"),
        ("status:|", "4xx", "status:4xx"),
        ("status:>=|", "400", "status:>=400"),
        ("status:404,4|", "409", "status:404,409"),
        ("status:404,|", "none", "status:404,none"),
        ("status:(404 or |", "409", "status:(404 or 409"),
        ("status:(|", "409", "status:(409"),
        ("verdict:re| a", "refused", "verdict:refused a"),
        ("dialect:|", "okta", "dialect:okta"),
        ("finding:t|", "T3", "finding:T3"),
        ("user:ad|", "\"Ada Lovelace\"", "user:\"Ada Lovelace\""),
        ("user:\"ad|", "\"Ada Lovelace\"", "user:\"Ada Lovelace\""),
        ("user:\"ad|a\" x", "\"Ada Lovelace\"", "user:\"Ada Lovelace\" x"),
        ("path:em|", "\"emails[type eq \\\"work\\\"].value\"", "path:\"emails[type eq \\\"work\\\"].value\""),
        ("header:us|", "user-agent", "header:user-agent"),
        ("ent|", "dialect:entra", "dialect:entra"),
        ("love|", "user:\"Ada Lovelace\"", "user:\"Ada Lovelace\""),
    ] {
        assert_eq!(chosen(marked, choice), expected, "{marked}");
    }
}

#[test]
fn what_begins_so_comes_before_what_only_holds_it() {
    let (_, completions) = at("op:re|");
    let texts: Vec<_> = completions.items.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(texts, ["replace", "remove"]);
    let (_, completions) = at("te|");
    assert_eq!(completions.items[0].text, "tenant:");
    assert_eq!(completions.items[0].kind, CompletionKind::Field);
    assert_eq!(completions.items[0].about, Field::Tenant.about());
}

#[test]
fn where_nothing_is_known_nothing_is_offered() {
    for marked in ["\"sta|", "body:sta|", "xyzzy:sta|", "header:etag=s|", "status:(404)|", "seq:|"] {
        assert_eq!(at(marked).1.items, [], "{marked}");
    }
    let beyond = complete("sta", 99, &vocabulary());
    assert_eq!(beyond.span, 0..3);
    assert_eq!(complete("ä", 1, &vocabulary()).span.start, 0);
}

#[test]
fn a_completion_in_quotes_is_read_as_the_text_it_stands_for() {
    let text = chosen("path:em|", "\"emails[type eq \\\"work\\\"].value\"");
    let query = crate::query::query(&text);
    assert_eq!(query.diagnostics(), []);
    assert_eq!(query.sentence(), "Exchanges touching emails[type eq \"work\"].value");
}
