//! What the API says of a query. Places in its text are counted as JavaScript counts: in UTF-16 code units.

use serde::Serialize;
use traffic::query;
use utoipa::ToSchema;

/// A query as it was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueryInfo {
    /// The query in words.
    pub sentence: String,
    /// Its clauses, in the order of the text: an exchange is selected if it passes all of them.
    pub clauses: Vec<QueryClause>,
    /// What could not be read, and words that are not known.
    pub diagnostics: Vec<QueryDiagnostic>,
    /// For each clause, how many of the exchanges that were looked at it hides; only with `counts=true`.
    pub hidden: Option<Vec<HiddenByClause>>,
}

/// A clause of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueryClause {
    /// The clause as written.
    pub text: String,
    /// Its first UTF-16 code unit.
    pub start: u64,
    /// The code unit after its last.
    pub end: u64,
}

/// Something in a query that could not be read as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueryDiagnostic {
    /// The first UTF-16 code unit of the text that it is about.
    pub start: u64,
    /// The code unit after the last.
    pub end: u64,
    /// What is wrong and what to write instead.
    pub message: String,
    /// Text that would be right in that place, if one is near.
    pub suggestion: Option<String>,
    /// Whether this part is left out of the query.
    pub left_out: bool,
}

/// What a clause hides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HiddenByClause {
    /// The clause as written.
    pub clause: String,
    /// Its first UTF-16 code unit.
    pub start: u64,
    /// The code unit after its last.
    pub end: u64,
    /// How many exchanges it hides.
    pub count: u64,
    /// How many of them no other clause hides: they would be seen without this one.
    pub alone: u64,
}

/// What can stand at the cursor in a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueryCompletions {
    /// The first UTF-16 code unit that a completion replaces.
    pub start: u64,
    /// The code unit after the last.
    pub end: u64,
    /// The completions, likeliest first.
    pub items: Vec<QueryCompletion>,
    /// The whole text as it is understood now.
    pub query: QueryInfo,
}

/// Text that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueryCompletion {
    /// The text, in quotes if it needs them.
    pub text: String,
    /// What it means, in a few words; may be empty.
    pub about: String,
    /// What it is.
    pub kind: QueryCompletionKind,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueryCompletionKind {
    /// A field, with its colon; a value has to follow.
    Field,
    /// A value, or a field with its value.
    Value,
    /// A word of the language.
    Keyword,
}

impl QueryInfo {
    /// The query, without counts.
    pub(crate) fn new(query: &query::Query, vocabulary: &query::Vocabulary) -> QueryInfo {
        let mut diagnostics = query.diagnostics().to_vec();
        diagnostics.extend(query.unknown_words(vocabulary));
        diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        let diagnostics = diagnostics.into_iter().map(|diagnostic| QueryDiagnostic {
            start: code_units(query.text(), diagnostic.span.start),
            end: code_units(query.text(), diagnostic.span.end),
            message: diagnostic.message,
            suggestion: diagnostic.suggestion,
            left_out: diagnostic.left_out,
        });
        let clauses = query.clauses().iter().map(|clause| QueryClause {
            text: query.text()[clause.span.clone()].to_owned(),
            start: code_units(query.text(), clause.span.start),
            end: code_units(query.text(), clause.span.end),
        });
        QueryInfo {
            sentence: query.sentence(),
            clauses: clauses.collect(),
            diagnostics: diagnostics.collect(),
            hidden: None,
        }
    }
}

/// The counts of a query's clauses.
pub(crate) fn hidden(query: &query::Query, counts: &[query::Count]) -> Vec<HiddenByClause> {
    let clauses = query.clauses().iter().zip(counts);
    let clauses = clauses.map(|(clause, count)| HiddenByClause {
        clause: query.text()[clause.span.clone()].to_owned(),
        start: code_units(query.text(), clause.span.start),
        end: code_units(query.text(), clause.span.end),
        count: count.hidden,
        alone: count.alone,
    });
    clauses.collect()
}

impl QueryCompletions {
    pub(crate) fn new(completions: query::Completions, query: &query::Query, info: QueryInfo) -> QueryCompletions {
        let items = completions.items.into_iter().map(|item| QueryCompletion {
            text: item.text,
            about: item.about,
            kind: match item.kind {
                query::CompletionKind::Field => QueryCompletionKind::Field,
                query::CompletionKind::Value => QueryCompletionKind::Value,
                query::CompletionKind::Keyword => QueryCompletionKind::Keyword,
            },
        });
        QueryCompletions {
            start: code_units(query.text(), completions.span.start),
            end: code_units(query.text(), completions.span.end),
            items: items.collect(),
            query: info,
        }
    }
}

/// The code units before a byte.
fn code_units(text: &str, byte: usize) -> u64 {
    text[..byte].encode_utf16().count() as u64
}

/// The byte at a code unit; one inside a character is before it, one beyond the end is the end.
pub(crate) fn byte_at(text: &str, code_unit: u64) -> usize {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16() as u64;
        if units > code_unit {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_javascript_does() {
        let text = "a\u{e4}\u{1F600}b";
        for (byte, unit) in [(0, 0), (1, 1), (3, 2), (7, 4), (8, 5)] {
            assert_eq!((code_units(text, byte), byte_at(text, unit)), (unit, byte));
        }
        assert_eq!((byte_at(text, 3), byte_at(text, 99)), (3, 8));
    }
}
