//! `scimscope seed`: fills a directory with made-up users and groups.

use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::place::{IfMissing, Place};

/// Options of `scimscope seed`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// A directory that has a name: small-company, university, retailer or edge-cases.
    #[arg(long, value_name = "NAME", required_unless_present = "seed", conflicts_with = "seed")]
    dataset: Option<String>,
    /// The number that users and groups are drawn from: the same number gives the same ones.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many users to make up with --seed.
    #[arg(long, value_name = "COUNT", requires = "seed")]
    users: Option<u32>,
    /// How many groups to make up with --seed.
    #[arg(long, value_name = "COUNT", requires = "seed")]
    groups: Option<u32>,
    /// The tenant that gets them; the default one if not given.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Put them in the place of all that is there.
    #[arg(long)]
    replace: bool,
}

/// Fills the directory, and tells about it in a line on standard error.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { place, dataset, seed, users, groups, tenant, replace } = arguments;
    let mut job = json!({ "kind": "seed", "tenant": tenant, "replace": replace });
    match dataset {
        Some(dataset) => job["dataset"] = json!(dataset),
        None => {
            let mut recipe = json!({ "seed": seed });
            for (name, count) in [("users", users), ("groups", groups)] {
                if let Some(count) = count {
                    recipe[name] = json!(count);
                }
            }
            job["recipe"] = recipe;
        }
    }
    place
        .at(IfMissing::Make, move |door| {
            let done = door.run(&door.post("/api/v1/jobs", &job)?, "making up")?;
            tracing::info!("{}", done["title"].as_str().unwrap_or("done"));
            Ok(())
        })
        .await
}
