//! Several tenants in one provider, and what happens to them while they serve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use provider::{Access, Profile, TenantError, TenantSettings};
use scim::schema::Registry;
use traffic::change::Cause;
use traffic::handled::Handled;

use crate::bench::{Bench, TOKEN, USER, assert_refused, at, body, header, string, text};

fn settings(token: &str) -> TenantSettings {
    TenantSettings::new(
        Profile::preset("tolerant").unwrap(),
        Access::bearer(token, "2026-01-31T09:30:00Z".parse().unwrap()),
    )
}

fn create(bench: &Bench, name: &str, token: &str) {
    bench.provider.create(name, settings(token), Arc::new(Registry::builtin())).unwrap();
}

fn ask(bench: &Bench, token: &str, method: &str, target: &str, body: &str) -> Handled {
    bench.provider.prepare(request(bench, token, method, target, body)).execute()
}

fn request(bench: &Bench, token: &str, method: &str, target: &str, body: &str) -> provider::Request {
    let headers = vec![
        ("Authorization".to_owned(), format!("Bearer {token}")),
        ("Content-Type".to_owned(), "application/scim+json".to_owned()),
    ];
    bench.plain(method, target, headers, body)
}

fn user(name: &str) -> String {
    format!(r#"{{"schemas":["{USER}"],"userName":"{name}"}}"#)
}

fn total(handled: &Handled) -> String {
    assert_eq!(handled.response.status, 200, "{}", text(handled));
    at(&body(handled), "/totalResults")
}

#[test]
fn http_12_two_tenants_do_not_see_each_other() {
    let bench = Bench::tolerant();
    create(&bench, "acme", "the-token-of-acme");
    let created = ask(&bench, "the-token-of-acme", "POST", "/t/acme/scim/v2/Users", &user("ada"));
    assert_eq!(created.response.status, 201, "{}", text(&created));
    assert_eq!(created.tenant.as_deref(), Some("acme"));
    let id = string(&body(&created), "/id");
    assert_eq!(header(&created, "Location"), Some(format!("http://127.0.0.1:8787/t/acme/scim/v2/Users/{id}").as_str()));
    // Neither the resource, nor the name, nor the token is known to the other one.
    assert_eq!(total(&ask(&bench, TOKEN, "GET", "/scim/v2/Users", "")), "0");
    assert_refused(&ask(&bench, TOKEN, "GET", &format!("/scim/v2/Users/{id}"), ""), 404, None);
    assert_eq!(ask(&bench, TOKEN, "POST", "/scim/v2/Users", &user("ada")).response.status, 201);
    assert_refused(&ask(&bench, TOKEN, "GET", "/t/acme/scim/v2/Users", ""), 401, None);
    assert_refused(&ask(&bench, "the-token-of-acme", "GET", "/scim/v2/Users", ""), 401, None);
    // Nor does the profile of one hold for the other.
    bench
        .provider
        .named("acme")
        .unwrap()
        .switch_profile(Profile { etag: false, ..Profile::preset("tolerant").unwrap() });
    assert_eq!(
        header(&ask(&bench, "the-token-of-acme", "GET", &format!("/t/acme/scim/v2/Users/{id}"), ""), "ETag"),
        None
    );
    let commits = bench.commits();
    assert_eq!(
        commits.iter().map(|commit| (commit.tenant.as_str(), commit.revision.0)).collect::<Vec<_>>(),
        [("acme", 1), ("default", 1)]
    );
}

#[test]
fn a_path_of_no_tenant_is_a_scim_404() {
    let bench = Bench::tolerant();
    create(&bench, "acme", TOKEN);
    for target in [
        "/t",
        "/t/",
        "/t/nobody/scim/v2/Users",
        "/t/Acme/scim/v2/Users",
        "/t/acme",
        "/t/acme/Users",
        "/t/default/scim/v2/Users",
    ] {
        assert_refused(&ask(&bench, TOKEN, "GET", target, ""), 404, None);
    }
    assert_refused(&ask(&bench, TOKEN, "GET", "/t/acme/scim/v3/Users", ""), 400, Some("invalidVers"));
    assert_refused(&ask(&bench, TOKEN, "GET", "/t/nobody/oauth/token", ""), 404, None);
    assert_eq!(ask(&bench, TOKEN, "GET", "/t/%61cme/scim/v2/Users", "").response.status, 200);
}

#[test]
fn names_that_do_not_do_are_refused() {
    let bench = Bench::tolerant();
    let try_name = |name: &str| bench.provider.create(name, settings(TOKEN), Arc::new(Registry::builtin())).map(|_| ());
    for name in ["", "A", "a b", "a/b", "ä", "-a", "a-", ".", "a_b", &"a".repeat(64)] {
        assert_eq!(try_name(name), Err(TenantError::Name(name.into())));
    }
    assert_eq!(try_name("default"), Err(TenantError::Taken("default".into())));
    assert_eq!(try_name("acme-2"), Ok(()));
    assert_eq!(try_name("acme-2"), Err(TenantError::Taken("acme-2".into())));
    assert_eq!(bench.provider.rename("acme-2", "default").map(|_| ()), Err(TenantError::Taken("default".into())));
    assert_eq!(bench.provider.rename("default", "other").map(|_| ()), Err(TenantError::Default));
    assert_eq!(bench.provider.remove("default").map(|_| ()), Err(TenantError::Default));
    assert_eq!(bench.provider.remove("nobody").map(|_| ()), Err(TenantError::Missing("nobody".into())));
}

#[test]
fn a_renamed_tenant_moves_with_everything_it_has_and_keeps_its_id() {
    let bench = Bench::tolerant();
    create(&bench, "acme", TOKEN);
    ask(&bench, TOKEN, "POST", "/t/acme/scim/v2/Users", &user("ada"));
    let in_flight = bench.provider.prepare(request(&bench, TOKEN, "POST", "/t/acme/scim/v2/Users", &user("bob")));
    bench.provider.rename("acme", "globex").unwrap();
    assert_eq!(in_flight.execute().response.status, 201);
    assert_refused(&ask(&bench, TOKEN, "GET", "/t/acme/scim/v2/Users", ""), 404, None);
    let list = ask(&bench, TOKEN, "GET", "/t/globex/scim/v2/Users", "");
    assert_eq!(total(&list), "2");
    assert_eq!(list.tenant.as_deref(), Some("acme"), "the record goes on under the same id");
    assert!(string(&body(&list), "/Resources/0/meta/location").contains("/t/globex/scim/v2/Users/"));
    assert_eq!(bench.provider.name_of("acme").as_deref(), Some("globex"));
    // The name is free again, the id is not.
    create(&bench, "acme", TOKEN);
    assert_eq!(bench.provider.named("acme").unwrap().id(), "acme-2");
}

#[test]
fn a_copy_begins_with_the_same_and_goes_its_own_way() {
    let bench = Bench::tolerant();
    let id = bench.user("ada");
    bench.group("g", &[&id]);
    bench.provider.tenant().change(|settings| settings.public_url = Some("https://scim.example.com".parse().unwrap()));
    bench.provider.duplicate("default", "copy").unwrap();
    let read = body(&ask(&bench, TOKEN, "GET", &format!("/t/copy/scim/v2/Users/{id}"), ""));
    assert_eq!((string(&read, "/userName"), string(&read, "/groups/0/display")), ("ada".into(), "g".into()));
    assert_eq!(string(&read, "/meta/location"), format!("http://127.0.0.1:8787/t/copy/scim/v2/Users/{id}"));
    assert_eq!(ask(&bench, TOKEN, "DELETE", &format!("/t/copy/scim/v2/Users/{id}"), "").response.status, 204);
    assert_eq!(bench.get(&format!("/Users/{id}")).response.status, 200);
    let copied = bench.commits().into_iter().find(|commit| commit.cause == Cause::Duplicated).unwrap();
    assert_eq!((copied.tenant.as_str(), copied.revision.0, copied.changes.len()), ("copy", 1, 2));
    assert!(
        copied
            .changes
            .iter()
            .all(|change| change.before.is_none() && change.after.is_some() && !change.lines.is_empty())
    );
    assert_eq!(bench.commits().last().unwrap().revision.0, 2);
}

#[test]
fn a_reset_takes_all_resources_and_nothing_else() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    bench.group("g", &[&ada]);
    bench.provider.reset("default").unwrap();
    assert_eq!((total(&bench.get("/Users")), total(&bench.get("/Groups"))), ("0".into(), "0".into()));
    let commit = bench.commits().pop().unwrap();
    assert_eq!((commit.cause, commit.revision.0, commit.changes.len()), (Cause::Reset, 3, 2));
    assert!(commit.changes.iter().all(|change| change.before.is_some() && change.after.is_none()));
    bench.user("ada");
    assert_eq!(bench.commits().last().unwrap().revision.0, 4, "revisions go on");
    bench.provider.reset("default").unwrap();
    bench.provider.reset("default").unwrap();
    assert_eq!(bench.commits().last().unwrap().revision.0, 5, "there was nothing to reset the second time");
}

