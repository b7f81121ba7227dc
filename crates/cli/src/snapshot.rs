//! `scimscope snapshot`: states of a directory under a name.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::door::{Door, encoded};
use crate::exchanges::plain;
use crate::failure::Failure;
use crate::place::{IfMissing, Place};
use crate::report::say;

/// Differences that are told.
const SHOWN: u64 = 200;

/// Options of `scimscope snapshot`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Keep the present state under a name.
    Take {
        /// The name.
        name: String,
        #[command(flatten)]
        whose: Whose,
        /// Put it in the place of one of this name.
        #[arg(long)]
        replace: bool,
    },
    /// List the snapshots, the newest first.
    List {
        #[command(flatten)]
        whose: Whose,
        /// Tell everything as one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Bring the directory back to a snapshot.
    Restore {
        /// The name.
        name: String,
        #[command(flatten)]
        whose: Whose,
        /// Only tell what would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Compare a snapshot with the present state, or with another state: exit code 1 if they differ.
    Diff {
        /// The name.
        name: String,
        #[command(flatten)]
        whose: Whose,
        /// The other state: a revision, seq:34 for the one right after exchange 34, snapshot:NAME.
        #[arg(long, value_name = "STATE", default_value = "now")]
        to: String,
        /// Tell everything as one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Keep a state no longer.
    Delete {
        /// The name.
        name: String,
        #[command(flatten)]
        whose: Whose,
    },
}

/// Whose directory.
#[derive(Args)]
struct Whose {
    #[command(flatten)]
    place: Place,
    /// The tenant; the default one if not given.
    #[arg(long, value_name = "NAME", default_value = "default")]
    tenant: String,
}

impl Whose {
    async fn at(
        self,
        work: impl FnOnce(&Door, &str) -> Result<bool, Failure> + Send + 'static,
    ) -> Result<bool, Failure> {
        let base = format!("/api/v1/tenants/{}", encoded(&self.tenant));
        self.place.at(IfMissing::Refuse, move |door| work(door, &base)).await
    }
}

/// Does it; false if a comparison found differences.
pub async fn run(arguments: Arguments) -> Result<bool, Failure> {
    match arguments.what {
        What::Take { name, whose, replace } => {
            whose
                .at(move |door, base| {
                    door.post(&format!("{base}/snapshots"), &json!({ "name": name, "replace": replace }))?;
                    tracing::info!("the state is kept as {name}");
                    Ok(true)
                })
                .await
        }
        What::List { whose, json } => {
            whose
                .at(move |door, base| {
                    let list = door.get(&format!("{base}/snapshots"))?;
                    if json {
                        say(&format!("{list}\n"));
                        return Ok(true);
                    }
                    for snapshot in list["items"].as_array().into_iter().flatten() {
                        let text = |name: &str| plain(snapshot[name].as_str().unwrap_or_default());
                        say(&format!("{}  revision {}  {}\n", text("taken_at"), snapshot["revision"], text("name")));
                    }
                    Ok(true)
                })
                .await
        }
        What::Restore { name, whose, dry_run } => {
            whose
                .at(move |door, base| {
                    let path = format!("{base}/snapshots/{}/restore?dry_run={dry_run}", encoded(&name));
                    let restored = door.post(&path, &json!({}))?;
                    say(&format!("{restored}\n"));
                    Ok(true)
                })
                .await
        }
        What::Diff { name, whose, to, json } => {
            whose
                .at(move |door, base| {
                    let from = encoded(&format!("snapshot:{name}"));
                    let path = format!("{base}/differences?from={from}&to={}&count={SHOWN}", encoded(&to));
                    let differences = door.get(&path)?;
                    say(&if json { format!("{differences}\n") } else { told(&differences) });
                    Ok(total(&differences) == 0)
                })
                .await
        }
        What::Delete { name, whose } => {
            whose
                .at(move |door, base| {
                    door.call("DELETE", &format!("{base}/snapshots/{}", encoded(&name)), &Value::Null)?;
                    tracing::info!("{name} is kept no longer");
                    Ok(true)
                })
                .await
        }
    }
}

fn told(differences: &Value) -> String {
    let mut text = String::new();
    for change in differences["items"].as_array().into_iter().flatten() {
        let of = |name: &str| plain(change[name].as_str().unwrap_or_default());
        text.push_str(&format!(
            "{:<8} {} {} ({})\n",
            of("kind"),
            of("resource_type"),
            of("display"),
            of("resource_id")
        ));
        for line in change["lines"].as_array().into_iter().flatten() {
            let value = |name: &str| if line[name].is_null() { "nothing".to_owned() } else { line[name].to_string() };
            let path = line["path"].as_str().unwrap_or_default();
            text.push_str(&format!("         {path}: {} → {}\n", value("before"), value("after")));
        }
    }
    text.push_str(&format!("{} resources differ\n", total(differences)));
    text
}

fn total(differences: &Value) -> u64 {
    let counts = ["created", "modified", "deleted"].map(|name| differences[name].as_u64().unwrap_or_default());
    counts.iter().sum()
}
