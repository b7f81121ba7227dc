//! The servers behind tenants that are proxies, as the listener reaches them.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Response};
use http_body::{Body, Frame};
use listener::onward::{Coming, Onward, Outgoing, Pending};
use provider::{Passage, Unreached, Upstream};
use replay::{Gateway, GatewayError, Way};

/// Servers whose clients are kept.
const KEPT: usize = 64;

/// A client for each server that requests are sent on to.
#[derive(Default)]
pub(crate) struct Upstreams {
    gateways: Mutex<HashMap<Reached, Arc<Gateway>>>,
}

/// What a client is made of.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Reached {
    url: String,
    authorities_pem: Option<String>,
    connect_ms: u64,
    answer_ms: u64,
}

impl Upstreams {
    fn gateway(&self, upstream: &Upstream) -> Result<Arc<Gateway>, GatewayError> {
        let reached = Reached {
            url: upstream.url.as_str().to_owned(),
            authorities_pem: upstream.authorities_pem.clone(),
            connect_ms: upstream.connect_timeout_ms,
            answer_ms: upstream.answer_timeout_ms,
        };
        let mut gateways = self.gateways.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gateway) = gateways.get(&reached) {
            return Ok(Arc::clone(gateway));
        }
        let way = Way { authorities_pem: reached.authorities_pem.clone(), proxy: None };
        let (connect, answer) = (Duration::from_millis(reached.connect_ms), Duration::from_millis(reached.answer_ms));
        let gateway = Arc::new(Gateway::new(&reached.url, &way, connect, answer)?);
        if gateways.len() >= KEPT {
            // Settings were changed very often; connections of those in use are made anew.
            gateways.clear();
        }
        gateways.insert(reached, Arc::clone(&gateway));
        Ok(gateway)
    }
}

impl Onward for Upstreams {
    fn send(&self, outgoing: Outgoing) -> Pending<Result<Response<Coming>, Unreached>> {
        let Outgoing { upstream, method, below, mut headers, body } = outgoing;
        let gateway = self.gateway(&upstream);
        Box::pin(async move {
            admit(&upstream.credential, &mut headers).map_err(|error| in_words(&error))?;
            let sent = gateway.map_err(|error| in_words(&error))?.send(method, &below, headers, body).await;
            Ok(sent.map_err(|error| in_words(&error))?.map(|coming| Box::pin(Worded(coming)) as Coming))
        })
    }
}

/// Puts in what the tenant is admitted with.
fn admit(credential: &Passage, headers: &mut HeaderMap) -> Result<(), GatewayError> {
    let (name, value) = match credential {
        Passage::Passed => return Ok(()),
        Passage::Bearer { token } => {
            (AUTHORIZATION, format!("Bearer {}", token.as_ref().map_or("", |token| token.0.as_str())))
        }
        Passage::Basic { user, password } => {
            let pair = format!("{user}:{}", password.as_ref().map_or("", |password| password.0.as_str()));
            (AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
        }
        Passage::Header { name, value } => {
            let known = HeaderName::try_from(name.as_str());
            let known = known.map_err(|_| GatewayError::Setting(format!("{name:?} is no name of a header field")))?;
            (known, value.as_ref().map_or_else(String::new, |value| value.0.clone()))
        }
    };
    let unfit =
        |_| GatewayError::Setting("the credential for the server has characters that no header field can have".into());
    let mut value = HeaderValue::try_from(value).map_err(unfit)?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// A body whose errors are in the words of the provider.
struct Worded(replay::Coming);

impl Body for Worded {
    type Data = Bytes;
    type Error = Unreached;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Unreached>>> {
        let frame = Pin::new(&mut self.get_mut().0).poll_frame(cx);
        frame.map(|frame| frame.map(|frame| frame.map_err(|error| in_words(&error))))
    }
}

/// What a client is told (RFC 9209 section 2.3 has the kinds).
fn in_words(error: &GatewayError) -> Unreached {
    let (status, kind) = match error {
        GatewayError::Setting(_) => (502, "proxy_configuration_error"),
        GatewayError::Unknown(..) => (502, "dns_error"),
        GatewayError::Refused(..) => (502, "connection_refused"),
        GatewayError::ConnectTimeout(..) => (504, "connection_timeout"),
        GatewayError::Tls(..) => (502, "tls_protocol_error"),
        GatewayError::Ended(..) => (502, "connection_terminated"),
        GatewayError::NotHttp(..) => (502, "http_protocol_error"),
        GatewayError::AnswerTimeout(..) => (504, "http_response_timeout"),
    };
    Unreached { status, kind, detail: error.to_string(), elapsed_us: 0 }
}
