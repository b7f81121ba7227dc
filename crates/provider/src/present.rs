//! Resources as clients see them: with `meta.location`, `$ref` and `groups`, which are computed and not kept.

use std::sync::Arc;

use directory::{Resource, Root};
use scim::document::Document;
use scim::filter::{Expression, Name};
use scim::json::{Json, Object};
use scim::long_list::{LONG, Parts};
use scim::object;
use scim::projection::{NotPlain, Selection, project};
use scim::schema::{Attribute, Mutability, Shape, Target};
use scim::value::Value;

use crate::ancestry::Ancestry;
use crate::prepare::Setting;
use crate::printed::Printed;
use crate::profile::Profile;

/// Shows the resources of one root to a client.
pub(crate) struct Presenter<'a> {
    root: &'a Root,
    /// Base URL with the tenant's path: `http://127.0.0.1:8787/scim/v2`.
    base: &'a str,
    profile: &'a Profile,
    ancestry: Ancestry<'a>,
    /// Texts that were written before, and the profile that they depend on.
    printed: Option<(&'a Printed, &'a Arc<Profile>)>,
}

impl<'a> Presenter<'a> {
    /// For the answer to one request.
    pub fn new(root: &'a Root, setting: &'a Setting) -> Presenter<'a> {
        let printed = setting.printed.as_deref().map(|printed| (printed, &setting.profile));
        Presenter { printed, ..Presenter::at(root, &setting.base, &setting.profile) }
    }

    /// For whoever reads this root under that base URL.
    pub fn at(root: &'a Root, base: &'a str, profile: &'a Profile) -> Presenter<'a> {
        Presenter { root, base, profile, ancestry: Ancestry::new(root), printed: None }
    }

    /// The part of a resource that a request selected.
    pub fn shown(&self, resource: &Resource, selection: &Selection, written: &[String]) -> Json {
        let shape = &resource.shape;
        let hidden = self.hidden(shape);
        let is_wanted = |attribute: &Attribute| {
            if hidden.contains(&attribute.name) {
                return false;
            }
            let element = object! { "value" => "x", "$ref" => "x", "display" => "x", "type" => "x" };
            let probe = object! { attribute.name.as_str() => vec![Json::Object(element)] };
            !project(shape, Value::from(&probe), selection, written).is_empty()
        };
        let whole = self.complete(resource, &is_wanted);
        let mut shown = project(shape, Value::from(&whole), selection, written);
        shown.retain(|name, _| !hidden.iter().any(|hidden| hidden == name));
        Json::Object(shown)
    }

    /// The same as text.
    pub fn shown_text(&self, resource: &Resource, selection: &Selection, written: &[String]) -> String {
        let mut text = String::new();
        self.write(resource, selection, written, &mut text);
        text
    }

    /// The same at the end of a text. Most resources are written straight from how they are at rest.
    pub fn write(&self, resource: &Resource, selection: &Selection, written: &[String], out: &mut String) {
        if selection.is_all() && self.stands_alone(resource) && self.write_alone(resource, out).is_ok() {
            return;
        }
        out.push_str(&self.completed_text(resource, selection, written));
    }

    /// Whether a resource is named by no other, and has all that it names in it.
    fn stands_alone(&self, resource: &Resource) -> bool {
        !resource.document.has_long_lists() && !self.root.is_referred_to(resource.id())
    }

    /// Writes such a resource, or the text that it had when it was last written. What was written is taken back after an
    /// error.
    fn write_alone(&self, resource: &Resource, out: &mut String) -> Result<(), NotPlain> {
        let (start, document) = (out.len(), &resource.document);
        if self.printed.is_some_and(|(printed, profile)| printed.write(document, profile, self.base, out)) {
            return Ok(());
        }
        out.reserve(document.packed_bytes() * 2);
        let plain = self.write_plain(resource, out);
        match (plain, self.printed) {
            (Ok(()), Some((printed, profile))) => printed.keep(document, profile, self.base, &out[start..]),
            (Ok(()), None) => {}
            (Err(NotPlain), _) => out.truncate(start),
        }
        plain
    }

    /// Writes a resource of which nothing is to be completed but where it is. [`NotPlain`] if it names others.
    fn write_plain(&self, resource: &Resource, out: &mut String) -> Result<(), NotPlain> {
        let document = &resource.document;
        let sheet = resource.shape.sheet();
        let hidden = self.hidden(&resource.shape);
        let is_hidden = |name: &str| hidden.iter().any(|hidden| hidden == name);
        let mut meta = None;
        out.push('{');
        for (name, value) in document.members().filter(|(name, _)| !is_hidden(name)) {
            if name == "meta" {
                meta = Some(value);
            } else {
                sheet.write(name, value, out)?;
            }
        }
        // The order of [`Presenter::complete`].
        if let Some(meta) = meta {
            let Value::Object(members) = meta else { return Err(NotPlain) };
            if members.get("location").is_some() {
                return Err(NotPlain);
            }
            let location = self.location(resource);
            let version = members.get("version").filter(|_| self.profile.etag).map(|version| ("version", version));
            let members = members
                .filter(|(name, _)| *name != "version")
                .chain([("location", Value::String(&location))])
                .chain(version);
            sheet.write_complex("meta", members, out)?;
        }
        out.push('}');
        Ok(())
    }

    /// The text of a resource that must be completed. The elements of a long list are completed and written some at a time:
    /// the answer is never there as a tree.
    fn completed_text(&self, resource: &Resource, selection: &Selection, written: &[String]) -> String {
        let whole = || self.shown(resource, selection, written).to_text();
        if !resource.document.has_long_lists() {
            return whole();
        }
        let part = |object: &Object| {
            let document = Arc::new(Document::pack(object));
            let part = Resource { shape: Arc::clone(&resource.shape), document, version: resource.version };
            match self.shown(&part, selection, written) {
                Json::Object(shown) => shown,
                _ => Object::new(),
            }
        };
        let Parts { mut object, lists } = resource.document.to_parts();
        let mut rest = Vec::new();
        for (home, list) in lists.iter() {
            let mut elements = list.iter();
            home.put(&mut object, elements.by_ref().take(LONG).map(Value::to_json).collect());
            rest.push((home, elements));
        }
        let head = part(&object);
        // An extension is not written in parts, nor is a list of which the first elements show nothing.
        if rest.iter().any(|(home, _)| home.extension.is_some() || head.get(&home.attribute).is_none()) {
            return whole();
        }
        let mut text = String::from("{");
        for (name, value) in head.iter() {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&Value::String(name).to_text());
            text.push(':');
            text.push_str(&value.to_text());
            let Some((_, elements)) = rest.iter_mut().find(|(home, _)| &*home.attribute == name) else { continue };
            text.pop();
            loop {
                let some: Vec<Json> = elements.by_ref().take(LONG).map(Value::to_json).collect();
                if some.is_empty() {
                    break;
                }
                let shown = part(&object! { name => some });
                for element in shown.get(name).and_then(Json::as_array).unwrap_or_default() {
                    text.push(',');
                    text.push_str(&element.to_text());
                }
            }
            text.push(']');
        }
        text.push('}');
        text
    }

    /// A resource with everything that is computed.
    pub fn whole(&self, resource: &Resource) -> Object {
        self.complete(resource, &|_| true)
    }

    /// A resource with what is computed; lists of references that are not wanted are left out, since a large group is read
    /// without its members for a reason.
    fn complete(&self, resource: &Resource, is_wanted: &dyn Fn(&Attribute) -> bool) -> Object {
        let is_left_out = |name: &str| {
            let attribute = resource.shape.core_attributes().find(|attribute| attribute.name == name);
            attribute.is_some_and(|attribute| {
                attribute.multi_valued && attribute.refers_to_resources() && !is_wanted(attribute)
            })
        };
        let kept = resource.document.members().filter(|(name, _)| !is_left_out(name));
        let mut whole: Object = kept.map(|(name, value)| (name.to_owned(), value.to_json())).collect();
        let shape = &resource.shape;
        for attribute in shape.core_attributes() {
            self.refer(attribute, &mut whole);
        }
        for (schema, _) in &shape.extensions {
            if let Some(container) = whole.get_mut(&schema.id).and_then(Json::as_object_mut) {
                for attribute in &schema.attributes {
                    self.refer(attribute, container);
                }
            }
        }
        let mut meta = whole.remove("meta");
        if let Some(groups) = groups_attribute(shape).filter(|groups| is_wanted(groups)) {
            let groups = self.groups(resource, groups);
            if !groups.is_empty() {
                whole.insert("groups", groups);
            }
        }
        if let Some(meta) = meta.as_mut().and_then(Json::as_object_mut) {
            let version = meta.remove("version");
            meta.insert("location", self.location(resource));
            if let Some(version) = version.filter(|_| self.profile.etag) {
                meta.insert("version", version);
            }
        }
        if let Some(meta) = meta {
            whole.insert("meta", meta);
        }
        whole
    }

    /// The URL of a resource.
    pub fn location(&self, resource: &Resource) -> String {
        format!("{}{}/{}", self.base, resource.shape.resource_type.endpoint, resource.id())
    }

    /// Completes what an attribute says of other resources: where they are, and their `displayName` if that is for the
    /// server to say (RFC 7643 section 4.3: `manager.displayName`). Without a `displayName` there is none to tell.
    fn refer(&self, attribute: &Attribute, owner: &mut Object) {
        if !attribute.refers_to_resources() {
            return;
        }
        let display = attribute.sub("displayName").filter(|sub| sub.mutability == Mutability::ReadOnly);
        let complete = |element: &mut Json| {
            let Some(element) = element.as_object_mut() else { return };
            let Some(other) = element.get("value").and_then(Json::as_str).and_then(|id| self.root.get(id)) else {
                return;
            };
            element.insert("$ref", self.location(other));
            let called = other.document.get("displayName").and_then(Value::as_str);
            if let (Some(display), Some(called)) = (display, called) {
                element.insert(display.name.as_str(), called);
            }
        };
        match owner.get_mut(&attribute.name) {
            Some(Json::Array(elements)) => elements.iter_mut().for_each(complete),
            Some(one) => complete(one),
            None => {}
        }
    }

    /// Attributes at the top that the profile shows to nobody.
    fn hidden(&self, shape: &Shape) -> &'a [String] {
        self.profile.limits.of(&shape.resource_type.name).map_or(&[], |limits| &limits.hidden_attributes)
    }

    /// The groups that a resource is a member of, and the groups that those are members of (RFC 7643 section 4.1.2).
    fn groups(&self, resource: &Resource, attribute: &Attribute) -> Vec<Json> {
        let groups = self.ancestry.of(resource.id()).into_iter().map(|(group, is_direct)| {
            let full = object! {
                "value" => group.id(),
                "$ref" => self.location(group),
                "display" => group.display(),
                "type" => if is_direct { "direct" } else { "indirect" },
            };
            let known: Object = full.into_iter().filter(|(name, _)| attribute.sub(name).is_some()).collect();
            Json::Object(known)
        });
        groups.collect()
    }
}

