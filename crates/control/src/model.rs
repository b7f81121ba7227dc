//! What the API answers with: snake_case JSON with units in names.

mod blob;
mod checks;
mod comparison;
mod detail;
mod disk;
mod edit;
mod expect;
mod export;
mod flow;
mod flow_comparison;
mod history;
mod import;
mod kept_credentials;
mod marks;
mod outcome;
mod patch;
mod query;
mod reach;
mod removal;
mod replay;
mod replay_forms;
mod resources;
mod rule;
mod run;
mod search;
mod seed;
mod server;
mod setup;
mod snapshot;
mod summary;
mod tenant;
mod upstream;
mod view;
mod why;
mod workspace;

pub use blob::{Blob, BlobEncoding, INLINE_BYTES};
pub use checks::{DialectCount, FindingGroup, FindingPage};
pub(crate) use comparison::bodies;
pub use comparison::{BodyComparison, ComparedAs, ExchangeComparison};
pub use detail::{Connection, Detail, Dialect, Ending, EndingKind, RequestView, ResponseView, Times};
pub use disk::{DiskBudget, DiskState, HistoryHorizon};
pub use edit::{Answered, Draft, NewRequest, Preview};
pub use expect::{
    Asserted, Check, CheckKind, Checked, ClockAdvance, ClockSetting, FailingClause, IdSetting, NearMiss, NewAssertion,
    NewWait, Reset, ResetDone, Waited,
};
pub use export::{
    ExportFacts, ExportFormat, ExportScope, ImportFacts, NewExportPreview, RedactedPlace, Redaction, RedactionReport,
    RedactionRule, RedactionRuleOn, RedactionVariable, StateCounts,
};
pub use flow::{
    FlowChange, FlowDetail, FlowKind, FlowLink, FlowMerge, FlowPage, FlowSplit, FlowSubject, FlowSummary, FlowsEdited,
    LinkKind,
};
pub use flow_comparison::{FlowComparison, StepComparison, StepPart};
pub use history::{CauseInfo, CauseKind, Comparison, RestoreTo, Restored, Side, VersionInfo, VersionPage};
pub use import::{ColumnMapping, FileProblem, FileReading, FileResource, ResourceFile, ResourceFileKind};
pub use kept_credentials::{CredentialPlace, KeepCredentials, KeptCredentials};
pub use marks::{Marked, Marks, MarksChange};
pub use outcome::{
    Action, AuthStep, Change, ChangeKind, Finding, FindingWords, LeftOut, Line, LineAction, LookedFor, Operation,
    OperationOutcome, Place, Severity, Span, Subject, ToleranceText,
};
pub use patch::{ChangePatch, ChangePatches};
pub use query::{
    HiddenByClause, QueryClause, QueryCompletion, QueryCompletionKind, QueryCompletions, QueryDiagnostic, QueryInfo,
};
pub(crate) use query::{byte_at, hidden};
pub use reach::{NewSelfTest, SelfTest, SelfTestName, SelfTestState, SelfTestStep};
pub use removal::{NewRemoval, Removal, RemovalList};
pub use replay::{
    NewReplay, PlannedStep, ReplayBinding, ReplayBindingEdit, ReplayCounts, ReplayCredentials, ReplayEdit,
    ReplayIgnores, ReplayPace, ReplayPlan, ReplaySource, ReplayTarget, ReplayTargetInfo, ReplayValueSort,
};
pub(crate) use replay_forms::fields;
pub use resources::{
    AttributeInfo, FilterCompletion, FilterCompletionKind, FilterError, FilterExplained, FilterFinding, FilterInfo,
    FilterNode, FilterNodeKind, LongListInfo, PlanInfo, ReferenceInfo, ReferencePage, ResourceDetail, ResourceInfo,
    ResourcePage, TypeInfo, TypeList,
};
pub(crate) use resources::{LONGEST_SHOWN, span_of};
pub use rule::{
    NewRuleList, Rule, RuleAction, RuleBodyValue, RuleChange, RuleChecked, RuleDelay, RuleHeader, RuleHit, RuleInfo,
    RuleList, RuleMatch, RuleOccurrence, RuleProblem, RuleRetryAs, RuleSetInfo, RuleSetList, RuleStateName,
    RuleSuggestion,
};
pub use run::{
    BoundValue, ComparedStep, ConsentList, DifferenceCounts, DifferencePart, DifferenceSort, ReplayConsent,
    ReplayOrder, ReplayStarted, ReplayState, ReplaySteer, ReplayVerdict, Run, RunComparison, RunDifference, RunList,
    RunMessage, RunPhase, RunStep, RunStepDetail, RunSteps, VerdictCounts,
};
pub use search::SearchLine;
pub use seed::{
    DatasetInfo, DatasetList, PreviewGroup, PreviewUser, SeedGroupSizes, SeedLocale, SeedOrganization, SeedPreview,
    SeedRecipe, SeedShare,
};
pub use server::{
    ConnectionInfo, DurableState, ExchangePage, MemoryState, NewSession, ProfileInfo, ProfileName, ResourceCount,
    ScenarioInfo, ScenarioStep, ScimEncryption, ScimListener, Serving, Status,
};
pub use setup::{ListColumns, TunnelProgram, TunnelPrograms};
pub use snapshot::{Differences, NewSnapshot, SnapshotChange, SnapshotInfo, SnapshotList};
pub(crate) use snapshot::{differences, type_counts};
pub use summary::{Summary, Verdict};
pub use tenant::{
    CredentialChange, CredentialCreated, CredentialInfo, CredentialKind, CredentialList, FederatedInfo, NewCredential,
    NewSecret, NewTenant, Rotation, SimulationName, TenantChange, TenantCreated, TenantInfo, TenantList, TenantName,
};
pub(crate) use upstream::kind_of;
pub use upstream::{Forwarded, NewUpstream, UpstreamCredential, UpstreamCredentialKind, UpstreamInfo};
pub use view::{NewView, View, ViewList};
pub use why::{FilterAsked, FilterClause, FilterJoin, Nearest, RouteTaken, SwitchUsed, Why};
pub use workspace::{
    DurabilityChoice, FileName, NewWorkspace, RecentList, RecentWorkspace, SaveAs, WorkspaceInfo, WorkspaceSettings,
};
