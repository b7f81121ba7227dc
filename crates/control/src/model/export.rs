//! What is written into a file, and what is taken out of it before.

use formats::redact::{self, Rule, RuleOn};
use formats::writer::Format;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;

/// Most rules of one's own.
const MOST_RULES: usize = 100;
/// Most exchanges that are named one by one.
const MOST_NAMED: usize = 100_000;

/// Which exchanges.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExportScope {
    /// Everything in the record.
    All,
    /// Those that a query selects.
    Query {
        /// The query; it has to be right as a whole.
        q: String,
    },
    /// These ones.
    Seqs {
        /// Their numbers, at most 100,000.
        seqs: Vec<u64>,
    },
    /// Those of one flow.
    Flow {
        /// Its number.
        flow: u64,
    },
}

/// A format that exchanges are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// HTTP Archive 1.2.
    Har,
    /// The fixture of Scimscope, version 1.
    Fixture,
    /// The same, a line for each flow.
    FixtureNdjson,
    /// curl commands.
    Curl,
    /// PowerShell commands.
    Powershell,
    /// A Hurl file.
    Hurl,
    /// A Postman collection v2.1.
    Postman,
    /// A file for the HTTP clients of editors.
    Http,
    /// WireMock mappings.
    Wiremock,
    /// A summary in Markdown.
    Markdown,
    /// The list, as comma-separated values.
    Csv,
    /// The list, a JSON object on each line.
    Ndjson,
    /// A page that needs no network.
    Html,
}

impl From<ExportFormat> for Format {
    fn from(format: ExportFormat) -> Format {
        match format {
            ExportFormat::Har => Format::Har,
            ExportFormat::Fixture => Format::Fixture,
            ExportFormat::FixtureNdjson => Format::FixtureLines,
            ExportFormat::Curl => Format::Curl,
            ExportFormat::Powershell => Format::PowerShell,
            ExportFormat::Hurl => Format::Hurl,
            ExportFormat::Postman => Format::Postman,
            ExportFormat::Http => Format::Http,
            ExportFormat::Wiremock => Format::WireMock,
            ExportFormat::Markdown => Format::Markdown,
            ExportFormat::Csv => Format::Csv,
            ExportFormat::Ndjson => Format::Ndjson,
            ExportFormat::Html => Format::Html,
        }
    }
}

/// What is taken out before anything is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Redaction {
    /// Credentials, wherever they stand; true if left out.
    #[schema(default = true)]
    pub secrets: bool,
    /// Whether people get aliases: names, addresses, identifiers; false if left out.
    pub people: bool,
    /// What else is taken out.
    pub rules: Vec<RedactionRule>,
}

impl Default for Redaction {
    fn default() -> Self {
        Redaction { secrets: true, people: false, rules: Vec::new() }
    }
}

/// A rule of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactionRule {
    /// What it goes by.
    pub on: RedactionRuleOn,
    /// The name of a header field, a path in JSON bodies, or a regular expression.
    pub text: String,
}

/// What a rule goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RedactionRuleOn {
    /// The name of a header field, in any case.
    Header,
    /// A path in JSON bodies: `$.nickName`, `$..ssn`.
    JsonPath,
    /// A regular expression, in any text.
    Pattern,
}

/// A question about what an export would take out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExportPreview {
    /// Which exchanges.
    pub scope: ExportScope,
    /// What is taken out.
    #[serde(default)]
    pub redaction: Redaction,
}

/// What an export takes out, or took out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RedactionReport {
    /// How many exchanges it is about.
    pub exchanges: u64,
    /// How many flows they belong to.
    pub flows: u64,
    /// Whether there are more than were looked at for this answer.
    pub more: bool,
    /// How many values were replaced.
    pub replaced: u64,
    /// What was replaced, by place and kind; never the values.
    pub places: Vec<RedactedPlace>,
    /// Variables that stand in the place of credentials.
    pub variables: Vec<RedactionVariable>,
    /// What is wrong with it, if nothing is taken out.
    pub warning: Option<String>,
}

/// Where something was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RedactedPlace {
    /// "request header Authorization".
    pub place: String,
    /// What it was: "access token".
    pub what: String,
    /// How often.
    pub count: u64,
}

/// A variable in the place of a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RedactionVariable {
    /// As it stands in the file: `{{scimToken}}`.
    pub text: String,
    /// What it stands for.
    pub stands_for: String,
}

/// What an export came to: the `facts` of its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExportFacts {
    /// The format.
    pub format: ExportFormat,
    /// What was taken out.
    pub report: RedactionReport,
    /// How many exchanges were found when the file was read again; absent for formats that are only written.
    pub validated: Option<u64>,
    /// For a fixture: how many resources there were before and after, if the directory is in it.
    pub states: Option<StateCounts>,
    /// For a fixture: why the directory is not in it.
    pub no_states: Option<String>,
}

/// The directory that is in a fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateCounts {
    /// Resources before the first exchange.
    pub initial: u64,
    /// Resources after the last one.
    pub expected: u64,
}

/// What an import came to: the `facts` of its job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportFacts {
    /// What the file was: "HAR".
    pub source: String,
    /// How many exchanges were taken over.
    pub exchanges: u64,
    /// How many of them are SCIM.
    pub scim: u64,
    /// How many of them changed something.
    pub changed: u64,
    /// The number of the first one.
    pub first: Option<u64>,
    /// The number of the last one.
    pub last: Option<u64>,
    /// What is otherwise in the directory than the fixture says that it is in the end. Absent if nothing is, or if no directory
    /// followed.
    pub differs: Option<String>,
}

impl Redaction {
    /// As the formats want it.
    pub(crate) fn settings(&self) -> Result<redact::Settings, ApiError> {
        if self.rules.len() > MOST_RULES {
            return Err(ApiError::bad_request(format!("there are more than {MOST_RULES} rules")));
        }
        let rules = self.rules.iter().map(|rule| {
            let on = match rule.on {
                RedactionRuleOn::Header => RuleOn::Header,
                RedactionRuleOn::JsonPath => RuleOn::JsonPath,
                RedactionRuleOn::Pattern => RuleOn::Pattern,
            };
            Rule::new(on, &rule.text).map_err(|error| ApiError::bad_request(error.to_string()))
        });
        Ok(redact::Settings { secrets: self.secrets, people: self.people, rules: rules.collect::<Result<_, _>>()? })
    }
}

impl ExportScope {
    /// Refuses what names too much.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        match self {
            ExportScope::Seqs { seqs } if seqs.len() > MOST_NAMED => {
                Err(ApiError::bad_request(format!("{} exchanges are named; at most {MOST_NAMED} can be", seqs.len())))
            }
            _ => Ok(()),
        }
    }
}

impl RedactionReport {
    pub(crate) fn new(report: &redact::Report, exchanges: u64, flows: u64, more: bool) -> RedactionReport {
        let places = report.lines().into_iter();
        RedactionReport {
            exchanges,
            flows,
            more,
            replaced: report.total(),
            places: places
                .map(|line| RedactedPlace { place: line.place, what: line.what.to_owned(), count: line.count })
                .collect(),
            variables: report
                .variables
                .iter()
                .map(|variable| RedactionVariable {
                    text: variable.text.clone(),
                    stands_for: variable.stands_for.clone(),
                })
                .collect(),
            warning: report.is_off().then(|| formats::writer::WARNING.to_owned()),
        }
    }
}
