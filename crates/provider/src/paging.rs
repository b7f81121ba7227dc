//! How a list is cut into pages: by index (RFC 7644 section 3.4.2.4) or by cursor (RFC 9865).

use scim::error::{ScimError, ScimType};
use scim::finding::{Finding, Severity};

use crate::asked::{Asked, Said};
use crate::cursor::Cursor;
use crate::profile::{Pagination, Profile};
use crate::provider::Shared;

/// Which page of a list is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Paging {
    /// So many from the one with this number on, counted from 1.
    Index { start_index: u64, count: usize },
    /// So many beside the position of a cursor, or from the beginning on.
    Cursor { count: usize, at: Option<Cursor>, now_ms: i64 },
}

/// Reads which page is wanted. `query` stands for all that must be the same on each page.
///
/// # Errors
/// 400 `invalidCursor` for a cursor that was not given out for this query, `expiredCursor` for an old one, `invalidCount` for
/// a `count` beyond the largest page or another one than the walk began with (RFC 9865 section 2.1).
pub(crate) fn read(
    asked: &Asked,
    shared: &Shared,
    profile: &Profile,
    query: u128,
    findings: &mut Vec<Finding>,
) -> Result<Paging, ScimError> {
    let by_cursor = match &asked.cursor {
        Some(_) if profile.cursor_pagination => true,
        Some(cursor) => {
            let message = "cursor was not regarded: pages by cursor are not supported, as ServiceProviderConfig says";
            findings.push(Finding::new("cursor-ignored", Severity::Warning, cursor.place(), message));
            false
        }
        None => {
            let by_index = asked.start_index.is_some() && profile.index_pagination;
            profile.cursor_pagination && profile.default_pagination == Pagination::Cursor && !by_index
        }
    };
    if let Some(start) = &asked.start_index
        && (by_cursor || !profile.index_pagination)
    {
        let why = if by_cursor { "pages by cursor have none" } else { "pages by index are not supported" };
        let message = format!("startIndex was not regarded: {why}");
        findings.push(Finding::new("start-index-ignored", Severity::Warning, start.place.clone(), message));
    }
    if by_cursor {
        return by_cursor_of(asked, shared, profile, query);
    }
    let count = asked.count.as_ref().map(|count| usize::try_from(count.value.max(0)).unwrap_or(usize::MAX));
    if !profile.index_pagination {
        return Ok(Paging::Index {
            start_index: 1,
            count: count.unwrap_or(profile.max_results).min(profile.max_results),
        });
    }
    let start_index = asked.start_index.as_ref().map_or(1, |start| start.value.max(1));
    let count = count.unwrap_or(profile.default_page_size).min(profile.max_results);
    Ok(Paging::Index { start_index: u64::try_from(start_index).unwrap_or(1), count })
}

fn by_cursor_of(asked: &Asked, shared: &Shared, profile: &Profile, query: u128) -> Result<Paging, ScimError> {
    let now = shared.clock.now();
    let at = match &asked.cursor {
        Some(said) if !said.text().is_empty() => Some(check(said, shared, profile, query)?),
        _ => None,
    };
    let count = match &asked.count {
        None => at.as_ref().map_or(profile.default_page_size.min(profile.max_results), |cursor| cursor.count as usize),
        Some(count) => {
            let wanted = usize::try_from(count.value.max(0)).unwrap_or(usize::MAX);
            let invalid =
                |detail: String| Err(ScimError::bad_request(ScimType::InvalidCount, count.place.clone(), detail));
            if wanted > profile.max_results {
                return invalid(format!("count is {}; a page has at most {}", count.value, profile.max_results));
            }
            match &at {
                Some(cursor) if cursor.count as usize != wanted => {
                    return invalid(format!(
                        "count is {}, but this walk began with {}; keep it, or begin again without a cursor",
                        count.value, cursor.count
                    ));
                }
                _ => wanted,
            }
        }
    };
    Ok(Paging::Cursor { count, at, now_ms: now.as_millisecond() })
}

fn check(said: &Said, shared: &Shared, profile: &Profile, query: u128) -> Result<Cursor, ScimError> {
    let refused = |kind, detail: &str| Err(ScimError::bad_request(kind, said.place(), detail));
    let Some(cursor) = shared.cursor_key.verify(said.text()) else {
        return refused(
            ScimType::InvalidCursor,
            "this cursor was not given out by this server since it was started; begin again with an empty one",
        );
    };
    if cursor.query != query {
        // One text for all that may differ: a cursor tells nothing to one for whom it was not made.
        return refused(
            ScimType::InvalidCursor,
            "this cursor was given out for another query; keep all parameters but the cursor, or begin again with an empty one",
        );
    }
    if cursor.is_older_than(profile.cursor_timeout_seconds, shared.clock.now()) {
        let detail = format!(
            "this cursor is older than {} seconds; begin again with an empty one",
            profile.cursor_timeout_seconds
        );
        return refused(ScimType::ExpiredCursor, &detail);
    }
    Ok(cursor)
}
