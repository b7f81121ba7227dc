//! Filters (RFC 7644 section 3.4.2.2).

use serde_json::json;
use testkit::bench::{Bench, ENTERPRISE, Server, USER};
use testkit::rule_tests;

rule_tests! {
    ["FLT-01"] filtering_is_announced_with_its_limit;
    ["FLT-02"] names_and_operators_are_read_in_any_case;
    ["FLT-03"] what_is_no_filter_is_refused;
    ["FLT-04"] an_unknown_operator_is_refused_in_words;
    ["FLT-05"] booleans_and_binaries_have_no_order;
    ["FLT-06"] grouping_binds_before_not_before_and_before_or;
    ["FLT-07", "FLT-08"] one_value_that_fits_is_enough_and_brackets_mean_the_same_element;
    ["FLT-09"] a_complex_attribute_is_asked_by_a_sub_attribute;
    ["FLT-12"] schemas_can_be_asked_for;
    ["FLT-13"] an_unknown_attribute_finds_nothing_or_is_refused;
    ["FLT-03", "FLT-10"] every_operator_does_what_it_says;
}

fn people(bench: &Bench) -> [Server; 2] {
    let servers = bench.both();
    for server in &servers {
        let emails =
            json!([{ "value": "ada@example.com", "type": "work" }, { "value": "ada@example.org", "type": "home" }]);
        let ada = json!({
            "title": "b",
            "active": true,
            "emails": emails,
            "name": { "givenName": "Ada" },
            ENTERPRISE: { "department": "X" },
        });
        server.user("ada", &ada);
        server.user(
            "grace",
            &json!({ "title": "d", "active": false, "emails": [{ "value": "grace@example.org", "type": "work" }] }),
        );
        server.user("alan", &json!({ "active": true }));
    }
    servers
}

fn filtering_is_announced_with_its_limit(bench: &Bench) {
    for server in bench.both() {
        let config = server.get("/ServiceProviderConfig");
        assert_eq!(config.at("/filter/supported"), true);
        assert!(config.at("/filter/maxResults").as_u64().is_some_and(|most| most > 0));
    }
}

fn names_and_operators_are_read_in_any_case(bench: &Bench) {
    for server in people(bench) {
        for filter in
            ["USERNAME Eq \"ada\"", "username EQ \"ada\" AND TITLE PR", "NOT (userName SW \"g\") And Name.GIVENNAME pr"]
        {
            assert_eq!(server.found(filter), ["ada"], "{filter}");
        }
        let qualified = format!("{}:userName eq \"ada\"", USER.to_uppercase());
        assert_eq!(server.found(&qualified), ["ada"]);
        assert_eq!(server.found(&format!("{ENTERPRISE}:department eq \"x\"")), ["ada"]);
    }
}

fn what_is_no_filter_is_refused(bench: &Bench) {
    for server in people(bench) {
        for filter in [
            "(((",
            "",
            "userName",
            "userName eq",
            "eq \"x\"",
            "userName eq \"x",
            "userName eq \"x\" and",
            "(userName pr",
            "not userName pr",
            "emails[",
            "emails[]",
            "userName eq \"a\" or or title pr",
        ] {
            server.filtered("/Users", filter).refused(400, Some("invalidFilter"));
        }
    }
}

fn an_unknown_operator_is_refused_in_words(bench: &Bench) {
    for server in people(bench) {
        let reply = server.filtered("/Users", "userName regex \"a.*\"");
        let detail = reply.refused(400, Some("invalidFilter")).string("/detail");
        assert!(detail.contains("regex"), "{detail}");
    }
}

fn booleans_and_binaries_have_no_order(bench: &Bench) {
    for server in people(bench) {
        for operator in ["gt", "ge", "lt", "le"] {
            server.filtered("/Users", &format!("active {operator} true")).refused(400, Some("invalidFilter"));
            let binary = format!("x509Certificates.value {operator} \"AAAA\"");
            server.filtered("/Users", &binary).refused(400, Some("invalidFilter"));
        }
    }
}

fn grouping_binds_before_not_before_and_before_or(bench: &Bench) {
    for server in people(bench) {
        for (filter, fits) in [
            ("userName eq \"ada\" or userName eq \"grace\" and title eq \"none\"", &["ada"][..]),
            ("(userName eq \"ada\" or userName eq \"grace\") and title eq \"none\"", &[]),
            ("not (userName eq \"ada\") and title pr", &["grace"]),
            ("not (userName eq \"ada\" and title pr)", &["grace", "alan"]),
            ("title pr and not (active eq true) or userName eq \"alan\"", &["grace", "alan"]),
        ] {
            assert_eq!(server.found(filter), fits, "{filter}");
        }
    }
}

fn one_value_that_fits_is_enough_and_brackets_mean_the_same_element(bench: &Bench) {
    for server in people(bench) {
        assert_eq!(server.found("emails.value ew \"example.org\""), ["ada", "grace"]);
        assert_eq!(server.found("emails.type eq \"work\" and emails.value ew \".org\""), ["ada", "grace"]);
        assert_eq!(server.found("emails[type eq \"work\" and value ew \".org\"]"), ["grace"]);
        assert_eq!(server.found("emails.value ne \"ada@example.com\""), ["ada", "grace", "alan"]);
    }
}

fn a_complex_attribute_is_asked_by_a_sub_attribute(bench: &Bench) {
    for server in people(bench) {
        for filter in ["name eq \"Ada\"", "name co \"A\"", "meta eq \"x\""] {
            server.filtered("/Users", filter).refused(400, Some("invalidFilter"));
        }
        assert_eq!(server.found("emails co \"example.com\""), ["ada"]);
        assert_eq!(server.found("name.givenName co \"A\""), ["ada"]);
        assert_eq!(server.found("name pr"), ["ada"]);
    }
}

fn schemas_can_be_asked_for(bench: &Bench) {
    for server in people(bench) {
        assert_eq!(server.found(&format!("schemas eq \"{ENTERPRISE}\"")), ["ada"]);
        assert_eq!(server.found(&format!("schemas eq \"{USER}\"")).len(), 3);
    }
}

fn an_unknown_attribute_finds_nothing_or_is_refused(bench: &Bench) {
    for server in people(bench) {
        let reply = server.filtered("/Users", "shoeSize eq \"38\"");
        if reply.status == 200 {
            assert_eq!(reply.at("/totalResults"), 0);
        } else {
            reply.refused(400, Some("invalidFilter"));
        }
    }
}

fn every_operator_does_what_it_says(bench: &Bench) {
    for server in people(bench) {
        for (filter, fits) in [
            ("title eq \"b\"", &["ada"][..]),
            ("title ne \"b\"", &["grace", "alan"]),
            ("userName co \"RA\"", &["grace"]),
            ("userName sw \"a\"", &["ada", "alan"]),
            ("userName ew \"A\"", &["ada"]),
            ("title pr", &["ada", "grace"]),
            ("title gt \"b\"", &["grace"]),
            ("title ge \"b\"", &["ada", "grace"]),
            ("title lt \"d\"", &["ada"]),
            ("title le \"d\"", &["ada", "grace"]),
            ("title eq null", &["alan"]),
            ("active eq false", &["grace"]),
            ("meta.created ge \"2026-01-31T09:30:00Z\"", &["ada", "grace", "alan"]),
            ("meta.lastModified gt \"2026-01-31T10:30:00+01:00\"", &[]),
        ] {
            assert_eq!(server.found(filter), fits, "{filter}");
        }
    }
}
