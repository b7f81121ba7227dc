//! Rules of a tenant: listed, made, changed, put in order, counted anew.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use provider::Tenant;
use provider::rules::{self, Glob, HeaderIs, Matcher, RuleSet};
use traffic::exchange::Exchange;

use super::exchanges::find;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::model::{
    NewRuleList, Rule, RuleChange, RuleChecked, RuleInfo, RuleList, RuleSetInfo, RuleSetList, RuleSuggestion,
};

/// So that a script that goes wrong does not slow every request down.
const MOST: usize = 200;

/// Lists the rules of a tenant.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/rules",
    tag = "rules",
    operation_id = "list_rules",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "In the order in which they are asked.", body = RuleList),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<Json<RuleList>, ApiError> {
    Ok(Json(told(&control, &*control.find_tenant(&name)?)))
}

/// Makes a rule, behind all others.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/rules",
    tag = "rules",
    operation_id = "create_rule",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body = Rule,
    responses(
        (status = 201, description = "The rule.", body = RuleInfo),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 409, description = "There is a rule with this id.", body = ErrorBody),
        (status = 422, description = "Something in it does not do.", body = ErrorBody),
    )
)]
pub(super) async fn create(
    State(control): State<Control>,
    Segment(name): Segment<String>,
    Body(new): Body<Rule>,
) -> Result<(StatusCode, Json<RuleInfo>), ApiError> {
    let mut rule = taken(&control, &new)?;
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let mut rules = rules_of(&control, &tenant);
    let ids: Vec<String> = rules.iter().map(|rule| rule.id.clone()).collect();
    if rule.id.is_empty() {
        rule.id = rules::free_id(&rule.name, &ids);
    } else if ids.contains(&rule.id) {
        let message = format!("there is a rule {:?} already; leave the id out to have one made", rule.id);
        return Err(ApiError::new(StatusCode::CONFLICT, "id_taken", message));
    }
    let (id, done) = (rule.id.clone(), format!("the rule {:?} was made", rule.name));
    rules.push(rule);
    not_too_many(&rules)?;
    changing.put_rules(&tenant, rules, &done).await?;
    Ok((StatusCode::CREATED, Json(one(&control, &tenant, &id)?)))
}

/// Puts rules in the place of all that a tenant has. Those that do the same as before, under the same id, go on counting.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{name}/rules",
    tag = "rules",
    operation_id = "put_rules",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body = NewRuleList,
    responses(
        (status = 200, description = "The rules as they stand.", body = RuleList),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 422, description = "Something in one of them does not do. Nothing was changed.", body = ErrorBody),
    )
)]
pub(super) async fn put(
    State(control): State<Control>,
    Segment(name): Segment<String>,
    Body(new): Body<NewRuleList>,
) -> Result<Json<RuleList>, ApiError> {
    let mut rules = new.rules.iter().map(|rule| taken(&control, rule)).collect::<Result<Vec<_>, _>>()?;
    let mut ids: Vec<String> = rules.iter().map(|rule| rule.id.clone()).filter(|id| !id.is_empty()).collect();
    if let Some(twice) = ids.iter().enumerate().find_map(|(at, id)| ids[..at].contains(id).then_some(id)) {
        let message = format!("two rules have the id {twice:?}; give one of them another one, or none");
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_rule", message));
    }
    for rule in rules.iter_mut().filter(|rule| rule.id.is_empty()) {
        rule.id = rules::free_id(&rule.name, &ids);
        ids.push(rule.id.clone());
    }
    not_too_many(&rules)?;
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let done = match rules.len() {
        0 => "all rules were deleted".to_owned(),
        count => format!("{count} rules are in the place of those before"),
    };
    changing.put_rules(&tenant, rules, &done).await?;
    Ok(Json(told(&control, &tenant)))
}

/// Puts a rule in the place of the one with this id.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{name}/rules/{id}",
    tag = "rules",
    operation_id = "put_rule",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("id" = String, Path, description = "The rule's id."),
    ),
    request_body = Rule,
    responses(
        (status = 200, description = "The rule. If it does something else than before, it counts from nothing.", body = RuleInfo),
        (status = 404, description = "There is no such tenant or rule.", body = ErrorBody),
        (status = 422, description = "Something in it does not do.", body = ErrorBody),
    )
)]
pub(super) async fn replace(
    State(control): State<Control>,
    Segment((name, id)): Segment<(String, String)>,
    Body(new): Body<Rule>,
) -> Result<Json<RuleInfo>, ApiError> {
    let rule = taken(&control, &new)?;
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let mut rules = rules_of(&control, &tenant);
    let at = position(&rules, &id)?;
    rules[at] = rules::Rule { id: id.clone(), ..rule };
    let done = format!("the rule {:?} was changed", rules[at].name);
    changing.put_rules(&tenant, rules, &done).await?;
    Ok(Json(one(&control, &tenant, &id)?))
}

