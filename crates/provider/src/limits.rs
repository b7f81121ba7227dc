//! What a profile refuses that the RFC allows: see [`crate::profile::Limits`].

use std::ops::Range;

use scim::error::{ScimError, ScimType};
use scim::filter::{Expression, Name, Test};
use scim::finding::Place;
use scim::json::{Json, Object, pointer_token};
use scim::patch::{Op, Operation};
use scim::projection::without_filters;
use scim::schema::{Container, Mutability, Returned, Shape, Target};

use crate::asked::Said;
use crate::profile::{FilterJoin, Profile, TypeLimits};

/// Looks at the operators of a filter and how they are joined.
pub(crate) fn check_filter(profile: &Profile, filter: &Expression, said: &Said) -> Result<(), ScimError> {
    let limits = &profile.limits;
    let refuse = |range: Range<usize>, what: String, known: String| {
        let detail = format!("{what} is not supported by the profile {}; {known}", profile.name);
        Err(ScimError::bad_request(ScimType::InvalidFilter, said.place_of(range), detail))
    };
    let whole = || 0..said.text().len();
    let join = |used: FilterJoin, word: &str| match &limits.filter_joins {
        Some(joins) if !joins.contains(&used) => {
            let known: Vec<String> = joins.iter().map(|join| format!("{join:?}").to_lowercase()).collect();
            refuse(whole(), format!("{word} in a filter"), format!("there are {}", known.join(", ")))
        }
        _ => Ok(()),
    };
    let operator = |name: &Name, test: &Test| match &limits.filter_operators {
        Some(known) => {
            let used = match test {
                Test::Present => "pr",
                Test::Compare(operator, _) => operator.keyword(),
            };
            if known.iter().any(|known| known == used) {
                Ok(())
            } else {
                refuse(name.span.clone(), format!("the operator {used}"), format!("there are {}", known.join(", ")))
            }
        }
        None => Ok(()),
    };
    walk(filter, &mut |expression| match expression {
        Expression::And(_) => join(FilterJoin::And, "and"),
        Expression::Or(_) => join(FilterJoin::Or, "or"),
        Expression::Not(_) => join(FilterJoin::Not, "not"),
        Expression::Test { attribute, test } => operator(attribute, test),
        Expression::ValuePath { then, .. } => {
            join(FilterJoin::Brackets, "a value filter in brackets")?;
            then.as_ref().map_or(Ok(()), |(name, test)| operator(name, test))
        }
    })
}

/// Looks at the attributes of a filter.
pub(crate) fn check_filter_attributes(
    shape: &Shape,
    profile: &Profile,
    filter: &Expression,
    said: &Said,
) -> Result<(), ScimError> {
    let limits = profile.limits.of(&shape.resource_type.name);
    let Some(known) = limits.and_then(|limits| limits.filter_attributes.as_ref()) else { return Ok(()) };
    each_name(filter, &mut |name| {
        if is_among(shape, &name.text, known) {
            return Ok(());
        }
        let detail = format!(
            "the profile {} has no filters by {}; it has filters by {}",
            profile.name,
            name.text,
            known.join(", ")
        );
        Err(ScimError::bad_request(ScimType::InvalidFilter, said.place_of(name.span.clone()), detail))
    })
}

/// Looks for personal data in the filter of a URL (RFC 7644 section 7.5.2).
pub(crate) fn check_sensitive(profile: &Profile, filter: &Expression, said: &Said) -> Result<(), ScimError> {
    each_name(filter, &mut |name| {
        let plain = name.text.rsplit_once(':').map_or(name.text.as_str(), |(_, name)| name);
        let is_sensitive = |path: &String| {
            let begins = |text: &str| {
                text.get(..path.len()).is_some_and(|head| head.eq_ignore_ascii_case(path))
                    && matches!(text.as_bytes().get(path.len()), None | Some(b'.'))
            };
            begins(plain) || begins(&name.text)
        };
        if !profile.sensitive_attributes.iter().any(is_sensitive) {
            return Ok(());
        }
        let place = said.place_of(name.span.clone());
        let detail = format!("{} must not stand in a URL; send the filter by POST to .search", name.text);
        Err(ScimError { status: 403, ..ScimError::bad_request(ScimType::Sensitive, place, detail) })
    })
}

