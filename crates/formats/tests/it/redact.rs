//! Taking secrets out.

use formats::recorded::{Recorded, Response, Scim};
use formats::redact::{Learner, Redactor, Report, Rule, RuleOn, Settings};

use crate::{har, sample};

/// Redacts all, and gives back what they look like in an archive.
fn redacted(settings: Settings, mut all: Vec<Recorded>) -> (String, Vec<Recorded>, Report) {
    let mut redactor = Redactor::for_all(settings, &all);
    all.iter_mut().for_each(|recorded| redactor.redact(recorded));
    let report = redactor.report().clone();
    (har::write(&all, &sample::about(&all)), all, report)
}

fn with_people() -> Settings {
    Settings { people: true, ..Settings::default() }
}

/// Secrets in every place where one was ever seen.
fn planted() -> (Vec<Recorded>, Vec<String>) {
    let canary = |at: usize| format!("canary{at:02}-q7Zx9Kp2");
    let canaries: Vec<String> = (0..24).map(canary).collect();
    let c = |at: usize| canaries[at].as_str();
    let jwt = format!("eyJhbGciOiJub25lIn0.{}.c2lnbmF0dXJl", c(5));
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("svc:{}", c(1)));
    let mut all = vec![
        sample::exchange(1, 1, "POST", &format!("/scim/v2/Users?access_token={}", c(2)), "", 401, ""),
        sample::exchange(
            2,
            1,
            "GET",
            &format!("/t/x/scim/v2/Users?filter=password%20eq%20%22{}%22", c(3)),
            "",
            400,
            "",
        ),
        sample::exchange(3, 1, "POST", "/oauth/token", "", 200, ""),
        sample::exchange(4, 1, "PATCH", "/scim/v2/Users/1", "", 200, ""),
        sample::exchange(5, 1, "GET", &format!("/scim/v2/Users/{}", c(0)), "", 404, ""),
    ];
    let add = |recorded: &mut Recorded, name: &str, value: &str| {
        recorded.request.headers.push((name.to_owned(), value.to_owned()));
    };
    all[0].request.headers[1].1 = format!("Bearer {}", c(0));
    add(&mut all[1], "authorization", &format!("Basic {basic}"));
    add(&mut all[0], "Cookie", &format!("theme=dark; session={}", c(4)));
    add(&mut all[0], "X-Api-Key", c(6));
    add(&mut all[0], "Referer", &format!("https://idp.example.com/cb?code={}", c(7)));
    add(&mut all[1], "X-Forwarded-Uri", &format!("https://user:{}@example.com/", c(8)));
    add(&mut all[1], "X-Debug", &format!("curl -H 'Authorization: Bearer {}'", c(9)));
    all[0].request.body = format!("{{\"userName\":\"a\",\"password\":\"{}\"}}", c(10)).into();
    all[2].request.headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
    all[2].request.body =
        format!("grant_type=client_credentials&client_secret={}&client_assertion={jwt}", c(11)).into();
    all[3].request.body = format!(
        "{{\"Operations\":[{{\"op\":\"replace\",\"value\":\"{}\",\"path\":\"password\"}},\
         {{\"op\":\"add\",\"value\":{{\"urn:example:User\":{{\"apiToken\":\"{}\"}}}}}}]}}",
        c(12),
        c(13)
    )
    .into();
    let answers = [
        format!("{{\"detail\":\"the token {} is not known, nor is {}\"}}", c(0), c(0).to_uppercase()),
        format!("{{\"detail\":\"filter password eq \\\"{}\\\" is not allowed; you are {basic}\"}}", c(3)),
        format!("{{\"access_token\":\"{}\",\"token_type\":\"Bearer\",\"refresh_token\":\"{}\"}}", c(14), c(15)),
        format!("{{\"a\":\"see {jwt}\", \"note\": \"pass{}\", broken", c(10)),
        format!("<html>Location: /x?api_key={} and client_secret: {}</html>", c(16), c(11)),
    ];
    for (recorded, answer) in all.iter_mut().zip(answers) {
        recorded.response.as_mut().unwrap().body = answer.into();
    }
    let headers = |recorded: &mut Recorded, name: &str, value: &str| {
        let Response { headers, .. } = recorded.response.as_mut().unwrap();
        headers.push((name.to_owned(), value.to_owned()));
    };
    headers(&mut all[0], "Set-Cookie", &format!("sid={}; Path=/; HttpOnly", c(17)));
    headers(&mut all[2], "Location", &format!("https://h/scim/v2/Users/1?token={}", c(18)));
    headers(&mut all[3], "WWW-Authenticate", &format!("Bearer error_description=\"{} expired\"", c(0)));
    all[4].problem = Some(format!("the client sent {} twice", c(14)));
    let bytes = [b"\xff\xfe".as_slice(), c(14).as_bytes(), b"\xff"].concat();
    all[4].request.body = bytes.into();
    let scim: &mut Scim = all[3].scim.as_mut().unwrap();
    scim.sentence = format!("Somebody set a password to {}", c(12));
    scim.note = format!("token={}", c(19));
    scim.tags = vec![c(14).to_owned()];
    scim.access =
        Some(formats::recorded::Access { checked: "x".into(), found: format!("Bearer {}", c(20)), passed: false });
    scim.findings = vec![scim::finding::Finding::new(
        "x",
        scim::finding::Severity::Info,
        scim::finding::Place::Body(format!("/{}", c(14))),
        format!("password was {}", c(12)),
    )];
    scim.changes = vec![formats::recorded::Change {
        resource_type: "User".into(),
        id: "1".into(),
        display: c(14).into(),
        lines: vec![scim::diff::Line {
            path: "urn:example:User:clientSecret".into(),
            action: scim::diff::Action::Added,
            before: None,
            after: Some(scim::json::Json::from(c(21))),
            operation: None,
        }],
    }];
    all[0].request.headers.push((format!("X-{}", c(14)), "name of a field".into()));
    all[2].request.headers.push(("X-Percent".into(), format!("a%3D{}", "canary22%2Dq7Zx9Kp2")));
    all[2].request.headers.push(("X-Auth-Token".into(), c(22).into()));
    all[2].request.headers.push(("X-Own".into(), c(23).into()));
    (all, canaries)
}

