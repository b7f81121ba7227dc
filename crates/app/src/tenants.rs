//! The tenants of a workspace, as the last run has left them.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use control::ports::{RULE_DOCUMENT, TENANT_DOCUMENT, TenantDocument};
use control::rules::RuleDocument;
use directory::{Directory, Saved};
use jiff::Timestamp;
use journal::Journal;
use provider::rules::{Rule, RuleSet};
use provider::{DEFAULT_TENANT_NAME, Profile, Provider, ProviderConfig, PublicUrl, TenantSettings};
use scim::schema::Registry;
use serde_json::json;
use traffic::log::Log;

use crate::config::Config;
use crate::ports::SystemEntropy;
use crate::steered::{DrawnEntropy, Steered};
use crate::token;

/// The kind of the documents with what belongs to the workspace as a whole.
const SETTINGS: &str = "settings";

/// Makes a provider with every tenant of the workspace: settings from its documents, resources from the record. What the
/// configuration says of the default tenant comes before what the workspace says.
pub(crate) fn take_up(
    config: &Config,
    common: Arc<Registry>,
    journal: &Journal,
    recorded: Vec<journal::Tenant>,
    log: Arc<Log>,
    steered: &Arc<Steered>,
) -> anyhow::Result<Provider> {
    // What was asked for is looked at before anything of the workspace is changed.
    let profile = config.profile.as_deref().map(Profile::load).transpose()?;
    let public_url = config.public_url.as_deref().map(|url| url.parse::<PublicUrl>().map_err(|why| anyhow!(why)));
    let public_url = public_url.transpose()?;
    let mut recorded: HashMap<String, journal::Tenant> =
        recorded.into_iter().map(|tenant| (tenant.name.clone(), tenant)).collect();
    let mut documents = HashMap::new();
    for stored in journal.list_documents(TENANT_DOCUMENT)? {
        let document: TenantDocument = serde_json::from_value(stored.json)
            .with_context(|| format!("the tenant {:?} in {} cannot be read", stored.id, journal.path().display()))?;
        documents.insert(stored.id, document);
    }
    let default = documents.remove(DEFAULT_TENANT_NAME).and_then(|document| document.settings);

    let mut directory_of = |id: &str, registry: &Arc<Registry>| -> anyhow::Result<Arc<Directory>> {
        let Some(tenant) = recorded.remove(id) else { return Ok(Arc::new(Directory::new(Arc::clone(registry)))) };
        let directory = directory(tenant, registry).with_context(|| {
            format!("the directory of {id:?} in {} cannot be taken up again", journal.path().display())
        })?;
        Ok(Arc::new(directory))
    };
    let registry = match &default {
        Some(settings) => settings.registry(&common).map_err(|why| anyhow!("the default tenant: {why}"))?,
        None => Arc::clone(&common),
    };
    let parts = ProviderConfig {
        registry: Arc::clone(&registry),
        profile: match &default {
            Some(settings) => Profile::clone(&settings.profile),
            None => Profile::load(&older_setting(journal, "profile", "name")?.unwrap_or("tolerant".to_owned()))?,
        },
        token: match (&config.token, &default) {
            (Some(token), _) => token.clone(),
            (None, Some(_)) => String::new(),
            (None, None) => first_token(journal)?,
        },
        clock: Arc::clone(steered) as Arc<dyn provider::Clock>,
        ids: Arc::clone(steered) as Arc<dyn provider::Ids>,
        entropy: match config.ids {
            Some(seed) => Arc::new(DrawnEntropy::from(seed)),
            None => Arc::new(SystemEntropy),
        },
        log,
    };
    let provider = Provider::with_directory(parts, directory_of(DEFAULT_TENANT_NAME, &registry)?);
    let tenant = provider.tenant();
    match default {
        Some(kept) => tenant.change(|settings| *settings = kept.clone()),
        // What a start makes up is the same from then on; what is an option holds for this run.
        None if config.token.is_none() => {
            let settings = Some(TenantSettings::clone(&tenant.settings()));
            let document = TenantDocument { name: DEFAULT_TENANT_NAME.to_owned(), settings };
            journal.put_document(TENANT_DOCUMENT, DEFAULT_TENANT_NAME, &json!(document))?;
        }
        None => {}
    }
    tenant.change(|settings| {
        if let Some(token) = &config.token {
            settings.access.set_primary(token, provider.now());
        }
        if let Some(public_url) = &public_url {
            settings.public_url = Some(public_url.clone());
        }
    });
    if let Some(profile) = profile {
        tenant.switch_profile(profile);
    }
    if let Some(upstream) = config.upstream.clone().map(Arc::new) {
        if tenant.settings().upstream.is_none() && !tenant.directory().root().is_empty() {
            bail!(
                "the default tenant has resources of its own, and the directory of a proxy shows what the server behind it \
                 answers; record into another workspace"
            );
        }
        tenant.change(|settings| settings.upstream = Some(Arc::clone(&upstream)));
    }

    let mut gone = Vec::new();
    for (id, TenantDocument { name, settings }) in documents {
        match settings {
            Some(settings) => restore(&provider, &id, &name, settings, &common, &mut directory_of)
                .with_context(|| format!("the tenant {name:?} cannot be taken up again"))?,
            None => gone.push(id),
        }
    }
    // What is left of the record belongs to tenants that were deleted.
    gone.extend(recorded.into_keys());
    provider.retire(gone);
    take_up_rules(config, &provider, journal)?;
    Ok(provider)
}