#[test]
fn a_tenant_of_its_own_listener_is_at_the_plain_path_and_alone_there() {
    let bench = Bench::tolerant();
    create(&bench, "acme", "the-token-of-acme");
    let alone = bench.provider.alone("acme");
    let get = |target: &str| alone.prepare(request(&bench, "the-token-of-acme", "GET", target, "")).execute();
    let created = alone.prepare(request(&bench, "the-token-of-acme", "POST", "/scim/v2/Users", &user("ada"))).execute();
    assert!(header(&created, "Location").unwrap().starts_with("http://127.0.0.1:8787/scim/v2/Users/"));
    assert_eq!(total(&get("/scim/v2/Users")), "1");
    assert_eq!(total(&ask(&bench, "the-token-of-acme", "GET", "/t/acme/scim/v2/Users", "")), "1");
    assert_refused(&get("/t/acme/scim/v2/Users"), 404, None);
    bench.provider.rename("acme", "globex").unwrap();
    assert_eq!(total(&get("/scim/v2/Users")), "1");
    bench.provider.remove("globex").unwrap();
    assert_refused(&get("/scim/v2/Users"), 404, None);
}

#[test]
fn what_a_deleted_tenant_would_have_written_is_not_written() {
    let bench = Bench::tolerant();
    create(&bench, "acme", TOKEN);
    let read = bench.provider.prepare(request(&bench, TOKEN, "GET", "/t/acme/scim/v2/Users", ""));
    let write = bench.provider.prepare(request(&bench, TOKEN, "POST", "/t/acme/scim/v2/Users", &user("ada")));
    bench.provider.remove("acme").unwrap();
    assert_eq!(read.execute().response.status, 200);
    assert_refused(&write.execute(), 404, None);
    assert_refused(&ask(&bench, TOKEN, "GET", "/t/acme/scim/v2/Users", ""), 404, None);
    assert!(bench.commits().is_empty());
    // Another one of that name is another one.
    create(&bench, "acme", TOKEN);
    assert_eq!(bench.provider.named("acme").unwrap().id(), "acme-2");
}