#[test]
fn no_canary_is_left_anywhere() {
    let (all, canaries) = planted();
    let rules = vec![Rule::new(RuleOn::Header, "x-own").unwrap()];
    let (file, after, report) = redacted(Settings { rules, ..Settings::default() }, all);
    let mut places = file.clone();
    // Bodies that are no text stand in the archive in base64.
    for recorded in &after {
        places.push_str(&String::from_utf8_lossy(&recorded.request.body));
        let response = recorded.response.as_ref().unwrap();
        places.push_str(&String::from_utf8_lossy(&response.body));
    }
    let about = formats::writer::About { redaction: report.clone(), ..sample::about(&after) };
    for format in formats::writer::Format::ALL {
        places.push_str(&crate::formats::write(format, &after, &about));
    }
    let folded = places.to_lowercase();
    for canary in &canaries {
        let encoded = canary.replace('-', "%2d").to_lowercase();
        for form in [canary.to_lowercase(), encoded] {
            let at = folded.find(&form);
            assert!(at.is_none(), "{form}: ...{}...", at.map_or("", |at| &folded[at.saturating_sub(80)..at + 30]));
        }
    }
    assert!(report.total() > 30, "{report:?}");
    let words = format!("{report:?}").to_lowercase();
    assert!(canaries.iter().all(|canary| !words.contains(canary)), "{words}");
}

#[test]
fn a_token_becomes_a_variable_and_its_scheme_stays() {
    let (_, all, report) = redacted(Settings::default(), sample::lena());
    for recorded in &all {
        assert_eq!(recorded.request.header("authorization"), Some("Bearer {{scimToken}}"));
    }
    assert_eq!(report.variables[0].text, "{{scimToken}}");
    let line = report.lines().into_iter().find(|line| line.place == "request header Authorization").unwrap();
    assert_eq!((line.what, line.count), ("access token", 5));
}

