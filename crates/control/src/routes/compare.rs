//! Comparing two exchanges.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use traffic::exchange::Exchange;
use traffic::ids::Seq;
use utoipa::IntoParams;

use super::resources::away;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Parameters;
use crate::model::{BodyComparison, Comparison, ExchangeComparison, Summary, bodies};
use crate::past::At;

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
        let kind = |exchange: &Exchange| {
            let handled = exchange.outcome()?;
            Some((handled.tenant.clone()?, handled.subject.resource_type.clone()?))
        };
        let tenant_of = |id: &str| control.provider().tenants().into_iter().find(|tenant| tenant.id() == id);
        let kinds = kind(&left).zip(kind(&right));
        let shape = kinds.as_ref().filter(|(left, right)| left.1 == right.1).and_then(|((tenant, kind), _)| {
            let tenant = tenant_of(tenant)?;
            tenant.registry().shape_named(kind).cloned()
        });
        let ((left_request, left_response), (right_request, right_response)) = (bodies(&left), bodies(&right));
        let state_after = |exchange: &Exchange| {
            let handled = exchange.outcome()?;
            let tenant = tenant_of(handled.tenant.as_deref()?)?;
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

impl Control {
    fn side(&self, text: &str) -> Result<Arc<Exchange>, ApiError> {
        let number = text.trim().strip_prefix("seq:").and_then(|number| number.trim().parse().ok());
        let Some(number) = number else {
            return Err(ApiError::bad_request(format!("{text:?} is no exchange; write its number, as in seq:12")));
        };
        let found = self.record().exchange(Seq(number)).map_err(|why| ApiError::unreadable(&why))?;
        found.ok_or_else(|| ApiError::not_found(format!("there is no exchange {number}")))
    }
}
