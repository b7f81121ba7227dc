//! How rules make the provider carry out a request otherwise than it should.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use directory::Root;
use jiff::{SignedDuration, Timestamp};
use scim::filter::{Expression, Literal, Operator, Test};
use scim::json::Json;
use scim::patch::{Op, Operation};
use scim::value::Value;

use super::action::Action;
use crate::tenant::Tenant;

/// What is done otherwise; each part tells whether it made a difference.
#[derive(Debug, Default)]
pub struct Behaviour {
    pages: Option<Pages>,
    filter_ignored: bool,
    exact_user_name: bool,
    patch_ignored: bool,
    empties_group: bool,
    lag: Option<(SignedDuration, Timestamp)>,
    made: AtomicU8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pages {
    Repeat,
    Leave,
}

/// The parts, as bits.
const PAGES: u8 = 1;
const FILTER: u8 = 1 << 1;
const USER_NAME: u8 = 1 << 2;
const PATCH: u8 = 1 << 3;
const GROUP: u8 = 1 << 4;
const LAG: u8 = 1 << 5;

impl Behaviour {
    /// Takes an action in; false if it decides no conduct, or a rule before it decided the same.
    pub(super) fn add(&mut self, action: &Action, now: Timestamp) -> bool {
        let is_new = match action {
            Action::RepeatedItems {} | Action::MissingItems {} => self.pages.is_none(),
            Action::FilterIgnored {} => !self.filter_ignored,
            Action::CaseSensitiveUserName {} => !self.exact_user_name,
            Action::PatchIgnored {} => !self.patch_ignored,
            Action::MemberRemovalEmptiesGroup {} => !self.empties_group,
            Action::EventualConsistency { .. } => self.lag.is_none(),
            _ => false,
        };
        match action {
            _ if !is_new => {}
            Action::RepeatedItems {} => self.pages = Some(Pages::Repeat),
            Action::MissingItems {} => self.pages = Some(Pages::Leave),
            Action::FilterIgnored {} => self.filter_ignored = true,
            Action::CaseSensitiveUserName {} => self.exact_user_name = true,
            Action::PatchIgnored {} => self.patch_ignored = true,
            Action::MemberRemovalEmptiesGroup {} => self.empties_group = true,
            Action::EventualConsistency { delay_ms } => {
                self.lag = Some((SignedDuration::from_millis((*delay_ms).into()), now));
            }
            _ => {}
        }
        is_new
    }

    /// Whether an action made a difference.
    pub(super) fn made(&self, action: &Action) -> bool {
        let part = match action {
            Action::RepeatedItems {} | Action::MissingItems {} => PAGES,
            Action::FilterIgnored {} => FILTER,
            Action::CaseSensitiveUserName {} => USER_NAME,
            Action::PatchIgnored {} => PATCH,
            Action::MemberRemovalEmptiesGroup {} => GROUP,
            Action::EventualConsistency { .. } => LAG,
            _ => 0,
        };
        self.made.load(Ordering::Relaxed) & part != 0
    }

    fn make(&self, part: u8) {
        self.made.fetch_or(part, Ordering::Relaxed);
    }

    /// The root that reads see.
    pub(crate) fn root(&self, tenant: &Tenant) -> Arc<Root> {
        let current = tenant.directory().root();
        let Some((delay, now)) = self.lag else { return current };
        let seen = tenant.rules().lag().root(tenant.directory(), delay, now);
        if seen.revision() != current.revision() {
            self.make(LAG);
        }
        seen
    }

    /// Where a page begins that begins behind so many others, if it is not the first.
    pub(crate) fn page_start(&self, behind: u64) -> u64 {
        match self.pages {
            Some(pages) if behind > 0 => {
                self.make(PAGES);
                if pages == Pages::Repeat { behind - 1 } else { behind + 1 }
            }
            _ => behind,
        }
    }

    /// Whether a filter, which there is, is left out.
    pub(crate) fn leaves_out_filter(&self) -> bool {
        if self.filter_ignored {
            self.make(FILTER);
        }
        self.filter_ignored
    }

    /// Whether filters compare `userName` with its case.
    pub(crate) fn exact_user_name(&self) -> bool {
        self.exact_user_name
    }

    /// Whether a resource that meets a filter meets it no more if `userName` counts with its case.
    pub(crate) fn misses(&self, filter: &Expression, resource: Value<'_>) -> bool {
        let user_name = resource.get("userName").and_then(Value::as_str).unwrap_or_default();
        let misses = exactly(filter, user_name) == Some(false);
        if misses {
            self.make(USER_NAME);
        }
        misses
    }

    /// Whether the operations of a PATCH, which there are, are left out.
    pub(crate) fn leaves_out_operations(&self) -> bool {
        if self.patch_ignored {
            self.make(PATCH);
        }
        self.patch_ignored
    }

    /// Operations as this provider understands them.
    pub(crate) fn understood(&self, mut operations: Vec<Operation>) -> Vec<Operation> {
        if !self.empties_group {
            return operations;
        }
        for operation in operations.iter_mut().filter(|operation| operation.op == Op::Remove) {
            let path = operation.path.as_deref().map(str::trim).unwrap_or_default();
            let names_members = path.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("members"));
            let one = path.get(7..).is_some_and(|rest| rest.starts_with('[') || rest.is_empty());
            if names_members && one && (path.len() > 7 || operation.value.is_some()) {
                operation.path = Some("members".to_owned());
                operation.value = None;
                self.make(GROUP);
            }
        }
        operations
    }
}

/// What a filter says of a `userName` that counts with its case; nothing where it asks about something else too.
fn exactly(filter: &Expression, user_name: &str) -> Option<bool> {
    match filter {
        Expression::Test { attribute, test: Test::Compare(operator, Literal { value: Json::String(wanted), .. }) } => {
            let name = attribute.text.rsplit(':').next().unwrap_or_default();
            if !name.eq_ignore_ascii_case("userName") {
                return None;
            }
            let wanted = wanted.as_str();
            match operator {
                Operator::Equal => Some(user_name == wanted),
                Operator::NotEqual => Some(user_name != wanted),
                Operator::Contains => Some(user_name.contains(wanted)),
                Operator::StartsWith => Some(user_name.starts_with(wanted)),
                Operator::EndsWith => Some(user_name.ends_with(wanted)),
                _ => None,
            }
        }
        Expression::And(all) => {
            let all: Vec<Option<bool>> = all.iter().map(|one| exactly(one, user_name)).collect();
            if all.contains(&Some(false)) {
                Some(false)
            } else {
                all.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
            }
        }
        Expression::Or(any) => {
            let any: Vec<Option<bool>> = any.iter().map(|one| exactly(one, user_name)).collect();
            if any.contains(&Some(true)) {
                Some(true)
            } else {
                any.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
            }
        }
        Expression::Not(one) => exactly(one, user_name).map(|holds| !holds),
        Expression::Test { .. } | Expression::ValuePath { .. } => None,
    }
}
