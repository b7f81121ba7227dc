//! The scenarios that come with the program.

use std::sync::LazyLock;

use crate::flow::Flow;

const FILES: [&str; 1] = [include_str!("../../../fixtures/scenarios/entra-sample.json")];

/// The scenarios that come with the program, in the order in which they are offered.
pub fn scenarios() -> &'static [Flow] {
    static SCENARIOS: LazyLock<Vec<Flow>> = LazyLock::new(|| {
        // A file of ours that is no flow would be missing here; a test says which.
        FILES.iter().filter_map(|text| Flow::parse(text.as_bytes()).ok()).collect()
    });
    &SCENARIOS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::StepKind;

    #[test]
    fn every_shipped_scenario_can_be_read() {
        for text in FILES {
            Flow::parse(text.as_bytes()).unwrap();
        }
        assert_eq!(scenarios().len(), FILES.len());
    }

    #[test]
    fn the_sample_has_nine_requests_that_entra_itself_sends() {
        let sample = &scenarios()[0];
        assert_eq!((sample.id.as_str(), sample.idp.as_str(), sample.steps.len()), ("entra-sample", "entra", 9));
        assert!(sample.steps.iter().all(|step| step.kind == StepKind::Client));
    }
}
