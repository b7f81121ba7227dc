//! The query language: completions, and the words that it knows.

use axum::Json;
use axum::extract::State;
use scim::schema::Attribute;
use serde::Deserialize;
use traffic::ids::Seq;
use traffic::query::{self, Query, Vocabulary, Word};
use utoipa::IntoParams;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Parameters;
use crate::model::{QueryCompletions, QueryInfo, byte_at};

/// How many of the newest exchanges are asked for names and paths.
const RECENT: u64 = 1000;

/// Where in which text.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Place {
    /// The text of the query so far.
    #[serde(default)]
    q: String,
    /// The cursor, in UTF-16 code units from the beginning; the end if not given.
    cursor: Option<u64>,
}

/// Gives what can stand at the cursor in a query, and how the query is understood so far.
#[utoipa::path(
    get,
    path = "/api/v1/query/complete",
    tag = "record",
    operation_id = "complete_query",
    params(Place),
    responses(
        (status = 200, description = "Completions, sentence and diagnostics.", body = QueryCompletions),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
    )
)]
pub(super) async fn complete(
    State(control): State<Control>,
    Parameters(place): Parameters<Place>,
) -> Result<Json<QueryCompletions>, ApiError> {
    let mut vocabulary = vocabulary(&control);
    let log = control.log();
    let recent = log.exchanges(Seq(log.head().seq.0.saturating_sub(RECENT)), RECENT as usize);
    recent.iter().rev().for_each(|exchange| vocabulary.see(exchange));
    let query = Query::parse(&place.q, control.query_time());
    let cursor = place.cursor.map_or(place.q.len(), |cursor| byte_at(&place.q, cursor));
    let completions = query::complete(&place.q, cursor, &vocabulary);
    let info = QueryInfo::new(&query, &vocabulary);
    Ok(Json(QueryCompletions::new(completions, &query, info)))
}

/// The words that the program knows, without those of the record.
pub(super) fn vocabulary(control: &Control) -> Vocabulary {
    let dialects = dialects::Dialect::ALL.into_iter().map(|dialect| Word::new(dialect.key(), dialect.name()));
    let tolerances = dialects::tolerances().iter().map(|tolerance| Word::new(tolerance.id, tolerance.title));
    let codes = dialects::codes().iter().map(|code| Word::new(code.code, code.title));
    let mut vocabulary = Vocabulary {
        dialects: dialects.collect(),
        findings: tolerances.chain(codes).collect(),
        ..Vocabulary::default()
    };
    for tenant in control.provider().tenants() {
        vocabulary.tenants.push(Word::new(tenant.id(), tenant.base_path()));
        for standing in tenant.rules().list(control.provider().now()) {
            add(&mut vocabulary.rules, &standing.rule.id, &standing.rule.name);
        }
        for shape in tenant.registry().shapes() {
            let kind = &shape.resource_type;
            add(&mut vocabulary.resource_types, &kind.name, &kind.endpoint);
            let own = shape.core_attributes();
            own.for_each(|attribute| paths(&mut vocabulary.paths, attribute, &kind.name));
            for (schema, _) in &shape.extensions {
                schema.attributes.iter().for_each(|attribute| paths(&mut vocabulary.paths, attribute, &schema.name));
            }
        }
    }
    vocabulary
}

fn paths(words: &mut Vec<Word>, attribute: &Attribute, of: &str) {
    add(words, &attribute.name, of);
    if !attribute.multi_valued {
        attribute.sub_attributes.iter().for_each(|sub| add(words, &format!("{}.{}", attribute.name, sub.name), of));
    }
}

fn add(words: &mut Vec<Word>, text: &str, about: &str) {
    if !words.iter().any(|word| word.text == text) {
        words.push(Word::new(text, about));
    }
}
