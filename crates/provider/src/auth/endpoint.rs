//! The token endpoint: OAuth 2.0 client credentials (RFC 6749 section 4.4). Its answers are OAuth's, not SCIM's.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use scim::object;
use traffic::handled::Action;

use super::access::{Access, Credential, Federated, Scope, Secret, is_right};
use super::assertion::{Claims, JWT_BEARER};
use super::check::{Trace, basic_pair, usable};
use super::mask::{masked, name};
use super::tokens::Issued;
use crate::answer::{Answer, Draft};
use crate::ports::Entropy;
use crate::request::Request;

/// A refusal (RFC 6749 section 5.2).
struct Refusal {
    status: u16,
    error: &'static str,
    description: String,
    place: Place,
}

type Outcome<T> = Result<T, Refusal>;

/// Answers a request to the token endpoint of a tenant.
pub(crate) fn answer(
    request: &Request,
    access: &Access,
    issued: &Issued,
    entropy: &dyn Entropy,
    now: Timestamp,
    draft: &mut Draft,
) -> Answer {
    const METHODS: &str = "POST, OPTIONS";
    draft.answer_type = "application/json";
    if request.method == "OPTIONS" {
        return Answer::empty(204).with("Allow", METHODS);
    }
    let outcome = if request.method == "POST" {
        draft.action = Action::Token;
        grant(request, access, now, &mut Trace(&mut draft.auth))
    } else {
        let description = format!("{} makes no sense here; ask for a token with POST", request.method);
        Err(Refusal { status: 405, ..refusal("invalid_request", description) })
    };
    let answer = match outcome {
        Ok((client, scopes)) => {
            let lifetime_s = i64::try_from(access.token_lifetime_s).unwrap_or(i64::MAX);
            let expires_at = now.saturating_add(SignedDuration::from_secs(lifetime_s)).unwrap_or(Timestamp::MAX);
            let scope = Scope::list(&scopes);
            let token = issued.issue(entropy, &client.id, scopes, now, expires_at);
            let found = format!("{}, valid until {expires_at}", masked(&token));
            Trace(&mut draft.auth).step("access token issued", found, true);
            let body = object! {
                "access_token" => token,
                "token_type" => "Bearer",
                "expires_in" => lifetime_s,
                "scope" => scope,
            };
            Answer::json(200, Json::Object(body))
        }
        Err(refusal) => {
            let Refusal { status, error, description, place } = refusal;
            let code = format!("http-{status}");
            draft.findings.push(Finding::new(&code, Severity::Error, place, format!("{error}: {description}")));
            let body = object! { "error" => error, "error_description" => described(&description) };
            let answer = Answer::json(status, Json::Object(body));
            match status {
                401 => answer.with("WWW-Authenticate", "Basic realm=\"scimscope\""),
                405 => answer.with("Allow", METHODS),
                _ => answer,
            }
        }
    };
    // RFC 6749 section 5.1.
    answer.with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

fn grant(
    request: &Request,
    access: &Access,
    now: Timestamp,
    trace: &mut Trace<'_>,
) -> Outcome<(Arc<Credential>, Vec<Scope>)> {
    let form = Form::read(request)?;
    match form.value("grant_type")? {
        Some("client_credentials") => trace.step("grant_type", "client_credentials", true),
        Some(other) => {
            trace.step("grant_type", name(other), false);
            let description = "this endpoint takes the grant type client_credentials only";
            return Err(refusal("unsupported_grant_type", description));
        }
        None => {
            trace.step("grant_type", "none", false);
            return Err(refusal("invalid_request", "grant_type is missing; send grant_type=client_credentials"));
        }
    }
    let client = match form.value("client_assertion")? {
        Some(assertion) => by_assertion(assertion, &form, access, now, trace)?,
        None => by_secret(request, &form, access, trace)?,
    };
    // An expired or revoked client gets no token; a simulation is about the token, not about its client.
    let scopes = usable(&client, None, now, trace)
        .map_err(|why| invalid_client(format!("the client is known, but {why}"), Place::Request))?;
    let Some(wanted) = form.value("scope")?.filter(|wanted| !wanted.trim().is_empty()) else {
        trace.step("scope", format!("none asked for; granted {}", Scope::list(&scopes)), true);
        return Ok((client, scopes));
    };
    let wanted: Vec<&str> = wanted.split(' ').filter(|scope| !scope.is_empty()).collect();
    let named: Vec<Option<Scope>> = wanted.iter().map(|wanted| Scope::named(wanted)).collect();
    // Entra asks for "<resource>/.default": whatever the client may have.
    if wanted.iter().all(|wanted| wanted.ends_with("/.default")) {
        trace.step("scope", format!("{}; granted {}", name(&wanted.join(" ")), Scope::list(&scopes)), true);
        return Ok((client, scopes));
    }
    let granted: Vec<Scope> =
        Scope::ALL.into_iter().filter(|scope| named.contains(&Some(*scope)) && scopes.contains(scope)).collect();
    let is_granted = named.iter().all(|scope| scope.is_some_and(|scope| granted.contains(&scope)));
    trace.step("scope", name(&wanted.join(" ")), is_granted);
    if is_granted {
        Ok((client, granted))
    } else {
        let description = format!("this client may have the scopes: {}", Scope::list(&scopes));
        Err(refusal("invalid_scope", description))
    }
}

fn by_secret(request: &Request, form: &Form, access: &Access, trace: &mut Trace<'_>) -> Outcome<Arc<Credential>> {
    let authorization = request.header_fields("Authorization").next();
    let in_body = (form.value("client_id")?, form.value("client_secret")?);
    // In the header both parts are form-encoded first (RFC 6749 section 2.3.1), which many clients leave out: both count.
    let (pairs, place) = match (authorization, in_body) {
        (Some(_), (_, Some(_))) => {
            trace.step("client authentication", "twice: Authorization header and client_secret", false);
            let description = "send the client's secret in the Authorization header or in the body, not in both";
            return Err(refusal("invalid_request", description));
        }
        (Some((sent, value)), (also, None)) => {
            let place = Place::Header(sent.to_owned());
            let (scheme, presented) = value.split_once(' ').unwrap_or((value, ""));
            let pair = if scheme.eq_ignore_ascii_case("Basic") { basic_pair(presented.trim()) } else { None };
            let Some((id, secret)) = pair else {
                trace.step("client authentication", "an Authorization header that is not Basic", false);
                let description = "the Authorization header is not Basic with client_id and client_secret in base64";
                return Err(invalid_client(description, place));
            };
            if also.is_some_and(|also| also != id && Some(also) != form_decoded(&id).as_deref()) {
                trace.step("client_id", "another one in the body than in the header", false);
                return Err(refusal("invalid_request", "client_id in the body and in the header are not the same"));
            }
            trace.step("client authentication", "Basic", true);
            let decoded = form_decoded(&id).zip(form_decoded(&secret));
            (vec![Some((id, secret)), decoded], place)
        }
        (None, (Some(id), Some(secret))) => {
            trace.step("client authentication", "client_id and client_secret in the body", true);
            (vec![Some((id.to_owned(), secret.to_owned()))], Place::Request)
        }
        (None, _) => {
            trace.step("client authentication", "none", false);
            let description = "send client_id and client_secret, in the body or as Basic in the Authorization header";
            return Err(invalid_client(description, Place::Request));
        }
    };
    let pairs: Vec<(String, String)> = pairs.into_iter().flatten().collect();
    let mut found = None;
    for credential in &access.credentials {
        if let Secret::OauthClient { client_id, client_secret, .. } = &credential.secret {
            for (id, secret) in &pairs {
                let (id, secret) = (is_right(id, client_id), is_right(secret, client_secret));
                if id & secret {
                    found = Some(credential);
                }
            }
        }
    }
    let (id, secret) = &pairs[0];
    trace.step("client_id and client_secret", format!("{}, {}", name(id), masked(secret)), found.is_some());
    found.cloned().ok_or_else(|| invalid_client("client_id and client_secret are not those of this tenant", place))
}

fn by_assertion(
    assertion: &str,
    form: &Form,
    access: &Access,
    now: Timestamp,
    trace: &mut Trace<'_>,
) -> Outcome<Arc<Credential>> {
    if form.value("client_assertion_type")? != Some(JWT_BEARER) {
        trace.step("client_assertion_type", "not jwt-bearer", false);
        return Err(refusal("invalid_request", format!("client_assertion_type must be {JWT_BEARER}")));
    }
    let wrong = |why: &str| invalid_client(format!("the client assertion {why}"), Place::Request);
    let claims = match Claims::read(assertion) {
        Ok(claims) => claims,
        Err(why) => {
            trace.step("client_assertion", "not a JSON Web Token", false);
            return Err(wrong(why));
        }
    };
    trace.step("client_assertion", claims.shown(), true);
    if let Err(why) = claims.check_time(now) {
        trace.step("expiry of the assertion", why.clone(), false);
        return Err(wrong(&why));
    }
    let asked = form.value("client_id")?;
    let mut why = "does not belong to a client of this tenant that takes assertions".to_owned();
    for credential in &access.credentials {
        let Secret::OauthClient { client_id, federated: Some(federated), .. } = &credential.secret else { continue };
        if asked.is_some_and(|asked| asked != client_id) {
            continue;
        }
        match claims.check(federated) {
            Ok(()) => {
                trace.step("claims", expectations(federated, &credential.name), true);
                return Ok(Arc::clone(credential));
            }
            Err(reason) => why = reason,
        }
    }
    trace.step("claims", why.clone(), false);
    Err(wrong(&why))
}

fn expectations(federated: &Federated, client: &str) -> String {
    let expected = [("iss", &federated.issuer), ("sub", &federated.subject), ("aud", &federated.audience)];
    let names: Vec<&str> = expected.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name).collect();
    if names.is_empty() {
        format!("{client:?} expects nothing in particular")
    } else {
        format!("{} as {client:?} expects", names.join(", "))
    }
}

