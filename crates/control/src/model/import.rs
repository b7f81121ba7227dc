//! Files with users and groups, as the API shows them.

use scim::json::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceFileKind {
    /// One JSON text: a resource, an array of them, or a ListResponse.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// A table with a header.
    Csv,
}

/// A column of a table, and the attribute that it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnMapping {
    /// Its name in the header.
    pub column: String,
    /// The attribute: `userName`, `emails[work].value`; empty to leave the column out.
    pub target: String,
}

/// How a file is to be read. For JSON nothing of it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FileReading {
    /// The tenant that gets the resources, by its name; the default one if left out.
    pub tenant: Option<String>,
    /// What the rows of a table are; guessed from the header if left out.
    pub resource_type: Option<String>,
    /// What its columns are; guessed from their names if left out.
    pub columns: Option<Vec<ColumnMapping>>,
}

/// A place in a file, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FileProblem {
    /// The line; in one JSON text the number of the resource, from 1.
    pub at: u64,
    /// What is wrong.
    pub message: String,
}

/// A resource that is in a file.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FileResource {
    /// Where, as in [`FileProblem::at`].
    pub at: u64,
    /// Name of its type.
    pub resource_type: String,
    /// Its `id`, if it has one.
    pub id: Option<String>,
    /// What people call it.
    pub display: String,
    /// The resource.
    #[schema(value_type = serde_json::Value)]
    pub document: Json,
}

/// A file that was handed in, and what would become of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ResourceFile {
    /// Its number: for the job that takes it over.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// What it is.
    pub kind: ResourceFileKind,
    /// How many resources are in it, right or wrong.
    pub resources: u64,
    /// The first of them.
    pub items: Vec<FileResource>,
    /// How many are wrong.
    pub wrong: u64,
    /// What is wrong with the first of these.
    pub problems: Vec<FileProblem>,
    /// What the rows of a table are. Absent for JSON, which says it itself.
    pub resource_type: Option<String>,
    /// What the columns of a table are.
    pub columns: Vec<ColumnMapping>,
    /// What a column can be.
    pub targets: Vec<String>,
}
