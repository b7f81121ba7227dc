//! The self-test: the server calls its own base URL from outside.

use axum::Json;
use axum::extract::State;
use provider::DEFAULT_TENANT_NAME;
use traffic::ids::Seq;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::model::{NewSelfTest, SelfTest, SelfTestName, SelfTestState, SelfTestStep};

/// Most exchanges that are looked through for those of the test.
const MOST: usize = 1000;

/// Calls a tenant's base URL as an identity provider would, and says step by step what works, what does not, and how to put
/// it right. It ends after a minute at most. Its requests are exchanges like any other.
#[utoipa::path(
    post,
    path = "/api/v1/self-test",
    tag = "server",
    operation_id = "run_self_test",
    request_body = NewSelfTest,
    responses(
        (status = 200, description = "How far one comes.", body = SelfTest),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn run(
    State(control): State<Control>,
    Body(new): Body<NewSelfTest>,
) -> Result<Json<SelfTest>, ApiError> {
    let tenant = control.find_tenant(new.tenant.as_deref().unwrap_or(DEFAULT_TENANT_NAME))?;
    let url = new.url.unwrap_or_else(|| control.tenant_info(&tenant).scim_url);
    let token = Some(control.token_of(&tenant)).filter(|token| !token.is_empty());
    let before = control.log().head().seq;
    let mark = control.provider().new_id();
    let reach = replay::reach(&url, token.as_deref(), &mark).await;
    let exchanges = arrived(&control, before, &mark);
    let mut steps: Vec<SelfTestStep> = reach.steps.into_iter().map(SelfTestStep::from).collect();
    steps.push(arrival(&steps, &exchanges));
    let tried = steps.iter().map(|step| step.state);
    let state = if tried.clone().any(|state| state == SelfTestState::Failed) {
        SelfTestState::Failed
    } else if tried.clone().any(|state| state == SelfTestState::Warned) {
        SelfTestState::Warned
    } else {
        SelfTestState::Passed
    };
    Ok(Json(SelfTest { url, state, steps, round_trip_us: reach.round_trip_us, exchanges }))
}

impl From<replay::ReachStep> for SelfTestStep {
    fn from(step: replay::ReachStep) -> Self {
        let replay::ReachStep { name, state, found, advice, elapsed_us } = step;
        SelfTestStep { name: name.into(), state: state.into(), found, advice, elapsed_us }
    }
}

/// The exchanges since then whose request has the mark.
fn arrived(control: &Control, before: Seq, mark: &str) -> Vec<u64> {
    let since = control.log().exchanges(before, MOST);
    let has_mark = |head: &[u8]| head.windows(mark.len()).any(|part| part == mark.as_bytes());
    let ours = since.iter().filter(|exchange| exchange.received().is_some_and(|received| has_mark(&received.head)));
    ours.map(|exchange| exchange.seq.0).collect()
}

/// Whether what answered was this server.
fn arrival(steps: &[SelfTestStep], exchanges: &[u64]) -> SelfTestStep {
    let answered =
        steps.iter().any(|step| step.name == SelfTestName::WithoutToken && step.state != SelfTestState::Skipped);
    let (state, found, advice) = match (exchanges, answered) {
        ([], false) => (SelfTestState::Skipped, "no request was sent".to_owned(), ""),
        ([], true) => (
            SelfTestState::Failed,
            "no request of the test arrived here".to_owned(),
            "Another server answers at this URL, or something on the way. Check where the tunnel leads.",
        ),
        ([one], _) => (SelfTestState::Passed, format!("one request arrived here: exchange {one}"), ""),
        ([first, .., last], _) => {
            let count = exchanges.len();
            (SelfTestState::Passed, format!("{count} requests arrived here: exchanges {first} to {last}"), "")
        }
    };
    SelfTestStep { name: SelfTestName::Arrival, state, found, advice: advice.to_owned(), elapsed_us: 0 }
}
