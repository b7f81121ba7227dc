//! Tests that say which rules they prove.
//!
//! A rule is one of `fixtures/conformance/rules.toml`. A passing test leaves a line in the file that the environment
//! variable `CONFORMANCE_OUT` names; `cargo xtask conformance` makes docs/conformance.md of these lines.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::fault::{Fault, faults};

/// A test and the rules that it proves.
#[derive(Clone, Copy, Debug)]
pub struct RuleTest {
    /// File and sentence.
    pub name: &'static str,
    /// Ids of rules, at most five.
    pub rules: &'static [&'static str],
    /// The test: it panics if a rule is broken.
    pub run: fn(&Bench),
}

/// How many rules one test may prove.
pub const MOST_RULES: usize = 5;

impl RuleTest {
    /// Runs it and notes that it passed. The environment variable `PLANTED_FAULT` may name a rule whose fault it is to see.
    ///
    /// # Panics
    /// If a rule is broken, or there is no fault for the rule that is named.
    pub fn prove(&self) {
        match std::env::var("PLANTED_FAULT") {
            Ok(rule) => {
                let fault = faults().find(|fault| fault.rule == rule);
                (self.run)(&Bench::with_fault(fault.unwrap_or_else(|| panic!("there is no fault for {rule}"))));
            }
            Err(_) => {
                (self.run)(&Bench::default());
                proved(self.name, self.rules);
            }
        }
    }

    /// The file in which it fails with this fault; nothing if it passes.
    pub fn fails_in(&self, fault: &'static Fault) -> Option<String> {
        panics_in(|| (self.run)(&Bench::with_fault(fault)))
    }
}

/// Notes that a test of these rules passed.
///
/// # Panics
/// If it names more than [`MOST_RULES`], or the note cannot be written.
pub fn proved(name: &str, rules: &[&str]) {
    assert!(rules.len() <= MOST_RULES, "{name} names {} rules; a test proves {MOST_RULES} at most", rules.len());
    note(&json!({ "test": name, "rules": rules }));
}

/// Notes that a fault turned these tests red.
pub fn turned_red(fault: &Fault, tests: &[&str]) {
    note(&json!({ "fault": fault.rule, "what": fault.what, "red": tests }));
}

fn note(line: &Value) {
    let Some(path) = std::env::var_os("CONFORMANCE_OUT") else { return };
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("the file of CONFORMANCE_OUT");
    // One write a line: tests of several threads and processes append to this file.
    file.write_all(format!("{line}\n").as_bytes()).expect("the file of CONFORMANCE_OUT");
}

thread_local! {
    /// Whether a panic on this thread is awaited, and in which file it happened.
    static AWAITED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The file in which this panics, without the message of the panic; nothing if it does not.
fn panics_in(run: impl FnOnce()) -> Option<String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let is_awaited = AWAITED.with_borrow_mut(|awaited| match awaited {
                Some(file) => {
                    *file = info.location().map(|place| place.file().to_owned()).unwrap_or_default();
                    true
                }
                None => false,
            });
            if !is_awaited {
                before(info);
            }
        }));
    });
    AWAITED.set(Some(String::new()));
    let has_panicked = catch_unwind(AssertUnwindSafe(run)).is_err();
    AWAITED.take().filter(|_| has_panicked)
}

/// The tests of a file: `["RULE-01", "RULE-02"] name_of_a_function;` each. They are tests of the test program, and rows
/// of the constant `TESTS`, so that they can be run with a fault.
#[macro_export]
macro_rules! rule_tests {
    ($([$($rule:literal),+ $(,)?] $name:ident;)+) => {
        pub const TESTS: &[$crate::RuleTest] = &[$($crate::RuleTest {
            name: concat!(module_path!(), "::", stringify!($name)),
            rules: &[$($rule),+],
            run: $name,
        }),+];

        mod each {
            $(#[test]
            fn $name() {
                let test = super::TESTS.iter().find(|test| test.name.rsplit("::").next() == Some(stringify!($name)));
                test.expect("a row of TESTS").prove();
            })+
        }
    };
}
