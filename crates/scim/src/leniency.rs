//! Which deviations from the RFC are taken instead of refused, and the context in which requests are read.

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Place, Severity};
use crate::schema::Shape;

/// One switch for each deviation that RFC 7643 and RFC 7644 let a server refuse. What both RFCs make a server take
/// (capitals in `op`, readOnly data in a POST, ...) has no switch: it only yields a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Leniency {
    /// T3: `"True"` and `"False"` (any case) where a boolean is expected, in values and in filters.
    pub string_booleans: bool,
    /// T4: a capitalised `Add` or `Replace`, or any `add`, through a value filter of `eq` comparisons that matches nothing
    /// creates the element.
    pub create_missing_element: bool,
    /// T4, wider: a lower-case `replace` creates the element too, which RFC 7644 section 3.5.2.3 forbids.
    pub replace_creates_missing_element: bool,
    /// T5: `remove` of a multi-valued attribute with a `value` list removes only those values.
    pub remove_by_value: bool,
    /// T6: dotted and URN-prefixed names inside a path-less value.
    pub dotted_names: bool,
    /// T7: a string, or a list of one element, for a complex attribute that has `value`; `manager` without its URN.
    pub bare_complex: bool,
    /// T8: `""` unassigns.
    pub empty_unassigns: bool,
    /// T12: `id` and other readOnly attributes in a path-less value if they equal what is there.
    pub read_only_if_equal: bool,
    /// T13: a single object or value where a list is expected.
    pub single_for_list: bool,
    /// T15: a value filter followed by a comparison: `emails[type eq "work"].value eq "a@example.com"`.
    pub filter_after_value_path: bool,
    /// T16: a literal without quotes: `externalId eq jyoung`; single quotes; no blank before the literal.
    pub unquoted_literals: bool,
    /// Names that the schema does not have inside a path-less PATCH value are ignored instead of refused.
    pub unknown_names_in_patch: bool,
}

impl Leniency {
    /// Only what the RFC makes every server take.
    pub const STRICT: Leniency = Leniency {
        string_booleans: false,
        create_missing_element: false,
        replace_creates_missing_element: false,
        remove_by_value: false,
        dotted_names: false,
        bare_complex: false,
        empty_unassigns: false,
        read_only_if_equal: false,
        single_for_list: false,
        filter_after_value_path: false,
        unquoted_literals: false,
        unknown_names_in_patch: false,
    };

    /// What a deviation that is taken is called: the strict profile takes only what the RFC lets every server take, so there
    /// it is worth knowing and no more.
    pub fn severity(self) -> Severity {
        if self == Leniency::STRICT { Severity::Info } else { Severity::Tolerated }
    }

    /// Everything that real clients are known to send.
    pub const TOLERANT: Leniency = Leniency {
        string_booleans: true,
        create_missing_element: true,
        replace_creates_missing_element: false,
        remove_by_value: true,
        dotted_names: true,
        bare_complex: true,
        empty_unassigns: true,
        read_only_if_equal: true,
        single_for_list: true,
        filter_after_value_path: true,
        unquoted_literals: true,
        unknown_names_in_patch: true,
    };
}

impl Default for Leniency {
    /// As in the profile `tolerant`.
    fn default() -> Self {
        Leniency::TOLERANT
    }
}

/// Reading one request: which schema holds, what is taken, and what was noticed on the way.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The resource type that the request is about.
    pub shape: &'a Shape,
    /// What is taken.
    pub leniency: Leniency,
    /// What was noticed so far.
    pub findings: Vec<Finding>,
}

impl<'a> Reading<'a> {
    /// How many findings of one request are worth reading. A body can deviate in each of a million elements.
    pub const MANY: usize = 200;

    /// Begins to read a request about this resource type.
    pub fn new(shape: &'a Shape, leniency: Leniency) -> Reading<'a> {
        Reading { shape, leniency, findings: Vec::new() }
    }

    /// Notes a deviation that is taken, by its rule: "T3". The same rule at the same place is noted once.
    pub fn tolerated(&mut self, rule: &str, place: Place, message: impl Into<String>) {
        self.note(Finding::new(rule, self.leniency.severity(), place, message));
    }

    /// Whether another finding with this code would not be noted, so that its message need not be made.
    pub fn has_enough(&self, code: &str) -> bool {
        self.findings.len() >= Reading::MANY && self.findings.iter().any(|have| have.code == code)
    }

    /// Notes a finding, unless the same code is already noted at the same place. One request holds a bounded number of
    /// findings: beyond [`Reading::MANY`] only codes that are new are noted.
    pub fn note(&mut self, finding: Finding) {
        if self.has_enough(&finding.code) {
            return;
        }
        if !self.findings.iter().any(|have| have.code == finding.code && have.place == finding.place) {
            self.findings.push(finding);
        }
    }
}