/// Looks at the body of a POST.
pub(crate) fn check_creation(shape: &Shape, limits: &TypeLimits, body: &Json) -> Result<(), ScimError> {
    check_body(shape, limits, body)?;
    refuse_attributes(shape, &limits.refused_at_creation, body, "cannot be given at creation")
}

/// Looks at the body of a POST or PUT.
pub(crate) fn check_body(shape: &Shape, limits: &TypeLimits, body: &Json) -> Result<(), ScimError> {
    refuse_attributes(shape, &limits.refused_attributes, body, "is not supported")?;
    for path in &limits.required_attributes {
        let has = at(shape, body, path).iter().any(|(_, value)| !is_empty(value));
        if !has {
            let place = Place::Body(String::new());
            let detail = format!("{path} is required here, and the body has no value for it");
            return Err(ScimError::bad_request(ScimType::InvalidValue, place, detail));
        }
    }
    for (path, pointer, value) in at_each(shape, body, &limits.single_valued) {
        check_single(path, &pointer, value)?;
    }
    for (path, pointer, value) in at_each(shape, body, &limits.must_be_primary) {
        check_primary(path, &pointer, value)?;
    }
    for (path, most) in &limits.max_changes {
        let count: usize = at(shape, body, path).iter().map(|(_, value)| elements(value)).sum();
        check_count(path, count, *most)?;
    }
    Ok(())
}

/// Looks at the operations of a PATCH.
pub(crate) fn check_operations(shape: &Shape, limits: &TypeLimits, operations: &[Operation]) -> Result<(), ScimError> {
    let mut changes = vec![0_usize; limits.max_changes.len()];
    for operation in operations {
        for touched in touched(shape, operation) {
            check_touched(shape, limits, operation, &touched)?;
            for (count, path) in changes.iter_mut().zip(limits.max_changes.keys()) {
                if is_among(shape, &touched.name, std::slice::from_ref(path)) {
                    *count += touched.value.map_or(1, elements).max(1);
                }
            }
        }
    }
    for (count, (path, most)) in changes.into_iter().zip(&limits.max_changes) {
        check_count(path, count, *most)?;
    }
    Ok(())
}

/// Looks for a password in the body of a PUT, where the profile lets nobody change one.
pub(crate) fn check_password_in_body(shape: &Shape, profile: &Profile, body: &Json) -> Result<(), ScimError> {
    if profile.change_password {
        return Ok(());
    }
    for (name, value) in body.as_object().into_iter().flat_map(Object::iter) {
        if is_password(shape, name) && !is_empty(value) {
            return Err(no_password(name, format!("/{}", pointer_token(name))));
        }
    }
    Ok(())
}

/// The same for the operations of a PATCH.
pub(crate) fn check_password_in_operations(
    shape: &Shape,
    profile: &Profile,
    operations: &[Operation],
) -> Result<(), ScimError> {
    if profile.change_password {
        return Ok(());
    }
    let all = operations.iter().flat_map(|operation| touched(shape, operation));
    match all.into_iter().find(|touched| is_password(shape, &touched.name)) {
        Some(touched) => Err(no_password(&touched.name, touched.pointer)),
        None => Ok(()),
    }
}

fn is_password(shape: &Shape, name: &str) -> bool {
    let Ok(Target::Attribute { attribute, .. }) = shape.resolve(name) else { return false };
    attribute.mutability == Mutability::WriteOnly && attribute.returned == Returned::Never
}

fn no_password(name: &str, pointer: String) -> ScimError {
    let detail =
        format!("{name} cannot be changed here, as changePassword in ServiceProviderConfig says; leave it out");
    ScimError::bad_request(ScimType::Mutability, Place::Body(pointer), detail)
}

