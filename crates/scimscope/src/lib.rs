//! A SCIM 2.0 server inside of a test.
//!
//! [`Scimscope::start`] serves on a free port of this machine, in a temporary workspace. What the test expects is looked at when
//! the server is dropped: the test fails then, with the exchanges that came nearest.
//!
//! ```no_run
//! # fn provision(_: &str, _: &str) {}
//! use scimscope::Scimscope;
//!
//! let server = Scimscope::start();
//! server.expect("method:post target:Users status:201").times(1);
//! server.expect("status:>=400").never();
//! server.expect_resources("User", "userName eq \"ada@example.com\" and active eq true").times(1);
//! provision(server.url(), server.token()); // what is to be tested
//! ```
//!
//! Exchanges are selected in the query language of the page (`docs/query.md`), resources by SCIM filters. Everything else that the
//! control API can do is behind [`Scimscope::call`].
//!
//! Calls block the thread that makes them; the server has threads of its own. In an asynchronous test with one thread, let
//! [`Scimscope::wait_for`] wait on another (`spawn_blocking`).

mod expectation;
mod runtime;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use app::config::{Config, Workspace};
use app::running::App;
use serde_json::{Value, json};

pub use app::config::{Recipe, datasets};
pub use expectation::Expectation;

use runtime::Served;

/// What a server is to be like.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How it behaves: the name of a profile, like `rfc-strict`, or the JSON of one. `tolerant` without one.
    pub profile: Option<String>,
    /// The bearer token that clients must send; a random one without.
    pub token: Option<String>,
    /// What the directory begins with.
    pub seed: Option<Recipe>,
    /// Rules: the name of a ready set, like `rate-limited-api`, or the JSON of a list of rules.
    pub rules: Option<String>,
    /// The time at which its clock stands still.
    pub clock: Option<jiff::Timestamp>,
    /// The number that ids are drawn from.
    pub ids: Option<u64>,
}

/// What went wrong, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// A SCIM server that runs. When it is dropped, expectations are looked at and it ends.
#[derive(Debug)]
pub struct Scimscope {
    served: Served,
    url: String,
    token: String,
    expected: Mutex<Vec<Value>>,
}

impl Scimscope {
    /// Serves on a free port, in a temporary workspace.
    ///
    /// # Panics
    /// If that does not work; the message says why.
    #[expect(clippy::panic, reason = "a test that has no server has failed")]
    pub fn start() -> Scimscope {
        match Scimscope::with(Options::default()) {
            Ok(server) => server,
            Err(why) => panic!("no SCIM server could be started: {why}"),
        }
    }

    /// The same with options.
    ///
    /// # Errors
    /// If an option does not do, or the machine has no free port.
    pub fn with(options: Options) -> Result<Scimscope, Error> {
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            workspace: Workspace::Temporary,
            profile: options.profile,
            token: options.token,
            seed: options.seed,
            rules: options.rules,
            clock: options.clock,
            ids: options.ids,
            ..Config::default()
        };
        let served = Served::start(async { App::start(config).await.map_err(|error| Error(format!("{error:#}"))) })?;
        let (url, token) = (served.app().scim_url().to_owned(), served.app().token());
        Ok(Scimscope { served, url, token, expected: Mutex::default() })
    }

    /// The SCIM base URL: `http://127.0.0.1:40123/scim/v2`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bearer token that clients must send.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Expects exchanges that a query selects: at least one, unless more is said.
    pub fn expect(&self, query: &str) -> Expectation<'_> {
        Expectation::new(self, json!({ "kind": "count", "q": query }))
    }

    /// Expects resources of a type that a SCIM filter selects at the end: at least one, unless more is said. An empty filter
    /// selects all.
    pub fn expect_resources(&self, resource_type: &str, filter: &str) -> Expectation<'_> {
        Expectation::new(self, json!({ "kind": "state", "resource_type": resource_type, "filter": filter }))
    }

    /// Expects exchanges in this order; others may be between them.
    pub fn expect_order(&self, queries: &[&str]) {
        self.note(json!({ "kind": "order", "queries": queries }));
    }

    /// Expects no exchanges but those that one of the queries selects.
    pub fn expect_only(&self, queries: &[&str]) {
        self.note(json!({ "kind": "only", "queries": queries }));
    }

    /// Looks at everything that is expected so far, and expects it no longer.
    ///
    /// # Errors
    /// What does not hold, a line for each, with the exchanges that came nearest.
    pub fn verify(&self) -> Result<(), Error> {
        let checks = std::mem::take(&mut *self.expected.lock().unwrap_or_else(PoisonError::into_inner));
        if checks.is_empty() {
            return Ok(());
        }
        let asserted = self.call("POST", "/api/v1/assert", Some(&json!({ "checks": checks })))?;
        match expectation::failures(&asserted) {
            None => Ok(()),
            Some(why) => Err(Error(why)),
        }
    }

    /// Waits until so many exchanges are there that a query selects, and gives them as the control API tells them.
    ///
    /// # Errors
    /// If the time is over before, with the exchanges that came nearest; or if the query cannot be read.
    pub fn wait_for(&self, query: &str, count: u64, timeout: Duration) -> Result<Vec<Value>, Error> {
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let asked = json!({ "q": query, "count": count, "timeout_ms": timeout_ms });
        let mut waited = self.call("POST", "/api/v1/wait-for", Some(&asked))?;
        if waited["met"] == true {
            let Value::Array(items) = waited["items"].take() else { return Ok(Vec::new()) };
            return Ok(items);
        }
        let near = expectation::nearest(&waited["misses"]);
        Err(Error(format!("{} of {count} exchanges came in {timeout:?}: {query}{near}", waited["count"])))
    }

    /// Empties record and directory. Expectations stay.
    ///
    /// # Errors
    /// If the record cannot be written to.
    pub fn reset(&self) -> Result<(), Error> {
        self.call("POST", "/api/v1/reset", Some(&json!({}))).map(drop)
    }

    /// Moves a clock that stands still ([`Options::clock`]).
    ///
    /// # Errors
    /// If it does not stand still.
    pub fn advance_clock(&self, by: Duration) -> Result<(), Error> {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.call("POST", "/api/v1/clock/advance", Some(&json!({ "by_ms": by_ms }))).map(drop)
    }

    /// Calls the control API (`docs/api.md`), without a socket: a method, a path below `/api/v1`, a JSON body.
    ///
    /// # Errors
    /// What the API says if it refuses.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        self.served.call(method, path, body).map_err(Error)
    }

    fn note(&self, check: Value) {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner).push(check);
    }
}

impl Drop for Scimscope {
    /// Fails the test if something that is expected does not hold; not if the test has failed already.
    #[expect(clippy::panic, reason = "this is how a test fails")]
    fn drop(&mut self) {
        let verified = if std::thread::panicking() { Ok(()) } else { self.verify() };
        self.served.stop();
        if let Err(why) = verified {
            panic!("{why}");
        }
    }
}