/// Switches a rule on or off, or moves it.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{name}/rules/{id}",
    tag = "rules",
    operation_id = "change_rule",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("id" = String, Path, description = "The rule's id."),
    ),
    request_body = RuleChange,
    responses(
        (status = 200, description = "The rules as they stand.", body = RuleList),
        (status = 404, description = "There is no such tenant or rule.", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(control): State<Control>,
    Segment((name, id)): Segment<(String, String)>,
    Body(change): Body<RuleChange>,
) -> Result<Json<RuleList>, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let mut rules = rules_of(&control, &tenant);
    let mut at = position(&rules, &id)?;
    let mut done = Vec::new();
    if let Some(position) = change.position {
        let rule = rules.remove(at);
        at = position.min(rules.len());
        rules.insert(at, rule);
        done.push(format!("is number {}", at + 1));
    }
    if let Some(enabled) = change.enabled {
        rules[at].enabled = enabled;
        done.push(format!("is {}", if enabled { "on" } else { "off" }));
    }
    let done = format!("the rule {:?} {}", rules[at].name, done.join(" and "));
    changing.put_rules(&tenant, rules, &done).await?;
    Ok(Json(told(&control, &tenant)))
}

/// Deletes a rule. What it did stays in the record.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{name}/rules/{id}",
    tag = "rules",
    operation_id = "delete_rule",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("id" = String, Path, description = "The rule's id."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such tenant or rule.", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    State(control): State<Control>,
    Segment((name, id)): Segment<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let mut rules = rules_of(&control, &tenant);
    let gone = rules.remove(position(&rules, &id)?);
    changing.put_rules(&tenant, rules, &format!("the rule {:?} was deleted", gone.name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a rule count from nothing: its budget is whole again, its buckets are full.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/rules/{id}/reset",
    tag = "rules",
    operation_id = "reset_rule",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("id" = String, Path, description = "The rule's id."),
    ),
    responses(
        (status = 200, description = "The rule as it stands.", body = RuleInfo),
        (status = 404, description = "There is no such tenant or rule.", body = ErrorBody),
    )
)]
pub(super) async fn reset(
    State(control): State<Control>,
    Segment((name, id)): Segment<(String, String)>,
) -> Result<Json<RuleInfo>, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    if !tenant.rules().reset(&id, control.provider().now()) {
        return Err(missing(&id));
    }
    let info = one(&control, &tenant, &id)?;
    changing.note_rules(&tenant, &format!("the rule {:?} counts from nothing", info.rule.name));
    changing.keep_rules(&tenant).await?;
    Ok(Json(info))
}

/// Lists the ready sets of rules.
#[utoipa::path(
    get,
    path = "/api/v1/rule-sets",
    tag = "rules",
    operation_id = "list_rule_sets",
    responses((status = 200, description = "All of them.", body = RuleSetList))
)]
pub(super) async fn sets() -> Json<RuleSetList> {
    Json(RuleSetList { items: rules::sets().iter().map(RuleSetInfo::from).collect() })
}

/// Adds the rules of a ready set behind those that a tenant has.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/rule-sets/{set}",
    tag = "rules",
    operation_id = "add_rule_set",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("set" = String, Path, description = "The set's name."),
    ),
    responses(
        (status = 200, description = "The rules as they stand.", body = RuleList),
        (status = 404, description = "There is no such tenant or set.", body = ErrorBody),
    )
)]
pub(super) async fn add_set(
    State(control): State<Control>,
    Segment((name, set)): Segment<(String, String)>,
) -> Result<Json<RuleList>, ApiError> {
    let found = RuleSet::named(&set).ok_or_else(|| {
        ApiError::not_found(format!("there is no rule set {set:?}; GET /api/v1/rule-sets lists them"))
    })?;
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let mut rules = rules_of(&control, &tenant);
    let ids: Vec<String> = rules.iter().map(|rule| rule.id.clone()).collect();
    rules.extend(found.named_rules(&ids));
    not_too_many(&rules)?;
    changing.put_rules(&tenant, rules, &format!("the rules of {:?} were added", found.title)).await?;
    Ok(Json(told(&control, &tenant)))
}

/// Says what a rule would do, and what is wrong with it, without taking it.
#[utoipa::path(
    post,
    path = "/api/v1/rules/check",
    tag = "rules",
    operation_id = "check_rule",
    request_body = Rule,
    responses((status = 200, description = "What it would do.", body = RuleChecked))
)]
pub(super) async fn check(State(control): State<Control>, Body(rule): Body<Rule>) -> Json<RuleChecked> {
    Json(match rule.read() {
        Ok(rule) => RuleChecked {
            sentence: Some(rules::sentence(&rule)),
            problems: rule.problems(control.provider().now()).into_iter().map(Into::into).collect(),
        },
        Err(why) => RuleChecked {
            sentence: None,
            problems: vec![crate::model::RuleProblem { place: "rule".into(), message: why }],
        },
    })
}

