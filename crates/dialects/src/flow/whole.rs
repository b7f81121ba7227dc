//! A flow as a whole: what it is called, what it is about, how it went.

use jiff::{SignedDuration, Timestamp};
use traffic::ids::{FlowId, Pos, Seq};
use traffic::step::{Deed, Named, Step};
use traffic::summary::Verdict;

use super::kind::Kind;
use crate::dialect::Dialect;
use crate::sentence::{cleaned, listed};

/// How many resources a flow names; there may be more.
const MOST_SUBJECTS: usize = 20;
/// How many resources stand in the name of a flow.
const IN_THE_NAME: usize = 2;
/// How many tags and tolerances a flow shows.
const MOST_WORDS: usize = 32;

/// How a flow went: as the word for an exchange, over all of its steps.
pub type Outcome = Verdict;

/// A flow in a few hundred bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The number of the exchange by which it began.
    pub id: FlowId,
    /// Highest position of an entry of its exchanges.
    pub pos: Pos,
    /// What it does.
    pub kind: Kind,
    /// What it is called: "Entra: provision Ada Lovelace".
    pub name: String,
    /// The dialect recognised in any of its exchanges.
    pub dialect: Option<String>,
    /// The tenant, if the path of one of them led to one.
    pub tenant: Option<String>,
    /// What it is about, without repetition: the first ones.
    pub subjects: Vec<Named>,
    /// How it went.
    pub outcome: Outcome,
    /// The first step that went wrong, if one did.
    pub failed: Option<Seq>,
    /// Codes of the tolerated deviations, without repetition.
    pub tolerances: Vec<String>,
    /// When its first exchange began.
    pub at: Timestamp,
    /// From the beginning of the first exchange to the end of the last, in microseconds.
    pub elapsed_us: u64,
    /// How many exchanges it has.
    pub exchanges: usize,
    /// How many resources they changed.
    pub changes: usize,
    /// How many findings they have.
    pub findings: usize,
    /// The lowest and the highest number of its exchanges.
    pub seqs: (Seq, Seq),
    /// Whether one of them is pinned, and so the flow is.
    pub pinned: bool,
    /// The tags of its exchanges, without repetition.
    pub tags: Vec<String>,
    /// Whether one of them has a note.
    pub has_note: bool,
    /// Whether a person put one of them into it.
    pub by_hand: bool,
}

impl Flow {
    /// What these steps are together. None without steps.
    pub fn of<'a>(id: FlowId, steps: impl IntoIterator<Item = &'a Step>) -> Option<Flow> {
        let mut steps: Vec<&Step> = steps.into_iter().collect();
        steps.sort_by_key(|step| step.summary.seq);
        let (first, last) = (steps.first()?.summary.seq, steps.last()?.summary.seq);
        let lines = || steps.iter().map(|step| &step.summary);
        let kind = Kind::of(&steps);
        let dialect = lines().find_map(|line| line.dialect.clone());
        let subjects = subjects(&steps, kind);
        let at = lines().map(|line| line.at).min()?;
        let ends = lines().map(|line| {
            let micros = line.elapsed_us.and_then(|micros| i64::try_from(micros).ok()).unwrap_or(0);
            line.at.checked_add(SignedDuration::from_micros(micros)).unwrap_or(line.at)
        });
        let elapsed = ends.max()?.duration_since(at).as_micros();
        let (outcome, failed) = outcome(&steps);
        let mut flow = Flow {
            id,
            pos: lines().map(|line| line.pos).max()?,
            kind,
            name: name(&steps, kind, dialect.as_deref(), &subjects),
            dialect,
            tenant: lines().find_map(|line| line.tenant.clone()),
            subjects,
            outcome,
            failed,
            tolerances: Vec::new(),
            at,
            elapsed_us: u64::try_from(elapsed).unwrap_or(0),
            exchanges: steps.len(),
            changes: lines().map(|line| line.changes).sum(),
            findings: lines().map(|line| line.findings).sum(),
            seqs: (first, last),
            pinned: lines().any(|line| line.pinned),
            tags: Vec::new(),
            has_note: lines().any(|line| line.has_note),
            by_hand: steps.iter().any(|step| step.by_hand),
        };
        for line in lines() {
            line.tolerances.iter().for_each(|code| add(&mut flow.tolerances, code));
            line.tags.iter().for_each(|tag| add(&mut flow.tags, tag));
        }
        Some(flow)
    }
}

fn add(words: &mut Vec<String>, word: &String) {
    if words.len() < MOST_WORDS && !words.contains(word) {
        words.push(word.clone());
    }
}

