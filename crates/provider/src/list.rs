//! Lists: filter, order and pages (RFC 7644 section 3.4.2, RFC 9865).

use std::cmp::Ordering;
use std::sync::Arc;

use directory::{Query, Resource, Root};
use scim::error::{ScimError, ScimType};
use scim::filter::{self, Bound, Expression, Literal, Operator, Test};
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use scim::leniency::Reading;
use scim::message::{CursorPage, cursor_text, list_text};
use scim::projection::Selection;
use scim::schema::Shape;
use scim::sort::{Key, SortBy, Unsortable};

use crate::answer::{Answer, Draft, Refused};
use crate::asked::{Asked, Said};
use crate::cursor::{Cursor, Position};
use crate::limits;
use crate::paging::{self, Paging};
use crate::plan::select;
use crate::prepare::Setting;
use crate::present::{Presenter, asks_for_computed, is_computed_path};
use crate::profile::{Profile, UnknownFilterAttribute};
use crate::provider::Shared;
use crate::rules::Behaviour;

/// About how many bytes the text of a resource has.
const TEXT_BYTES: usize = 640;

/// What a list asks for.
pub(crate) struct List {
    kinds: Vec<OfType>,
    /// The one resource that is looked at, if the path names one.
    id: Option<String>,
    sorted: Option<Direction>,
    paging: Paging,
    filter: Option<String>,
    looked_for: Option<(String, String)>,
    /// How rules make it be answered otherwise.
    ruled: Option<Box<Ruled>>,
    /// Stands for everything that must stay the same while a client walks through the pages.
    query: u128,
}

/// What a list asks of one resource type.
struct OfType {
    shape: Arc<Shape>,
    selection: Selection,
    condition: Option<Condition>,
    sort_by: Option<Sorting>,
}

struct Ruled {
    behaviour: Arc<Behaviour>,
    /// The filter, if it is to compare `userName` with its case.
    exactly: Option<Expression>,
}

struct Condition {
    bound: Bound,
    /// Whether it asks for what resources at rest do not hold.
    computed: bool,
}

struct Sorting {
    by: SortBy,
    computed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

/// A resource that belongs into a list, with its place in the list's order.
struct Hit {
    resource: Arc<Resource>,
    position: Position,
}

impl List {
    /// Reads what a query asks of these types. `id`: of this one resource of theirs.
    ///
    /// # Errors
    /// 400 `invalidFilter` for a filter that is none or cannot be asked here, `invalidValue` for another parameter that
    /// makes no sense, `invalidCursor`, `expiredCursor` and `invalidCount` (RFC 9865 section 2.1), 403 `sensitive` for a filter
    /// that must not stand in a URL, 501 for a filter where there are none.
    pub fn read(
        shared: &Shared,
        asked: Asked,
        shapes: Vec<Arc<Shape>>,
        id: Option<String>,
        setting: &Setting,
        draft: &mut Draft,
    ) -> Result<List, ScimError> {
        let profile = &setting.profile;
        let parsed = asked.filter.as_ref().map(|said| parse_filter(said, asked.in_url, profile, draft)).transpose()?;
        let sorted = direction(&asked, profile, &mut draft.findings)?;
        // What is unknown to one of several types is no mistake, only what is unknown to all.
        let mut unknown: Option<Vec<Finding>> = None;
        let mut kinds = Vec::with_capacity(shapes.len());
        for shape in shapes {
            let mut reading = Reading::new(&shape, profile.leniency);
            let condition = match (&parsed, &asked.filter) {
                (Some(filter), Some(said)) => {
                    limits::check_filter_attributes(&shape, profile, &filter.expression, said)?;
                    let bound = filter.bind(&mut reading, &|range| said.place_of(range))?;
                    Some(Condition { bound, computed: asks_for_computed(&shape, &filter.expression) })
                }
                _ => None,
            };
            let mut findings = reading.findings;
            let (selection, _) = select(&shape, asked.attributes.as_ref(), asked.excluded.as_ref(), &mut findings)?;
            let sort_by = match (&asked.sort_by, sorted) {
                (Some(said), Some(_)) => sorting(&shape, said, &mut findings)?,
                _ => None,
            };
            let of_none = |finding: &Finding| is_about_a_name(&finding.code);
            let (missing, others): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(of_none);
            for finding in others {
                if !draft.findings.contains(&finding) {
                    draft.findings.push(finding);
                }
            }
            unknown = Some(match unknown {
                None => missing,
                Some(before) => before
                    .into_iter()
                    .filter(|have| missing.iter().any(|other| other.code == have.code && other.place == have.place))
                    .collect(),
            });
            kinds.push(OfType { shape, selection, condition, sort_by });
        }
        for finding in unknown.unwrap_or_default() {
            if finding.code == "unknown-filter-attribute"
                && profile.unknown_filter_attribute == UnknownFilterAttribute::Refuse
            {
                let detail = finding.message.trim_end_matches("; it counts as absent").to_owned();
                return Err(ScimError::bad_request(ScimType::InvalidFilter, finding.place, detail));
            }
            draft.findings.push(finding);
        }
        let text = |said: &Option<Said>| said.as_ref().map(|said| said.text().to_owned());
        let names: Vec<&str> = kinds.iter().map(|kind| kind.shape.resource_type.name.as_str()).collect();
        let (names, order) = (names.join(","), sorted.map(|direction| format!("{direction:?}")));
        let (filter, sort_by) = (text(&asked.filter), text(&asked.sort_by));
        let (wanted, unwanted) = (text(&asked.attributes), text(&asked.excluded));
        let query = shared.cursor_key.fingerprint([
            Some(setting.tenant.id()),
            setting.client.as_deref(),
            Some(&names),
            id.as_deref(),
            filter.as_deref(),
            sort_by.as_deref(),
            order.as_deref(),
            wanted.as_deref(),
            unwanted.as_deref(),
        ]);
        let paging = paging::read(&asked, shared, profile, query, &mut draft.findings)?;
        let looked_for = parsed.as_ref().and_then(|filter| looked_for(&filter.expression));
        let sorted = sorted.filter(|_| asked.sort_by.is_some());
        let ruled = setting.behaviour.clone().map(|behaviour| {
            let exactly = parsed.filter(|_| behaviour.exact_user_name()).map(|filter| filter.expression);
            Box::new(Ruled { behaviour, exactly })
        });
        Ok(List { kinds, id, sorted, paging, filter, looked_for, ruled, query })
    }