#[test]
fn what_is_not_secret_stays_byte_for_byte() {
    let all = sample::lena();
    let (_, after, _) = redacted(Settings::default(), all.clone());
    for (before, after) in all.iter().zip(&after) {
        let mut before = before.clone();
        before.request.headers[1].1 = "Bearer {{scimToken}}".into();
        assert_eq!(&before, after);
    }
}

#[test]
fn the_length_of_a_body_follows_it() {
    let body = "{\"userName\":\"a\",\"password\":\"correct horse\"}";
    let (_, all, _) = redacted(Settings::default(), vec![sample::exchange(1, 1, "POST", "/Users", body, 201, "{}")]);
    assert_eq!(all[0].request.body, "{\"userName\":\"a\",\"password\":\"redacted-password-1\"}");
    assert_eq!(all[0].request.header("content-length"), Some(all[0].request.body.len().to_string().as_str()));
}

#[test]
fn a_short_secret_goes_where_it_stands_and_is_no_word_elsewhere() {
    let body = "{\"userName\":\"ab\",\"password\":\"ab\"}";
    let (_, all, _) = redacted(Settings::default(), vec![sample::exchange(1, 1, "POST", "/Users/ab", body, 201, "{}")]);
    assert_eq!(all[0].request.body, "{\"userName\":\"ab\",\"password\":\"redacted-password-1\"}");
    assert_eq!(all[0].request.target, "/Users/ab");
}

#[test]
fn people_have_one_alias_each_wherever_they_are_named() {
    let (file, all, _) = redacted(with_people(), sample::lena());
    for name in ["lena", "ortiz", "contoso", sample::LENA] {
        assert!(!file.to_lowercase().contains(name), "{name}: {file}");
    }
    assert_eq!(all[0].parameters()[0].1, "userName eq \"user-0001@example.com\"");
    let user: serde_json::Value = serde_json::from_slice(&all[1].response.as_ref().unwrap().body).unwrap();
    assert_eq!(user["userName"], "user-0001@example.com");
    assert_eq!(user["emails"][0]["value"], "user-0001@example.com");
    assert_eq!(user["displayName"], "Given-0001 Family-0001");
    let id = user["id"].as_str().unwrap();
    assert_eq!(all[3].request.target, format!("/scim/v2/Users/{id}"));
    assert!(user["meta"]["location"].as_str().unwrap().ends_with(&format!("/Users/{id}")));
    assert!(String::from_utf8_lossy(&all[2].request.body).contains(id));
    assert_eq!(all[3].scim.as_ref().unwrap().sentence, "Entra disabled Given-0001 Family-0001");
    assert_eq!(user["schemas"][0], "urn:ietf:params:scim:schemas:core:2.0:User");
    assert_eq!(user["emails"][0]["type"], "work");
}

#[test]
fn a_name_that_is_a_word_of_scim_does_not_break_messages() {
    let body = "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"User\",\
                \"name\":{\"familyName\":\"Work\"},\"emails\":[{\"type\":\"work\",\"value\":\"w@a.test\"}]}";
    let (_, all, _) = redacted(with_people(), vec![sample::exchange(1, 1, "POST", "/scim/v2/Users", body, 201, body)]);
    let user: serde_json::Value = serde_json::from_slice(&all[0].request.body).unwrap();
    assert_eq!(user["schemas"][0], "urn:ietf:params:scim:schemas:core:2.0:User");
    assert_eq!(user["emails"][0]["type"], "work");
    assert_eq!(user["name"]["familyName"], "Family-0001");
    assert_eq!(all[0].request.target, "/scim/v2/Users");
}

