//! Two flows, compared.

use serde::Serialize;
use utoipa::ToSchema;

use super::comparison::BodyComparison;
use super::flow::FlowSummary;
use super::summary::Summary;

/// Two flows, compared step by step.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FlowComparison {
    /// The one.
    pub left: FlowSummary,
    /// The other.
    pub right: FlowSummary,
    /// Their steps: those that do the same beside each other, in order.
    pub steps: Vec<StepComparison>,
    /// How many steps they have beyond those that were compared.
    pub more_steps: u64,
}

/// A step of one flow and the one of the other that does the same. One that has no counterpart is alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct StepComparison {
    /// The exchange of the one flow.
    pub left: Option<Summary>,
    /// That of the other.
    pub right: Option<Summary>,
    /// In what they differ; nothing if they are the same, or if one is alone.
    pub differs: Vec<StepPart>,
    /// What is different in the bodies of the requests; absent if both have none.
    pub request: Option<BodyComparison>,
    /// What is different in the bodies of the responses; absent if both have none.
    pub response: Option<BodyComparison>,
}

/// A part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepPart {
    /// Method and target of the request.
    Target,
    /// The status of the response.
    Status,
    /// The body of the request.
    Request,
    /// The body of the response.
    Response,
}
