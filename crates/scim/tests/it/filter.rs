//! Filters: grammar, binding, evaluation (RFC 7644 section 3.4.2.2).

use proptest::prelude::*;
use scim::document::Document;
use scim::error::ScimType;
use scim::filter::{self, Equality, Expression, Filter, Literal, Name, Operator, Test};
use scim::finding::{Place, Severity};
use scim::json::{Json, Object};
use scim::leniency::{Leniency, Reading};
use scim::number::Number;
use scim::value::Value;

use crate::world::{self, shape};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const ADA: &str = r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
  "id": "2819c223-7f76-453a-919d-413861904646", "externalId": "Ext-1",
  "userName": "Ada@Example.com",
  "name": {"familyName": "O'Malley", "givenName": "Ada"},
  "displayName": "Ada \"the\" Countess", "title": "", "active": true,
  "profileUrl": "https://example.com/Ada", "locale": "ÄÖ",
  "emails": [
    {"value": "ada@example.com", "type": "work", "primary": true},
    {"value": "ada@home.example.org", "type": "home"}],
  "x509Certificates": [{"value": "TWlJ"}],
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
    "employeeNumber": "701984", "department": "Engines", "manager": {"value": "26118915", "displayName": "Charles"}},
  "meta": {"resourceType": "User", "created": "2011-05-13T04:42:34Z", "lastModified": "2011-05-13T04:42:34.500Z", "version": "W/\"1\""}
}"#;

fn place(span: std::ops::Range<usize>) -> Place {
    Place::Target(span)
}

/// "yes", "no", or the refusal.
fn ask_of(leniency: Leniency, type_name: &str, resource: &Object, text: &str) -> (String, Vec<String>) {
    let parsed = match filter::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return (error.into_scim_error(&place).to_string(), Vec::new()),
    };
    let mut reading = Reading::new(shape(type_name), leniency);
    let answer = match parsed.bind(&mut reading, &place) {
        Ok(bound) => {
            let packed = Document::pack(resource);
            let answer = bound.matches(Value::Object(resource.into()));
            assert_eq!(answer, bound.matches(packed.value()), "{text}: the packed form answers otherwise");
            if answer { "yes" } else { "no" }.to_owned()
        }
        Err(error) => {
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{text}");
            error.detail
        }
    };
    (answer, reading.findings.iter().map(|finding| finding.code.clone()).collect())
}

fn ask(leniency: Leniency, text: &str) -> (String, Vec<String>) {
    ask_of(leniency, "User", &world::object(ADA), text)
}

/// All of these are answered like this in every profile, without a finding.
fn all(expected: &str, filters: &[&str]) {
    for text in filters {
        for leniency in [Leniency::STRICT, Leniency::TOLERANT] {
            assert_eq!(ask(leniency, text), (expected.to_owned(), Vec::new()), "{text}");
        }
    }
}

fn refused(leniency: Leniency, text: &str) -> String {
    let (answer, _) = ask(leniency, text);
    assert!(answer != "yes" && answer != "no", "{text} was taken and answered {answer}");
    answer
}

