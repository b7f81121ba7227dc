//! Work that fills a directory: what is made up, what comes from a file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use formats::resources::Found;
use formats::seed::{Generator, Recipe};
use provider::populate::{Hitch, NewResource, Populate, Populated};
use provider::{Provider, Tenant};
use serde_json::json;
use traffic::change::Cause;
use traffic::entry::{Entry, State};

use crate::control::Control;
use crate::jobs::{Hand, JobKind, Made, TooMany};
use crate::uploads::{Reading, Upload};

/// Makes a directory up: all resources of a recipe in one revision. `watch` is told how many are done and says whether to
/// go on.
///
/// # Errors
/// If one of them is refused, because it is there already for instance, or it is stopped; then nothing is changed.
pub fn seed(
    provider: &Provider,
    tenant: &Tenant,
    generator: &Generator,
    replace: bool,
    watch: &mut dyn FnMut(u64) -> bool,
) -> Result<Populated, Hitch> {
    let cause = Cause::Seed(generator.recipe().seed);
    let what = Populate { most: generator.len(), replace, cause, dry_run: false };
    let resources = (1u64..).zip(generator.resources()).map(|(from, made)| NewResource {
        resource_type: made.resource_type.to_owned(),
        id: Some(made.id),
        body: made.object.into(),
        from,
    });
    provider.populate(tenant, what, resources, watch)
}

impl Control {
    /// Starts to make a directory up.
    pub(crate) fn start_seed(&self, tenant: Arc<Tenant>, generator: Generator, replace: bool) -> Result<u64, TooMany> {
        let control = self.clone();
        let Recipe { seed: number, users, groups, .. } = *generator.recipe();
        let title = format!("{users} users and {groups} groups from seed {number}");
        self.jobs().work(JobKind::Seed, title.clone(), move |hand| {
            let total = generator.len();
            let watch = &mut |done| go_on(hand, done, total);
            let done =
                seed(control.provider(), &tenant, &generator, replace, watch).map_err(|hitch| in_words(&hitch))?;
            control.note_populated(&tenant, &format!("{title} made up"), &done);
            Ok(facts(&done))
        })
    }

    /// Shows in the live stream what came.
    pub(crate) fn note_populated(&self, tenant: &Tenant, what: &str, done: &Populated) {
        let gone =
            if done.gone > 0 { format!("; {} resources that were there went", done.gone) } else { String::new() };
        let detail = format!("{}: {what} (revision {}){gone}", tenant.name(), done.revision);
        self.log().append(Entry::State(Arc::new(State { what: "directory".to_owned(), detail })));
    }
}

/// Tells how far the work is; says whether to go on.
pub(crate) fn go_on(hand: &Hand, done: u64, total: u64) -> bool {
    hand.tell(done, total);
    !hand.is_stopped()
}

/// What a job that filled a directory tells.
pub(crate) fn facts(done: &Populated) -> Made {
    let created: Vec<_> = done.created.iter().map(|(name, count)| json!({ "type": name, "count": count })).collect();
    let facts = json!({
        "revision": done.revision,
        "created": created,
        "gone": done.gone,
        "findings": done.findings,
    });
    Made { file: None, facts: Some(facts) }
}

/// Why made-up resources did not come, for people.
fn in_words(hitch: &Hitch) -> String {
    match hitch {
        Hitch::Refused { told, all } => {
            let first = told.first().map_or("", |first| &first.error.detail);
            format!(
                "nothing was changed: {all} of them are refused, the first because {first}; take another seed, or replace what is there"
            )
        }
        other => format!("nothing was changed: {other}"),
    }
}

/// How many places are told at which a file is wrong.
const TOLD: usize = 100;

impl Control {
    /// Starts to take a file over, all of it or nothing; or only to look whether it could be.
    pub(crate) fn start_resources(
        &self,
        tenant: Arc<Tenant>,
        upload: Arc<Upload>,
        reading: Reading,
        replace: bool,
        check: bool,
    ) -> Result<u64, TooMany> {
        let control = self.clone();
        let title = format!("{} {}", if check { "look at" } else { "take over" }, upload.name);
        self.jobs().work(JobKind::Resources, title, move |hand| {
            let (total, mut wrong) = (AtomicU64::new(0), Wrong::default());
            let read = upload.each(&tenant, &reading, &mut |found| {
                total.fetch_add(1, Ordering::Relaxed);
                if let Err(problem) = found {
                    wrong.add(problem.at, problem.message);
                }
                !hand.is_stopped()
            });
            read.map_err(|why| format!("nothing was changed: {} (at {})", why.message, why.at))?;
            let total = total.into_inner();
            if wrong.all > 0 {
                return wrong.end(check);
            }
            let what = Populate { most: total, replace, cause: Cause::Import, dry_run: check };
            let watch = &mut |done| go_on(hand, done, total);
            let populated = upload.read(&tenant, &reading, |found| {
                let resources = found.filter_map(Result::ok).map(new);
                control.provider().populate(&tenant, what, resources, watch)
            });
            match populated.map_err(|why| why.to_string())? {
                Ok(done) => {
                    hand.tell(total, total);
                    if !check {
                        control.note_populated(&tenant, &format!("{} taken over", upload.name), &done);
                    }
                    Ok(facts(&done))
                }
                Err(Hitch::Refused { told, all }) => {
                    for refused in told {
                        wrong.add(refused.from, refused.error.detail);
                    }
                    wrong.all = all;
                    wrong.end(check)
                }
                Err(other) => Err(format!("nothing was changed: {other}")),
            }
        })
    }
}

fn new(found: Found) -> NewResource {
    let Found { at, resource_type, id, body } = found;
    NewResource { resource_type, id, body, from: at }
}

/// What is wrong in a file.
#[derive(Default)]
struct Wrong {
    told: Vec<(u64, String)>,
    all: u64,
}

impl Wrong {
    fn add(&mut self, at: u64, message: String) {
        self.all += 1;
        if self.told.len() < TOLD {
            self.told.push((at, message));
        }
    }

    /// A look ends well and tells; what was to be taken over has failed.
    fn end(self, check: bool) -> Result<Made, String> {
        if check {
            let problems: Vec<_> =
                self.told.iter().map(|(at, message)| json!({ "at": at, "message": message })).collect();
            return Ok(Made { file: None, facts: Some(json!({ "wrong": self.all, "problems": problems })) });
        }
        let first: Vec<String> = self.told.iter().take(3).map(|(at, message)| format!("{at}: {message}")).collect();
        Err(format!("nothing was changed: {} resources cannot be taken over; {}", self.all, first.join("; ")))
    }
}