    /// Tells what is looked for.
    pub fn describe(&self, draft: &mut Draft) {
        draft.subject.filter.clone_from(&self.filter);
        draft.subject.looked_for.clone_from(&self.looked_for);
    }

    /// How many resources will be looked at.
    pub fn cost(&self, setting: &Setting) -> usize {
        let root = setting.root();
        let all = self.sorted.is_some() || matches!(self.paging, Paging::Cursor { .. });
        let costs = self.kinds.iter().map(|kind| match (&kind.condition, all) {
            (None, true) if self.is_plain() => 0,
            (None, true) => root.count(&kind.shape.resource_type.name),
            _ => self.ask(kind, &root, setting, self.window(), |query| root.plan(query).scanned),
        });
        costs.sum()
    }

    /// Answers it.
    pub fn execute(self, shared: &Shared, setting: &Setting, draft: &mut Draft) -> Result<Answer, Refused> {
        let root = setting.root();
        let page = match &self.paging {
            Paging::Index { .. } if self.is_unsorted() => self.unsorted_page(&root, setting),
            Paging::Cursor { .. } if self.is_plain() => self.plain_cursor_page(shared, &root, setting),
            _ => self.page_of_hits(shared, &root, setting),
        };
        draft.subject.total_results = Some(page.total);
        self.check_total(&setting.profile, page.total)?;
        let presenter = Presenter::new(&root, setting);
        let mut shown = String::with_capacity(page.resources.len() * TEXT_BYTES);
        for (of_type, resource) in &page.resources {
            if !shown.is_empty() {
                shown.push(',');
            }
            presenter.write(resource, &self.kinds[*of_type].selection, &[], &mut shown);
        }
        let items = page.resources.len() as u64;
        Ok(Answer::text(
            200,
            match self.paging {
                Paging::Index { start_index, .. } => list_text(page.total, start_index, items, &shown),
                Paging::Cursor { .. } => {
                    let total = setting.profile.cursor_total_results.then_some(page.total);
                    let page = CursorPage { total, items, previous: page.previous, next: page.next };
                    cursor_text(page, &shown)
                }
            },
        ))
    }

    /// Neither filtered nor sorted, and of one type: pages can be cut without looking at what is not on them.
    fn is_plain(&self) -> bool {
        self.sorted.is_none() && self.id.is_none() && self.kinds.len() == 1 && self.kinds[0].condition.is_none()
    }