/// Gives tenants the rules that the workspace keeps, and the default tenant those of the configuration.
fn take_up_rules(config: &Config, provider: &Provider, journal: &Journal) -> anyhow::Result<()> {
    let given = config.rules.as_deref().map(|rules| given_rules(rules, provider.now())).transpose()?;
    for stored in journal.list_documents(RULE_DOCUMENT)? {
        let Some(tenant) = provider.tenants().into_iter().find(|tenant| tenant.id() == stored.id) else { continue };
        match serde_json::from_value::<RuleDocument>(stored.json) {
            Ok(document) => tenant.rules().restore(document.rules, provider.now()),
            // The tenant serves as it should without them.
            Err(why) => tracing::error!("the rules of {:?} cannot be read and are left out: {why}", tenant.name()),
        }
    }
    if let Some(rules) = given {
        let tenant = provider.tenant();
        tenant.rules().put(rules, provider.now());
        journal.put_document(RULE_DOCUMENT, tenant.id(), &json!(RuleDocument { rules: tenant.rules().kept() }))?;
    }
    Ok(())
}

/// Rules out of the configuration: the name of a ready set, or JSON.
fn given_rules(rules: &str, now: Timestamp) -> anyhow::Result<Vec<Rule>> {
    let read;
    let set = match RuleSet::named(rules) {
        Some(set) => set,
        None if rules.trim_start().starts_with(['{', '[']) => {
            read = RuleSet::from_json(rules).map_err(|why| anyhow!("the rules cannot be read: {why}"))?;
            &read
        }
        None => {
            let names: Vec<&str> = provider::rules::sets().iter().map(|set| set.name.as_str()).collect();
            bail!("there is no rule set {rules:?}; there are {}", names.join(", "));
        }
    };
    let rules = set.named_rules(&[]);
    for rule in &rules {
        if let Some(problem) = rule.problems(now).first() {
            bail!("the rule {:?} does not do: {problem}", rule.name);
        }
    }
    Ok(rules)
}

fn restore(
    provider: &Provider,
    id: &str,
    name: &str,
    settings: TenantSettings,
    common: &Arc<Registry>,
    directory_of: &mut impl FnMut(&str, &Arc<Registry>) -> anyhow::Result<Arc<Directory>>,
) -> anyhow::Result<()> {
    let registry = settings.registry(common).map_err(|why| anyhow!("its schemas do not do any more: {why}"))?;
    provider.restore(id, name, settings, directory_of(id, &registry)?)?;
    Ok(())
}

fn directory(tenant: journal::Tenant, registry: &Arc<Registry>) -> Result<Directory, directory::ResumeError> {
    let resources = tenant.resources.into_iter().map(|resource| Saved {
        resource_type: resource.resource_type,
        document: Arc::unwrap_or_clone(resource.document),
        version: resource.version,
    });
    Directory::resume(Arc::clone(registry), tenant.revision.0, resources)
}

/// The token that the workspace has had since it was made, or a new one that it has from now on.
fn first_token(journal: &Journal) -> anyhow::Result<String> {
    if let Some(token) = older_setting(journal, "token", "token")? {
        return Ok(token);
    }
    let token = token::random()?;
    journal.put_document(SETTINGS, "token", &json!({ "token": token }))?;
    Ok(token)
}

/// What a workspace says that has no document of the default tenant yet.
fn older_setting(journal: &Journal, document: &str, member: &str) -> anyhow::Result<Option<String>> {
    let stored = journal.get_document(SETTINGS, document)?;
    Ok(stored.and_then(|stored| stored.json[member].as_str().map(str::to_owned)))
}
