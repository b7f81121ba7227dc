//! Beginning anew, between two tests or two showings.

use std::time::Duration;

use http::StatusCode;
use traffic::ids::Seq;
use traffic::log::Durable;

use crate::control::Control;
use crate::error::ApiError;
use crate::model::{Reset, ResetDone};
use crate::ports::{Removed, Unwanted};
use crate::settled::Touched;

/// How long exchanges that have begun are waited for.
const SETTLE: Duration = Duration::from_secs(2);

impl Control {
    /// Removes what is told to go: the record but for what is pinned or not over, the resources of tenants.
    ///
    /// # Errors
    /// If a tenant is not there, or the record cannot be written to.
    pub async fn reset(&self, reset: &Reset) -> Result<ResetDone, ApiError> {
        let mut done = ResetDone::default();
        let changing = self.change_tenants().await;
        let tenants = match &reset.tenants {
            Some(names) => names.iter().map(|name| self.find_tenant(name)).collect::<Result<Vec<_>, _>>()?,
            None => self.provider().tenants(),
        };
        if reset.record && self.log().durable() == Durable::Never {
            let message = "nothing can be removed: the workspace cannot be written to";
            return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_writable", message));
        }
        for tenant in tenants {
            if reset.directories {
                let (provider, name) = (self.provider().clone(), tenant.name().to_owned());
                let before = tenant.directory().root().len() as u64;
                if before > 0 {
                    // It waits for the writer of the tenant.
                    let emptied = tokio::task::spawn_blocking(move || provider.reset(&name)).await;
                    emptied.map_err(|error| failed(error.to_string()))??;
                    changing.note(&tenant, "was emptied");
                    done.resources += before;
                }
            }
            if reset.rules {
                let now = self.provider().now();
                let ids: Vec<String> =
                    tenant.rules().list(now).into_iter().map(|standing| standing.rule.id.clone()).collect();
                done.rules += ids.iter().filter(|id| tenant.rules().reset(id, now)).count() as u64;
                changing.keep_rules(&tenant).await?;
            }
        }
        drop(changing);
        if reset.ids {
            let seed = self.repeatable().seed();
            self.repeatable().set_seed(seed);
        }
        if reset.record {
            let through = self.log().head().seq;
            // What has begun would stay. Whatever takes longer does.
            let settling = async {
                let record = self.record();
                let settled = Touched::all_settled(&record, (Seq(0), through)).await;
                record.log().wait_durable(record.log().head().pos).await;
                settled
            };
            tokio::select! {
                settled = tokio::time::timeout(SETTLE, settling) => {
                    settled.unwrap_or(Ok(())).map_err(|why| ApiError::unreadable(&why))?;
                }
                () = self.closed() => return Err(failed("the server ends".to_owned())),
            }
            let Removed { seqs, kept } =
                self.remove_now(Unwanted::UpTo { through, tag: None }).await.map_err(failed)?;
            (done.removed, done.kept) = (seqs.len() as u64, kept);
        }
        done.head = self.log().head().seq.0;
        Ok(done)
    }
}

fn failed(why: String) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "failed", format!("not everything could be reset: {why}"))
}