    /// In the order of creation, with nothing to be looked at beside what the filter asks.
    fn is_unsorted(&self) -> bool {
        self.sorted.is_none() && self.id.is_none() && self.exactly().is_none()
    }

    /// The filter, if it compares `userName` with its case, and who wants that.
    fn exactly(&self) -> Option<(&Expression, &Behaviour)> {
        let ruled = self.ruled.as_ref()?;
        Some((ruled.exactly.as_ref()?, &ruled.behaviour))
    }

    /// Behind how many resources a page begins that should begin behind so many.
    fn behind(&self, resources: u64) -> u64 {
        self.ruled.as_ref().map_or(resources, |ruled| ruled.behaviour.page_start(resources))
    }

    fn window(&self) -> (u64, usize) {
        match self.paging {
            Paging::Index { start_index, count } => (self.behind(start_index.saturating_sub(1)) + 1, count),
            Paging::Cursor { count, .. } => (1, count),
        }
    }

    /// Type by type, each in the order of creation.
    fn unsorted_page(&self, root: &Root, setting: &Setting) -> Page {
        let (start_index, count) = self.window();
        let mut page = Page::default();
        for (of_type, kind) in self.kinds.iter().enumerate() {
            let start = start_index.saturating_sub(page.total).max(1);
            let left = count - page.resources.len();
            let found = self.ask(kind, root, setting, (start, left), |query| root.query(query));
            page.total += found.total;
            page.resources.extend(found.resources.into_iter().map(|resource| (of_type, resource)));
        }
        page
    }

    fn plain_cursor_page(&self, shared: &Shared, root: &Root, setting: &Setting) -> Page {
        let Paging::Cursor { count, at, now_ms } = &self.paging else { return Page::default() };
        let kind = &self.kinds[0];
        let name = kind.shape.resource_type.name.as_str();
        let total = root.count(name) as u64;
        let width = *count as u64;
        let first = match at {
            None => 0,
            Some(cursor) if cursor.backwards => root.rank(name, cursor.position.slot).saturating_sub(width),
            Some(cursor) => self.behind(root.rank(name, cursor.position.slot.saturating_add(1))),
        };
        // A page backwards ends before the position, however few resources are left there.
        let wanted = match at {
            Some(cursor) if cursor.backwards => root.rank(name, cursor.position.slot) - first,
            _ => width,
        };
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let found = self.ask(kind, root, setting, (first + 1, wanted), |query| root.query(query));
        let hits = found.resources.into_iter().map(|resource| {
            let slot = root.slot_of(resource.id()).unwrap_or_default();
            Hit { position: Position { key: None, of_type: 0, slot }, resource }
        });
        let hits: Vec<Hit> = hits.collect();
        let last = first + hits.len() as u64;
        self.cursor_page(shared, hits, total, first > 0, last < total, *now_ms)
    }

    /// Looks at all that match, puts them in order and cuts the page out.
    fn page_of_hits(&self, shared: &Shared, root: &Root, setting: &Setting) -> Page {
        let mut hits = self.hits(root, setting);
        let total = hits.len() as u64;
        match &self.paging {
            Paging::Index { count, .. } => {
                let skip = usize::try_from(self.window().0 - 1).unwrap_or(usize::MAX);
                let resources = hits.into_iter().skip(skip).take(*count).map(Hit::of_type).collect();
                Page { total, resources, ..Page::default() }
            }
            Paging::Cursor { count, at, now_ms } => {
                let (start, end) = match at {
                    None => (0, *count),
                    Some(cursor) if cursor.backwards => {
                        let end = hits.partition_point(|hit| self.order(&hit.position, &cursor.position).is_lt());
                        (end.saturating_sub(*count), end)
                    }
                    Some(cursor) => {
                        let start = hits.partition_point(|hit| self.order(&hit.position, &cursor.position).is_le());
                        let start = usize::try_from(self.behind(start as u64)).unwrap_or(usize::MAX);
                        (start, start.saturating_add(*count))
                    }
                };
                let end = end.min(hits.len());
                let more = end < hits.len();
                hits.truncate(end);
                self.cursor_page(shared, hits.split_off(start.min(end)), total, start > 0, more, *now_ms)
            }
        }
    }

