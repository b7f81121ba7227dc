//! Writing a file: one walk to learn what has to go, one to write, and the file is read again before it is given away.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom};

use formats::read::Limits;
use formats::recorded::Recorded;
use formats::redact::{Learner, Redactor};
use formats::writer::{About, Format, Order};
use tokio::runtime::Handle;
use traffic::exchange::Exchange;

use super::page_file;
use super::pick::{Go, Picked, Seen, walk};
use super::replica::Replica;
use super::scripts::Scripts;
use super::states::{Spanned, States};
use crate::control::Control;
use crate::error::ApiError;
use crate::jobs::{Hand, JobKind, Made, ResultFile};
use crate::model::{ExportFacts, ExportFormat, ExportScope, Redaction, RedactionReport, StateCounts};

/// How many exchanges a preview looks at.
const PREVIEWED: usize = 5000;
/// After how many exchanges progress is told and stopping is looked at.
const TELL_EVERY: u64 = 64;

/// What stopped work says; nobody sees it, since a job that was cancelled stays so.
const STOPPED: &str = "it was stopped";

/// Starts to write a file.
pub(crate) async fn start(
    control: &Control,
    scope: &ExportScope,
    format: ExportFormat,
    redaction: &Redaction,
) -> Result<u64, ApiError> {
    let settings = redaction.settings()?;
    let picked = Picked::of(control, scope).await?;
    let (of, runtime) = (control.clone(), Handle::current());
    let title = format!("{} export", Format::from(format).key());
    let work = move |hand: &Hand| {
        let format_key = format;
        let format = Format::from(format);
        let mut learner = Learner::new(settings);
        let size = picked.size();
        let mut seen = Seen::default();
        let mut spanned = Spanned::default();
        let mut looked = 0;
        let record = of.record();
        let scripts = if is_fixture(format) { Scripts::of(&**of.documents())? } else { Scripts::default() };
        let recorded_of = |exchange: &Exchange| {
            let mut recorded = Recorded::from(exchange);
            if let Some(scim) = &mut recorded.scim {
                scim.script = scripts.steps.get(&recorded.seq).cloned();
            }
            recorded
        };
        picked.walk(&record, &mut |exchange| {
            let recorded = recorded_of(exchange);
            learner.learn(&recorded);
            seen.take(&recorded);
            spanned.take(exchange);
            looked += 1;
            tell(hand, looked, looked, size * 2)
        })?;
        let states = is_numbered_anew(format).then(|| spanned.states(&of));
        if let Some(Ok(states)) = &states {
            states.initial.iter().chain(&states.expected).for_each(|resource| learner.learn_resource(resource));
        }
        let mut redactor = learner.into_redactor();
        let states = states.map(|states| states.map(|states| states.redacted(&mut redactor)));
        let mut about = about(&of, &runtime, &seen, &mut redactor, format, &scripts)?;
        let mut facts_of_states = (None, None);
        match states {
            Some(Ok(States { initial, expected })) => {
                let counts = StateCounts { initial: initial.len() as u64, expected: expected.len() as u64 };
                facts_of_states.0 = Some(counts).filter(|_| is_fixture(format));
                (about.initial_state, about.expected_state) = (Some(initial), Some(expected));
            }
            Some(Err(why)) if is_fixture(format) => facts_of_states.1 = Some(why),
            Some(Err(_)) => {}
            None => {}
        }
        let inspector = (format == Format::Html).then(crate::page::inspector).flatten();
        let order = seen.order(if inspector.is_some() { Order::Seq } else { format.order() });
        let places = places(&seen, format);
        let total = order.len() as u64;
        let failed = |error: std::io::Error| format!("the file cannot be written: {error}");
        let file = tempfile::tempfile().map_err(failed)?;
        let mut written = 0;
        let mut next = |redactor: &mut Redactor, exchange: &Exchange| {
            let mut recorded = recorded_of(exchange);
            redactor.redact(&mut recorded);
            if let Some(places) = &places {
                renumber(&mut recorded, places);
            }
            written += 1;
            (recorded, written)
        };
        match inspector {
            Some(inspector) => {
                page_file::check(total)?;
                let tenant = of.provider().tenant();
                let mut replica = Replica::new(tenant.registry(), &tenant.profile(), &of.facts(), of.provider().now());
                replica.begin_with(about.initial_state.take().unwrap_or_default());
                walk(&order, &record, &mut |exchange| {
                    let (recorded, written) = next(&mut redactor, exchange);
                    replica.take(&recorded)?;
                    tell(hand, written, total + written / 2, total * 2)
                })?;
                let file = file.try_clone().map_err(failed)?;
                page_file::write(file, &about, replica, &inspector, &runtime, &mut |done| {
                    tell(hand, done, total + (total + done) / 2, total * 2).map(|_| ())
                })?;
            }
            None => {
                let out = BufWriter::with_capacity(1 << 18, file.try_clone().map_err(failed)?);
                let mut writer = formats::export::writer(format, Box::new(out), &about).map_err(failed)?;
                walk(&order, &record, &mut |exchange| {
                    let (recorded, written) = next(&mut redactor, exchange);
                    writer.write(&recorded).map_err(failed)?;
                    tell(hand, written, total + written, total * 2)
                })?;
                writer.finish().map_err(failed)?;
            }
        }
        let flows: BTreeSet<u64> = seen.all.iter().map(|(_, flow)| *flow).collect();
        let report = RedactionReport::new(redactor.report(), written, flows.len() as u64, false);
        let validated = validate(&file, format, written)?;
        let name = format!("scimscope-{}.{}", name_of(written, &about), format.extension());
        let file = ResultFile::new(file, name, format.media_type()).map_err(failed)?;
        let (states, no_states) = facts_of_states;
        let facts = ExportFacts { format: format_key, report, validated, states, no_states };
        let facts = serde_json::to_value(facts).map_err(|error| error.to_string())?;
        Ok(Made { file: Some(file), facts: Some(facts) })
    };
    let started = control.jobs().work(JobKind::Export, title, work);
    started.map_err(|error| ApiError::new(http::StatusCode::CONFLICT, "too_many_jobs", error.to_string()))
}