/// What the flow is about: what it writes, or else what it reads.
fn subjects(steps: &[&Step], kind: Kind) -> Vec<Named> {
    let mut subjects: Vec<Named> = Vec::new();
    let writes = steps.iter().any(|step| step.deed.writes());
    let counts = |step: &&&Step| match kind {
        Kind::TestConnection | Kind::Discovery | Kind::Import => step.deed == Deed::List,
        _ => !writes || step.deed.writes(),
    };
    for named in steps.iter().filter(counts).flat_map(|step| &step.about) {
        let same = |known: &Named| {
            known.resource_type == named.resource_type
                && (known.id.is_some() && known.id == named.id
                    || (known.id.is_none() || named.id.is_none()) && known.name.eq_ignore_ascii_case(&named.name))
        };
        match subjects.iter().position(same) {
            Some(at) => {
                let known = &mut subjects[at];
                // A resource that has a name only later is still the same one.
                known.id = known.id.take().or_else(|| named.id.clone());
                if known.name.is_empty() {
                    known.name.clone_from(&named.name);
                }
            }
            None if subjects.len() < MOST_SUBJECTS => subjects.push(named.clone()),
            None => {}
        }
    }
    subjects
}

/// The worst of what happened, and where it first did.
fn outcome(steps: &[&Step]) -> (Outcome, Option<Seq>) {
    let written = steps.iter().any(|step| step.deed.writes() && went_well(step.summary.verdict));
    // To read what is not there, before it is made or after it is deleted, is no failure of the flow.
    let expected = |step: &Step| written && !step.deed.writes() && step.summary.status == Some(404);
    let counted = steps.iter().filter(|step| !expected(step)).map(|step| (step.summary.verdict, step.summary.seq));
    let counted: Vec<(Verdict, Seq)> = counted.collect();
    let failed = counted.iter().find(|(verdict, _)| !went_well(*verdict) && *verdict != Verdict::Pending);
    let worst = counted.iter().map(|(verdict, _)| *verdict).max_by_key(|verdict| weight(*verdict));
    (worst.unwrap_or(Verdict::Ok), failed.map(|(_, seq)| *seq))
}

fn went_well(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Ok | Verdict::Tolerated)
}

fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Ok => 0,
        Verdict::Tolerated => 1,
        Verdict::Pending => 2,
        Verdict::Refused => 3,
        Verdict::Failed => 4,
        Verdict::Broken => 5,
    }
}

fn name(steps: &[&Step], kind: Kind, dialect: Option<&str>, subjects: &[Named]) -> String {
    let who = dialect.and_then(Dialect::with_key).map(Dialect::name);
    let what = match kind {
        Kind::TestConnection => "test the connection".to_owned(),
        Kind::Discovery => "read what the server can do".to_owned(),
        Kind::Import => format!("import {}", types(subjects)),
        Kind::Lookup => format!("look for {}", names(subjects)),
        Kind::Provision => format!("provision {}", names(subjects)),
        Kind::Update => format!("update {}", names(subjects)),
        Kind::Deactivate => format!("disable {}", names(subjects)),
        Kind::Reactivate => format!("enable {}", names(subjects)),
        Kind::Delete => format!("delete {}", names(subjects)),
        Kind::GroupPush => format!("push group {}", names(subjects)),
        Kind::Membership => format!("change members of {}", names(subjects)),
        // The sentence of what there is says who it was.
        Kind::Unknown => {
            let sentence = steps.iter().map(|step| &step.summary.sentence).find(|sentence| !sentence.is_empty());
            return sentence.cloned().unwrap_or_else(|| unsaid(steps));
        }
    };
    match who {
        Some(who) => format!("{who}: {what}"),
        None => {
            let mut letters = what.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
    }
}

/// For a request of which nothing is known yet.
fn unsaid(steps: &[&Step]) -> String {
    steps.first().map_or_else(String::new, |step| {
        let text = format!("{} {}", step.summary.method, step.summary.target);
        cleaned(text.trim())
    })
}

fn names(subjects: &[Named]) -> String {
    let mut shown: Vec<String> = subjects.iter().take(IN_THE_NAME).map(called).collect();
    match subjects.len().saturating_sub(IN_THE_NAME) {
        0 => {}
        more => shown.push(format!("{more} more")),
    }
    if shown.is_empty() { "something".to_owned() } else { listed(&shown) }
}

fn called(named: &Named) -> String {
    match (&named.id, named.name.as_str()) {
        (None, "") => named.resource_type.clone(),
        (Some(id), "") => format!("{} {}", named.resource_type, id.chars().take(8).collect::<String>()),
        (_, name) => name.to_owned(),
    }
}

/// "users and groups"
fn types(subjects: &[Named]) -> String {
    let mut types: Vec<String> = Vec::new();
    for named in subjects {
        let plural = match named.resource_type.as_str() {
            "User" => "users".to_owned(),
            "Group" => "groups".to_owned(),
            other => format!("{other} resources"),
        };
        if !types.contains(&plural) {
            types.push(plural);
        }
    }
    if types.is_empty() { "resources".to_owned() } else { listed(&types) }
}
