//! Flows: which there are, and their steps, without states.

use rusqlite::{Connection, Row};
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Pos, Seq};
use traffic::step::Step;

use super::{Columns, Reading, ReceivedColumns, packed};
use crate::bundle::Bundles;

/// The numbers of flows below one, descending. Reads the index alone.
pub(crate) fn below(connection: &Connection, before: i64, limit: i64) -> rusqlite::Result<Vec<FlowId>> {
    let sql = "SELECT DISTINCT flow FROM exchange WHERE flow < ?1 ORDER BY flow DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map([before, limit], |row| Ok(FlowId(row.get::<_, i64>(0)? as u64)))?.collect()
}

const STEPS: &str = "
    SELECT seq, pos, opened_at, method, target, connection, handled, closed, annotation, marks,
           (SELECT facts FROM request WHERE request.seq = exchange.seq) AS request_facts,
           (SELECT facts FROM unhandled WHERE unhandled.seq = exchange.seq) AS unhandled_facts,
           (SELECT parts FROM wire WHERE wire.seq = exchange.seq) AS wire,
           (SELECT parts FROM ending WHERE ending.seq = exchange.seq) AS ending,
           wire_in, ending_in,
           (SELECT count(*) FROM change WHERE change.pos = exchange.committed) AS changes
    FROM exchange WHERE flow = ?1 ORDER BY seq";

/// The steps of a flow, ascending.
pub(crate) fn steps(connection: &Connection, flow: FlowId) -> Reading<Vec<Step>> {
    let mut statement = connection.prepare_cached(STEPS)?;
    let mut rows = statement.query([i64::try_from(flow.0).unwrap_or(i64::MAX)])?;
    let mut steps = Vec::new();
    let mut bundles = Bundles::default();
    while let Some(row) = rows.next()? {
        match exchange(row, connection, &mut bundles)? {
            Ok(exchange) => {
                let mut step = Step::from(&exchange);
                step.summary.changes = row.get::<_, i64>("changes")? as usize;
                steps.push(step);
            }
            Err(why) => return Ok(Err((format!("exchange {}", row.get::<_, i64>("seq")?), why))),
        }
    }
    Ok(Ok(steps))
}

/// What a step is made from: an exchange without its changes; of older ones everything long is left out.
fn exchange(
    row: &Row<'_>,
    connection: &Connection,
    bundles: &mut Bundles,
) -> rusqlite::Result<Result<Exchange, String>> {
    let number = |column| row.get::<_, i64>(column).map(|number| number as u64);
    let seq = Seq(number("seq")?);
    let facts = |column| {
        let facts = row.get::<_, Option<String>>(column)?;
        Ok::<_, rusqlite::Error>(facts.map(|facts| ReceivedColumns {
            facts,
            head: Default::default(),
            body: Default::default(),
        }))
    };
    let columns = Columns {
        opened_at: row.get("opened_at")?,
        method: row.get("method")?,
        target: row.get("target")?,
        connection: row.get("connection")?,
        handled: row.get("handled")?,
        would_have_changed: None,
        closed: row.get("closed")?,
        sent_head: None,
        annotation: row.get("annotation")?,
        marks: row.get("marks")?,
        request: facts("request_facts")?,
        unhandled: facts("unhandled_facts")?,
        response_body: None,
        sent_body: None,
        packed: match packed(row, connection, bundles, seq)? {
            Ok(packed) => packed,
            Err(why) => return Ok(Err(why)),
        },
    };
    Ok(columns.fold(seq, Pos(number("pos")?), None))
}