/// An attribute that a PATCH operation is about.
struct Touched<'o> {
    /// Its path without filters, sub-attribute included.
    name: String,
    /// Whether a value filter says which values are meant.
    filtered: bool,
    value: Option<&'o Json>,
    pointer: String,
}

fn check_touched(
    shape: &Shape,
    limits: &TypeLimits,
    operation: &Operation,
    touched: &Touched<'_>,
) -> Result<(), ScimError> {
    let refuse = |detail: String| {
        Err(ScimError::bad_request(ScimType::InvalidValue, Place::Body(touched.pointer.clone()), detail))
    };
    if let Some(patchable) = &limits.patchable
        && !is_among(shape, &touched.name, patchable)
        && !touched.name.eq_ignore_ascii_case("id")
    {
        return refuse(format!(
            "{} cannot be changed by PATCH here; these can: {}",
            touched.name,
            patchable.join(", ")
        ));
    }
    let whole = !touched.filtered;
    let takes_all = operation.op == Op::Replace || (operation.op == Op::Remove && touched.value.is_none());
    if whole && takes_all && is_among(shape, &touched.name, &limits.never_replaced) {
        return refuse(format!(
            "{} can be neither replaced nor removed as a whole here; add and remove single values",
            touched.name
        ));
    }
    if operation.op == Op::Remove {
        return Ok(());
    }
    if is_among(shape, &touched.name, &limits.refused_attributes) {
        return refuse(format!("{} is not supported", touched.name));
    }
    let Some(value) = touched.value else { return Ok(()) };
    // What stands inside the value is looked at as if it were a body with this attribute alone.
    let body = Json::Object([(touched.name.clone(), value.clone())].into_iter().collect::<Object>());
    refuse_attributes(shape, &limits.refused_attributes, &body, "is not supported")?;
    if whole && is_among(shape, &touched.name, &limits.single_valued) {
        check_single(&touched.name, &touched.pointer, value)?;
    }
    Ok(())
}

/// What a PATCH operation is about: its path, or the members of its value.
fn touched<'o>(shape: &Shape, operation: &'o Operation) -> Vec<Touched<'o>> {
    let pointer = format!("/Operations/{}", operation.index);
    let value = operation.value.as_ref();
    if let Some(path) = &operation.path {
        let filtered = path.contains('[');
        return vec![Touched { name: without_filters(path), filtered, value, pointer: format!("{pointer}/path") }];
    }
    let mut all = Vec::new();
    for (name, value) in value.and_then(Json::as_object).into_iter().flat_map(Object::iter) {
        let pointer = format!("{pointer}/value/{}", pointer_token(name));
        match (shape.extension(name), value.as_object()) {
            (Some(schema), Some(members)) => all.extend(members.iter().map(|(inner, value)| Touched {
                name: format!("{}:{inner}", schema.id),
                filtered: false,
                value: Some(value),
                pointer: format!("{pointer}/{}", pointer_token(inner)),
            })),
            _ => all.push(Touched { name: name.to_owned(), filtered: false, value: Some(value), pointer }),
        }
    }
    all
}

fn check_single(path: &str, pointer: &str, value: &Json) -> Result<(), ScimError> {
    let count = elements(value);
    if count <= 1 {
        return Ok(());
    }
    let detail = format!("{path} has {count} values; only one is supported here");
    Err(ScimError::bad_request(ScimType::InvalidValue, Place::Body(pointer.to_owned()), detail))
}

fn check_primary(path: &str, pointer: &str, value: &Json) -> Result<(), ScimError> {
    let items = value.as_array().unwrap_or(std::slice::from_ref(value));
    let is_primary = |item: &Json| {
        item.as_object().and_then(|item| item.get_ignoring_case("primary")).and_then(|(_, is)| is.as_bool())
            == Some(true)
    };
    if items.iter().filter(|item| **item != Json::Null).all(is_primary) {
        return Ok(());
    }
    let detail = format!("a value of {path} is not primary; the one value that is supported here must be");
    Err(ScimError::bad_request(ScimType::InvalidValue, Place::Body(pointer.to_owned()), detail))
}

