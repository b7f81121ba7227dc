//! One planted fault for each fault that SCIM servers have: a flow that was recorded at a server without it shows exactly that
//! fault at a server with it, and nothing else; so does the same flow when it is judged by what it expects.

use std::time::Duration;

use app::config::Config;
use app::running::App;
use replay::{Flow, Ignores, Options, Patience, ReplayOptions, StepOutcome, Verdict, play};

use crate::replays::{destination, recording, run};
use crate::running::{app, config, target};

/// A fault, and what it shows.
struct Fault {
    /// What the server does.
    says: &'static str,
    action: &'static str,
    when: &'static str,
    /// What the recorded answers show, by step: the part that is otherwise, and where.
    by_response: &'static [&'static str],
    /// The steps whose expectations do not hold.
    by_expectation: &'static [&'static str],
}

const FAULTS: [Fault; 13] = [
    Fault {
        says: "a name that nobody has is taken",
        action: r#""kind": "duplicate""#,
        when: r#""methods": ["POST"], "path": "/Users", "occurrence": {"kind": "nth", "n": 4}"#,
        by_response: &["create dora: status 201 → 409"],
        by_expectation: &["create dora"],
    },
    Fault {
        says: "versions are one behind",
        action: r#""kind": "stale_etag""#,
        when: "",
        by_response: &["read ada if she changed: status 304 → 200"],
        by_expectation: &["read ada if she changed"],
    },
    Fault {
        says: "totalResults is one too high",
        action: r#""kind": "total_results", "by": 1"#,
        when: r#""filter": "nobody""#,
        by_response: &["look for nobody: body totalResults"],
        by_expectation: &["look for nobody"],
    },
    Fault {
        says: "the second page begins with the last one of the first",
        action: r#""kind": "repeated_items""#,
        when: "",
        by_response: &["second page: body itemsPerPage", "second page: body Resources[userName eq bob]"],
        by_expectation: &["second page"],
    },
    Fault {
        says: "the second page leaves its first one out",
        action: r#""kind": "missing_items""#,
        when: "",
        by_response: &["second page: body itemsPerPage", "second page: body Resources[userName eq cyd]"],
        by_expectation: &["second page"],
    },
    Fault {
        says: "lists have no Resources",
        action: r#""kind": "resources_absent""#,
        when: "",
        by_response: &[
            "look for nobody: body Resources",
            "look for ada in lower case: body Resources",
            "first page: body Resources",
            "second page: body Resources",
        ],
        // An empty list may leave them out (RFC 7644 section 3.4.2).
        by_expectation: &["look for ada in lower case", "first page", "second page"],
    },
    Fault {
        says: "every filter finds everybody",
        action: r#""kind": "filter_ignored""#,
        when: "",
        by_response: &[
            "look for nobody: body totalResults",
            "look for nobody: body itemsPerPage",
            "look for nobody: body Resources[userName eq ada]",
            "look for nobody: body Resources[userName eq bob]",
            "look for nobody: body Resources[userName eq cyd]",
            "look for ada in lower case: body totalResults",
            "look for ada in lower case: body itemsPerPage",
            "look for ada in lower case: body Resources[userName eq bob]",
            "look for ada in lower case: body Resources[userName eq cyd]",
        ],
        by_expectation: &["look for nobody", "look for ada in lower case"],
    },
    Fault {
        says: "a userName counts with its case",
        action: r#""kind": "case_sensitive_user_name""#,
        when: "",
        by_response: &[
            "look for ada in lower case: body totalResults",
            "look for ada in lower case: body itemsPerPage",
            "look for ada in lower case: body Resources[userName eq ada]",
        ],
        by_expectation: &["look for ada in lower case"],
    },
    Fault {
        says: "a PATCH of a user changes nothing",
        action: r#""kind": "patch_ignored""#,
        when: r#""path": "/Users/*""#,
        // The version stays where it should change, in the answer, later, and at the end.
        by_response: &[
            "make bob a manager: header ETag",
            "make bob a manager: body title",
            "make bob a manager: body meta.version",
            "read bob: header ETag",
            "read bob: body title",
            "read bob: body meta.version",
            "at the end: state title",
            "at the end: state meta.version",
        ],
        by_expectation: &["make bob a manager", "read bob"],
    },
    Fault {
        says: "a PATCH is answered with 200 and nothing",
        action: r#""kind": "patch_empty_200""#,
        when: "",
        by_response: &[
            "make bob a manager: header Content-Type",
            "make bob a manager: body ",
            "take bob out: header Content-Type",
            "take bob out: body ",
        ],
        by_expectation: &["make bob a manager"],
    },
    Fault {
        says: "whoever takes one member out takes all out",
        action: r#""kind": "member_removal_empties_group""#,
        when: "",
        by_response: &[
            "take bob out: body members[value eq an id]",
            "read the group: body members[value eq an id]",
            "at the end: state members[value eq an id]",
        ],
        by_expectation: &["read the group"],
    },
    Fault {
        says: "a filter that finds nothing is not found",
        action: r#""kind": "empty_filter_404""#,
        when: "",
        by_response: &["look for nobody: status 200 → 404"],
        by_expectation: &["look for nobody"],
    },
    Fault {
        says: "what was written is not seen yet",
        action: r#""kind": "eventual_consistency", "delay_ms": 3600000"#,
        when: r#""path": "/Groups/*""#,
        by_response: &["read the group: status 200 → 404", "at the end: state "],
        by_expectation: &["read the group"],
    },
];

