//! Files with users and groups: handed in, looked at, taken over by a job.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use formats::resources::{Column, FileKind, Problem, Table, guess_columns, targets};
use provider::{DEFAULT_TENANT_NAME, Tenant};
use scim::json::Json as Scim;
use serde::Deserialize;
use utoipa::IntoParams;

use super::resources::away;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters, Segment};
use crate::model::{ColumnMapping, FileProblem, FileReading, FileResource, ResourceFile, ResourceFileKind};
use crate::uploads::{Reading, Upload};

/// How many resources, and how many problems, are shown of a file.
const SHOWN: usize = 20;

/// What a file is called, and for whom it is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Named {
    /// Its name, from whose end its kind is guessed: `people.csv`.
    name: String,
    /// The tenant that is to get the resources, by its name; the default one if not given.
    tenant: Option<String>,
}

/// Takes a file with users and groups in and tells what is in it; nothing is changed. The last four files are kept.
#[utoipa::path(
    post,
    path = "/api/v1/resource-files",
    tag = "directory",
    operation_id = "hand_in_resources",
    params(Named),
    request_body(content = String, content_type = "application/octet-stream", description = "The file as it is: JSON, NDJSON or CSV, up to 128 MiB."),
    responses(
        (status = 200, description = "What is in it.", body = ResourceFile),
        (status = 400, description = "It is no such file; the message says where.", body = ErrorBody),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 413, description = "It is too large.", body = ErrorBody),
    )
)]
pub(super) async fn hand_in(
    State(control): State<Control>,
    Parameters(named): Parameters<Named>,
    bytes: Bytes,
) -> Result<Json<ResourceFile>, ApiError> {
    let tenant = control.find_tenant(named.tenant.as_deref().unwrap_or(DEFAULT_TENANT_NAME))?;
    away(move || {
        let upload = control.uploads().keep(&named.name, bytes);
        look(&tenant, &upload, &FileReading::default())
    })
    .await
}

/// Looks at a file that was handed in, read in another way.
#[utoipa::path(
    post,
    path = "/api/v1/resource-files/{id}/preview",
    tag = "directory",
    operation_id = "preview_resources",
    params(("id" = u64, Path, description = "The file's number.")),
    request_body = FileReading,
    responses(
        (status = 200, description = "What is in it.", body = ResourceFile),
        (status = 400, description = "It cannot be read so; the message says why.", body = ErrorBody),
        (status = 404, description = "There is no such tenant, or the file is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn preview(
    State(control): State<Control>,
    Segment(id): Segment<u64>,
    Body(reading): Body<FileReading>,
) -> Result<Json<ResourceFile>, ApiError> {
    let tenant = control.find_tenant(reading.tenant.as_deref().unwrap_or(DEFAULT_TENANT_NAME))?;
    away(move || look(&tenant, &*control.uploads().get(id)?, &reading)).await
}

fn look(tenant: &Tenant, upload: &Upload, reading: &FileReading) -> Result<ResourceFile, ApiError> {
    let table = upload.kind == FileKind::Csv;
    let reading = read_as(tenant, upload, reading)?;
    let (mut resources, mut wrong) = (0, 0);
    let (mut items, mut problems): (Vec<FileResource>, Vec<FileProblem>) = (Vec::new(), Vec::new());
    let read = upload.each(tenant, &reading, &mut |found| {
        resources += 1;
        match found {
            Ok(found) if items.len() < SHOWN => items.push(FileResource {
                at: found.at,
                resource_type: found.resource_type,
                id: found.id,
                display: display(&found.body),
                document: found.body,
            }),
            Ok(_) => {}
            Err(Problem { at, message }) => {
                wrong += 1;
                if problems.len() < SHOWN {
                    problems.push(FileProblem { at, message });
                }
            }
        }
        true
    });
    match read {
        // A table of which no column is mapped yet is a table all the same.
        Err(why) if table && reading.columns.iter().all(|column| column.target.is_empty()) => {
            wrong = 1;
            problems = vec![FileProblem { at: why.at, message: why.message }];
        }
        other => other.map_err(unreadable)?,
    }
    let shape = tenant.registry().shape_named(&reading.resource_type).filter(|_| table);
    Ok(ResourceFile {
        id: upload.id,
        name: upload.name.clone(),
        bytes: upload.bytes.len() as u64,
        kind: match upload.kind {
            FileKind::Json => ResourceFileKind::Json,
            FileKind::Ndjson => ResourceFileKind::Ndjson,
            FileKind::Csv => ResourceFileKind::Csv,
        },
        resources,
        items,
        wrong,
        problems,
        targets: shape.map(|shape| targets(shape)).unwrap_or_default(),
        columns: reading
            .columns
            .into_iter()
            .map(|Column { name, target }| ColumnMapping { column: name, target })
            .collect(),
        resource_type: table.then_some(reading.resource_type),
    })
}

/// How a file is read: as was said, and where nothing was said as its header looks.
pub(super) fn read_as(tenant: &Tenant, upload: &Upload, wanted: &FileReading) -> Result<Reading, ApiError> {
    if upload.kind != FileKind::Csv {
        return Ok(Reading { resource_type: String::new(), columns: Vec::new() });
    }
    let table = Table::new(&upload.bytes).map_err(unreadable)?;
    let registry = tenant.registry();
    let resource_type = match &wanted.resource_type {
        Some(name) => name.clone(),
        None => {
            // The type of which the header has most.
            let fits = |shape: &&Arc<scim::schema::Shape>| {
                let columns = guess_columns(table.header(), shape);
                let known = columns.iter().filter(|column| !column.target.is_empty()).count();
                let required =
                    columns.iter().any(|column| ["userName", "members.value"].contains(&column.target.as_str()));
                (known, required)
            };
            let best = registry.shapes().iter().rev().max_by_key(fits);
            best.map(|shape| shape.resource_type.name.clone()).unwrap_or_default()
        }
    };
    let shape = registry
        .shape_named(&resource_type)
        .ok_or_else(|| ApiError::bad_request(format!("there is no resource type {resource_type:?} here")))?;
    let columns = match &wanted.columns {
        Some(columns) => columns
            .iter()
            .map(|ColumnMapping { column, target }| Column { name: column.clone(), target: target.trim().to_owned() })
            .collect(),
        None => guess_columns(table.header(), shape),
    };
    Ok(Reading { resource_type, columns })
}

pub(super) fn unreadable(why: Problem) -> ApiError {
    ApiError::bad_request(format!("the file cannot be read: {} (at {})", why.message, why.at))
}

fn display(body: &Scim) -> String {
    let names = ["/displayName", "/userName", "/name/formatted"];
    let texts = names.iter().filter_map(|name| body.pointer(name)?.as_str());
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}