fn check_count(path: &str, count: usize, most: usize) -> Result<(), ScimError> {
    if count <= most {
        return Ok(());
    }
    let detail = format!("the request changes {count} values of {path}; at most {most} are supported in one request");
    Err(ScimError::bad_request(ScimType::InvalidValue, Place::Body(String::new()), detail))
}

fn refuse_attributes(shape: &Shape, paths: &[String], body: &Json, why: &str) -> Result<(), ScimError> {
    for (path, pointer, value) in at_each(shape, body, paths) {
        if !is_empty(value) {
            let detail = format!("{path} {why} here; leave it out");
            return Err(ScimError::bad_request(ScimType::InvalidValue, Place::Body(pointer), detail));
        }
    }
    Ok(())
}

fn at_each<'a>(shape: &Shape, body: &'a Json, paths: &'a [String]) -> Vec<(&'a str, String, &'a Json)> {
    let each = paths
        .iter()
        .flat_map(|path| at(shape, body, path).into_iter().map(|(pointer, value)| (path.as_str(), pointer, value)));
    each.collect()
}

/// The values at an attribute's path in a body as it was sent, each with its pointer. Lists on the way fan out.
fn at<'a>(shape: &Shape, body: &'a Json, path: &str) -> Vec<(String, &'a Json)> {
    let Ok(Target::Attribute { container, attribute, sub }) = shape.resolve(path) else { return Vec::new() };
    let mut steps: Vec<&str> = Vec::with_capacity(3);
    if let Container::Extension(schema) = container {
        steps.push(&schema.id);
    }
    steps.push(&attribute.name);
    steps.extend(sub.map(|sub| sub.name.as_str()));
    let mut found = vec![(String::new(), body)];
    for step in steps {
        let mut next = Vec::new();
        for (pointer, value) in found {
            let items: Vec<(String, &Json)> = match value {
                Json::Array(items) => {
                    items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)).collect()
                }
                one => vec![(pointer, one)],
            };
            for (pointer, item) in items {
                let member = item.as_object().and_then(|item| item.get_ignoring_case(step));
                next.extend(member.map(|(name, value)| (format!("{pointer}/{}", pointer_token(name)), value)));
            }
        }
        found = next;
    }
    found
}

fn elements(value: &Json) -> usize {
    match value {
        Json::Null => 0,
        Json::Array(items) => items.len(),
        _ => 1,
    }
}

fn is_empty(value: &Json) -> bool {
    value.is_unassigned() || value.as_str() == Some("")
}

/// Whether a path names one of these attributes or a part of one.
fn is_among(shape: &Shape, path: &str, names: &[String]) -> bool {
    let Ok(Target::Attribute { attribute, sub, .. }) = shape.resolve(path) else { return false };
    names.iter().any(|name| match shape.resolve(name) {
        Ok(Target::Attribute { attribute: other, sub: part, .. }) => {
            std::ptr::eq(attribute, other)
                && (part.is_none() || part.map(|part| &part.name) == sub.map(|sub| &sub.name))
        }
        _ => false,
    })
}

fn walk(filter: &Expression, look: &mut dyn FnMut(&Expression) -> Result<(), ScimError>) -> Result<(), ScimError> {
    look(filter)?;
    match filter {
        Expression::And(parts) | Expression::Or(parts) => parts.iter().try_for_each(|part| walk(part, look)),
        Expression::Not(inner) | Expression::ValuePath { inner, .. } => walk(inner, look),
        Expression::Test { .. } => Ok(()),
    }
}

/// The attributes of a filter; the sub-attributes in brackets are not told apart.
fn each_name(filter: &Expression, look: &mut dyn FnMut(&Name) -> Result<(), ScimError>) -> Result<(), ScimError> {
    match filter {
        Expression::Test { attribute, .. } | Expression::ValuePath { attribute, .. } => look(attribute),
        Expression::Not(inner) => each_name(inner, look),
        Expression::And(parts) | Expression::Or(parts) => parts.iter().try_for_each(|part| each_name(part, look)),
    }
}
