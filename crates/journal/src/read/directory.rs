//! The directories as their changes have left them.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use scim::document::Document;
use traffic::ids::{Pos, Revision};

use super::{Reading, states};

/// The directory of a tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The tenant's name.
    pub name: String,
    /// The last revision.
    pub revision: Revision,
    /// What the directory holds at that revision, in the order of creation.
    pub resources: Vec<Resource>,
}

/// A resource as the last change has left it.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`.
    pub id: String,
    /// The number in `meta.version` (`W/"3"` is 3), or how often it was changed if that has none.
    pub version: u64,
    /// The resource.
    pub document: Arc<Document>,
}

/// The directories as they are. Reads what there is, not what has been: the cost is that of the resources.
pub(super) fn present(connection: &Connection) -> Reading<Vec<Tenant>> {
    let mut tenants = Vec::new();
    for (name, revision) in names(connection)? {
        match resources(connection, &name)? {
            Ok(resources) => tenants.push(Tenant { name, revision, resources }),
            Err(damage) => return Ok(Err(damage)),
        }
    }
    Ok(Ok(tenants))
}

/// The tenants with their last revisions, by the order in which they were first written to. Goes from one name to the next
/// by the index, since there are few names and many revisions.
fn names(connection: &Connection) -> rusqlite::Result<Vec<(String, Revision)>> {
    let next = "SELECT min(tenant) FROM revision WHERE tenant > ?1";
    let ends = "SELECT (SELECT pos FROM revision WHERE tenant = ?1 ORDER BY revision LIMIT 1), max(revision)
                FROM revision WHERE tenant = ?1";
    let mut found: Vec<(Pos, String, Revision)> = Vec::new();
    let mut name: Option<String> = connection.query_row("SELECT min(tenant) FROM revision", [], |row| row.get(0))?;
    while let Some(tenant) = name {
        let (first, last) = connection
            .query_row(ends, [&tenant], |row| Ok((Pos(row.get::<_, i64>(0)? as u64), row.get::<_, i64>(1)? as u64)))?;
        name = connection.query_row(next, [&tenant], |row| row.get(0)).optional()?.flatten();
        found.push((first, tenant, Revision(last)));
    }
    // Commits before the horizon are gone.
    let mut beyond = connection.prepare("SELECT tenant, first_pos, revision FROM horizon")?;
    let mut rows = beyond.query([])?;
    while let Some(row) = rows.next()? {
        let (tenant, first): (String, _) = (row.get(0)?, Pos(row.get::<_, i64>(1)? as u64));
        match found.iter_mut().find(|(_, name, _)| *name == tenant) {
            Some(found) => found.0 = found.0.min(first),
            None => found.push((first, tenant, Revision(row.get::<_, i64>(2)? as u64))),
        }
    }
    found.sort_by_key(|(first, _, _)| *first);
    Ok(found.into_iter().map(|(_, name, revision)| (name, revision)).collect())
}

fn resources(connection: &Connection, tenant: &str) -> Reading<Vec<Resource>> {
    let sql = "SELECT resource_type, resource_id, last, changes FROM present WHERE tenant = ?1 ORDER BY created";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([tenant])?;
    let mut resources = Vec::new();
    while let Some(row) = rows.next()? {
        let last = row.get("last")?;
        let document = match states::left_by(connection, last, &mut HashMap::new())? {
            Ok(document) => document,
            Err(why) => return Ok(Err((format!("change {last}"), why))),
        };
        let changes = row.get::<_, i64>("changes")? as u64;
        resources.push(Resource {
            resource_type: row.get("resource_type")?,
            id: row.get("resource_id")?,
            version: version(&document).unwrap_or(changes),
            document,
        });
    }
    Ok(Ok(resources))
}

/// The number in `meta.version`, an entity tag (RFC 7644 section 3.14).
fn version(document: &Document) -> Option<u64> {
    let tag = document.get("meta")?.get("version")?.as_str()?;
    tag.trim_start_matches("W/").trim_matches('"').parse().ok()
}
