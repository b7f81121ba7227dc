//! List responses (RFC 7644 section 3.4.2).

use scim::json::Json;

use super::Bodies;
use crate::counterparts::counterparts;
use crate::difference::{Difference, Part, Sort};

impl Bodies<'_> {
    pub(super) fn list(&mut self, left: &Json, right: &Json, raw_right: &Json) {
        let resources = |body: &Json| body.pointer("/Resources").and_then(Json::as_array).unwrap_or_default().to_vec();
        let (one, other, raw) = (resources(left), resources(right), resources(raw_right));
        let rest = |body: &Json| match body {
            Json::Object(members) => {
                let mut members = members.clone();
                members.retain(|name, value| name != "Resources" || value.as_array().is_none());
                Json::Object(members)
            }
            other => other.clone(),
        };
        let (left_rest, right_rest) = (rest(left), rest(right));
        self.walk("", &left_rest, &right_rest);
        let has = |body: &Json| body.pointer("/Resources").is_some();
        if has(left) != has(right) {
            // One fault, however many resources it hides.
            let [left, right] = [left, right].map(|body| body.pointer("/Resources"));
            self.push("Resources", left, right, Sort::Value);
            return;
        }
        let pairs = counterparts(&one, &other, false, |id| Some(id.to_owned()));
        let mut taken = vec![false; other.len()];
        let (mut last, mut moved) = (None, 0);
        for (resource, pair) in one.iter().zip(pairs) {
            let path = format!("Resources[{}]", named(resource));
            let Some(at) = pair else {
                self.push(&path, Some(resource), None, Sort::Value);
                continue;
            };
            taken[at] = true;
            moved += usize::from(last.is_some_and(|last| at < last));
            last = Some(at);
            self.resource(&format!("{path}."), resource, &other[at], &raw[at]);
        }
        for (at, resource) in other.iter().enumerate().filter(|(at, _)| !taken[*at]) {
            let path = format!("Resources[{}]", named(&raw[at]));
            self.push(&path, None, Some(resource), Sort::Value);
        }
        if moved > 0 {
            let words = "the resources come in another order";
            self.found.push(
                Difference { path: "Resources".into(), ..Difference::said(Part::Body, words) }.sorted(Sort::Order),
            );
        }
    }
}

/// A filter that names a resource of a list.
fn named(resource: &Json) -> String {
    let members = ["userName", "displayName", "externalId", "id", "name"];
    let found = members.iter().find_map(|name| Some((*name, resource.as_object()?.get(name)?.as_str()?)));
    found.map(|(name, value)| format!("{name} eq {}", Json::from(value).to_text())).unwrap_or_default()
}
