//! Groups of groups: whose member a resource is, directly or through other groups.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use directory::{Resource, Root};

/// Looks up groups in one root. What it finds of a group it finds once, however many members of it are looked at.
pub(crate) struct Ancestry<'a> {
    root: &'a Root,
    parents: RefCell<HashMap<&'a str, Parents<'a>>>,
}

type Parents<'a> = Rc<[&'a Arc<Resource>]>;

impl<'a> Ancestry<'a> {
    pub fn new(root: &'a Root) -> Ancestry<'a> {
        Ancestry { root, parents: RefCell::default() }
    }

    /// The groups that the resource with this `id` is in, each once and with whether it is in it directly: nearest first, of
    /// equal distance in the order of creation. Groups that are in each other are no matter.
    pub fn of(&self, id: &str) -> Vec<(&'a Arc<Resource>, bool)> {
        let mut seen: HashSet<&str> = HashSet::from([id]);
        let mut found: Vec<(&'a Arc<Resource>, bool)> = Vec::new();
        for group in groups_of(self.root, id) {
            if seen.insert(group.id()) {
                found.push((group, true));
            }
        }
        let mut at = 0;
        while let Some((group, _)) = found.get(at).copied() {
            at += 1;
            for parent in self.parents(group).iter() {
                if seen.insert(parent.id()) {
                    found.push((parent, false));
                }
            }
        }
        found
    }

    fn parents(&self, group: &'a Arc<Resource>) -> Parents<'a> {
        let known = self.parents.borrow().get(group.id()).cloned();
        known.unwrap_or_else(|| {
            let parents: Parents<'a> = groups_of(self.root, group.id()).into();
            self.parents.borrow_mut().insert(group.id(), Rc::clone(&parents));
            parents
        })
    }
}

/// The resources that have this `id` among their `members`.
fn groups_of<'a>(root: &'a Root, id: &str) -> Vec<&'a Arc<Resource>> {
    let mut groups = root.referrers(id);
    groups.retain(|group| group.shape.core_attribute("members").is_some());
    groups
}