fn refusal(error: &'static str, description: impl Into<String>) -> Refusal {
    Refusal { status: 400, error, description: description.into(), place: Place::Request }
}

fn invalid_client(description: impl Into<String>, place: Place) -> Refusal {
    Refusal { status: 401, place, ..refusal("invalid_client", description) }
}

/// Only what `error_description` may hold (RFC 6749 section 5.2).
fn described(text: &str) -> String {
    text.chars()
        .map(|letter| if matches!(letter, ' '..='~') { letter } else { '?' })
        .collect::<String>()
        .replace('"', "'")
}

/// The parameters of a form (`application/x-www-form-urlencoded`).
struct Form(Vec<(String, String)>);

impl Form {
    fn read(request: &Request) -> Outcome<Form> {
        let content_type = request.header_fields("Content-Type").next();
        let media_type = content_type.and_then(|(_, value)| value.split(';').next()).map(str::trim);
        if media_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
            let description = "send the parameters as application/x-www-form-urlencoded";
            let place = content_type.map_or(Place::Request, |(name, _)| Place::Header(name.to_owned()));
            return Err(Refusal { place, ..refusal("invalid_request", description) });
        }
        let text = std::str::from_utf8(&request.body);
        let text = text.map_err(|_| refusal("invalid_request", "the body is not a form: it is not UTF-8"))?;
        let pairs = text.trim().split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            form_decoded(name).zip(form_decoded(value))
        });
        let pairs: Option<Vec<(String, String)>> = pairs.collect();
        let broken = "the body is not a form: its percent-encoding does not give UTF-8";
        pairs.map(Form).ok_or_else(|| refusal("invalid_request", broken))
    }

    /// The value of a parameter; a second one is refused (RFC 6749 section 3.2).
    fn value(&self, name: &str) -> Outcome<Option<&str>> {
        let mut values = self.0.iter().filter(|(have, _)| have == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(refusal("invalid_request", format!("{name} is there more than once"))),
            (value, None) => Ok(value),
        }
    }
}

fn form_decoded(text: &str) -> Option<String> {
    let blanks = text.replace('+', " ");
    percent_decode_str(&blanks).decode_utf8().ok().map(|text| text.into_owned())
}
