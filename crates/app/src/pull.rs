//! What the subscribers of the log have in common.

use traffic::entry::Entry;
use traffic::ids::Pos;
use traffic::log::Record;

/// The next entries after a position; waits until there are some. A subscriber that is behind gets what has left the
/// memory too; if that cannot be read, it is told so by one *pruned* entry and goes on with what is in memory.
pub(crate) async fn next(record: &Record, after: Pos, limit: usize) -> Vec<(Pos, Entry)> {
    loop {
        let entries = match record.read_away(after, limit).await {
            Ok(entries) => entries,
            Err(why) => {
                tracing::error!("a part of the record cannot be read and is passed over: {why}");
                record.log().read(after, limit)
            }
        };
        if !entries.is_empty() {
            return entries;
        }
        record.log().wait(after).await;
    }
}