    fn cursor_page(&self, shared: &Shared, hits: Vec<Hit>, total: u64, before: bool, after: bool, now_ms: i64) -> Page {
        let Paging::Cursor { count, .. } = self.paging else { return Page::default() };
        let sign = |hit: &Hit, backwards: bool| {
            shared.cursor_key.sign(&Cursor {
                query: self.query,
                count: u32::try_from(count).unwrap_or(u32::MAX),
                issued_ms: now_ms,
                backwards,
                position: hit.position.clone(),
            })
        };
        let previous = hits.first().filter(|_| before).map(|hit| sign(hit, true));
        let next = hits.last().filter(|_| after).map(|hit| sign(hit, false));
        Page { total, resources: hits.into_iter().map(Hit::of_type).collect(), previous, next }
    }

    fn hits(&self, root: &Root, setting: &Setting) -> Vec<Hit> {
        let presenter = Presenter::new(root, setting);
        let mut hits = Vec::new();
        for (of_type, kind) in self.kinds.iter().enumerate() {
            let found = match &self.id {
                None => self.ask(kind, root, setting, (1, usize::MAX), |query| root.query(query)).resources,
                Some(id) => {
                    let one = root.get(id).filter(|one| self.matches(kind, &presenter, one));
                    one.cloned().into_iter().collect()
                }
            };
            hits.extend(found.into_iter().map(|resource| {
                let key = self.sorted.map(|_| match &kind.sort_by {
                    None => Key::None,
                    Some(sorting) if sorting.computed => sorting.by.key((&presenter.whole(&resource)).into()),
                    Some(sorting) => sorting.by.key(resource.document.value()),
                });
                // Slots are looked up where they are needed: to put them in order, and to say where a page ends.
                let slot = match self.paging {
                    Paging::Cursor { .. } => root.slot_of(resource.id()).unwrap_or_default(),
                    Paging::Index { .. } => 0,
                };
                let of_type = u32::try_from(of_type).unwrap_or(u32::MAX);
                Hit { resource, position: Position { key, of_type, slot } }
            }));
        }
        if let Some((filter, behaviour)) = self.exactly() {
            hits.retain(|hit| !behaviour.misses(filter, hit.resource.document.value()));
        }
        if self.sorted.is_some() {
            // Stable: what is equal stays in the order of creation.
            hits.sort_by(|left, right| self.order_of_keys(&left.position, &right.position));
        }
        hits
    }

    fn matches(&self, kind: &OfType, presenter: &Presenter<'_>, resource: &Resource) -> bool {
        kind.condition.as_ref().is_none_or(|condition| {
            if condition.computed {
                condition.bound.matches((&presenter.whole(resource)).into())
            } else {
                condition.bound.matches(resource.document.value())
            }
        })
    }

    fn order(&self, left: &Position, right: &Position) -> Ordering {
        let created = (left.of_type, left.slot).cmp(&(right.of_type, right.slot));
        self.order_of_keys(left, right).then(created)
    }

    fn order_of_keys(&self, left: &Position, right: &Position) -> Ordering {
        let ascending = match (&left.key, &right.key) {
            (Some(left), Some(right)) => left.compare(right),
            _ => Ordering::Equal,
        };
        if self.sorted == Some(Direction::Descending) { ascending.reverse() } else { ascending }
    }

    fn check_total(&self, profile: &Profile, total: u64) -> Result<(), ScimError> {
        let is_walked = profile.index_pagination || profile.cursor_pagination;
        let most = match profile.too_many_results {
            0 if is_walked => return Ok(()),
            0 => profile.max_results as u64,
            most => most,
        };
        if total <= most {
            return Ok(());
        }
        let detail =
            format!("{total} resources match, and no more than {most} are listed here; ask for fewer by a filter");
        Err(ScimError::bad_request(ScimType::TooMany, Place::Request, detail))
    }

