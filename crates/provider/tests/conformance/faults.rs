//! Each fault has to be seen by a test of its rule.

use std::collections::HashSet;

use testkit::fault::faults;
use testkit::turned_red;

use crate::tests;

#[test]
fn a_fault_turns_a_test_of_its_rule_red() {
    let mut unseen = Vec::new();
    for fault in faults() {
        let of_rule = tests().filter(|test| test.rules.contains(&fault.rule));
        let red = of_rule.filter(|test| match test.fails_in(fault) {
            Some(file) => {
                assert!(file.contains("conformance"), "{fault:?}: {file} fails, and not the test");
                true
            }
            None => false,
        });
        let red: Vec<&str> = red.map(|test| test.name).collect();
        if red.is_empty() {
            unseen.push(fault);
        } else {
            turned_red(fault, &red);
        }
    }
    assert!(unseen.is_empty(), "no test of the rule sees {unseen:#?}");
}

#[test]
fn there_are_faults_for_forty_rules_at_least() {
    let rules: HashSet<&str> = faults().map(|fault| fault.rule).collect();
    assert!(rules.len() >= 40, "{}", rules.len());
}

#[test]
fn a_fault_is_narrow() {
    // One that breaks everything would turn its test red for no good reason. Some are tried on all tests.
    for fault in faults().step_by(40) {
        let (red, all) =
            tests().fold((0, 0), |(red, all), test| (red + usize::from(test.fails_in(fault).is_some()), all + 1));
        assert!(red * 2 < all, "{fault:?} turns {red} of {all} tests red");
    }
}
