//! Tests of the rules in `fixtures/conformance/rules.toml`, each with the ids of the rules that it proves, and the faults
//! that turn them red. `cargo xtask conformance` makes docs/conformance.md of a run.

mod access;
mod bulk;
mod create;
mod cursor;
mod delete;
mod discovery;
mod errors;
mod faults;
mod filter;
mod gadgets;
mod http;
mod late;
mod me;
mod pages;
mod patch;
mod patch_refused;
mod read;
mod replace;
mod resources;
mod search;
mod selection;
mod sort;
mod tenants;
mod types;
mod users;
mod versions;

use testkit::RuleTest;

/// Every test that names rules.
fn tests() -> impl Iterator<Item = &'static RuleTest> {
    let files = [
        http::TESTS,
        access::TESTS,
        resources::TESTS,
        types::TESTS,
        users::TESTS,
        create::TESTS,
        read::TESTS,
        filter::TESTS,
        search::TESTS,
        sort::TESTS,
        pages::TESTS,
        cursor::TESTS,
        selection::TESTS,
        replace::TESTS,
        patch::TESTS,
        patch_refused::TESTS,
        delete::TESTS,
        errors::TESTS,
        versions::TESTS,
        discovery::TESTS,
        bulk::TESTS,
        me::TESTS,
        tenants::TESTS,
        late::TESTS,
    ];
    files.into_iter().flatten()
}