    fn ask<T>(
        &self,
        kind: &OfType,
        root: &Root,
        setting: &Setting,
        (start_index, count): (u64, usize),
        ask: impl FnOnce(&Query<'_>) -> T,
    ) -> T {
        let presenter = Presenter::new(root, setting);
        let view = |_: &Root, resource: &Resource| presenter.whole(resource);
        let computed = kind.condition.as_ref().is_some_and(|condition| condition.computed);
        ask(&Query {
            resource_type: &kind.shape.resource_type.name,
            filter: kind.condition.as_ref().map(|condition| &condition.bound),
            view: if computed { Some(&view) } else { None },
            start_index,
            count,
        })
    }
}

/// One page of a list.
#[derive(Default)]
struct Page {
    total: u64,
    /// Each with the number of its type among those asked.
    resources: Vec<(usize, Arc<Resource>)>,
    previous: Option<String>,
    next: Option<String>,
}

impl Hit {
    fn of_type(self) -> (usize, Arc<Resource>) {
        (self.position.of_type as usize, self.resource)
    }
}

fn is_about_a_name(code: &str) -> bool {
    matches!(code, "unknown-filter-attribute" | "unknown-attribute" | "unknown-sort-attribute")
}

fn parse_filter(said: &Said, in_url: bool, profile: &Profile, draft: &mut Draft) -> Result<filter::Filter, ScimError> {
    if !profile.filter {
        let detail = "filters are not supported, as ServiceProviderConfig says; leave the filter out";
        return Err(ScimError { place: said.place(), ..ScimError::plain(501, detail) });
    }
    if said.has_plus() {
        let message = "\"+\" in the filter was read as a blank, as HTML forms write it; RFC 3986 has %20";
        draft.findings.push(Finding::new("T1", profile.leniency.severity(), said.place(), message));
    }
    let place = |range| said.place_of(range);
    let filter = filter::parse(said.text()).map_err(|error| error.into_scim_error(&place))?;
    limits::check_filter(profile, &filter.expression, said)?;
    if in_url {
        limits::check_sensitive(profile, &filter.expression, said)?;
    }
    Ok(filter)
}

/// The direction of `sortOrder` (RFC 7644 section 3.4.2.3); nothing if nothing is sorted.
fn direction(asked: &Asked, profile: &Profile, findings: &mut Vec<Finding>) -> Result<Option<Direction>, ScimError> {
    let Some(sort_by) = &asked.sort_by else {
        if let Some(order) = &asked.sort_order {
            let message = "sortOrder was sent without sortBy; the order is that of creation";
            findings.push(Finding::new("sort-ignored", Severity::Warning, order.place(), message));
        }
        return Ok(None);
    };
    if !profile.sort {
        let message = "sortBy is not supported, as ServiceProviderConfig says; the order is that of creation";
        findings.push(Finding::new("sort-ignored", Severity::Warning, sort_by.place(), message));
        return Ok(None);
    }
    let order = asked.sort_order.as_ref().map_or("ascending", Said::text);
    if order.eq_ignore_ascii_case("ascending") || order.is_empty() {
        Ok(Some(Direction::Ascending))
    } else if order.eq_ignore_ascii_case("descending") {
        Ok(Some(Direction::Descending))
    } else {
        let place = asked.sort_order.as_ref().map_or(Place::Request, Said::place);
        let detail = format!("sortOrder is {order:?}; it is ascending or descending");
        Err(ScimError::bad_request(ScimType::InvalidValue, place, detail))
    }
}

fn sorting(shape: &Shape, said: &Said, findings: &mut Vec<Finding>) -> Result<Option<Sorting>, ScimError> {
    match SortBy::resolve(shape, said.text().trim()) {
        Ok(by) => Ok(Some(Sorting { by, computed: is_computed_path(shape, said.text().trim()) })),
        Err(Unsortable::Unknown(message)) => {
            let message = format!("{message}; nothing has a value to be sorted by");
            findings.push(Finding::new("unknown-sort-attribute", Severity::Warning, said.place(), message));
            Ok(None)
        }
        Err(Unsortable::Complex(message) | Unsortable::Hidden(message)) => {
            let detail = format!("nothing can be sorted by sortBy: {message}");
            Err(ScimError::bad_request(ScimType::InvalidValue, said.place(), detail))
        }
    }
}

/// The first attribute that is compared with a text, and the text.
fn looked_for(expression: &Expression) -> Option<(String, String)> {
    match expression {
        Expression::Test {
            attribute,
            test: Test::Compare(Operator::Equal, Literal { value: Json::String(text), .. }),
        } => Some((attribute.text.clone(), text.clone())),
        Expression::And(all) | Expression::Or(all) => all.iter().find_map(looked_for),
        Expression::ValuePath { attribute, then: Some((name, Test::Compare(Operator::Equal, literal))), .. } => {
            Some((format!("{}.{}", attribute.text, name.text), literal.value.as_str()?.to_owned()))
        }
        Expression::ValuePath { attribute, inner, .. } => {
            looked_for(inner).map(|(name, text)| (format!("{}.{name}", attribute.text), text))
        }
        Expression::Test { .. } | Expression::Not(_) => None,
    }
}
