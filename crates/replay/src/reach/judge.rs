//! What an answer says about the way to it.

use scim::json::{self, Json};

use super::line::Heard;
use super::{Step, StepName, StepState};

/// An answer to a request without credentials: 401 from a SCIM server.
pub(super) fn unauthorised(answer: &Heard) -> Step {
    let name = StepName::WithoutToken;
    if let Some(step) = on_the_way(name, answer) {
        return step;
    }
    match answer.status {
        401 => Step::new(name, StepState::Passed, "refused with 401, as it should be", ""),
        200 if is_list(answer) => Step::new(
            name,
            StepState::Warned,
            "answered with 200: this tenant asks for no credentials",
            "Everybody who knows the URL can read and change this tenant. Switch that off in Settings, Tenants, before the URL \
             is public.",
        ),
        status => Step::new(
            name,
            StepState::Failed,
            format!("answered with {status} where a SCIM server answers 401"),
            "Something else is at this URL. Check the path: it has to be the base URL of the tenant.",
        ),
    }
}

/// An answer to a request with the token: 200 with a list in SCIM's media type.
pub(super) fn authorised(answer: &Heard) -> Step {
    let name = StepName::WithToken;
    if let Some(step) = on_the_way(name, answer) {
        return step;
    }
    let media_type = answer.header("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match answer.status {
        200 if !is_list(answer) => Step::new(
            name,
            StepState::Failed,
            "answered with 200, but with no list of SCIM resources",
            "Something between here and the server changed the answer, or another server is at this URL.",
        ),
        200 if media_type != "application/scim+json" => Step::new(
            name,
            StepState::Warned,
            format!("the list came as {media_type:?}"),
            "It should be application/scim+json. Something on the way changed Content-Type.",
        ),
        200 => Step::new(name, StepState::Passed, "answered with 200 and a list, as application/scim+json", ""),
        401 | 403 => Step::new(
            name,
            StepState::Failed,
            format!("refused with {}", answer.status),
            "The token did not arrive, or arrived at another tenant. Open the exchange in Live: Why shows which check refused \
             it. Some proxies take the Authorization header away.",
        ),
        status => Step::new(
            name,
            StepState::Failed,
            format!("answered with {status}"),
            "Open the exchange in Live to see why. If there is none, the answer came from something on the way.",
        ),
    }
}

/// What comes from tunnels and proxies instead of the server.
fn on_the_way(name: StepName, answer: &Heard) -> Option<Step> {
    let failed = |found: String, advice: &str| Some(Step::new(name, StepState::Failed, found, advice));
    let is_page = answer.header("content-type").to_ascii_lowercase().starts_with("text/html");
    match answer.status {
        300..=399 => failed(
            format!("answered with {} to {:?}", answer.status, answer.header("location")),
            "Identity providers follow no redirects. If it leads to a sign-in, the tunnel has to allow anonymous access; if it \
             leads to https or to another path, enter that URL.",
        ),
        502..=504 => failed(
            format!("answered with {}: the tunnel is there, but does not get through", answer.status),
            "Check that the tunnel leads to the port of the SCIM listener and that the listener runs.",
        ),
        _ if is_page => failed(
            format!("answered with {} and a web page", answer.status),
            "A page that a tunnel shows before it lets anybody through stops an identity provider. Switch it off, or use \
             another tunnel.",
        ),
        404 => failed(
            "answered with 404".to_owned(),
            "The path is not that of a tenant. The base URL of the default tenant ends in /scim/v2; the tunnel may also have \
             expired.",
        ),
        _ => None,
    }
}

fn is_list(answer: &Heard) -> bool {
    let Ok(Json::Object(body)) = json::parse(&answer.body, json::Limits::default()) else { return false };
    body.get("totalResults").is_some()
}
