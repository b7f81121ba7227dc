//! Reading queries: what they are made of, and what is said of what cannot be read.

use jiff::Timestamp;
use proptest::prelude::*;
use traffic::query::{DEEPEST, Field, Kind, LONGEST_TEXT, MOST_TESTS, Node, Query, Test, Vocabulary, Word, complete};

pub fn now() -> Timestamp {
    "2026-03-04T12:30:00Z".parse().unwrap()
}

pub fn query(text: &str) -> Query {
    Query::parse(text, now())
}

/// The tree in short: `&(a |(b c))`, with the span of each test.
fn tree(query: &Query) -> String {
    query.clauses().iter().map(|clause| short(query, clause)).collect::<Vec<_>>().join(" ")
}

fn short(query: &Query, node: &Node) -> String {
    let list = |parts: &[Node]| parts.iter().map(|part| short(query, part)).collect::<Vec<_>>().join(" ");
    match &node.kind {
        Kind::All(parts) => format!("&({})", list(parts)),
        Kind::Any(parts) => format!("|({})", list(parts)),
        Kind::Not(part) => format!("!{}", short(query, part)),
        Kind::Test(_) => format!("[{}]", &query.text()[node.span.clone()]),
    }
}

fn diagnostics(query: &Query) -> Vec<(&str, &str, Option<&str>)> {
    let each = query.diagnostics().iter();
    each.map(|it| (&query.text()[it.span.clone()], it.message.as_str(), it.suggestion.as_deref())).collect()
}