/// The readOnly `groups` of a resource type, if it has one.
fn groups_attribute(shape: &Shape) -> Option<&Attribute> {
    shape.core_attribute("groups").filter(|attribute| {
        attribute.mutability == Mutability::ReadOnly && attribute.multi_valued && attribute.sub("value").is_some()
    })
}

/// Whether a filter asks for something that is computed, so that resources at rest cannot answer it.
pub(crate) fn asks_for_computed(shape: &Shape, expression: &Expression) -> bool {
    match expression {
        Expression::Test { attribute, .. } => is_computed(shape, attribute, None),
        Expression::ValuePath { attribute, inner, then } => {
            is_computed(shape, attribute, None)
                || inner_names(inner).iter().any(|name| is_computed(shape, attribute, Some(name)))
                || then.as_ref().is_some_and(|(name, _)| is_computed(shape, attribute, Some(name)))
        }
        Expression::And(all) | Expression::Or(all) => all.iter().any(|one| asks_for_computed(shape, one)),
        Expression::Not(one) => asks_for_computed(shape, one),
    }
}

fn inner_names(expression: &Expression) -> Vec<&Name> {
    match expression {
        Expression::Test { attribute, .. } => vec![attribute],
        Expression::ValuePath { inner, .. } | Expression::Not(inner) => inner_names(inner),
        Expression::And(all) | Expression::Or(all) => all.iter().flat_map(inner_names).collect(),
    }
}

fn is_computed(shape: &Shape, name: &Name, inner: Option<&Name>) -> bool {
    match inner {
        Some(inner) => is_computed_path(shape, &format!("{}.{}", name.text, inner.text)),
        None => is_computed_path(shape, &name.text),
    }
}

/// Whether a path names something that is computed.
pub(crate) fn is_computed_path(shape: &Shape, path: &str) -> bool {
    let Ok(Target::Attribute { attribute, sub, .. }) = shape.resolve(path) else { return false };
    if groups_attribute(shape).is_some_and(|groups| groups.name == attribute.name) {
        return true;
    }
    match sub.map(|sub| sub.name.as_str()) {
        Some("$ref" | "displayName") => attribute.refers_to_resources(),
        Some("location" | "version") => attribute.name == "meta",
        _ => false,
    }
}