#[test]
fn tenants_come_and_go_while_others_are_under_load() {
    const WRITERS: usize = 3;
    const ROUNDS: usize = 15;
    let bench = Bench::tolerant();
    let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    create(&bench, "busy", TOKEN);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (bench, stop, written) = (&bench, &stop, &written);
            scope.spawn(move || {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) || number < ROUNDS {
                    let name = format!("user-{writer}-{number}");
                    // The tenant that is always there answers as if it were the only one.
                    let busy = ask(bench, TOKEN, "POST", "/t/busy/scim/v2/Users", &user(&name));
                    assert_eq!(busy.response.status, 201, "{}", text(&busy));
                    written.fetch_add(1, Ordering::Relaxed);
                    // The one that comes and goes answers properly, whatever moment it is.
                    let passing = ask(bench, TOKEN, "POST", "/t/passing/scim/v2/Users", &user(&name));
                    assert!([201, 404, 409].contains(&passing.response.status), "{}", text(&passing));
                    let other = ask(bench, TOKEN, "GET", "/t/moved/scim/v2/Users?count=1", "");
                    assert!([200, 404].contains(&other.response.status), "{}", text(&other));
                    number += 1;
                }
            });
        }
        for round in 0..ROUNDS {
            create(&bench, "passing", TOKEN);
            bench.provider.reset("passing").unwrap();
            bench.provider.rename("passing", "moved").unwrap();
            bench.provider.duplicate("moved", "passing").unwrap();
            bench.provider.duplicate("busy", &format!("copy-{round}")).unwrap();
            bench.provider.remove("moved").unwrap();
            bench.provider.remove("passing").unwrap();
            bench.provider.remove(&format!("copy-{round}")).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    let expected = written.load(Ordering::Relaxed).to_string();
    assert_eq!(total(&ask(&bench, TOKEN, "GET", "/t/busy/scim/v2/Users", "")), expected);
    // In the record each tenant's revisions are without gaps, and every id belongs to one tenant only.
    let mut last = std::collections::HashMap::new();
    for commit in bench.commits() {
        let revision = last.entry(commit.tenant.clone()).or_insert(0);
        assert_eq!(commit.revision.0, *revision + 1, "{}", commit.tenant);
        *revision += 1;
    }
    assert_eq!(
        bench.provider.tenants().iter().map(|tenant| tenant.name().to_owned()).collect::<Vec<_>>(),
        ["default", "busy"]
    );
}