#[test]
fn clauses_stand_side_by_side_and_bind_tighter_than_or() {
    for (text, expected) in [
        ("", ""),
        ("   ", ""),
        ("a b", "[a] [b]"),
        ("a and b", "[a] [b]"),
        ("a b or c", "|(&([a] [b]) [c])"),
        ("(a or b) c", "|([a] [b]) [c]"),
        ("not a b", "![a] [b]"),
        ("not (a b)", "!&([a] [b])"),
        ("not(probe)", "![probe]"),
        ("-a !b --c", "![a] ![b] [--c]"),
        ("status:404,409", "|([404] [409])"),
        ("status:(404 or 4xx, 500)", "|([404] [4xx] [500])"),
        ("status!=404", "![404]"),
        ("-status:404,409", "!|([404] [409])"),
        ("status>=400", "[status>=400]"),
        ("path:emails[type eq \"work\"].value x", "[path:emails[type eq \"work\"].value] [x]"),
        (
            "path:urn:ietf:params:scim:schemas:core:2.0:User:name",
            "[path:urn:ietf:params:scim:schemas:core:2.0:User:name]",
        ),
        ("urn:ietf:params:scim /scim/v2/Users?filter=a%20eq", "[urn:ietf:params:scim] [/scim/v2/Users?filter=a%20eq]"),
        ("12:30 a=b x(y)", "[12:30] [a=b] [x] [(y)]"),
        ("\"or\" \"a (b)\" - x", "[\"or\"] [\"a (b)\"] [-] [x]"),
        ("orange nothing android", "[orange] [nothing] [android]"),
        ("header:user-agent=\"Okta SCIM\" header:etag", "[header:user-agent=\"Okta SCIM\"] [header:etag]"),
    ] {
        let query = query(text);
        assert_eq!(diagnostics(&query), [], "{text}");
        assert_eq!(tree(&query), expected, "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_left_out_and_explained_in_its_place() {
    for (text, left, place, message, suggestion) in [
        ("staus:400 a", "[a]", "staus", "there is no field `staus`; did you mean `status`?", Some("status")),
        ("url:/Users", "", "url", "there is no field `url`; did you mean `target`?", Some("target")),
        ("xyzzy:1", "", "xyzzy", "there is no field `xyzzy`; to search for the text itself, write \"xyzzy:1\"", None),
        ("status: a", "[a]", "status:", "`status` needs a value: HTTP status: 404, 4xx, >=400, 400..404, none", None),
        ("status:4oo", "", "4oo", "\"4oo\" is no status; write 404, 4xx, >=400, 400..404 or none", None),
        ("status:500..400", "", "500..400", "the range ends before it begins", Some("400..500")),
        (
            "verdict:refusd",
            "",
            "refusd",
            "\"refusd\" is no verdict; there are: ok, tolerated, refused, failed, broken, pending",
            Some("refused"),
        ),
        (
            "op:pach",
            "",
            "pach",
            "\"pach\" is no operation of a PATCH (add, replace, remove) and no HTTP method",
            Some("patch"),
        ),
        ("took:>100", "", "100", "a duration needs a unit: us, ms, s or m", Some("100ms")),
        ("since:10", "", "10", "10 of what? Write 10s, 10m, 10h or 10d", Some("10m")),
        ("user:>ada", "", "ada", "user has no order: <, <=, > and >= mean nothing for it", None),
        ("user:\"\"", "", "\"\"", "there is nothing between the quotes", None),
        ("a and", "[a]", "and", "`and` needs something after it", None),
        ("or a", "[a]", "or", "`or` needs something before it; to search for the word, write \"or\"", None),
        ("a not", "[a]", "not", "`not` needs something after it; to search for the word, write \"not\"", None),
        ("a () b", "[a] [b]", "()", "there is nothing between ( and )", None),
        ("a) b", "[a] [b]", ")", "there is no ( for this )", None),
        ("header:=x a", "[a]", "=x", "`header` needs the name of a field before =", None),
    ] {
        let query = query(text);
        assert_eq!(diagnostics(&query), [(place, message, suggestion)], "{text}");
        assert!(query.diagnostics()[0].left_out, "{text}");
        assert_eq!(tree(&query), left, "{text}");
        assert!(Query::strict(text, now()).is_err(), "{text}");
    }
}

#[test]
fn what_is_not_finished_is_read_as_if_it_were() {
    for (text, read, place) in [
        ("(a or b", "|([a] [b])", "("),
        ("user:\"Ada Love", "[user:\"Ada Love]", "\""),
        ("status:(404 or", "[status:(404 or]", "("),
        ("header:etag=", "[header:etag=]", "etag="),
    ] {
        let query = query(text);
        let places: Vec<_> = diagnostics(&query).into_iter().map(|(place, _, _)| place).collect();
        assert_eq!(places, [place], "{text}");
        assert!(!query.diagnostics()[0].left_out, "{text}");
        assert_eq!(tree(&query), read, "{text}");
    }
    assert_eq!(tree(&query("status:404,")), "[status:404,]");
}

#[test]
fn a_fault_leaves_the_rest_of_its_alternatives_in_force() {
    assert_eq!(tree(&query("a or staus:1")), "[a]");
    assert_eq!(tree(&query("not staus:1 a")), "[a]");
    assert_eq!(tree(&query("status:404,4oo,409")), "|([404] [409])");
}

#[test]
fn length_depth_and_number_of_tests_are_bounded() {
    let long = query(&"word ".repeat(2000));
    assert_eq!(long.clauses().len(), MOST_TESTS);
    assert!(long.diagnostics().iter().any(|it| it.span == (LONGEST_TEXT..10_000)));

    let deep = query(&format!("{}a{} b", "(".repeat(2000), ")".repeat(2000)));
    assert_eq!(tree(&deep), "[b]");
    assert!(deep.diagnostics()[0].message.contains(&DEEPEST.to_string()));
    let fits = format!("{}a{}", "(".repeat(DEEPEST), ")".repeat(DEEPEST));
    assert_eq!(query(&fits).diagnostics(), []);

    assert_eq!(tree(&query(&format!("{}a", "not ".repeat(901)))), format!("![{}]", "a"));
}

#[test]
fn times_are_read_from_now() {
    let times = |text: &str| match &query(text).clauses()[0].kind {
        Kind::Test(Test::Time(from, before)) => (from.map(|at| at.to_string()), before.map(|at| at.to_string())),
        other => panic!("{other:?}"),
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(times("since:10m"), (some("2026-03-04T12:20:00Z"), None));
    assert_eq!(times("until:14:02"), (None, some("2026-03-04T14:03:00Z")));
    assert_eq!(times("time:14:02"), (some("2026-03-04T14:02:00Z"), some("2026-03-04T14:03:00Z")));
    assert_eq!(times("time:1h"), (some("2026-03-04T11:30:00Z"), None));
    assert_eq!(times("time:2026-03-01..2026-03-02"), (some("2026-03-01T00:00:00Z"), some("2026-03-03T00:00:00Z")));
    assert_eq!(times("since:99999999w").0, None, "before the beginning of time there is nothing");
}

#[test]
fn words_that_nobody_knows_are_remarked_upon_but_kept() {
    let vocabulary = Vocabulary {
        dialects: vec![Word::new("entra", ""), Word::new("okta", "")],
        findings: vec![Word::new("T3", "")],
        tenants: vec![Word::new("default", "")],
        ..Vocabulary::default()
    };
    let query = query("dialect:okta,entar finding:t3 tenant:acme method:pach");
    assert_eq!(query.diagnostics(), []);
    let unknown = query.unknown_words(&vocabulary);
    let unknown: Vec<_> =
        unknown.iter().map(|it| (&query.text()[it.span.clone()], it.suggestion.as_deref(), it.left_out)).collect();
    assert_eq!(unknown, [("entar", Some("entra"), false), ("acme", None, false), ("pach", Some("PATCH"), false)]);
}

#[test]
fn the_document_tells_every_field_and_its_examples_are_right() {
    let document = include_str!("../../../../docs/query.md");
    for field in Field::all() {
        assert!(document.contains(&format!("\n| `{}` |", field.name())), "{}", field.name());
    }
    let blocks = document.split("```").skip(1).step_by(2);
    let examples: Vec<&str> = blocks.flat_map(str::lines).filter(|line| !line.trim().is_empty()).collect();
    let queries = examples.iter().filter(|line| !line.starts_with("GET "));
    assert!(queries.clone().count() > 10);
    for example in queries {
        assert_eq!(diagnostics(&query(example)), [], "{example}");
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    fn spans(node: &Node, text: &str, within: &std::ops::Range<usize>) -> Result<(), TestCaseError> {
        prop_assert!(text.get(node.span.clone()).is_some());
        prop_assert!(within.start <= node.span.start && node.span.end <= within.end);
        match &node.kind {
            Kind::All(parts) | Kind::Any(parts) => {
                prop_assert!(parts.len() > 1);
                parts.iter().try_for_each(|part| spans(part, text, &node.span))
            }
            Kind::Not(part) => spans(part, text, &node.span),
            Kind::Test(_) => Ok(()),
        }
    }
    let query = query(text);
    for clause in query.clauses() {
        spans(clause, text, &(0..text.len()))?;
    }
    for diagnostic in query.diagnostics() {
        prop_assert!(text.get(diagnostic.span.clone()).is_some());
        prop_assert!(!diagnostic.message.is_empty());
    }
    prop_assert!(!query.sentence().is_empty());
    query.unknown_words(&Vocabulary::default());
    for cursor in 0..=text.len().min(80) + 1 {
        let completions = complete(text, cursor, &Vocabulary::default());
        prop_assert!(text.get(completions.span.clone()).is_some());
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_and_every_span_is_in_the_text(text in "\\PC{0,60}") {
        check(&text)?;
    }

    #[test]
    fn whatever_is_made_of_pieces_of_the_language_is_read(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "status:", "status", "user:", "took:", "since:", "header:", "path:", "time:", "seq", ":", ">=", "<", "=", "!=",
            "(", ")", "\"", "\\", "[", "]", ",", "..", "-", "!", " ", "  ", "not", "and", "or", "probe", "4xx", "404", "10m",
            "1.5ms", "ä", "\u{1F600}", "urn:", "finding:", "T3", "14:02", "2026-01-31", "+", "\u{a0}",
        ]), 0..24),
    ) {
        check(&pieces.concat())?;
    }

    #[test]
    fn what_is_half_typed_never_takes_away_what_was_read_before_it(cut in 0usize..40) {
        let text = "status:>=400 user:\"ada\" not(probe) dialect:entra";
        let cut = text.len().min(13 + cut);
        let whole = query(text);
        let half = query(&text[..cut]);
        prop_assert_eq!(&half.clauses()[0], &whole.clauses()[0]);
    }
}
