//! What a request is for, told from what it asks and what it changed.

use scim::diff::Line;
use scim::json::Json;
use traffic::exchange::Exchange;
use traffic::handled::{Action, Handled};
use traffic::step::{Deed, Named};

use crate::look::{Look, Op};
use crate::sentence::{cleaned, name_in_body};

/// How many resources an exchange is said to be about.
const MOST_NAMED: usize = 8;

/// Attributes that tell one resource from another.
const IDENTIFYING: [&str; 6] = ["id", "userName", "externalId", "displayName", "emails", "emails.value"];

/// What the request is for.
pub(crate) fn deed(exchange: &Exchange, look: &Look, probe: bool) -> Deed {
    let Some(handled) = exchange.outcome() else { return Deed::Other };
    match handled.action {
        _ if probe => Deed::Probe,
        Action::Discover => Deed::Discover,
        Action::Token => Deed::Token,
        Action::Read => Deed::Read,
        Action::List => list(look, handled),
        Action::Create => Deed::Create,
        Action::Delete => Deed::Delete,
        Action::Replace | Action::Modify => write(exchange, look, handled),
        Action::Unknown if look.method == "POST" && look.path.trim_end_matches('/').ends_with("/Bulk") => Deed::Bulk,
        Action::Unknown => Deed::Other,
    }
}

fn list(look: &Look, handled: &Handled) -> Deed {
    let subject = &handled.subject;
    let paged = look.parameter("cursor").is_some()
        || look.parameters().any(|(name, _)| name == "cursor")
        || look.parameter("startIndex").is_some_and(|start| start.parse::<u64>().is_ok_and(|start| start > 1));
    match (&subject.looked_for, &subject.filter) {
        _ if paged => Deed::List,
        (Some((attribute, _)), _) if identifies(attribute) => Deed::Lookup,
        (_, Some(_)) if subject.total_results.is_some_and(|found| found <= 1) => Deed::Lookup,
        (_, Some(filter)) if handled.response.status >= 400 && filter.to_ascii_lowercase().contains(" eq ") => {
            Deed::Lookup
        }
        _ => Deed::List,
    }
}

fn identifies(attribute: &str) -> bool {
    IDENTIFYING.iter().any(|known| known.eq_ignore_ascii_case(attribute))
        || attribute.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("emails["))
}

/// What a PUT or PATCH sets, as far as it tells actions apart.
#[derive(Debug, Default)]
struct Sets {
    active: Option<bool>,
    members: bool,
    name: bool,
    manager: bool,
    other: bool,
}

fn write(exchange: &Exchange, look: &Look, handled: &Handled) -> Deed {
    let group = handled.subject.resource_type.as_deref() == Some("Group");
    let asked = operations(look);
    let own = |id: &String| handled.subject.resource_id.as_ref() == Some(id);
    let lines: &[Line] = match &exchange.committed {
        Some(committed) => committed
            .changes
            .iter()
            .find(|change| own(&change.resource_id))
            .map(|change| change.lines.as_slice())
            .unwrap_or_default(),
        None => &handled.would_have_changed,
    };
    let changed = changed(lines);
    let active = asked.active.filter(|_| handled.action == Action::Modify).or(changed.active);
    if let Some(active) = active {
        return if active { Deed::Reactivate } else { Deed::Deactivate };
    }
    if group {
        // A PATCH says what it is about even if nothing changed; a PUT says everything every time.
        let (members, name) = match handled.action {
            Action::Modify => (asked.members, asked.name),
            _ => (changed.members, changed.name),
        };
        return match (members, name) {
            (true, true) => Deed::Push,
            (true, false) => Deed::Membership,
            (false, _) => Deed::Update,
        };
    }
    let sets = if handled.action == Action::Modify { asked } else { changed };
    if sets.manager && !sets.other && !sets.name { Deed::Refer } else { Deed::Update }
}

fn operations(look: &Look) -> Sets {
    let mut sets = Sets::default();
    for operation in look.operations() {
        match operation.without_path() {
            Some(members) => members
                .iter()
                .filter(|(name, _)| !matches!(*name, "id" | "schemas"))
                .for_each(|(name, value)| sets.take(Op { path: Some(name), value: Some(value), ..operation })),
            None => sets.take(operation),
        }
    }
    sets
}

fn changed(lines: &[Line]) -> Sets {
    let mut sets = Sets::default();
    for line in lines {
        match line.after.as_ref().and_then(Json::as_bool) {
            Some(active) if line.path.eq_ignore_ascii_case("active") => sets.active = Some(active),
            _ => sets.path(&line.path),
        }
    }
    sets
}

impl Sets {
    fn take(&mut self, operation: Op<'_>) {
        let text = operation.value.and_then(Json::as_str);
        let truth = operation.value.and_then(Json::as_bool).or_else(|| text?.to_ascii_lowercase().parse().ok());
        match truth {
            Some(active) if operation.at("active") => self.active = Some(active),
            _ => self.path(operation.path.unwrap_or_default()),
        }
    }

    fn path(&mut self, path: &str) {
        let attribute = crate::sentence::attribute_name(path);
        if attribute.eq_ignore_ascii_case("members") {
            self.members = true;
        } else if attribute.eq_ignore_ascii_case("displayName") {
            self.name = true;
        } else if attribute.eq_ignore_ascii_case("manager") {
            self.manager = true;
        } else {
            self.other = true;
        }
    }
}

/// The resources that the exchange is about, with their names.
pub(crate) fn about(exchange: &Exchange, look: &Look) -> Vec<Named> {
    let Some(handled) = exchange.outcome() else { return Vec::new() };
    let changes = exchange.committed.iter().flat_map(|committed| &committed.changes);
    let subject = &handled.subject;
    let Some(resource_type) = &subject.resource_type else {
        let named = |change: &traffic::change::Change| Named {
            resource_type: change.resource_type.clone(),
            id: Some(change.resource_id.clone()),
            name: cleaned(&change.display),
        };
        return changes.take(MOST_NAMED).map(named).collect();
    };
    let own = |id: &str| subject.resource_id.as_deref() == Some(id);
    let of_change = changes.into_iter().find(|change| own(&change.resource_id)).map(|change| change.display.clone());
    let in_body = || if handled.action == Action::Create { name_in_body(look) } else { None };
    let name = subject.display.clone().filter(|name| !name.is_empty());
    let name =
        name.or(of_change).or_else(in_body).or_else(|| subject.looked_for.as_ref().map(|(_, text)| text.clone()));
    if name.is_none() && subject.resource_id.is_none() {
        return if handled.action == Action::List {
            vec![Named { resource_type: cleaned(resource_type), id: None, name: String::new() }]
        } else {
            Vec::new()
        };
    }
    vec![Named {
        resource_type: cleaned(resource_type),
        id: subject.resource_id.clone(),
        name: name.as_deref().map(cleaned).unwrap_or_default(),
    }]
}