fn flow() -> Flow {
    Flow::parse(include_bytes!("planted.json")).expect("a flow")
}

async fn with_rule(action: &str, when: &str) -> App {
    let rules = format!(r#"[{{"name": "Planted", "when": {{{when}}}, "action": {{{action}}}}}]"#);
    App::start(Config { profile: Some("tolerant".into()), rules: Some(rules), ..config() }).await.expect("it starts")
}

/// A server without faults that a client was at.
async fn recorded() -> App {
    let app = app("tolerant").await;
    let played = play(&flow(), &target(&app), &Options::test(), |_| {}).await;
    assert_eq!(played.verdict(), Verdict::Same, "{:#?}", played.failed());
    app
}

/// What counts, by step; each once, in order. Names without what is new in each run, ids as such.
fn told(outcomes: &[StepOutcome]) -> Vec<String> {
    let (steps, ignores, mut found) = (flow().steps, Ignores::default(), Vec::new());
    for outcome in outcomes {
        let step = steps.get(outcome.index).map_or("at the end", |step| step.label.as_str());
        if matches!(outcome.verdict, Verdict::Error | Verdict::Skipped) {
            found.push(format!("{step}: {:?} {:?}", outcome.verdict, outcome.differences));
            continue;
        }
        for one in outcome.differences.iter().filter(|difference| ignores.counts(difference)) {
            let part = format!("{:?}", one.part).to_lowercase();
            let values = match (&one.recorded, &one.replayed) {
                (Some(recorded), Some(replayed)) if part == "status" => {
                    format!("{} → {}", recorded.to_text(), replayed.to_text())
                }
                _ => named(&one.path),
            };
            found.push(format!("{step}: {part} {values}"));
        }
    }
    found.dedup();
    found
}

fn named(path: &str) -> String {
    let pieces = path.split('"').map(|piece| match piece.split_once('.') {
        Some((name, rest)) if rest.contains('@') => name.to_lowercase(),
        _ if piece.len() == 36 => "an id".to_owned(),
        _ => piece.to_owned(),
    });
    pieces.collect()
}

#[tokio::test]
async fn each_planted_fault_is_shown_and_nothing_else_is() {
    let recorded_at = recorded().await;
    for Fault { says, action, when, by_response, .. } in &FAULTS {
        let faulty = with_rule(action, when).await;
        let options = ReplayOptions { check_state: true, ..ReplayOptions::default() };
        let (_, outcomes) = run(recording(&recorded_at), &destination(&faulty), &options).await;
        assert_eq!(told(&outcomes), *by_response, "{says}");
        faulty.stop().await;
    }
    recorded_at.stop().await;
}

#[tokio::test]
async fn each_planted_fault_breaks_the_expectations_it_is_about_and_no_others() {
    for Fault { says, action, when, by_expectation, .. } in &FAULTS {
        let faulty = with_rule(action, when).await;
        let steps = flow().recorded(&Options::test().kinds);
        let (_, outcomes) = run(steps, &destination(&faulty), &ReplayOptions::default()).await;
        let broken = outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Same);
        let broken: Vec<_> = broken.map(|outcome| flow().steps[outcome.index].label.clone()).collect();
        assert_eq!(broken, *by_expectation, "{says}");
        faulty.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_shows_changes_late_is_all_the_same_to_whoever_waits() {
    let recorded_at = recorded().await;
    let late = with_rule(r#""kind": "eventual_consistency", "delay_ms": 150"#, "").await;
    let patience = Some(Patience { within: Duration::from_secs(60), every: Duration::from_millis(20) });
    let options = ReplayOptions { check_state: true, patience, ..ReplayOptions::default() };
    let (_, outcomes) = run(recording(&recorded_at), &destination(&late), &options).await;
    assert_eq!(told(&outcomes), Vec::<String>::new());
    assert!(outcomes.iter().any(|outcome| outcome.attempts > 1), "something had to be asked again");
    late.stop().await;
    recorded_at.stop().await;
}

/// A faulty server as the reference, too: what is recorded there is the same at its like, and different at one without.
#[tokio::test]
async fn a_fault_that_was_recorded_is_missed_where_it_is_mended() {
    let ignoring = || with_rule(r#""kind": "case_sensitive_user_name""#, "");
    let (recorded_at, like, mended) = (ignoring().await, ignoring().await, app("tolerant").await);
    let steps = flow().recorded(&Options::test().kinds);
    run(steps, &destination(&recorded_at), &ReplayOptions::default()).await;
    let (_, outcomes) = run(recording(&recorded_at), &destination(&like), &ReplayOptions::default()).await;
    assert_eq!(told(&outcomes), Vec::<String>::new());
    let (_, outcomes) = run(recording(&recorded_at), &destination(&mended), &ReplayOptions::default()).await;
    assert_eq!(told(&outcomes), FAULTS[7].by_response);
    for app in [recorded_at, like, mended] {
        app.stop().await;
    }
}
