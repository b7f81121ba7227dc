//! The server on threads of its own, so that it runs in tests of every kind: with an asynchronous runtime or without.

use std::future::Future;
use std::sync::mpsc;

use app::running::App;
use axum::Router;
use axum::body::Body;
use http::{Request, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::Error;

/// A running server with the runtime that it runs in.
pub(crate) struct Served {
    /// None when it has ended.
    inner: Option<(Runtime, App)>,
}

impl Served {
    /// Starts a server in a new runtime.
    pub fn start(starting: impl Future<Output = Result<App, Error>> + Send + 'static) -> Result<Served, Error> {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("scimscope").enable_all().build();
        let runtime = runtime.map_err(|error| Error(format!("there are no threads to be had: {error}")))?;
        let app = wait(&runtime, starting).map_err(Error).and_then(|started| started);
        match app {
            Ok(app) => Ok(Served { inner: Some((runtime, app)) }),
            Err(why) => {
                runtime.shutdown_background();
                Err(why)
            }
        }
    }

    /// The server.
    pub fn app(&self) -> &App {
        match &self.inner {
            Some((_, app)) => app,
            None => unreachable!("it ends when it is dropped, and nobody has it then"),
        }
    }

    /// Calls the control API. The error is for people.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let Some((runtime, app)) = &self.inner else { return Err("the server has ended".to_owned()) };
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        let request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
        let request = request.map_err(|error| format!("{method} {path} is no request: {error}"))?;
        let what = format!("{method} {path}");
        wait(runtime, answer(app.control_router(), request, what))?
    }

    /// Ends it in order.
    pub fn stop(&mut self) {
        let Some((runtime, app)) = self.inner.take() else { return };
        // An error means that it broke off, and there is nothing left to end.
        let _ = wait(&runtime, app.stop());
        // Dropping a runtime waits, which is not allowed in another one.
        runtime.shutdown_background();
    }
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

async fn answer(router: Router, request: Request<Body>, what: String) -> Result<Value, String> {
    let Ok(answer) = router.oneshot(request).await;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.map_err(|error| format!("{what} broke off: {error}"))?.to_bytes();
    let said: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    if status.is_success() {
        return Ok(said);
    }
    Err(said["error"]["message"].as_str().map_or_else(|| format!("{what} is answered with {status}"), str::to_owned))
}

/// Waits for work in the runtime, whatever thread this is.
fn wait<T: Send + 'static>(runtime: &Runtime, work: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    let (done, waiting) = mpsc::sync_channel(1);
    runtime.spawn(async move {
        // Nobody is there any more only if the test has ended.
        let _ = done.send(work.await);
    });
    waiting.recv().map_err(|_| "the server broke off".to_owned())
}