#[test]
fn rules_of_ones_own_name_headers_paths_and_patterns() {
    let body = "{\"nickName\":\"Spike\",\"x\":{\"badge\":4711}}";
    let mut one =
        sample::exchange(1, 1, "POST", "/Users?ref=CASE-1234", body, 200, "{\"detail\":\"Spike, CASE-1234\"}");
    one.request.headers.push(("X-Site".into(), "plant 7".into()));
    let rules = [
        (RuleOn::Header, "X-Site"),
        (RuleOn::JsonPath, "$.nickName"),
        (RuleOn::JsonPath, "$..badge"),
        (RuleOn::Pattern, "CASE-[0-9]+"),
    ];
    let rules = rules.map(|(on, text)| Rule::new(on, text).unwrap()).to_vec();
    let (file, all, _) = redacted(Settings { rules, ..Settings::default() }, vec![one]);
    for secret in ["Spike", "4711", "CASE-1234", "plant 7"] {
        assert_eq!(file.matches(secret).count(), 0, "{secret}: {file}");
    }
    let body = String::from_utf8_lossy(&all[0].request.body).into_owned();
    assert!(
        body.starts_with("{\"nickName\":\"redacted-value-") && body.contains("\"badge\":\"redacted-value-"),
        "{body}"
    );
}

#[test]
fn a_compressed_body_that_nobody_can_look_into_is_left_out() {
    let mut one = sample::exchange(1, 1, "GET", "/Users", "", 200, "");
    let response = one.response.as_mut().unwrap();
    response.headers.push(("Content-Encoding".into(), "gzip".into()));
    response.body = vec![0x1f, 0x8b, 0xff].into();
    let (_, all, report) = redacted(Settings::default(), vec![one]);
    let response = all[0].response.as_ref().unwrap();
    assert!(response.body.is_empty() && response.header("content-encoding").is_none());
    assert!(report.lines().iter().any(|line| line.what == "compressed body, left out"));
}

#[test]
fn to_redact_twice_changes_nothing_more() {
    let (all, _) = planted();
    let (_, once, _) = redacted(with_people(), all);
    let (_, twice, _) = redacted(Settings::default(), once.clone());
    assert_eq!(once, twice);
}

#[test]
fn a_resource_that_is_in_no_exchange_has_the_same_alias() {
    let body = r#"{"id":"77","userName":"ada@corp.test","name":{"givenName":"Ada","familyName":"Lovelace"}}"#;
    let made = sample::exchange(1, 1, "POST", "/scim/v2/Users", body, 201, body);
    let mut learner = Learner::new(with_people());
    learner.learn(&made);
    let resource = scim::json::parse(
        br#"{"id":"77","userName":"ada@corp.test","password":"hunter22hunter","meta":{"resourceType":"User"}}"#,
        scim::json::Limits::default(),
    )
    .unwrap();
    learner.learn_resource(&resource);
    let mut redactor = learner.into_redactor();
    let mut exchange = made.clone();
    redactor.redact(&mut exchange);
    let state = redactor.resource(&resource).to_text();
    assert!(state.contains("user-0001@example.com") && !state.contains("hunter22"), "{state}");
    let sent = String::from_utf8(exchange.request.body.to_vec()).unwrap();
    assert!(sent.contains("user-0001@example.com"), "{sent}");
}

#[test]
fn filters_for_a_part_of_a_value_find_the_same_people() {
    let person =
        |name: &str| format!(r#"{{"userName":"{}@corp.test","name":{{"familyName":"{name}"}}}}"#, name.to_lowercase());
    let asks = |filter: &str| {
        let target = format!("/scim/v2/Users?filter={}", filter.replace(' ', "%20").replace('"', "%22"));
        sample::exchange(9, 1, "GET", &target, "", 200, "")
    };
    let mut all: Vec<Recorded> = ["Adam", "Adaline", "Bob"]
        .iter()
        .map(|name| sample::exchange(1, 1, "POST", "/scim/v2/Users", &person(name), 201, ""))
        .collect();
    let filters = [
        r#"userName sw "ad""#,
        r#"userName ew "@corp.test""#,
        r#"userName co "obo""#,
        r#"name.familyName co "dal" and active eq true"#,
    ];
    all.extend(filters.iter().map(|filter| asks(filter)));
    let (_, all, _) = redacted(with_people(), all);
    let asked: Vec<String> = all[3..].iter().map(|recorded| recorded.parameters()[0].1.clone()).collect();
    let expected = [
        r#"(userName eq "user-0002@example.com" or userName eq "user-0001@example.com")"#,
        r#"userName ew "@example.com""#,
        r#"userName co "nobody-0002""#,
        r#"name.familyName co "family-0002" and active eq true"#,
    ];
    assert_eq!(asked, expected);
}
