//! What the tests share.

use std::sync::Arc;

use directory::{Directory, Query, Root};
use jiff::Timestamp;
use scim::filter::{Bound, parse};
use scim::finding::Place;
use scim::json::{Json, Limits, Object};
use scim::leniency::{Leniency, Reading};
use scim::schema::Registry;

pub fn registry() -> Arc<Registry> {
    Arc::new(Registry::builtin())
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_769_800_000 + second).unwrap()
}

pub fn object(text: &str) -> Object {
    match scim::json::parse(text.as_bytes(), Limits::default()) {
        Ok(Json::Object(object)) => object,
        other => panic!("{text} is no object: {other:?}"),
    }
}

pub fn user(name: &str) -> Object {
    object(&format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}","emails":[{{"value":"{name}@example.com"}}]}}"#
    ))
}

pub fn group(name: &str, members: &[&str]) -> Object {
    let members: Vec<String> = members.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    object(&format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}","members":[{}]}}"#,
        members.join(",")
    ))
}

pub fn bind(registry: &Registry, resource_type: &str, filter: &str) -> Bound {
    let shape = registry.shape_named(resource_type).unwrap();
    let mut reading = Reading::new(shape, Leniency::STRICT);
    parse(filter).unwrap().bind(&mut reading, &|_| Place::Request).unwrap()
}

pub fn all<'a>(resource_type: &'a str, filter: Option<&'a Bound>) -> Query<'a> {
    Query { resource_type, filter, view: None, start_index: 1, count: usize::MAX }
}

pub fn ids(root: &Root, query: &Query<'_>) -> Vec<String> {
    root.query(query).resources.iter().map(|resource| resource.id().to_owned()).collect()
}

pub fn create(directory: &Directory, resource_type: &str, id: &str, object: Object) {
    let mut transaction = directory.begin();
    transaction.create(resource_type, id, object, at(0)).unwrap();
    transaction.commit(|_| ());
}
