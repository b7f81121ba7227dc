//! Keeping the rules of tenants in the workspace.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use provider::Tenant;
use provider::rules::{KeptRule, Rule};
use serde::{Deserialize, Serialize};
use traffic::entry::{self, Entry};

use crate::control::Control;
use crate::error::ApiError;
use crate::ports::RULE_DOCUMENT;
use crate::tenancy::Changing;

/// How often counts are written down. Whoever is killed loses no more of them than that.
const KEEP_EVERY: Duration = Duration::from_secs(2);

/// The rules of a tenant as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleDocument {
    /// In their order.
    pub rules: Vec<KeptRule>,
}

impl Control {
    /// How many rules, of all tenants, can touch a request now.
    pub(crate) fn rules_active(&self) -> u64 {
        let now = self.provider().now();
        self.provider().tenants().iter().map(|tenant| tenant.rules().active(now) as u64).sum()
    }

    /// Writes down what rules have counted, again and again. Never ends.
    pub async fn keep_rules(&self) {
        loop {
            tokio::time::sleep(KEEP_EVERY).await;
            self.keep_counts().await;
        }
    }

    /// Writes down what rules have counted and is not written yet.
    pub async fn keep_counts(&self) {
        for tenant in self.provider().tenants() {
            if !tenant.rules().take_counted() {
                continue;
            }
            // Nobody else writes the same document meanwhile.
            let changing = self.change_tenants().await;
            let is_there = self.provider().named(tenant.name()).is_some_and(|there| there.id() == tenant.id());
            if is_there && let Err(why) = changing.keep_rules(&tenant).await {
                tracing::error!("what the rules of {} have counted is not kept: {why}", tenant.name());
            }
        }
    }
}

impl Changing<'_> {
    /// Puts rules in the place of all that a tenant has, keeps them, and says so in the record.
    pub async fn put_rules(&self, tenant: &Tenant, rules: Vec<Rule>, done: &str) -> Result<(), ApiError> {
        tenant.rules().put(rules, self.control().provider().now());
        self.note_rules(tenant, done);
        self.keep_rules(tenant).await
    }

    /// Writes into the record what was done with the rules of a tenant.
    pub fn note_rules(&self, tenant: &Tenant, done: &str) {
        let detail = format!("{}: {done}", tenant.name());
        self.control().log().append(Entry::State(Arc::new(entry::State { what: "rules".to_owned(), detail })));
    }

    /// Keeps the rules of a tenant as they are now for the next start.
    pub async fn keep_rules(&self, tenant: &Tenant) -> Result<(), ApiError> {
        let json = serde_json::to_value(RuleDocument { rules: tenant.rules().kept() });
        let (documents, id) = (Arc::clone(self.control().documents()), tenant.id().to_owned());
        let kept = tokio::task::spawn_blocking(move || {
            json.map_err(|error| error.to_string()).and_then(|json| documents.put(RULE_DOCUMENT, &id, &json))
        });
        let kept = kept.await.unwrap_or_else(|error| Err(error.to_string()));
        kept.map_err(|why| {
            let message = format!("this holds now, but could not be kept for the next start: {why}");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "not_kept", message)
        })
    }
}
