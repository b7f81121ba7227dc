//! Why an exchange went as it did, told when somebody asks.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use provider::explain::Recorded;
use traffic::exchange::Exchange;
use traffic::ids::Seq;
use traffic::log::Record;

use super::exchanges::find;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Segment;
use crate::model::{RouteTaken, SwitchUsed, Why};

/// So far back is looked for the commit that made the revision which a request saw.
const BACK: u64 = 500;

/// Tells why an exchange went as it did: the route, the switches that made a difference, and how its filter was answered.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{seq}/why",
    tag = "record",
    operation_id = "explain_exchange",
    params(("seq" = u64, Path, description = "The exchange's number.")),
    responses(
        (status = 200, description = "What can be told of it now.", body = Why),
        (status = 404, description = "There is no such exchange.", body = ErrorBody),
    )
)]
pub(super) async fn why(State(control): State<Control>, Segment(seq): Segment<u64>) -> Result<Json<Why>, ApiError> {
    let exchange = find(&control, seq).await?;
    // A filter may be asked of thousands of resources.
    let told = tokio::task::spawn_blocking(move || explain(&control, &exchange)).await;
    told.map(Json).map_err(|_| {
        let message = "the explanation broke off; this is a fault of ours";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "explanation_failed", message)
    })
}

fn explain(control: &Control, exchange: &Exchange) -> Why {
    let Some(handled) = exchange.outcome() else {
        return Why { tenant: None, profile: None, switches: Vec::new(), route: None };
    };
    let codes = handled.findings.iter().map(|finding| finding.code.as_str());
    let switches = switches_used(codes).into_iter();
    let switches = switches.map(|(switch, findings)| SwitchUsed { switch: switch.to_owned(), findings });
    let tenants = control.provider().tenants();
    let tenant = handled.tenant.as_ref().and_then(|id| tenants.iter().find(|tenant| tenant.id() == id));
    let route = tenant.and_then(|tenant| {
        let revision = seen(&control.record(), exchange, tenant.id());
        let recorded =
            Recorded { target: &exchange.opened.target, filter: handled.subject.filter.as_deref(), revision };
        control.provider().explain(tenant.id(), &recorded)
    });
    Why {
        tenant: tenant.map(|tenant| tenant.name().to_owned()),
        profile: tenant.map(|tenant| tenant.profile().name.clone()),
        switches: switches.collect(),
        route: route.map(RouteTaken::from),
    }
}

/// The revision that a request saw: the one that the last commit before it made, if that is not far back.
fn seen(record: &Record, exchange: &Exchange, tenant: &str) -> Option<u64> {
    let first = exchange.seq.0.saturating_sub(BACK);
    let before = record.exchanges(Seq(first), (exchange.seq.0 - first).saturating_sub(1) as usize).ok()?;
    let commits = before.iter().filter_map(|exchange| exchange.committed.as_ref());
    commits.filter(|commit| commit.tenant == tenant).map(|commit| commit.revision.0).max()
}

/// The switches of a profile that findings name, each with the findings' codes.
fn switches_used<'a>(codes: impl Iterator<Item = &'a str>) -> BTreeMap<&'static str, Vec<String>> {
    let mut used: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for code in codes {
        let Some(switch) = dialects::tolerance(code).and_then(|tolerance| tolerance.switch) else { continue };
        let codes = used.entry(switch).or_default();
        if !codes.iter().any(|have| have == code) {
            codes.push(code.to_owned());
        }
    }
    used
}
