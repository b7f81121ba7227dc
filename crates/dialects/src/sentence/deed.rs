//! What a write did, or wanted to do, as parts of a sentence.

use scim::diff::{Action, Line};
use scim::json::Json;

use super::words::{count, listed, shown};
use crate::look::{Look, Op};

/// How many attributes a sentence names.
const NAMED_ATTRIBUTES: usize = 3;

/// One thing that a PUT or PATCH does to a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    /// The new `active`.
    active: Option<bool>,
    /// Old name, if it is known, and new name of a group.
    renamed: Option<(Option<String>, String)>,
    added: usize,
    removed: usize,
    /// All members go, however many there are.
    emptied: bool,
    /// The list of members is set as a whole, to so many.
    set: Option<usize>,
    /// Other attributes, by their names without filters and sub-attributes.
    attributes: Vec<String>,
}

/// The tense of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tense {
    /// "disabled Ada"
    Past,
    /// "disable Ada", after "tried to"
    Infinitive,
}

impl Deeds {
    /// From what changed.
    pub(super) fn from_lines(lines: &[Line], group: bool) -> Deeds {
        let mut deeds = Deeds::default();
        for line in lines {
            deeds.take_line(line, group);
        }
        deeds
    }

    fn take_line(&mut self, line: &Line, group: bool) {
        let after = line.after.as_ref();
        if line.path.eq_ignore_ascii_case("active")
            && let Some(active) = after.and_then(Json::as_bool)
        {
            self.active = Some(active);
        } else if group && line.path == "displayName" && line.action == Action::Changed {
            let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
            self.renamed = text(after).map(|new| (text(line.before.as_ref()), new));
        } else if line.path.starts_with("members[") && line.path.ends_with(']') || line.path == "members" {
            let members = |value: Option<&Json>| value.map_or(0, |value| value.as_array().map_or(1, <[Json]>::len));
            match line.action {
                Action::Added => self.added += members(after),
                Action::Removed => self.removed += members(line.before.as_ref()),
                Action::Changed => self.attribute("members"),
            }
        } else {
            self.attribute(&line.path);
        }
    }

    /// From what a PATCH asks for.
    pub(super) fn from_operations(look: &Look, group: bool) -> Deeds {
        let mut deeds = Deeds::default();
        for operation in look.operations() {
            match operation.without_path() {
                Some(members) => {
                    for (name, value) in members.iter().filter(|(name, _)| !matches!(*name, "id" | "schemas")) {
                        deeds.take_operation(Op { path: Some(name), value: Some(value), ..operation }, group);
                    }
                }
                None => deeds.take_operation(operation, group),
            }
        }
        deeds
    }

    fn take_operation(&mut self, operation: Op<'_>, group: bool) {
        let path = operation.path.unwrap_or_default();
        let text = operation.value.and_then(Json::as_str);
        let truth = operation.value.and_then(Json::as_bool).or_else(|| text?.to_ascii_lowercase().parse().ok());
        let filtered = path.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("members["));
        if let (true, Some(active)) = (operation.at("active"), truth) {
            self.active = Some(active);
        } else if let (true, true, Some(name)) = (group, operation.at("displayName"), text) {
            self.renamed = Some((None, name.to_owned()));
        } else if operation.at("members") && operation.is("add") {
            self.added += operation.elements().len();
        } else if operation.at("members") && operation.is("remove") {
            match operation.elements().len() {
                0 => self.emptied = true,
                some => self.removed += some,
            }
        } else if operation.at("members") {
            self.set = Some(operation.elements().len());
        } else if filtered && path.ends_with(']') && operation.is("remove") {
            self.removed += 1;
        } else if !path.is_empty() {
            self.attribute(path);
        }
    }

    fn attribute(&mut self, path: &str) {
        let name = attribute_name(path).to_owned();
        if !self.attributes.contains(&name) {
            self.attributes.push(name);
        }
    }

    /// The deeds in words, about a resource of this name. Nothing if there are none.
    pub(super) fn clause(&self, name: &str, tense: Tense) -> Option<String> {
        let verb =
            |past: &str, infinitive: &str| if tense == Tense::Past { past.to_owned() } else { infinitive.to_owned() };
        let mut parts: Vec<String> = Vec::new();
        // Only the first part names the resource.
        let mut part = |words: String, joint: &str| {
            let whole = if parts.is_empty() && !joint.is_empty() { format!("{words} {joint} {name}") } else { words };
            parts.push(whole);
        };
        match self.active {
            Some(true) => part(format!("{} {name}", verb("enabled", "enable")), ""),
            Some(false) => part(format!("{} {name}", verb("disabled", "disable")), ""),
            None => {}
        }
        if let Some((old, new)) = &self.renamed {
            let old = old.as_deref().map_or_else(|| name.to_owned(), shown);
            part(format!("{} {old} to {}", verb("renamed", "rename"), shown(new)), "");
        }
        match self.set {
            Some(0) => part(format!("{} all members", verb("removed", "remove")), "from"),
            Some(members) => part(format!("{} {}", verb("set", "set"), count(members, "member")), "of"),
            None => {}
        }
        if self.added > 0 {
            part(format!("{} {}", verb("added", "add"), count(self.added, "member")), "to");
        }
        if self.emptied {
            part(format!("{} all members", verb("removed", "remove")), "from");
        }
        if self.removed > 0 {
            part(format!("{} {}", verb("removed", "remove"), count(self.removed, "member")), "from");
        }
        if !self.attributes.is_empty() {
            part(format!("{} {}", verb("changed", "change"), self.attribute_list()), "of");
        }
        if parts.is_empty() { None } else { Some(listed(&parts)) }
    }

    fn attribute_list(&self) -> String {
        let mut names: Vec<String> = self.attributes.iter().take(NAMED_ATTRIBUTES).map(|name| shown(name)).collect();
        match self.attributes.len().saturating_sub(NAMED_ATTRIBUTES) {
            0 => {}
            more => names.push(count(more, "more attribute")),
        }
        listed(&names)
    }
}

/// The attribute that a path leads to: "emails" of `emails[type eq "work"].value`, "department" of
/// `urn:...:User:department`, "name" of `name.familyName`.
pub(crate) fn attribute_name(path: &str) -> &str {
    let path = path.split('[').next().unwrap_or_default();
    let is_urn = path.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    let local = if is_urn { path.rsplit(':').next().unwrap_or_default() } else { path };
    local.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::attribute_name;

    #[test]
    fn a_path_is_called_by_its_attribute() {
        for (path, name) in [
            ("title", "title"),
            ("name.familyName", "name"),
            ("emails[type eq \"a.b:c\"].value", "emails"),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "department"),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "manager"),
            ("", ""),
        ] {
            assert_eq!(attribute_name(path), name, "{path}");
        }
    }
}
