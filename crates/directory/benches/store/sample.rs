//! Resources to measure with: users of a usual size, and groups of them.

use std::sync::Arc;

use anyhow::bail;
use directory::{Directory, Saved};
use scim::document::Document;
use scim::json::{Json, Limits, Object, parse};
use scim::schema::Registry;

/// The `id` of a user.
pub fn id(number: usize) -> String {
    format!("{number:08x}-7a3c-4d1e-9b52-{:012x}", number * 7919)
}

/// The `userName` of a user.
pub fn user_name(number: usize) -> String {
    format!("ada.lovelace.{number}@example.com")
}

/// A user as it is at rest: all that identity providers usually send, with the enterprise extension.
pub fn user(number: usize) -> String {
    let (id, name) = (id(number), user_name(number));
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"{id}","externalId":"ext-{number:08}","userName":"{name}","name":{{"formatted":"Ada Lovelace {number}","familyName":"Lovelace {number}","givenName":"Ada"}},"displayName":"Ada Lovelace {number}","nickName":"Ada","title":"{}","userType":"Employee","preferredLanguage":"en-GB","locale":"en-GB","timezone":"Europe/London","active":true,"emails":[{{"value":"{name}","type":"work","primary":true}},{{"value":"ada.{number}@home.example.com","type":"home"}}],"phoneNumbers":[{{"value":"+44 20 7946 {:04}","type":"work"}}],"addresses":[{{"type":"work","streetAddress":"{} St James's Square","locality":"London","postalCode":"SW1Y 4JH","country":"GB"}}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{number:07}","costCenter":"CC-{}","organization":"Example Ltd","division":"Analysis","department":"Analytical Engines {}"}},"meta":{{"resourceType":"User","created":"2026-01-31T09:30:00.000Z","lastModified":"2026-01-31T09:30:00.000Z","version":"W/\"1\""}}}}"#,
        TITLES[number % TITLES.len()],
        number % 10_000,
        number % 200,
        number % 90,
        number % 37,
    )
}

const TITLES: [&str; 8] = [
    "Analyst",
    "Senior Analyst",
    "Director of Engineering",
    "Programmer",
    "Head of Mathematics",
    "Consultant",
    "Clerk",
    "Principal Programmer",
];

/// A group as it is at rest, with users as members.
pub fn group(members: usize) -> String {
    let members: Vec<String> = (0..members).map(|number| member(number, "")).collect();
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"{GROUP}","displayName":"Everybody","members":[{}],"meta":{{"resourceType":"Group","created":"2026-01-31T09:30:00.000Z","lastModified":"2026-01-31T09:30:00.000Z","version":"W/\"1\""}}}}"#,
        members.join(",")
    )
}

/// The `id` of the group.
pub const GROUP: &str = "e9e30dba-f08f-4109-8486-d5c6a331660a";

/// A member as clients send it.
pub fn member(number: usize, display: &str) -> String {
    format!(r#"{{"value":"{}","display":"Ada Lovelace {number}{display}"}}"#, id(number))
}

/// The body of a PATCH with one operation.
pub fn patch(operation: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operation}]}}"#)
}

/// The value of a JSON text of this file.
pub fn json(text: &str) -> anyhow::Result<Json> {
    Ok(parse(text.as_bytes(), Limits { values: usize::MAX, ..Limits::default() })?)
}

fn saved(resource_type: &str, text: &str) -> anyhow::Result<Saved> {
    let object: Object = match json(text)? {
        Json::Object(object) => object,
        other => bail!("a sample is {}", other.kind_name()),
    };
    Ok(Saved { resource_type: resource_type.to_owned(), document: Document::pack(&object), version: 1 })
}

/// A directory with so many users, and a group of so many of them if it is more than none.
pub fn directory(registry: &Arc<Registry>, users: usize, members: usize) -> anyhow::Result<Directory> {
    let group = if members > 0 { Some(group(members)) } else { None };
    let mut fault = None;
    let texts = (0..users).map(|number| saved("User", &user(number))).chain(group.map(|text| saved("Group", &text)));
    let resources = texts.map_while(|saved| saved.map_err(|error| fault = Some(error)).ok());
    let directory = Directory::resume(Arc::clone(registry), (users + 1) as u64, resources)?;
    match fault {
        None => Ok(directory),
        Some(error) => Err(error),
    }
}
