//! Files to begin with: each must go through its target.

use std::path::Path;

use fuzz::TARGETS;

/// The files of a target's corpus with their names, in order.
pub fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let entry = entry.expect("an entry of the corpus");
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_of_every_corpus_goes_through_its_target() {
    for (name, target) in TARGETS {
        let files = corpus(name);
        assert!(files.len() >= 8, "the corpus of {name} has only {} files", files.len());
        for (file, bytes) in files {
            println_on_panic(&format!("{name}/{file}"), || target(&bytes));
        }
    }
}

/// Every file of every corpus and every broken input is food for every target: none of them may mind.
#[test]
fn every_target_takes_what_is_meant_for_another() {
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken");
    let mut inputs: Vec<(String, Vec<u8>)> = TARGETS.iter().flat_map(|(name, _)| corpus(name)).collect();
    for entry in std::fs::read_dir(broken.join("json")).expect("broken JSON") {
        let path = entry.expect("an entry").path();
        inputs.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
    }
    for list in ["filters.txt", "paths.txt"] {
        let text = std::fs::read_to_string(broken.join(list)).expect("a list");
        inputs.extend(text.lines().map(|line| (line.to_owned(), line.as_bytes().to_vec())));
    }
    for (name, target) in TARGETS {
        for (input, bytes) in &inputs {
            println_on_panic(&format!("{name} with {input}"), || target(bytes));
        }
    }
}

/// Says which input it was when a target panics.
pub fn println_on_panic(what: &str, run: impl FnOnce()) {
    let run = std::panic::AssertUnwindSafe(run);
    if let Err(panic) = std::panic::catch_unwind(run) {
        let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        panic!("{what}: {why}");
    }
}
