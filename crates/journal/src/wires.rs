//! Where a request came in, as a short text.

use jiff::Timestamp;
use traffic::exchange::Connection;
use traffic::ids::ConnectionId;

/// The text of a connection: id, peer, local, when accepted in nanoseconds; with blanks between.
pub(crate) fn to_text(connection: &Connection) -> String {
    let Connection { id, peer, local, accepted_at } = connection;
    format!("{id} {peer} {local} {}", accepted_at.as_nanosecond())
}

/// The connection of a text that [`to_text`] made, or of the JSON that was written before version 6; or why it is none.
pub(crate) fn from_text(text: &str) -> Result<Connection, String> {
    if text.starts_with('{') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    let mut words = text.split(' ');
    let mut word = || words.next().ok_or_else(|| format!("{text:?} is no connection"));
    let wrong = |what: &str| format!("{text:?} is no connection: {what}");
    let id = ConnectionId(word()?.parse().map_err(|_| wrong("id"))?);
    let peer = word()?.parse().map_err(|_| wrong("peer"))?;
    let local = word()?.parse().map_err(|_| wrong("local address"))?;
    let nanoseconds = word()?.parse().map_err(|_| wrong("time"))?;
    let accepted_at = Timestamp::from_nanosecond(nanoseconds).map_err(|error| error.to_string())?;
    Ok(Connection { id, peer, local, accepted_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_come_back_from_both_forms() {
        let connection = Connection {
            id: ConnectionId(7),
            peer: "[fe80::1%3]:56728".parse().unwrap(),
            local: "127.0.0.1:8787".parse().unwrap(),
            accepted_at: "2026-01-31T09:30:00.123456789Z".parse().unwrap(),
        };
        let text = to_text(&connection);
        assert_eq!(text, "7 [fe80::1%3]:56728 127.0.0.1:8787 1769851800123456789");
        assert_eq!(from_text(&text).unwrap(), connection);
        assert_eq!(from_text(&serde_json::to_string(&connection).unwrap()).unwrap(), connection);
        for damaged in ["", "{}", "7 [fe80::1%3]:56728 127.0.0.1:8787", "x 127.0.0.1:1 127.0.0.1:2 0"] {
            assert!(from_text(damaged).is_err(), "{damaged}");
        }
    }
}
