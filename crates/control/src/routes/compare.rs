//! Comparing two exchanges, and two flows.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use provider::Tenant;
use scim::schema::Shape;
use serde::Deserialize;
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Seq};
use utoipa::IntoParams;

use super::resources::away;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Parameters;
use crate::flow_comparison::{Flows, LeaveOut};
use crate::grouping;
use crate::model::{BodyComparison, Comparison, ExchangeComparison, FlowComparison, FlowSummary, Summary, bodies};
use crate::past::At;

/// Steps of a flow that are compared.
const MOST_STEPS: usize = 500;

/// Which two exchanges.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Two {
    /// The one: `seq:1`.
    left: String,
    /// The other: `seq:9`.
    right: String,
}

/// Compares two exchanges: the bodies of requests and responses, and the state of the resource that each left. Resources are
/// compared as resources, everything else as JSON.
#[utoipa::path(
    get,
    path = "/api/v1/compare",
    tag = "record",
    operation_id = "compare_exchanges",
    params(Two),
    responses(
        (status = 200, description = "What is different.", body = ExchangeComparison),
        (status = 400, description = "A side is no exchange.", body = ErrorBody),
        (status = 404, description = "There is no such exchange.", body = ErrorBody),
    )
)]
pub(super) async fn exchanges(
    State(control): State<Control>,
    Parameters(two): Parameters<Two>,
) -> Result<Json<ExchangeComparison>, ApiError> {
    away(move || {
        let (left, right) = (control.side(&two.left)?, control.side(&two.right)?);
        let shape = control.common_shape(&left, &right);
        let ((left_request, left_response), (right_request, right_response)) = (bodies(&left), bodies(&right));
        let state_after = |exchange: &Exchange| {
            let handled = exchange.outcome()?;
            let tenant = control.tenant_with(handled.tenant.as_deref()?)?;
            // What is not known any more is not compared.
            let root = control.root_at(&tenant, At::After(exchange.seq)).ok()?;
            let state =
                root.get(handled.subject.resource_id.as_deref()?).map(|resource| Arc::clone(&resource.document));
            Some((root.revision(), state))
        };
        let state = shape.as_ref().and_then(|shape| {
            let (left, right) = (state_after(&left)?, state_after(&right)?);
            Some(Comparison::new(shape, (left.0, left.1.as_ref()), (right.0, right.1.as_ref())))
        });
        Ok(ExchangeComparison {
            left: Summary::from(left.as_ref()),
            right: Summary::from(right.as_ref()),
            request: BodyComparison::new(shape.as_deref(), &left_request, &right_request),
            response: BodyComparison::new(shape.as_deref(), &left_response, &right_response),
            state,
        })
    })
    .await
}

/// Which two flows, and what is not regarded.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TwoFlows {
    /// The number of the one.
    left: u64,
    /// The number of the other.
    right: u64,
    /// What is left out, with commas between: `ids`, `timestamps`, `etags`, `order`.
    #[serde(default)]
    leave_out: String,
}

/// Compares two flows step by step: steps that do the same stand beside each other, in order, with what is different in their
/// targets, statuses and bodies.
#[utoipa::path(
    get,
    path = "/api/v1/compare/flows",
    tag = "flows",
    operation_id = "compare_flows",
    params(TwoFlows),
    responses(
        (status = 200, description = "What is different.", body = FlowComparison),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 404, description = "There is no such flow.", body = ErrorBody),
    )
)]
pub(super) async fn flows(
    State(control): State<Control>,
    Parameters(two): Parameters<TwoFlows>,
) -> Result<Json<FlowComparison>, ApiError> {
    let leave_out = LeaveOut::parse(&two.leave_out).map_err(|word| {
        ApiError::bad_request(format!("leave_out has {word:?}; it can have ids, timestamps, etags and order"))
    })?;
    let (left, left_steps) = control.whole_flow(two.left).await?;
    let (right, right_steps) = control.whole_flow(two.right).await?;
    let all = left_steps.len() + right_steps.len();
    away(move || {
        let read = |steps: Vec<Seq>| -> Result<Vec<Arc<Exchange>>, ApiError> {
            let found = steps.into_iter().take(MOST_STEPS).map(|seq| control.record().exchange(seq));
            let found = found.filter_map(Result::transpose).collect::<Result<_, _>>();
            found.map_err(|why| ApiError::unreadable(&why))
        };
        let (left_steps, right_steps) = (read(left_steps)?, read(right_steps)?);
        let more_steps = (all - left_steps.len() - right_steps.len()) as u64;
        let flows = Flows { left: &left_steps, right: &right_steps, leave_out };
        let steps = flows.compare(|left, right| control.common_shape(left, right));
        Ok(FlowComparison { left, right, steps, more_steps })
    })
    .await
}

impl Control {
    /// The line of a flow and the numbers of its steps.
    async fn whole_flow(&self, id: u64) -> Result<(FlowSummary, Vec<Seq>), ApiError> {
        let flow = grouping::find(self, FlowId(id)).await?;
        let steps = grouping::steps(self, FlowId(id)).await?;
        Ok((self.flow_summary(&flow), steps.iter().map(|step| step.summary.seq).collect()))
    }

    fn tenant_with(&self, id: &str) -> Option<Arc<Tenant>> {
        self.provider().tenants().into_iter().find(|tenant| tenant.id() == id)
    }

    /// The shape of the resources that both exchanges are about, if they are of the same type.
    fn common_shape(&self, left: &Exchange, right: &Exchange) -> Option<Arc<Shape>> {
        let kind = |exchange: &Exchange| {
            let handled = exchange.outcome()?;
            Some((handled.tenant.clone()?, handled.subject.resource_type.clone()?))
        };
        let ((tenant, kind), (_, other)) = kind(left).zip(kind(right))?;
        if kind != other {
            return None;
        }
        self.tenant_with(&tenant)?.registry().shape_named(&kind).cloned()
    }

    fn side(&self, text: &str) -> Result<Arc<Exchange>, ApiError> {
        let number = text.trim().strip_prefix("seq:").and_then(|number| number.trim().parse().ok());
        let Some(number) = number else {
            return Err(ApiError::bad_request(format!("{text:?} is no exchange; write its number, as in seq:12")));
        };
        let found = self.record().exchange(Seq(number)).map_err(|why| ApiError::unreadable(&why))?;
        found.ok_or_else(|| ApiError::not_found(format!("there is no exchange {number}")))
    }
}