/// Makes a rule from an exchange, about requests like it, to be edited. Nothing is taken.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{seq}/rule",
    tag = "rules",
    operation_id = "suggest_rule",
    params(("seq" = u64, Path, description = "The exchange's number.")),
    responses(
        (status = 200, description = "The rule.", body = RuleSuggestion),
        (status = 404, description = "There is no such exchange, or it was for no tenant that is there.", body = ErrorBody),
    )
)]
pub(super) async fn suggest(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
) -> Result<Json<RuleSuggestion>, ApiError> {
    let exchange = find(&control, seq).await?;
    let id = exchange.outcome().and_then(|handled| handled.tenant.as_deref());
    let tenants = control.provider().tenants();
    let tenant = tenants.iter().find(|tenant| Some(tenant.id()) == id).ok_or_else(|| {
        ApiError::not_found(format!("exchange {seq} was for no tenant that is there, so no rule can be made from it"))
    })?;
    let rule = Rule::from(&like(&exchange, tenant));
    Ok(Json(RuleSuggestion { tenant: tenant.name().to_owned(), rule }))
}

/// A rule about requests like this one.
fn like(exchange: &Exchange, tenant: &Tenant) -> rules::Rule {
    let subject = exchange.outcome().map(|handled| &handled.subject);
    let (method, target) = (exchange.opened.method.as_str(), exchange.opened.target.as_str());
    let path = target.split('?').next().unwrap_or_default();
    let below = path.find(tenant.base_path()).map_or(path, |at| &path[at + tenant.base_path().len()..]);
    // An id would make it a rule about one resource: people mean all of the kind.
    let mut segments: Vec<&str> = below.split('/').filter(|segment| !segment.is_empty()).collect();
    let id = subject.and_then(|subject| subject.resource_id.as_deref());
    if let Some(last) = segments.last_mut().filter(|last| id == Some(**last)) {
        *last = "*";
    }
    let glob = format!("/{}", segments.join("/"));
    let filter =
        subject.and_then(|subject| subject.looked_for.as_ref()).map(|(attribute, _)| format!("{attribute} eq"));
    let annotation = exchange.annotation.as_ref();
    let dialect = annotation.and_then(|annotation| annotation.dialect.as_deref());
    // Only what the request shows by itself can be asked of the next one.
    let shown = dialects::annotate(exchange).dialect;
    let when = Matcher {
        methods: vec![method.to_owned()],
        path: Some(Glob::new(glob.clone())),
        filter,
        dialect: dialect.filter(|dialect| shown.as_deref() == Some(*dialect)).map(str::to_owned),
        headers: Vec::<HeaderIs>::new(),
        ..Matcher::default()
    };
    let (status, detail) = (503, Some("the service is not available; try again later".to_owned()));
    let action = rules::Action::Status {
        status,
        scim_type: None,
        detail,
        retry_after_s: Some(30),
        retry_after_as: rules::RetryAs::Seconds,
    };
    let name = format!("{status} for {method} {glob}").chars().take(80).collect();
    rules::Rule { id: String::new(), name, enabled: true, when, action, budget: Some(3), expires_at: None, seed: 0 }
}

/// A rule out of a call, looked at.
fn taken(control: &Control, rule: &Rule) -> Result<rules::Rule, ApiError> {
    let bad = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_rule", message);
    let read = rule.read().map_err(|why| bad(format!("the rule {:?} cannot be read: {why}", rule.name)))?;
    let read = rules::Rule { name: read.name.trim().to_owned(), ..read };
    let problems: Vec<String> = read.problems(control.provider().now()).iter().map(ToString::to_string).collect();
    if problems.is_empty() { Ok(read) } else { Err(bad(format!("the rule {:?}: {}", read.name, problems.join("; ")))) }
}

fn not_too_many(rules: &[rules::Rule]) -> Result<(), ApiError> {
    if rules.len() <= MOST {
        return Ok(());
    }
    let message = format!("a tenant has {MOST} rules at most, and these would be {}; delete some first", rules.len());
    Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_rules", message))
}

fn rules_of(control: &Control, tenant: &Tenant) -> Vec<rules::Rule> {
    tenant.rules().list(control.provider().now()).into_iter().map(|standing| standing.rule).collect()
}

fn position(rules: &[rules::Rule], id: &str) -> Result<usize, ApiError> {
    rules.iter().position(|rule| rule.id == id).ok_or_else(|| missing(id))
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no rule {id:?}; GET the rules of the tenant to see which there are"))
}

fn one(control: &Control, tenant: &Tenant, id: &str) -> Result<RuleInfo, ApiError> {
    let standing = tenant.rules().list(control.provider().now());
    standing.iter().find(|standing| standing.rule.id == id).map(RuleInfo::from).ok_or_else(|| missing(id))
}

fn told(control: &Control, tenant: &Tenant) -> RuleList {
    let now = control.provider().now();
    let items = tenant.rules().list(now).iter().map(RuleInfo::from).collect();
    RuleList { items, active: tenant.rules().active(now) as u64 }
}
