//! Every switch of a profile: what it announces and what it does.

use provider::Profile;
use provider::profile::{ProfileError, PutOmission, UnknownFilterAttribute};
use scim::finding::Severity;
use scim::json::Json;
use scim::schema::Registry;

use crate::bench::{
    Bench, ENTERPRISE, GROUP, USER, assert_refused, at, body, finding, header, patch_body, string, text,
};

fn with(change: impl FnOnce(&mut Profile)) -> Bench {
    let mut profile = Profile::preset("tolerant").unwrap();
    change(&mut profile);
    profile.check().unwrap();
    Bench::with(profile, Registry::builtin())
}

fn announced(bench: &Bench, pointer: &str) -> String {
    at(&body(&bench.get("/ServiceProviderConfig")), pointer)
}

#[test]
fn what_is_switched_off_is_announced_and_not_done() {
    let patch = patch_body(r#"{"op":"add","path":"title","value":"x"}"#);

    let bench = with(|profile| profile.patch = false);
    let path = format!("/Users/{}", bench.user("ada"));
    assert_eq!(announced(&bench, "/patch/supported"), "false");
    assert_refused(&bench.ask("PATCH", &path, &patch), 501, None);
    assert_eq!(header(&bench.ask("OPTIONS", &path, ""), "Allow"), Some("GET, HEAD, PUT, DELETE, OPTIONS"));

    let bench = with(|profile| profile.filter = false);
    assert_eq!(announced(&bench, "/filter/supported"), "false");
    assert_refused(&bench.get("/Users?filter=userName%20pr"), 501, None);

    let bench = with(|profile| profile.sort = false);
    assert_eq!(announced(&bench, "/sort/supported"), "false");
    let sorted = bench.get("/Users?sortBy=userName");
    assert_eq!((sorted.response.status, finding(&sorted, "sort-ignored").severity), (200, Severity::Warning));

    let bench = with(|profile| profile.bulk = false);
    assert_eq!(announced(&bench, "/bulk"), r#"{"supported":false,"maxOperations":0,"maxPayloadSize":0}"#);
    assert_refused(&bench.ask("POST", "/Bulk", "{}"), 501, None);

    let bench = with(|profile| profile.etag = false);
    let path = format!("/Users/{}", bench.user("ada"));
    assert_eq!(announced(&bench, "/etag/supported"), "false");
    assert_eq!(
        (header(&bench.get(&path), "ETag"), at(&body(&bench.get(&path)), "/meta/version")),
        (None, "absent".into())
    );

    let bench = with(|profile| profile.change_password = false);
    let path = format!("/Users/{}", bench.user("ada"));
    assert_eq!(announced(&bench, "/changePassword/supported"), "false");
    let put = format!(r#"{{"schemas":["{USER}"],"userName":"ada","password":"x"}}"#);
    assert_refused(&bench.ask("PUT", &path, &put), 400, Some("mutability"));
    for operation in [
        r#"{"op":"replace","path":"password","value":"x"}"#,
        r#"{"op":"replace","value":{"PASSWORD":"x"}}"#,
        r#"{"op":"remove","path":"password"}"#,
    ] {
        assert_refused(&bench.patch(&path, operation), 400, Some("mutability"));
    }

    let bench = with(|profile| profile.cursor_pagination = false);
    assert_eq!(announced(&bench, "/pagination/cursor"), "false");
    assert_eq!(announced(&bench, "/pagination/cursorTimeout"), "absent");
    let bench = with(|profile| {
        profile.index_pagination = false;
        profile.default_pagination = provider::profile::Pagination::Cursor;
        profile.cursor_timeout_seconds = 7;
    });
    assert_eq!(announced(&bench, "/pagination/index"), "false");
    assert_eq!(announced(&bench, "/pagination/defaultPaginationMethod"), "\"cursor\"");
    assert_eq!(announced(&bench, "/pagination/cursorTimeout"), "7");

    let bench = with(|profile| profile.search = false);
    assert_refused(&bench.ask("POST", "/Users/.search", "{}"), 501, None);
    assert_eq!(bench.get("/").response.status, 200);
    let bench = with(|profile| profile.root_query = false);
    assert_refused(&bench.get("/"), 501, None);
    assert_refused(&bench.ask("POST", "/.search", "{}"), 501, None);

    let bench = with(|profile| profile.open_service_provider_config = false);
    let plain = bench.plain("GET", "/scim/v2/ServiceProviderConfig", Vec::new(), "");
    assert_refused(&bench.provider.prepare(plain).execute(), 401, None);
}

#[test]
fn put_clears_or_keeps_what_it_omits() {
    let first = format!(
        r#"{{"schemas":["{USER}","{ENTERPRISE}"],"userName":"ada","title":"x","nickName":"a","emails":[{{"value":"a@example.com"}}],"{ENTERPRISE}":{{"department":"d","costCenter":"c"}}}}"#
    );
    let second =
        format!(r#"{{"schemas":["{USER}"],"userName":"ada","NICKNAME":null,"{ENTERPRISE}":{{"department":"e"}}}}"#);
    let kept = |omission| {
        let bench = with(|profile| profile.put_omission = omission);
        let path = format!("/Users/{}", string(&body(&bench.ask("POST", "/Users", &first)), "/id"));
        let put = body(&bench.ask("PUT", &path, &second));
        let extension = put.as_object().unwrap().get(ENTERPRISE).unwrap().to_text();
        (at(&put, "/title"), at(&put, "/nickName"), at(&put, "/emails/0/value"), extension)
    };
    assert_eq!(
        kept(PutOmission::Clear),
        ("absent".into(), "absent".into(), "absent".into(), r#"{"department":"e"}"#.into())
    );
    assert_eq!(
        kept(PutOmission::Keep),
        ("\"x\"".into(), "absent".into(), "\"a@example.com\"".into(), r#"{"costCenter":"c","department":"e"}"#.into())
    );
}

#[test]
fn filters_can_be_read_more_strictly() {
    let bench = with(|profile| profile.unknown_filter_attribute = UnknownFilterAttribute::Refuse);
    let refused = bench.get("/Users?filter=usrName%20eq%20%22a%22");
    assert_refused(&refused, 400, Some("invalidFilter"));
    assert!(string(&body(&refused), "/detail").contains("did you mean userName?"));
    assert_refused(&bench.get("/?filter=nothing%20pr"), 400, Some("invalidFilter"));
    assert_eq!(bench.get("/?filter=userName%20pr").response.status, 200);

    let bench = with(|profile| profile.sensitive_attributes = vec!["emails".into(), "userName".into()]);
    let search = |filter: &str| {
        let schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        bench.ask("POST", "/Users/.search", &format!(r#"{{"schemas":["{schema}"],"filter":"{filter}"}}"#))
    };
    for filter in ["emails.value%20pr", "USERNAME%20pr", &format!("{USER}:userName%20pr"), "emails[type%20pr]"] {
        assert_refused(&bench.get(&format!("/Users?filter={filter}")), 403, Some("sensitive"));
        assert_eq!(search(&filter.replace("%20", " ")).response.status, 200);
    }
    assert_eq!(bench.get("/Users?filter=title%20pr").response.status, 200);

    let bench = with(|profile| profile.too_many_results = 2);
    for name in ["a", "b", "c"] {
        bench.user(name);
    }
    assert_refused(&bench.get("/Users"), 400, Some("tooMany"));
    assert_refused(&bench.get("/Users?count=1"), 400, Some("tooMany"));
    assert_eq!(bench.get("/Users?filter=userName%20ne%20%22a%22").response.status, 200);
}

#[test]
fn references_that_lead_nowhere_are_kept_with_a_finding_or_refused() {
    let sent = format!(r#"{{"schemas":["{GROUP}"],"displayName":"g","members":[{{"value":"nobody"}}]}}"#);
    let manager = format!(r#"{{"op":"add","path":"{ENTERPRISE}:manager","value":{{"value":"nobody"}}}}"#);
    let add = r#"{"op":"add","path":"members","value":[{"value":"nobody"}]}"#;

    let bench = Bench::tolerant();
    let made = bench.ask("POST", "/Groups", &sent);
    assert_eq!((made.response.status, finding(&made, "member-not-found").severity), (201, Severity::Warning));
    let put = bench.ask("PUT", &format!("/Groups/{}", string(&body(&made), "/id")), &sent);
    assert!(put.findings.is_empty(), "what is not new is not told again: {:?}", put.findings);

    let bench = with(|profile| profile.referential_integrity = true);
    assert_refused(&bench.ask("POST", "/Groups", &sent), 400, Some("invalidValue"));
    let (ada, group) = (bench.user("ada"), bench.group("g", &[]));
    assert_refused(&bench.patch(&format!("/Groups/{group}"), add), 400, Some("invalidValue"));
    assert_refused(&bench.patch(&format!("/Users/{ada}"), &manager), 400, Some("invalidValue"));
    assert_eq!(bench.commits().len(), 2);
    let good = format!(r#"{{"op":"add","path":"members","value":[{{"value":"{ada}"}}]}}"#);
    assert_eq!(bench.patch(&format!("/Groups/{group}"), &good).response.status, 200);
}

#[test]
fn errors_can_lead_to_the_exchange_in_the_record() {
    let bench = with(|profile| profile.error_extension = true);
    let handled = bench.ask("PATCH", "/Users/nobody", &patch_body(r#"{"op":"Replace","path":"active","value":true}"#));
    let error = body(&handled);
    let urn = "urn:scimscope:params:error";
    assert_eq!(at(&error, "/schemas/1"), format!("{urn:?}"));
    let extension = error.as_object().unwrap().get(urn).unwrap();
    assert_eq!((at(extension, "/seq"), string(extension, "/findings/0/code")), ("7".into(), "T2".into()));
    assert_eq!(string(extension, "/findings/0/pointer"), "/Operations/0/op");
    assert!(!text(&Bench::tolerant().get("/Users/nobody")).contains(urn));
}

#[test]
fn profiles_go_out_and_come_back_as_json() {
    for preset in Profile::presets() {
        assert_eq!(&Profile::from_json(&preset.to_json()).unwrap(), preset);
        assert_eq!(&Profile::load(&preset.name).unwrap(), preset);
        assert!(!preset.description.is_empty());
    }
    let own = Profile::load(r#"  {"name":"mine","sort":false,"leniency":{"bare_complex":false}}"#).unwrap();
    let tolerant = Profile::preset("tolerant").unwrap();
    let mut expected = Profile { name: "mine".into(), description: String::new(), sort: false, ..tolerant };
    expected.leniency.bare_complex = false;
    assert_eq!(own, expected);
}

#[test]
fn what_is_no_profile_is_refused_with_a_reason() {
    for (sent, reason) in [
        ("tolrant", "there are tolerant, rfc-strict"),
        ("{", "cannot be read: EOF"),
        ("{}", "name"),
        (r#"{"name":"x","srot":true}"#, "unknown field `srot`, expected one of"),
        (r#"{"name":"x","sort":"yes"}"#, "invalid type: string \"yes\", expected a boolean"),
        (r#"{"name":"x","max_results":0}"#, "max_results"),
        (r#"{"name":"x","default_page_size":0}"#, "default_page_size"),
        (r#"{"name":"x","default_pagination":"cursor","cursor_pagination":false}"#, "default_pagination"),
        (r#"{"name":"x","index_pagination":false}"#, "default_pagination"),
        (r#"{"name":"x","etag":false,"require_if_match":true}"#, "require_if_match"),
        (r#"{"name":"x","me":"alias"}"#, "me_user_name"),
        (r#"{"name":"x","limits":{"filter_operators":["eq","regex"]}}"#, "\"regex\""),
        (r#"{"name":"x","limits":{"types":{"User":{"refused_methods":["put"]}}}}"#, "\"put\""),
        (r#"{"name":"x","leniency":{"all":true}}"#, "unknown field `all`"),
    ] {
        let error = Profile::load(sent).unwrap_err().to_string();
        assert!(error.contains(reason), "{sent}: {error}");
    }
    assert!(matches!(Profile::load("x"), Err(ProfileError::UnknownName { .. })));
}

#[test]
fn entra_gallery_creates_on_a_lower_case_replace_too() {
    let replace = r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"a@example.com"}"#;
    for (profile, status) in [("tolerant", 400), ("entra-gallery", 204)] {
        let bench = Bench::new(profile);
        let path = format!("/Users/{}", bench.user("ada"));
        assert_eq!(bench.patch(&path, replace).response.status, status, "{profile}");
        assert_eq!(bench.patch(&path, &replace.replace("replace", "Replace")).response.status / 100, 2);
    }
}

#[test]
fn aws_identity_center_is_imitated_as_its_documentation_describes_it() {
    let bench = Bench::new("aws-identity-center");
    let user = |more: &str| {
        format!(
            r#"{{"schemas":["{USER}"],"userName":"ada","displayName":"Ada L.","name":{{"givenName":"Ada","familyName":"L."}}{more}}}"#
        )
    };
    for more in [
        r#","password":"x""#,
        r#","photos":[{"value":"https://example.com/a.png"}]"#,
        r#","emails":[{"value":"a@example.com","primary":true},{"value":"b@example.com"}]"#,
        r#","emails":[{"value":"a@example.com"}]"#,
        r#","emails":[{"value":"a@example.com","primary":true,"display":"a"}]"#,
        r#","groups":[{"value":"g"}]"#,
    ] {
        assert_refused(&bench.ask("POST", "/Users", &user(more)), 400, Some("invalidValue"));
    }
    let nameless = format!(r#"{{"schemas":["{USER}"],"userName":"ada","displayName":"Ada L."}}"#);
    assert_refused(&bench.ask("POST", "/Users", &nameless), 400, Some("invalidValue"));
    let ada = bench.ask("POST", "/Users", &user(r#","emails":[{"value":"a@example.com","primary":true}]"#));
    let ada = string(&body(&ada), "/id");
    let two = r#"{"op":"replace","path":"emails","value":[{"value":"a@example.com"},{"value":"b@example.com"}]}"#;
    assert_refused(&bench.patch(&format!("/Users/{ada}"), two), 400, Some("invalidValue"));
    for operation in
        [r#"{"op":"add","path":"password","value":"x"}"#, r#"{"op":"add","value":{"ims":[{"value":"x"}]}}"#]
    {
        assert_refused(&bench.patch(&format!("/Users/{ada}"), operation), 400, Some("invalidValue"));
    }

    let made = bench.ask(
        "POST",
        "/Groups",
        &format!(r#"{{"schemas":["{GROUP}"],"displayName":"g","members":[{{"value":"{ada}"}}]}}"#),
    );
    assert_eq!(at(&body(&made), "/members"), "absent");
    let group = format!("/Groups/{}", string(&body(&made), "/id"));
    assert_eq!(at(&body(&bench.get(&format!("{group}?attributes=members"))), "/members"), "absent");
    let found =
        bench.get(&format!("/Groups?filter=members.value%20eq%20%22{ada}%22%20and%20displayName%20eq%20%22g%22"));
    assert_eq!(at(&body(&found), "/totalResults"), "1");
    assert_refused(&bench.ask("PUT", &group, "{}"), 501, None);
    assert_eq!(header(&bench.ask("OPTIONS", &group, ""), "Allow"), Some("GET, HEAD, PATCH, DELETE, OPTIONS"));
    for operation in [
        r#"{"op":"replace","path":"members","value":[]}"#,
        r#"{"op":"remove","path":"members"}"#,
        r#"{"op":"replace","value":{"members":[]}}"#,
        r#"{"op":"add","path":"meta.location","value":"x"}"#,
    ] {
        assert_refused(&bench.patch(&group, operation), 400, Some("invalidValue"));
    }
    let members = |count: usize| {
        let members: Vec<String> = (0..count).map(|number| format!(r#"{{"value":"m{number}"}}"#)).collect();
        format!(r#"{{"op":"add","path":"members","value":[{}]}}"#, members.join(","))
    };
    assert_refused(&bench.patch(&group, &members(101)), 400, Some("invalidValue"));
    assert_eq!(bench.patch(&group, &members(100)).response.status, 200);
    let one = format!(r#"{{"op":"remove","path":"members[value eq \"{ada}\"]"}}"#);
    assert_eq!(bench.patch(&group, &one).response.status, 200);
    let filters = [
        "userName%20sw%20%22a%22",
        "userName%20pr",
        "userName%20eq%20%22a%22%20or%20userName%20eq%20%22b%22",
        "not%20(userName%20eq%20%22a%22)",
        "emails[value%20eq%20%22a%22]",
    ];
    for filter in filters {
        assert_refused(&bench.get(&format!("/Users?filter={filter}")), 400, Some("invalidFilter"));
    }
    assert_eq!(announced(&bench, "/filter/maxResults"), "50");
    assert_eq!(announced(&bench, "/changePassword/supported"), "false");
    let schema = |urn: &str| body(&bench.get(&format!("/Schemas/{urn}")));
    let attributes =
        |schema: &Json| -> Vec<Json> { schema.pointer("/attributes").unwrap().as_array().unwrap().to_vec() };
    let user = schema(USER);
    let named = |all: &[Json], name: &str| all.iter().find(|one| string(one, "/name") == name).cloned();
    let all = attributes(&user);
    assert!(named(&all, "password").is_none() && named(&all, "ims").is_none());
    assert_eq!(at(&named(&all, "displayName").unwrap(), "/required"), "true");
    let members = named(&attributes(&schema(GROUP)), "members").unwrap();
    assert_eq!(string(&members, "/returned"), "never");
}

#[test]
fn every_switch_is_in_the_documentation() {
    let page = include_str!("../../../../docs/profiles.md");
    let names: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    let mut profile = Profile::preset("aws-identity-center").unwrap();
    for limits in profile.limits.types.values_mut() {
        limits.filter_attributes = Some(Vec::new());
    }
    let whole: serde_json::Value = serde_json::from_str(&profile.to_json()).unwrap();
    let mut switches: Vec<String> = Vec::new();
    for path in ["", "/leniency", "/limits", "/limits/types/User", "/limits/types/Group"] {
        switches.extend(whole.pointer(path).unwrap().as_object().unwrap().keys().cloned());
    }
    assert!(switches.len() > 60, "{}", switches.len());
    for switch in switches {
        assert!(names.contains(&switch.as_str()), "docs/profiles.md says nothing of {switch}");
    }
    for preset in Profile::names() {
        assert!(names.contains(&preset.as_str()), "docs/profiles.md says nothing of the profile {preset}");
    }
}

#[test]
fn limits_that_no_ready_profile_has_hold_too() {
    let text = r#"{"name":"limited","limits":{"filter_operators":["eq","pr"],"types":{
        "User":{"filter_attributes":["userName","emails"],"required_attributes":["emails.value"],
            "refused_attributes":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"]},
        "Group":{"max_changes":{"members":2},"refused_methods":["DELETE"]}}}}"#;
    let bench = Bench::with(Profile::from_json(text).unwrap(), Registry::builtin());
    for (filter, status) in [
        ("userName%20pr", 200),
        ("emails.value%20eq%20%22a%22", 200),
        ("title%20pr", 400),
        ("not%20(title%20pr)", 400),
        ("userName%20sw%20%22a%22", 400),
    ] {
        assert_eq!(bench.get(&format!("/Users?filter={filter}")).response.status, status, "{filter}");
    }
    assert_eq!(bench.get("/Groups?filter=displayName%20pr").response.status, 200, "limits are those of one type");
    let user = |more: &str| bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],"userName":"ada"{more}}}"#));
    let department = format!(r#","emails":[{{"value":"a"}}],"{ENTERPRISE}":{{"department":"d"}}"#);
    assert_refused(&user(""), 400, Some("invalidValue"));
    assert_refused(&user(r#","emails":[{"type":"work"}]"#), 400, Some("invalidValue"));
    let refused = user(&department);
    assert_refused(&refused, 400, Some("invalidValue"));
    let place = scim::finding::Place::Body(format!("/{ENTERPRISE}/department"));
    assert_eq!(finding(&refused, "invalidValue").place, place);
    let path = format!("/Users/{}", string(&body(&user(r#","emails":[{"value":"a"}]"#)), "/id"));
    for operation in [
        format!(r#"{{"op":"add","path":"{ENTERPRISE}:department","value":"d"}}"#),
        format!(r#"{{"op":"add","value":{{"{ENTERPRISE}":{{"department":"d"}}}}}}"#),
        format!(r#"{{"op":"add","path":"{ENTERPRISE}","value":{{"department":"d"}}}}"#),
        format!(r#"{{"op":"add","value":{{"{ENTERPRISE}:department":"d"}}}}"#),
    ] {
        assert_refused(&bench.patch(&path, &operation), 400, Some("invalidValue"));
    }
    let members = r#"{"value":"a"},{"value":"b"},{"value":"c"}"#;
    let group = format!(r#"{{"schemas":["{GROUP}"],"displayName":"g","members":[{members}]}}"#);
    assert_refused(&bench.ask("POST", "/Groups", &group), 400, Some("invalidValue"));
    let group = format!("/Groups/{}", bench.group("g", &["a", "b"]));
    let each = r#"{"op":"remove","path":"members[value eq \"a\"]"}"#;
    assert_refused(&bench.patch(&group, &[each; 3].join(",")), 400, Some("invalidValue"));
    assert_eq!(bench.patch(&group, &[each; 2].join(",")).response.status, 200);
    assert_refused(&bench.ask("DELETE", &group, ""), 501, None);
    let schema = body(&bench.get(&format!("/Schemas/{ENTERPRISE}"))).to_text();
    assert!(!schema.contains("department") && schema.contains("costCenter"));
}
