//! Who may call: the checks that stand before the API on a TCP listener.
//!
//! Three things are checked. The `Host` header has to name this machine, or a page of a foreign name that resolves to it
//! (DNS rebinding) could speak to the API. Everything under `/api` needs the control token or the session cookie. Calls
//! that rely on the cookie have to come from our own page, because browsers add cookies to foreign pages' calls too.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE, WWW_AUTHENTICATE};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use subtle::ConstantTimeEq;

use crate::error::ApiError;
use crate::extract::Body;
use crate::model::NewSession;

/// Path of the call that trades the token for a cookie; the only one under `/api` that needs neither.
pub(crate) const SESSION_PATH: &str = "/api/v1/session";

/// What is compared with.
pub(crate) struct Guard {
    token: String,
    bound: SocketAddr,
    /// Whether everybody may look, and only who has the token may change something.
    read_only: bool,
    session: OnceLock<String>,
}

impl Guard {
    pub fn new(token: String, bound: SocketAddr, read_only: bool) -> Arc<Guard> {
        Arc::new(Guard { token, bound, read_only, session: OnceLock::new() })
    }

    /// Cookies do not know ports: two servers on one machine need two names.
    fn cookie_name(&self) -> String {
        format!("scimscope_session_{}", self.bound.port())
    }

    fn session(&self) -> Result<&str, ApiError> {
        if let Some(session) = self.session.get() {
            return Ok(session);
        }
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(|error| {
            let message = format!("the operating system gave no random bytes: {error}");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "no_randomness", message)
        })?;
        let text = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.session.get_or_init(|| text))
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some((scheme, token)) = sent.and_then(|sent| sent.split_once(' ')) else { return false };
        scheme.eq_ignore_ascii_case("bearer") && same_secret(token.trim(), &self.token)
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let Some(session) = self.session.get() else { return false };
        let name = self.cookie_name();
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(have, value)| have == name && same_secret(value, session))
    }

    /// The `Host` header, if it names this machine.
    fn host<'a>(&self, request: &'a Request) -> Result<&'a str, ApiError> {
        let host = match request.headers().get(HOST) {
            Some(value) => value.to_str().ok(),
            None => request.uri().authority().map(Authority::as_str),
        };
        let host = host.unwrap_or_default();
        let name = host.parse::<Authority>().ok().map(|authority| authority.host().to_owned()).unwrap_or_default();
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let ours = match name.parse::<IpAddr>() {
            // A literal address cannot be rebound by a name server.
            Ok(address) => address.is_loopback() || address == self.bound.ip() || self.bound.ip().is_unspecified(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        };
        ours.then_some(host).ok_or_else(|| {
            ApiError::new(
                StatusCode::MISDIRECTED_REQUEST,
                "foreign_host",
                format!("the Host header {host:?} does not name this machine; use http://{}/", self.bound),
            )
        })
    }
}

/// Lets a request through, or answers it.
pub(crate) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    match admit(&guard, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            let unauthorized = refusal.code() == "unauthorized";
            let mut response = refusal.into_response();
            if unauthorized {
                let realm = HeaderValue::from_static("Bearer realm=\"scimscope control\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, realm);
            }
            response
        }
    }
}

fn admit(guard: &Guard, request: &Request) -> Result<(), ApiError> {
    let host = guard.host(request)?;
    let path = request.uri().path();
    if !(path == "/api" || path.starts_with("/api/")) {
        return Ok(());
    }
    if path == SESSION_PATH && request.method() == Method::POST {
        return same_origin(request.headers(), host, Proof::IfSent);
    }
    if guard.has_token(request.headers()) {
        return Ok(());
    }
    if guard.read_only {
        if only_looks(request.method(), path) {
            return Ok(());
        }
        let message = "this is a demonstration: look at everything; only who has the control token changes something";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "read_only", message));
    }
    if guard.has_cookie(request.headers()) {
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        return same_origin(request.headers(), host, if changes { Proof::Required } else { Proof::IfSent });
    }
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "send the control token as Authorization: Bearer, or open the page with the address that was printed at the start",
    ))
}

/// Whether a call changes nothing. Of those with a body only the ones that are known to; a new one is refused until somebody says so.
fn only_looks(method: &Method, path: &str) -> bool {
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS => true,
        Method::POST => {
            let is_preview = path.ends_with("/preview") && !path.starts_with("/api/v1/resource-files/");
            is_preview || path == "/api/v1/rules/check"
        }
        _ => false,
    }
}

/// Whether a browser's statement of origin has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    Required,
    IfSent,
}

fn same_origin(headers: &HeaderMap, host: &str, proof: Proof) -> Result<(), ApiError> {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let origin = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    let ours = format!("http://{host}");
    let site_fits = match site {
        Some(site) => site == b"same-origin" || (site == b"none" && proof == Proof::IfSent),
        None => true,
    };
    let origin_fits = origin.is_none_or(|origin| origin.eq_ignore_ascii_case(ours.as_bytes()));
    let stated = site.is_some() || origin.is_some();
    if site_fits && origin_fits && (stated || proof == Proof::IfSent) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        format!("this call has to come from the page at {ours}, or carry the control token as Authorization: Bearer"),
    ))
}

/// Trades the control token for a session cookie.
///
/// The cookie is HttpOnly and SameSite=Strict; its value is a random secret of this run, not the token.
#[utoipa::path(
    post,
    path = "/api/v1/session",
    tag = "session",
    operation_id = "open_session",
    request_body = NewSession,
    responses(
        (status = 204, description = "The cookie is set."),
        (status = 401, description = "The token is wrong.", body = crate::error::ErrorBody),
        (status = 403, description = "The call comes from a foreign page.", body = crate::error::ErrorBody),
    )
)]
pub(crate) async fn open_session(
    State(guard): State<Arc<Guard>>,
    Body(new): Body<NewSession>,
) -> Result<Response, ApiError> {
    if !same_secret(&new.token, &guard.token) {
        let message = "this is not the control token of this run; take the address that was printed at the start";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "wrong_token", message));
    }
    let cookie = format!("{}={}; Path=/api; HttpOnly; SameSite=Strict", guard.cookie_name(), guard.session()?);
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

fn same_secret(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}
