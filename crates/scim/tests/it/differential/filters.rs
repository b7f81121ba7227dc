//! Filters, paths and times.

use std::str::FromStr;

use proptest::prelude::*;
use scim::filter::{self, Expression, Literal, Name, Operator, Test};
use scim::json::Json;
use scim::number::Number;
use scim::path;
use scim_v2::ScimDateTime;
use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter, PatchPath, ValFilter};

fn name(path: &AttrPath) -> Name {
    Name { text: path.to_string(), span: 0..0 }
}

fn literal(value: &CompValue) -> Literal {
    let value = match value {
        CompValue::False => Json::Bool(false),
        CompValue::True => Json::Bool(true),
        CompValue::Null => Json::Null,
        CompValue::Number(number) => Json::Number(Number::parse(&number.to_string()).expect("a number")),
        CompValue::Str(text) => Json::from(text.as_str()),
    };
    Literal { value, span: 0..0, quirk: None }
}

fn operator(operator: &CompareOp) -> Operator {
    Operator::ALL.into_iter().find(|ours| ours.keyword() == operator.to_string()).expect("an operator")
}

fn test(expression: &AttrExp) -> Expression {
    match expression {
        AttrExp::Present(path) => Expression::Test { attribute: name(path), test: Test::Present },
        AttrExp::Comparison(path, compared, value) => {
            Expression::Test { attribute: name(path), test: Test::Compare(operator(compared), literal(value)) }
        }
    }
}

/// Their tree as ours.
fn theirs(filter: &Filter) -> Expression {
    match filter {
        Filter::Attr(expression) => test(expression),
        Filter::ValuePath(path) => {
            Expression::ValuePath { attribute: name(&path.attr), inner: Box::new(inner(&path.filter)), then: None }
        }
        Filter::Not(inner) => Expression::Not(Box::new(theirs(inner))),
        Filter::And(all) => Expression::And(all.as_slice().iter().map(theirs).collect()),
        Filter::Or(all) => Expression::Or(all.as_slice().iter().map(theirs).collect()),
    }
}

fn inner(filter: &ValFilter) -> Expression {
    match filter {
        ValFilter::Attr(expression) => test(expression),
        ValFilter::Not(negated) => Expression::Not(Box::new(inner(negated))),
        ValFilter::And(all) => Expression::And(all.as_slice().iter().map(inner).collect()),
        ValFilter::Or(all) => Expression::Or(all.as_slice().iter().map(inner).collect()),
    }
}

/// Without groups in groups of the same kind: `(a and b) and c` is `a and b and c`.
fn flat(expression: Expression) -> Expression {
    match expression {
        Expression::And(all) => Expression::And(
            all.into_iter()
                .flat_map(|one| match flat(one) {
                    Expression::And(all) => all,
                    other => vec![other],
                })
                .collect(),
        ),
        Expression::Or(all) => Expression::Or(
            all.into_iter()
                .flat_map(|one| match flat(one) {
                    Expression::Or(all) => all,
                    other => vec![other],
                })
                .collect(),
        ),
        Expression::Not(inner) => Expression::Not(Box::new(flat(*inner))),
        Expression::ValuePath { attribute, inner, then } => {
            Expression::ValuePath { attribute, inner: Box::new(flat(*inner)), then }
        }
        test => test,
    }
}

/// Whether the filter has what the grammar of RFC 7644 has not: what only tolerant profiles take (T15, T16), and names that
/// our reader leaves to their resolution, because URNs hold dots and colons themselves.
fn is_beyond(expression: &Expression) -> bool {
    let quirk = |test: &Test| matches!(test, Test::Compare(_, literal) if literal.quirk.is_some());
    match expression {
        Expression::Test { attribute, test } => quirk(test) || !is_name(&attribute.text),
        Expression::ValuePath { attribute, inner, then } => {
            then.is_some() || is_beyond(inner) || !is_name(&attribute.text)
        }
        Expression::And(all) | Expression::Or(all) => all.iter().any(is_beyond),
        Expression::Not(inner) => is_beyond(inner),
    }
}

/// `attrPath` of RFC 7644 section 3.4.2.2.
fn is_name(text: &str) -> bool {
    let (uri, rest) = text.rsplit_once(':').map_or((None, text), |(uri, rest)| (Some(uri), rest));
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    };
    if uri.is_some_and(|uri| !uri.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))) {
        return false;
    }
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    rest.split('.').count() <= 2 && rest.split('.').all(is_word)
}

