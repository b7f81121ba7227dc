//! What real clients send falls into flows as a person would say.

use std::fmt::Write;
use std::path::PathBuf;

use app::running::App;
use dialects::flow::Flow as Whole;
use replay::{Flow, Options, Player, play};
use traffic::ids::{FlowId, Seq};
use traffic::step::Step;

use crate::running::{app, target};

fn flow(id: &str) -> Flow {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../fixtures/flows/{id}.json"));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Flow::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn ids() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flows");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut ids: Vec<String> = names
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    ids.sort();
    ids
}

/// Every exchange so far, annotated.
async fn steps(app: &App) -> Vec<Step> {
    let log = app.log();
    let head = log.head().seq.0;
    loop {
        let exchanges = log.exchanges(Seq(0), head as usize);
        if exchanges.iter().all(|exchange| exchange.annotation.is_some() && exchange.closed.is_some()) {
            return exchanges.iter().map(|exchange| Step::from(exchange.as_ref())).collect();
        }
        log.wait(log.head().pos).await;
    }
}

/// The flows, each with its steps.
fn grouped(steps: &[Step]) -> Vec<(Whole, Vec<u64>)> {
    let mut ids: Vec<FlowId> = steps.iter().map(|step| step.summary.flow).collect();
    ids.sort();
    ids.dedup();
    let of = |id: FlowId| steps.iter().filter(move |step| step.summary.flow == id);
    ids.into_iter()
        .map(|id| (Whole::of(id, of(id)).unwrap(), of(id).map(|step| step.summary.seq.0).collect()))
        .collect()
}

/// The flows in words, with what is new in each run left out.
fn told(steps: &[Step], options: &Options) -> String {
    let tag = &options.names.tag;
    let mut told = String::new();
    for (flow, seqs) in grouped(steps) {
        let name = flow.name.replace(tag, "TAG").replace(&tag.to_uppercase(), "TAG");
        let name = options.names.guid.get(..8).map_or(name.clone(), |guid| name.replace(guid, "GUID"));
        let seqs = seqs.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        let _ = writeln!(told, "  {} | {name} | {:?} | {seqs}", flow.kind.key(), flow.outcome);
    }
    told
}

#[tokio::test]
async fn each_flow_file_falls_into_the_actions_that_a_person_would_name() {
    let mut all = String::new();
    for id in ids() {
        let app = app("tolerant").await;
        let options = Options::demo();
        let played = play(&flow(&id), &target(&app), &options, |_| {}).await;
        assert!(played.failed().is_none(), "{id}: {:?}", played.failed());
        let _ = write!(all, "{id}\n{}", told(&steps(&app).await, &options));
        app.stop().await;
    }
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/grouping.golden.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &all).unwrap();
    }
    assert_eq!(
        all,
        std::fs::read_to_string(&golden).unwrap(),
        "write it again with UPDATE_GOLDEN=1 and read what changed"
    );
}

#[tokio::test]
async fn two_flow_files_played_step_by_step_in_turns_are_grouped_as_each_alone() {
    for (left, right) in [
        ("entra-02-user-lifecycle-default", "okta-02-user-lifecycle-aiw-put"),
        ("entra-02-user-lifecycle-default", "entra-03-user-lifecycle-aadoptscim062020"),
        ("okta-04-group-push-oin", "entra-04-group-lifecycle-default"),
    ] {
        let mut alone = Vec::new();
        for id in [left, right] {
            let app = app("tolerant").await;
            let options = Options::demo();
            play(&flow(id), &target(&app), &options, |_| {}).await;
            alone.push(shapes(&steps(&app).await, |seq| seq, &options.names.tag));
            app.stop().await;
        }
        let app = app("tolerant").await;
        let (mut of_left, mut of_right) = (Vec::new(), Vec::new());
        let options = [Options::demo(), Options::demo()];
        let flows = [flow(left), flow(right)];
        let mut players = options.each_ref().map(|options| Player::new(&target(&app), options));
        let wanted = flows
            .each_ref()
            .map(|flow| flow.steps.iter().filter(|step| options[0].kinds.contains(&step.kind)).collect::<Vec<_>>());
        for at in 0..wanted[0].len().max(wanted[1].len()) {
            for side in 0..2 {
                let Some(step) = wanted[side].get(at) else { continue };
                players[side].step(at, step, &step.expect).await;
                let seq = app.log().head().seq.0;
                if side == 0 { of_left.push(seq) } else { of_right.push(seq) }
            }
        }
        let steps = steps(&app).await;
        for (side, own) in [of_left, of_right].iter().enumerate() {
            let number = |seq: u64| own.iter().position(|have| *have == seq).map_or(0, |at| at as u64 + 1);
            let mine: Vec<Step> = steps.iter().filter(|step| own.contains(&step.summary.seq.0)).cloned().collect();
            for step in &mine {
                assert!(
                    own.contains(&step.summary.flow.0),
                    "{left}, {right}: {} is in a flow of the other",
                    step.summary.seq
                );
            }
            assert_eq!(shapes(&mine, number, &options[side].names.tag), alone[side], "{left}, {right}");
        }
        app.stop().await;
    }
}

/// Kind, name and steps of each flow, with the steps numbered in their own way.
fn shapes(steps: &[Step], number: impl Fn(u64) -> u64, tag: &str) -> Vec<String> {
    let shape = |(flow, seqs): (Whole, Vec<u64>)| {
        let seqs: Vec<u64> = seqs.into_iter().map(&number).collect();
        format!("{} {} {seqs:?}", flow.kind.key(), flow.name.replace(tag, "TAG"))
    };
    grouped(steps).into_iter().map(shape).collect()
}
