//! Changes of long lists as JSON text: what went, came and became something else, not the lists.

use std::sync::Arc;

use scim::document::Document;
use scim::json::{Json, Object};
use scim::long_list::{LongList, Parts};
use scim::value::Value;

use crate::lines;

/// The JSON text of a resource with the number of elements in the place of long lists. Without any: the resource.
pub(crate) fn head(document: &Document) -> String {
    if !document.has_long_lists() {
        return document.value().to_text();
    }
    let Parts { mut object, lists } = document.to_parts();
    for (home, list) in lists.iter() {
        home.put(&mut object, vec![count(list)]);
    }
    Json::Object(object).to_text()
}

/// What became of the long lists of a resource, or nothing if it has one now that was none before.
pub(crate) fn between(before: &Document, after: &Document) -> Option<String> {
    let (before, after) = (before.to_parts().lists, after.to_parts().lists);
    if after.is_empty() {
        return None;
    }
    let mut lists = Vec::new();
    for (home, list) in after.iter() {
        let changes = before.get(home.extension.as_deref(), &home.attribute)?.changes(list);
        let mut delta = Object::new();
        if let Some(urn) = &home.extension {
            delta.insert("extension", &**urn);
        }
        delta.insert("attribute", &*home.attribute);
        let pair = |(old, new): &(Value<'_>, Value<'_>)| Json::Array(vec![old.to_json(), new.to_json()]);
        let all = |values: &[Value<'_>]| values.iter().map(|value| value.to_json()).collect();
        let parts: [(&str, Vec<Json>); 3] = [
            ("changed", changes.changed.iter().map(pair).collect()),
            ("gone", all(&changes.gone)),
            ("came", all(&changes.came)),
        ];
        for (name, values) in parts {
            if !values.is_empty() {
                delta.insert(name, values);
            }
        }
        lists.push(Json::Object(delta));
    }
    Some(Json::Array(lists).to_text())
}

/// The state after, from the state before and the two texts; or why they do not fit.
pub(crate) fn redo(before: &Document, head: &str, deltas: &str) -> Result<Arc<Document>, String> {
    let mut after = Parts::from(lines::object(head)?);
    let before = before.to_parts().lists;
    let Json::Array(deltas) = lines::json(deltas)? else { return Err("changes of lists are no array".to_owned()) };
    for delta in deltas {
        let text = |name: &str| delta.pointer(name).and_then(Json::as_str);
        let (extension, attribute) = (text("/extension"), text("/attribute").unwrap_or_default());
        let before = before.get(extension, attribute);
        let mut list = before.ok_or_else(|| format!("there was no long list in {attribute:?}"))?.clone();
        let all = |name: &str| delta.pointer(name).and_then(Json::as_array).unwrap_or_default();
        let mut fits = true;
        for pair in all("/changed") {
            let (old, new) = (pair.pointer("/0").unwrap_or(&Json::Null), pair.pointer("/1").unwrap_or(&Json::Null));
            fits &= list.replace(old.into(), new.into());
        }
        for element in all("/gone") {
            fits &= list.remove(element.into());
        }
        all("/came").iter().for_each(|element| list.push(element.into()));
        after.lists.set(extension, attribute, list);
        let (home, list) = after.lists.iter().last().ok_or("a list is missing")?;
        fits &= home.find(&mut after.object).is_some_and(|place| *place == Json::Array(vec![count(list)]));
        if !fits {
            return Err(format!("the change of {attribute:?} does not fit what was there"));
        }
        home.put(&mut after.object, Vec::new());
    }
    Ok(Arc::new(Document::pack_parts(&after)))
}

fn count(list: &LongList) -> Json {
    Json::from(list.len() as i64)
}
