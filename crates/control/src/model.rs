//! What the API answers with: snake_case JSON with units in names.

mod blob;
mod detail;
mod outcome;
mod server;
mod summary;

pub use blob::{Blob, BlobEncoding, INLINE_BYTES};
pub use detail::{Connection, Detail, Dialect, Ending, EndingKind, RequestView, ResponseView, Times};
pub use outcome::{
    Action, AuthStep, Change, ChangeKind, Finding, Line, LineAction, LookedFor, Operation, OperationOutcome, Place,
    Severity, Span, Subject, ToleranceText,
};
pub use server::{
    ConnectionInfo, DurableState, ExchangePage, NewSession, ProfileInfo, ProfileName, ResourceCount, ScenarioInfo,
    ScenarioStep, ScimListener, Status,
};
pub use summary::{Summary, Verdict};
