//! Which elements of two arrays are the same thing.

use std::collections::HashMap;

use scim::json::Json;

/// For each element on the left, the place of its counterpart on the right. Elements are the same if their ids stand for each
/// other, or if they have the same name. With `by_order`, the rest is taken in its order if there are as many.
///
/// `there` gives the right side's id for one of the left side. Time is linear.
pub(crate) fn counterparts(
    left: &[Json],
    right: &[Json],
    by_order: bool,
    there: impl Fn(&str) -> Option<String>,
) -> Vec<Option<usize>> {
    let mut by_id: HashMap<&str, usize> = HashMap::with_capacity(right.len());
    let mut by_name: HashMap<String, Option<usize>> = HashMap::new();
    for (at, element) in right.iter().enumerate() {
        if let Some(id) = id(element) {
            by_id.entry(id).or_insert(at);
        }
        for name in names(element) {
            // A name that two have tells nothing.
            by_name.entry(name).and_modify(|place| *place = None).or_insert(Some(at));
        }
    }
    let mut taken = vec![false; right.len()];
    let mut found: Vec<Option<usize>> = left
        .iter()
        .map(|element| {
            let mapped = id(element).and_then(|id| by_id.get(there(id)?.as_str()).copied());
            let named = || names(element).find_map(|name| by_name.get(&name).copied().flatten());
            let place = mapped.or_else(named).filter(|place| !taken[*place])?;
            taken[place] = true;
            Some(place)
        })
        .collect();
    if by_order && left.len() == right.len() {
        let mut free = (0..right.len()).filter(|place| !taken[*place]);
        for place in found.iter_mut().filter(|place| place.is_none()) {
            *place = free.next();
        }
    }
    found
}

/// The id of an element: of a resource, or of what it refers to.
pub(crate) fn id(element: &Json) -> Option<&str> {
    let text = |name: &str| element.as_object()?.get(name)?.as_str();
    text("id").or_else(|| text("value"))
}

/// The names by which an element is known on any server.
fn names(element: &Json) -> impl Iterator<Item = String> {
    let member = |name: &str| element.as_object()?.get(name)?.as_str();
    let own = ["userName", "externalId", "displayName", "bulkId", "display"];
    let named = own.iter().filter_map(|name| Some(format!("{name} {}", member(name)?.to_lowercase())));
    let typed = member("value").map(|value| format!("value {} {}", member("type").unwrap_or_default(), value));
    let scalar = element.as_str().map(|text| format!("text {text}"));
    named.chain(typed).chain(scalar).collect::<Vec<_>>().into_iter()
}