#[test]
fn the_examples_of_rfc_7644_figure_2_are_understood() {
    for text in [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified le "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ] {
        let (answer, findings) = ask(Leniency::STRICT, text);
        assert!(answer == "yes" || answer == "no", "{text}: {answer}");
        assert_eq!(findings, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn names_and_operators_are_taken_in_any_case() {
    all(
        "yes",
        &[
            r#"USERNAME Eq "ada@example.com""#,
            r#"Name.FAMILYname CO "malley" AND Active EQ true"#,
            r#"NOT (username PR) OR emails[TYPE eq "WORK"]"#,
            r#"URN:IETF:params:scim:schemas:CORE:2.0:user:userName eq "ada@example.com""#,
        ],
    );
}

#[test]
fn text_is_compared_by_case_where_the_schema_says_so() {
    all(
        "yes",
        &[
            r#"userName eq "ADA@example.COM""#,
            r#"userName co "@EXAMPLE""#,
            r#"userName sw "aDA""#,
            r#"userName ew ".Com""#,
            r#"locale eq "äö""#,
            r#"locale co "ö""#,
            r#"locale ew "ö" and locale sw "ä""#,
            r#"externalId eq "Ext-1""#,
            r#"externalId ne "ext-1""#,
            r#"profileUrl co "/Ada""#,
            r#"userName eq "ada\u0040example.com""#,
            r#"displayName co "\"the\"""#,
        ],
    );
    all(
        "no",
        &[
            r#"externalId eq "ext-1""#,
            r#"externalId sw "ext""#,
            r#"id eq "2819C223-7f76-453a-919d-413861904646""#,
            r#"profileUrl co "/ada""#,
            r#"locale eq "ao""#,
            r#"userName eq "ada@example.co""#,
            r#"userName sw "ada@example.com.au""#,
            r#"userName ew "x.ada@example.com""#,
        ],
    );
}

#[test]
fn order_is_lexicographic_for_text_and_chronological_for_dates() {
    all(
        "yes",
        &[
            r#"userName gt "ada""#,
            r#"userName ge "ADA@EXAMPLE.COM" and userName le "ADA@EXAMPLE.COM""#,
            r#"userName lt "B""#,
            r#"meta.created eq "2011-05-13T06:42:34+02:00""#,
            r#"meta.created ne "2011-05-13T04:42:35Z""#,
            r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
            r#"meta.lastModified gt "2011-05-12T23:00:00-05:00""#,
            r#"meta.created le "2011-05-13T04:42:34Z" and meta.created ge "2011-05-13T04:42:34Z""#,
        ],
    );
    all(
        "no",
        &[
            r#"userName gt "ada@example.com""#,
            r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
            r#"meta.created gt "2011-05-13T05:42:34+01:00""#,
        ],
    );
}

#[test]
fn numbers_are_compared_by_value() {
    let door = world::object(r#"{"label": "front", "height": 210, "weight": 80.50}"#);
    for (text, expected) in [
        ("height eq 210", "yes"),
        ("height eq 210.0", "yes"),
        ("height eq 2.1e2", "yes"),
        ("height gt 99", "yes"),
        ("height lt 1000", "yes"),
        ("weight eq 80.5", "yes"),
        ("weight ge 80.51", "no"),
        ("height ne 210", "no"),
    ] {
        assert_eq!(ask_of(Leniency::STRICT, "Door", &door, text), (expected.to_owned(), Vec::new()), "{text}");
    }
}

#[test]
fn precedence_is_grouping_then_not_then_and_then_or() {
    // Every assignment of three attributes, against the same formula in Rust.
    for bits in 0..8_u8 {
        let (a, b, c) = (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
        let mut resource = Object::new();
        for (name, there) in [("title", a), ("nickName", b), ("locale", c)] {
            if there {
                resource.insert(name, "x");
            }
        }
        for (text, expected) in [
            ("title pr or nickName pr and locale pr", a || (b && c)),
            ("title pr and nickName pr or locale pr", (a && b) || c),
            ("(title pr or nickName pr) and locale pr", (a || b) && c),
            ("not (title pr) and nickName pr or locale pr", (!a && b) || c),
            ("not(title pr or nickName pr) and locale pr", !(a || b) && c),
            ("not (title pr and not (nickName pr)) or locale pr", !a || b || c),
            ("title pr or nickName pr or locale pr", a || b || c),
            ("title pr and (nickName pr and (locale pr))", a && b && c),
        ] {
            let (answer, _) = ask_of(Leniency::STRICT, "User", &resource, text);
            assert_eq!(answer == "yes", expected, "{text} for {a} {b} {c}");
        }
    }
}

#[test]
fn a_multi_valued_attribute_matches_if_any_value_does() {
    all(
        "yes",
        &[
            r#"emails.type eq "work" and emails.value co "@home""#,
            r#"emails.type ne "work""#,
            r#"emails co "example.org""#,
            r#"emails eq "ADA@example.com""#,
            r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#,
            r#"schemas co "enterprise""#,
            r#"not (emails.type eq "other")"#,
        ],
    );
    all("no", &[r#"emails.type eq "other""#, r#"schemas eq "urn:x""#]);
}

#[test]
fn a_value_filter_holds_for_one_element_as_a_whole() {
    all(
        "yes",
        &[
            r#"emails[type eq "work" and value co "@example.com"]"#,
            r#"emails[type eq "home" and not (primary eq true)]"#,
            r#"emails[primary eq true]"#,
            r#"emails[ type eq "work" or type eq "other" ]"#,
            r#"name[familyName eq "o'malley"]"#,
            r#"emails[primary ne true]"#,
        ],
    );
    all(
        "no",
        &[
            r#"emails[type eq "work" and value co "@home"]"#,
            r#"emails[type eq "home" and primary eq true]"#,
            r#"phoneNumbers[type eq "work"]"#,
            r#"phoneNumbers[not (type eq "work")]"#,
        ],
    );
}

#[test]
fn an_absent_attribute_equals_nothing_and_differs_from_everything() {
    all(
        "yes",
        &[
            r#"nickName ne "x""#,
            "nickName eq null",
            "active ne null",
            r#"phoneNumbers.value ne "1""#,
            "phoneNumbers eq null",
            "name ne null",
            r#"meta.location ne "x""#,
        ],
    );
    all(
        "no",
        &[
            r#"nickName eq "x""#,
            r#"nickName co """#,
            r#"nickName lt "x""#,
            "nickName ne null",
            "emails eq null",
            "active eq null",
        ],
    );
}

#[test]
fn present_means_a_value_that_is_not_empty() {
    all("yes", &["userName pr", "name pr", "emails pr", "active pr", "emails.type pr", "meta.created pr"]);
    all("no", &["nickName pr", "title pr", "phoneNumbers pr", "name.middleName pr", "emails.display pr"]);
    let hollow = world::object(r#"{"name": {"givenName": ""}, "emails": [{"value": ""}], "active": false}"#);
    for (text, expected) in [("name pr", "no"), ("emails pr", "no"), ("active pr", "yes")] {
        assert_eq!(ask_of(Leniency::STRICT, "User", &hollow, text).0, expected, "{text}");
    }
}

#[test]
fn extension_attributes_are_reached_by_their_urn() {
    all(
        "yes",
        &[
            &format!(r#"{ENTERPRISE}:employeeNumber eq "701984""#),
            &format!(r#"{ENTERPRISE}:manager.value eq "26118915""#),
            &format!("{} pr", ENTERPRISE.to_uppercase()),
            &format!(r#"{ENTERPRISE}:manager[displayName sw "ch"]"#),
        ],
    );
    all("no", &[&format!(r#"{ENTERPRISE}:costCenter pr"#)]);
    assert!(refused(Leniency::STRICT, &format!(r#"{ENTERPRISE} eq "x""#)).contains("whole extension"));
}

#[test]
fn an_unknown_attribute_counts_as_absent_with_a_finding() {
    for (text, expected) in [
        (r#"usrName eq "x""#, "no"),
        (r#"usrName ne "x""#, "yes"),
        ("usrName pr", "no"),
        ("usrName eq null", "yes"),
        ("not (usrName pr)", "yes"),
        (r#"usrName[type eq "x"]"#, "no"),
        (r#"emails[kind eq "work"]"#, "no"),
        (r#"name.nonsense eq "x""#, "no"),
        (r#"urn:example:other:User:colour eq "x""#, "no"),
        (r#"usrName gt 5"#, "no"),
    ] {
        for leniency in [Leniency::STRICT, Leniency::TOLERANT] {
            assert_eq!(
                ask(leniency, text),
                (expected.to_owned(), vec!["unknown-filter-attribute".to_owned()]),
                "{text}"
            );
        }
    }
    let mut reading = Reading::new(shape("User"), Leniency::STRICT);
    filter::parse("active pr and usrName pr").expect("a filter").bind(&mut reading, &place).expect("bound");
    assert_eq!(reading.findings[0].severity, Severity::Warning);
    assert_eq!(reading.findings[0].place, Place::Target(14..21));
    assert!(reading.findings[0].message.contains("did you mean userName?"), "{}", reading.findings[0].message);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    for (text, part) in [
        ("active gt true", "boolean, which gt cannot compare"),
        ("active co true", "boolean, which co cannot compare"),
        (r#"x509Certificates.value lt "TWlJ""#, "binary, which lt cannot compare"),
        (r#"x509Certificates lt "TWlJ""#, "binary, which lt cannot compare"),
        (r#"meta.created sw "2011""#, "a dateTime, which sw cannot compare"),
        (r#"meta.created gt "yesterday""#, "is not a dateTime"),
        (r#"meta.created gt "2011-13-45T00:00:00Z""#, "is not a dateTime"),
        ("meta.created gt 5", "cannot be compared with a number"),
        (r#"active eq "yes""#, "cannot be compared with a string"),
        ("active eq 1", "cannot be compared with a number"),
        ("userName gt null", "eq and ne only"),
        (r#"name eq "x""#, "complex; compare one of its sub-attributes: formatted, familyName"),
        (r#"meta eq "x""#, "complex; compare one of its sub-attributes"),
        (r#"password eq "secret""#, "never returned"),
        ("password pr", "never returned"),
        (r#"userName[type eq "x"]"#, "no value filter"),
        (r#"emails.value[type eq "x"]"#, "no value filter"),
    ] {
        for leniency in [Leniency::STRICT, Leniency::TOLERANT] {
            let detail = refused(leniency, text);
            assert!(detail.contains(part), "{text}: {detail}");
            assert!(detail.contains("(at character "), "{text}: {detail}");
        }
    }
}

#[test]
fn deviations_are_taken_with_a_finding_or_refused_in_strict() {
    for (text, expected, rule) in [
        (r#"active eq "True""#, "yes", "T3"),
        (r#"active eq "FALSE""#, "no", "T3"),
        (r#"emails[primary eq "true"]"#, "yes", "T3"),
        (r#"emails[type eq "work"].value eq "ada@example.com""#, "yes", "T15"),
        (r#"emails[type eq "home"].value eq "ada@example.com""#, "no", "T15"),
        (r#"emails[type eq "work"].primary pr"#, "yes", "T15"),
        ("externalId eq Ext-1", "yes", "T16"),
        ("userName eq 'ada@example.com'", "yes", "T16"),
        (r#"userName eq"ada@example.com""#, "yes", "T16"),
        (r#"emails[value eq"ada@example.com"]"#, "yes", "T16"),
        ("userName eq ada@example.com and active eq true", "yes", "T16"),
        (&format!("{ENTERPRISE}:employeeNumber eq 701984"), "yes", "T16"),
        (&format!(r#"{ENTERPRISE}:manager eq "26118915""#), "yes", "T7"),
        (r#"manager eq "26118915""#, "yes", "T7"),
        (r#"manager.value eq "26118915""#, "yes", "T7"),
    ] {
        let (answer, findings) = ask(Leniency::TOLERANT, text);
        assert_eq!(answer, expected, "{text}");
        assert!(findings.iter().all(|code| code == rule) && !findings.is_empty(), "{text}: {findings:?}");
        let (strict, findings) = ask(Leniency::STRICT, text);
        if text.starts_with("manager") {
            assert_eq!((strict.as_str(), findings), ("no", vec!["unknown-filter-attribute".to_owned()]), "{text}");
        } else {
            refused(Leniency::STRICT, text);
        }
    }
}

#[test]
fn a_deep_or_long_filter_neither_overflows_nor_hangs() {
    let deep = format!("{}title pr{}", "(".repeat(10_000), ")".repeat(10_000));
    let error = filter::parse(&deep).expect_err("too deep");
    assert!(error.message.contains("nested deeper"), "{error}");
    let allowed = format!("{}title pr{}", "not (".repeat(64), ")".repeat(64));
    assert_eq!(filter::parse(&allowed).expect("64 levels").to_string(), allowed);
    let long = vec!["title pr"; 1_024].join(" or ");
    let parsed = filter::parse(&long).expect("a long chain is no deep one");
    assert_eq!(parsed.to_string(), long);
    assert_eq!(ask(Leniency::STRICT, &long).0, "no");
}

#[test]
fn equalities_are_the_conditions_without_which_nothing_matches() {
    let equalities = |text: &str| {
        let mut reading = Reading::new(shape("User"), Leniency::TOLERANT);
        let bound = filter::parse(text).expect("a filter").bind(&mut reading, &place).expect("bound");
        bound
            .equalities()
            .into_iter()
            .map(|Equality { attribute, folded, text }| (attribute, folded, text))
            .collect::<Vec<_>>()
    };
    let folded = |attribute: &str, text: &str| (attribute.to_owned(), true, text.to_owned());
    assert_eq!(equalities(r#"USERNAME eq "Ada""#), [folded("userName", "ada")]);
    assert_eq!(equalities(r#"id eq "Ab" and title pr"#), [("id".to_owned(), false, "Ab".to_owned())]);
    assert_eq!(equalities(r#"emails eq "A@b""#), [folded("emails.value", "a@b")]);
    assert_eq!(
        equalities(r#"emails[type eq "Work" and value eq "A"] and (displayName eq "X" and title co "y")"#),
        [folded("emails.type", "work"), folded("emails.value", "a"), folded("displayName", "x")]
    );
    assert_eq!(
        equalities(r#"emails[type eq "work"].value eq "a@b""#),
        [folded("emails.type", "work"), folded("emails.value", "a@b")]
    );
    assert_eq!(
        equalities(&format!(r#"{ENTERPRISE}:employeeNumber eq "7""#)),
        [folded(&format!("{ENTERPRISE}:employeeNumber"), "7")]
    );
    assert_eq!(
        equalities(&format!(r#"{ENTERPRISE}:manager.value eq "7""#)),
        [folded(&format!("{ENTERPRISE}:manager.value"), "7")]
    );
    for none in [
        r#"userName eq "a" or title pr"#,
        r#"not (userName eq "a")"#,
        r#"userName ne "a""#,
        "active eq true",
        "title eq null",
    ] {
        assert_eq!(equalities(none), [], "{none}");
    }
}

/// Broken filters with the diagnostic that each gets: a line with the filter, a line with the diagnostic after two blanks.
const BROKEN: &str = include_str!("../../../../fixtures/broken/filters.txt");

#[test]
fn broken_filters_get_exactly_these_diagnostics() {
    let mut lines = BROKEN.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut seen = 0;
    while let Some(text) = lines.next() {
        let expected = lines.next().expect("a diagnostic after each filter").trim_start();
        let text = text.replace("<empty>", "").replace("<blank>", " ").replace("<nul>", "\0");
        let error = match filter::parse(&text) {
            Ok(filter) => panic!("{text:?} was taken as {filter}"),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), expected, "{text:?}");
        assert!(text.get(error.span.clone()).is_some(), "{text:?}: {:?}", error.span);
        seen += 1;
    }
    assert!(seen > 30, "only {seen} broken filters");
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        "[a-zA-Z][a-zA-Z0-9_$-]{0,8}"
            .prop_filter("a keyword", |name| !["not", "and", "or"].iter().any(|word| name.eq_ignore_ascii_case(word))),
        "[a-z]{1,5}\\.[a-z$]{1,5}",
        "urn:[a-z]{2,5}:[a-z0-9.:]{1,12}:[a-zA-Z]{1,6}",
        Just("$ref".to_owned()),
    ]
    .prop_map(|text| Name { text, span: 0..0 })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<String>().prop_map(Json::String),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?"
            .prop_map(|text| Json::Number(Number::parse(&text).expect("a number"))),
    ]
    .prop_map(|value| Literal { value, span: 0..0, quirk: None })
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        Just(Test::Present),
        (proptest::sample::select(Operator::ALL.to_vec()), literal())
            .prop_map(|(operator, literal)| Test::Compare(operator, literal)),
    ]
}

fn expression(leaf: BoxedStrategy<Expression>) -> BoxedStrategy<Expression> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Expression::And),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Expression::Or),
            inner.prop_map(|inner| Expression::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

fn any_filter() -> impl Strategy<Value = Expression> {
    let comparison = (name(), test()).prop_map(|(attribute, test)| Expression::Test { attribute, test }).boxed();
    let value_path = (name(), expression(comparison.clone()), proptest::option::of(("[a-z]{1,6}", test()))).prop_map(
        |(attribute, inner, then)| Expression::ValuePath {
            attribute,
            inner: Box::new(inner),
            then: then.map(|(text, test)| (Name { text, span: 0..0 }, test)),
        },
    );
    expression(prop_oneof![comparison, value_path].boxed())
}

proptest! {
    #[test]
    fn a_printed_filter_reads_back_as_the_same(expression in any_filter()) {
        let text = expression.to_string();
        let parsed: Filter = filter::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(&parsed.expression, &expression, "{}", text);
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "([a-z]{1,4}|[ ()\\[\\].\"']| eq | and | or | not |\\PC){0,24}") {
        if let Ok(parsed) = filter::parse(&text) {
            prop_assert_eq!(filter::parse(&parsed.to_string()).expect("printed"), parsed.clone());
            let mut reading = Reading::new(shape("User"), Leniency::TOLERANT);
            if let Ok(bound) = parsed.bind(&mut reading, &place) {
                bound.matches(Value::Object((&world::object(ADA)).into()));
            }
        }
    }

    #[test]
    fn not_turns_every_answer_around(text in proptest::sample::select(vec![
        r#"userName eq "x""#, "title pr", r#"emails[type eq "work"]"#, r#"emails.type ne "work""#, "active eq true",
    ])) {
        let (plain, _) = ask(Leniency::STRICT, text);
        let (negated, _) = ask(Leniency::STRICT, &format!("not ({text})"));
        prop_assert_ne!(plain, negated);
    }
}

#[test]
fn a_filter_without_measure_is_refused_before_it_is_asked_of_anything() {
    let chain = |count: usize| vec!["title pr"; count].join(" or ");
    assert!(filter::parse(&chain(1024)).is_ok());
    let error = filter::parse(&chain(1025)).expect_err("too many conditions");
    assert!(error.to_string().starts_with("more than 1024 conditions in one filter"), "{error}");
    assert_eq!(error.span.start, chain(1024).len() + " or ".len());
    let inside = format!("emails[{}]", vec!["value pr"; 1025].join(" and "));
    assert!(filter::parse(&inside).is_err());
    let long = format!("title eq \"{}\"", "é".repeat(33_000));
    let error = filter::parse(&long).expect_err("too long");
    assert!(error.to_string().starts_with("the filter has 66011 bytes; at most 65536 are read"), "{error}");
    assert!(long.get(error.span).is_some());
}
