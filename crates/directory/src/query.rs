//! Lists: which resources, which page of them, and by which way they are found.

use std::collections::VecDeque;
use std::sync::Arc;

use scim::filter::Bound;
use scim::json::Object;
use scim::value::Value;

use crate::resource::Resource;
use crate::root::{Root, Slot};

/// What a list asks for. The order is that of creation.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// The name of the resource type: "User".
    pub resource_type: &'a str,
    /// What must hold; absent for all.
    pub filter: Option<&'a Bound>,
    /// The resource as the filter is to see it, where it asks for attributes that are computed from other resources.
    /// Absent: as it is at rest. Then and only then an index may be used.
    pub view: Option<&'a View<'a>>,
    /// Position of the first one wanted, from 1.
    pub start_index: u64,
    /// How many are wanted at most.
    pub count: usize,
}

/// Computes what a filter is to see of a resource.
pub type View<'a> = dyn Fn(&Root, &Resource) -> Object + 'a;

/// How a query will be answered. Known before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The indexed attribute by which candidates are found; absent for a walk.
    pub index: Option<String>,
    /// How many resources will be looked at.
    pub scanned: usize,
}

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct Page {
    /// How many resources there are in all.
    pub total: u64,
    /// Those of them that were wanted.
    pub resources: Vec<Arc<Resource>>,
    /// How they were found.
    pub plan: Plan,
}

enum Way<'a> {
    /// The type is not known: nothing can be found.
    Nowhere,
    /// No condition: count blocks, then walk the page.
    Straight { of_type: usize },
    /// Look at the candidates of one index.
    Index { of_type: usize, path: &'a str, key: u64, candidates: usize },
    /// Look at all.
    Scan { of_type: usize },
}

impl Root {
    /// How a query will be answered here, with its cost.
    pub fn plan(&self, query: &Query<'_>) -> Plan {
        self.describe(&self.way(query), query)
    }

    /// Answers a query.
    pub fn query(&self, query: &Query<'_>) -> Page {
        let way = self.way(query);
        let plan = self.describe(&way, query);
        let (total, resources) = match way {
            Way::Nowhere => (0, Vec::new()),
            Way::Straight { of_type } => {
                let collection = &self.collections[of_type];
                let rank = query.start_index.saturating_sub(1);
                let page = if query.count == 0 {
                    Vec::new()
                } else {
                    collection.after_rank(rank).take(query.count).cloned().collect()
                };
                (collection.len() as u64, page)
            }
            Way::Index { of_type, key, .. } => {
                let collection = &self.collections[of_type];
                let candidates = self.candidates(key).filter_map(|slot: Slot| collection.get(slot));
                self.filter(query, candidates)
            }
            Way::Scan { of_type } => self.filter(query, at_hand(self.collections[of_type].iter())),
        };
        Page { total, resources, plan }
    }

    fn way<'a>(&'a self, query: &Query<'_>) -> Way<'a> {
        let Some(of_type) = self.type_number(query.resource_type) else { return Way::Nowhere };
        let Some(filter) = query.filter else { return Way::Straight { of_type } };
        let layout = self.type_layout(of_type);
        let mut best: Option<Way<'a>> = None;
        let mut fewest = usize::MAX;
        let equalities = if query.view.is_none() { filter.equalities() } else { Vec::new() };
        for equality in equalities {
            let (path, key) = if equality.attribute == "id" {
                ("id", self.layout.id_key(&equality.text))
            } else {
                let indexed = layout.indexed.iter().find(|indexed| indexed.path == equality.attribute);
                let Some(indexed) = indexed else { continue };
                (indexed.path.as_str(), self.layout.text_key(indexed, &equality.text))
            };
            let candidates = self.candidates(key).take(fewest).count();
            if candidates < fewest {
                fewest = candidates;
                best = Some(Way::Index { of_type, path, key, candidates });
            }
        }
        best.unwrap_or(Way::Scan { of_type })
    }

    fn describe(&self, way: &Way<'_>, query: &Query<'_>) -> Plan {
        match way {
            Way::Nowhere => Plan { index: None, scanned: 0 },
            Way::Straight { of_type } => {
                let left =
                    (self.collections[*of_type].len() as u64).saturating_sub(query.start_index.saturating_sub(1));
                Plan { index: None, scanned: query.count.min(usize::try_from(left).unwrap_or(usize::MAX)) }
            }
            Way::Index { path, candidates, .. } => Plan { index: Some((*path).to_owned()), scanned: *candidates },
            Way::Scan { of_type } => Plan { index: None, scanned: self.collections[*of_type].len() },
        }
    }

    fn filter<'a>(
        &self,
        query: &Query<'_>,
        resources: impl Iterator<Item = &'a Arc<Resource>>,
    ) -> (u64, Vec<Arc<Resource>>) {
        let first = query.start_index.max(1);
        let mut total = 0;
        let mut page = Vec::new();
        for resource in resources {
            let matches = query.filter.is_none_or(|filter| match query.view {
                None => filter.matches(resource.document.value()),
                Some(view) => filter.matches(Value::from(&view(self, resource))),
            });
            if matches {
                total += 1;
                if total >= first && page.len() < query.count {
                    page.push(Arc::clone(resource));
                }
            }
        }
        (total, page)
    }
}

/// How many resources are fetched from memory together in a scan.
const TOGETHER: usize = 16;

/// The same resources, each of them touched a little before it is its turn: a scan of a million is mostly waiting for memory,
/// and these waits overlap.
fn at_hand<'a>(mut resources: impl Iterator<Item = &'a Arc<Resource>>) -> impl Iterator<Item = &'a Arc<Resource>> {
    let mut next: VecDeque<&Arc<Resource>> = VecDeque::with_capacity(TOGETHER);
    std::iter::from_fn(move || {
        if next.is_empty() {
            next.extend(resources.by_ref().take(TOGETHER));
            std::hint::black_box(next.iter().fold(0, |seen, resource| seen ^ resource.document.touch()));
        }
        next.pop_front()
    })
}
