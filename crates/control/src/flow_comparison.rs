//! Comparing two flows step by step.

mod align;
mod leave_out;

use std::sync::Arc;

use scim::json::{self, Json, Limits};
use scim::schema::Shape;
use traffic::exchange::Exchange;

pub(crate) use leave_out::LeaveOut;

use crate::model::{BodyComparison, ComparedAs, StepComparison, StepPart, Summary, bodies};
use leave_out::Eraser;

/// Lines that are told of a body; further ones are counted.
const LINES: usize = 100;

/// The steps of two flows, with what is left out of the comparison.
#[derive(Debug)]
pub(crate) struct Flows<'a> {
    pub(crate) left: &'a [Arc<Exchange>],
    pub(crate) right: &'a [Arc<Exchange>],
    pub(crate) leave_out: LeaveOut,
}

impl Flows<'_> {
    /// Pairs the steps that do the same and tells what is different in each pair. `shape` gives the schema of the resources that
    /// both are about, if there is one.
    pub(crate) fn compare(&self, shape: impl Fn(&Exchange, &Exchange) -> Option<Arc<Shape>>) -> Vec<StepComparison> {
        let erasers = (Eraser::of(self.left, self.leave_out), Eraser::of(self.right, self.leave_out));
        let pairs = align::align(self.left, self.right);
        let steps = pairs.into_iter().map(|(left, right)| {
            let (left, right) = (left.map(|at| &self.left[at]), right.map(|at| &self.right[at]));
            let summary = |exchange: &Arc<Exchange>| Summary::from(exchange.as_ref());
            match (left, right) {
                (Some(left), Some(right)) => {
                    let compared = pair(left, right, &erasers, shape(left, right).as_deref());
                    StepComparison { left: Some(summary(left)), right: Some(summary(right)), ..compared }
                }
                _ => StepComparison { left: left.map(summary), right: right.map(summary), ..StepComparison::default() },
            }
        });
        steps.collect()
    }
}

fn pair(left: &Exchange, right: &Exchange, erasers: &(Eraser, Eraser), shape: Option<&Shape>) -> StepComparison {
    let ((left_request, left_response), (right_request, right_response)) = (bodies(left), bodies(right));
    let body = |left: &[u8], right: &[u8]| {
        let mut compared = match (read(left), read(right)) {
            (Some(left), Some(right)) => BodyComparison::of(shape, &erasers.0.json(left), &erasers.1.json(right)),
            _ => {
                BodyComparison { compared_as: ComparedAs::Bytes, same: left == right, lines: Vec::new(), more_lines: 0 }
            }
        };
        compared.more_lines += compared.lines.len().saturating_sub(LINES) as u64;
        compared.lines.truncate(LINES);
        compared
    };
    let request = (!left_request.is_empty() || !right_request.is_empty()).then(|| body(&left_request, &right_request));
    let response =
        (!left_response.is_empty() || !right_response.is_empty()).then(|| body(&left_response, &right_response));
    let status = |exchange: &Exchange| exchange.outcome().map(|handled| handled.response.status);
    let same_target = left.opened.method == right.opened.method
        && erasers.0.text(&left.opened.target) == erasers.1.text(&right.opened.target);
    let different = |body: &Option<BodyComparison>| body.as_ref().is_some_and(|body| !body.same);
    let parts = [
        (StepPart::Target, !same_target),
        (StepPart::Status, status(left) != status(right)),
        (StepPart::Request, different(&request)),
        (StepPart::Response, different(&response)),
    ];
    let differs = parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect();
    StepComparison { differs, request, response, ..StepComparison::default() }
}

/// A body as JSON; an empty one is `null`.
fn read(body: &[u8]) -> Option<Json> {
    match body.is_empty() {
        true => Some(Json::Null),
        false => json::parse(body, Limits::default()).ok(),
    }
}