fn tell(hand: &Hand, count: u64, done: u64, total: u64) -> Result<Go, String> {
    if count.is_multiple_of(TELL_EVERY) {
        hand.tell(done.min(total), total);
        if hand.is_stopped() {
            return Err(STOPPED.to_owned());
        }
    }
    Ok(Go::On)
}

/// Tells what an export would take out, of the first exchanges. Blocks.
pub(crate) fn preview(control: &Control, picked: &Picked, redaction: &Redaction) -> Result<RedactionReport, ApiError> {
    let settings = redaction.settings()?;
    let mut some = Vec::new();
    let mut more = false;
    let looked = picked.walk(&control.record(), &mut |exchange| {
        more = some.len() == PREVIEWED;
        if !more {
            some.push(Recorded::from(exchange.as_ref()));
        }
        Ok(if more { Go::Stop } else { Go::On })
    });
    looked.map_err(|why| ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "unreadable", why))?;
    let mut redactor = Redactor::for_all(settings, &some);
    some.iter_mut().for_each(|recorded| redactor.redact(recorded));
    let flows: BTreeSet<u64> = some.iter().map(Recorded::flow).collect();
    Ok(RedactionReport::new(redactor.report(), some.len() as u64, flows.len() as u64, more))
}

fn about(
    control: &Control,
    runtime: &Handle,
    seen: &Seen,
    redactor: &mut Redactor,
    format: Format,
    scripts: &Scripts,
) -> Result<About, String> {
    let mut flows = seen.flows(control, runtime)?;
    for flow in &mut flows {
        flow.script = scripts.flows.get(&flow.id).cloned();
        flow.name = redactor.words(&flow.name);
        flow.subject = flow.subject.as_deref().map(|subject| redactor.words(subject));
    }
    if let Some(places) = places(seen, format) {
        // The flow is called after its first exchange.
        flows.iter_mut().for_each(|flow| flow.id = places.get(&flow.id).copied().unwrap_or(flow.id));
        flows.sort_by_key(|flow| flow.id);
    }
    let tenants = control.provider().tenants();
    let profiles: BTreeSet<String> = tenants.iter().map(|tenant| tenant.profile().name.clone()).collect();
    Ok(About {
        version: control.facts().version,
        flows,
        redaction: redactor.report().clone(),
        base_paths: tenants.iter().map(|tenant| tenant.base_path().to_owned()).collect(),
        dialect: seen.dialect(),
        tolerances: seen.tolerances(),
        profile: profiles.first().filter(|_| profiles.len() == 1).cloned(),
        ..About::default()
    })
}

/// For fixtures and pages: the places of exchanges among those that are written, so that files do not differ by where in a record they
/// were taken from.
fn places(seen: &Seen, format: Format) -> Option<HashMap<u64, u64>> {
    is_numbered_anew(format).then(|| seen.order(formats::writer::Order::Seq).into_iter().zip(1..).collect())
}

/// Whether a file has numbers of its own. In a page they are the lines of its list.
fn is_numbered_anew(format: Format) -> bool {
    is_fixture(format) || format == Format::Html
}

fn is_fixture(format: Format) -> bool {
    matches!(format, Format::Fixture | Format::FixtureLines)
}

fn renumber(recorded: &mut Recorded, places: &HashMap<u64, u64>) {
    let place = |number: u64| places.get(&number).copied();
    let flow = recorded.flow();
    recorded.seq = place(recorded.seq).unwrap_or(recorded.seq);
    if let Some(scim) = &mut recorded.scim {
        scim.flow = place(flow).unwrap_or(flow);
    }
}

/// Reads the file again, if it is of a format that is read. A file that does not come back whole is not given away.
fn validate(file: &File, format: Format, written: u64) -> Result<Option<u64>, String> {
    let is_read = matches!(format, Format::Har | Format::Fixture | Format::FixtureLines | Format::Postman);
    if !is_read || written == 0 {
        return Ok(None);
    }
    let mut file = file.try_clone().map_err(|error| error.to_string())?;
    file.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
    let limits = Limits { exchanges: u64::MAX, whole_bytes: 1 << 30, ..Limits::default() };
    let read = formats::import::read(file, jiff::Timestamp::UNIX_EPOCH, &limits, &mut |_| Ok(()));
    match read {
        Ok((_, count)) => Ok(Some(count)),
        Err(error) => Err(format!("the file that was written cannot be read again, so it is not given away: {error}")),
    }
}

/// What the file is called: after its only flow, or by how much is in it.
fn name_of(written: u64, about: &About) -> String {
    match about.flows.as_slice() {
        [only] if !only.name.is_empty() => {
            let plain = only.name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
            let words: String = plain.take(60).collect();
            let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
            if words.is_empty() { format!("{written}-exchanges") } else { words.join("-").to_lowercase() }
        }
        _ => format!("{written}-exchanges"),
    }
}