/// A text out of pieces of the grammar, most of them in an order that makes sense.
fn near_filter() -> impl Strategy<Value = String> {
    let attribute = prop_oneof![
        Just("userName".to_owned()),
        Just("name.familyName".to_owned()),
        Just("urn:ietf:params:scim:schemas:core:2.0:User:userName".to_owned()),
        "[a-zA-Z][a-zA-Z0-9_-]{0,6}(\\.[a-z]{1,4})?",
        "[a-z0-9.:$-]{0,6}",
    ]
    .prop_filter("a word that joins", |name| !["and", "or", "not"].iter().any(|word| name.eq_ignore_ascii_case(word)));
    let literal = prop_oneof![
        "\"[a-z@. é\\\\\"]{0,6}\"",
        any::<String>().prop_map(|text| Json::from(text.as_str()).to_text()),
        "-?[0-9]{1,5}(\\.[0-9]{1,3})?([eE][+-]?[0-3])?",
        prop_oneof![Just("true"), Just("false"), Just("null"), Just("True")].prop_map(str::to_owned),
        "[a-z'\"]{0,3}",
    ];
    let word = "(eq|ne|co|sw|ew|gt|ge|lt|le|EQ|Co|is|=|)";
    let one = prop_oneof![
        4 => (attribute.clone(), " {0,2}", word, " {0,2}", literal).prop_map(|(a, b, c, d, e)| format!("{a}{b}{c}{d}{e}")),
        1 => attribute.clone().prop_map(|attribute| format!("{attribute} pr")),
    ];
    let one = one.boxed();
    one.clone().prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            3 => (inner.clone(), "( and | or | AND |  or | & )", inner.clone()).prop_map(|(a, b, c)| format!("{a}{b}{c}")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.clone().prop_map(|inner| format!("not ({inner})")),
            1 => (inner.clone(), "(NOT  ?|not not ?|!)").prop_map(|(inner, not)| format!("{not}({inner})")),
            2 => (attribute.clone(), inner.clone(), "(\\]|\\] |)").prop_map(|(a, inner, end)| format!("{a}[{inner}{end}")),
            1 => inner.prop_map(|inner| format!("({inner}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_is_the_same_filter_to_both(text in near_filter()) {
        let ours = filter::parse(&text).ok().filter(|filter| !is_beyond(&filter.expression));
        match (ours, Filter::from_str(&text)) {
            (Some(ours), Ok(filter)) => {
                prop_assert_eq!(flat(ours.expression), flat(theirs(&filter)), "{}", text);
            }
            (None, Err(_)) => {}
            (Some(ours), Err(error)) => prop_assert!(false, "only we take {text:?} as {ours}: {error}"),
            (None, Ok(filter)) => {
                let error = filter::parse(&text).map(|ours| format!("a tolerance: {ours}"));
                prop_assert!(false, "only they take {text:?} as {filter}: {error:?}");
            }
        }
    }

    #[test]
    fn a_path_is_a_path_to_both(
        attribute in "[a-zA-Z][a-zA-Z]{0,6}(\\.[a-z]{1,4})?|[a-z0-9.-]{0,5}",
        filter in proptest::option::of(near_filter()),
        sub in "(\\.[a-zA-Z]{0,5})?",
    ) {
        let text = match filter {
            Some(filter) => format!("{attribute}[{filter}]{sub}"),
            None => format!("{attribute}{sub}"),
        };
        let is_beyond = |path: &path::Path| {
            let names = path.sub.iter().chain([&path.attribute]);
            path.filter.as_ref().is_some_and(is_beyond) || !names.into_iter().all(|name| is_name(&name.text))
        };
        let ours = path::parse(&text).ok().filter(|path| !is_beyond(path));
        let them = PatchPath::from_str(&text);
        prop_assert_eq!(ours.is_some(), them.is_ok(), "{}: we say {:?}, they {:?}", text, path::parse(&text), them);
    }

    #[test]
    fn a_time_is_a_time_to_both(
        text in "-?(19|20|00)[0-9]{2}-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])T([01][0-9]|2[0-5]):[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,4})?(Z|z|[+-](0[0-9]|1[0-5]):[0-6][0-9])?"
    ) {
        let ours = scim::text::date_time(&text).is_some();
        prop_assert_eq!(ours, ScimDateTime::from_str(&text).is_ok(), "{}", text);
    }
}

/// What only one of both takes, each with the reason.
#[test]
fn these_are_the_differences() {
    for (text, ours, them) in [
        // RFC 7644 figure 1: `*1"not" "(" FILTER ")"` has no blank between them.
        (r#"not(userName eq "a")"#, true, false),
        // A parenthesis ends a word; the figure has a blank around "and" and "or", and we do not ask for it.
        (r#"(userName pr)and(title pr)"#, true, false),
        // RFC 7643 section 2.1 has `$` in names: members.$ref.
        (r#"members.$ref pr"#, true, false),
        // URNs hold dots; how many of them are too many is known when the name is resolved.
        (r#"a.b.c pr"#, true, false),
        // To us, a word that joins conditions is no name.
        (r#"or[userName pr]"#, false, true),
        // Tolerances T15 and T16.
        (r#"emails[type eq "work"].value eq "a""#, true, false),
        (r#"externalId eq jyoung"#, true, false),
        (r#"externalId eq 'jyoung'"#, true, false),
        (r#"externalId eq"jyoung""#, true, false),
    ] {
        let taken = (filter::parse(text).is_ok(), Filter::from_str(text).is_ok());
        assert_eq!(taken, (ours, them), "{text}");
    }
    // They keep numbers as 64-bit floating point numbers, we keep every digit.
    let text = "weight eq 2.2E30";
    let Expression::Test { test: Test::Compare(_, literal), .. } = filter::parse(text).expect("a filter").expression
    else {
        panic!("{text} is no comparison")
    };
    assert_eq!(literal.value.to_text(), "2.2E30");
    assert_ne!(Filter::from_str(text).expect("a filter").to_string(), text);
}
