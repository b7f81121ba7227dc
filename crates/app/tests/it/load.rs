//! Many at once, and nothing is lost.

use std::collections::HashMap;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use traffic::entry::Entry;
use traffic::exchange::Exchange;
use traffic::ids::{Pos, Seq};

use crate::raw::response;
use crate::running::{TOKEN, address, app};

const CONNECTIONS: usize = 64;
const REQUESTS: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_on_64_connections_are_ten_thousand_exchanges() {
    let app = app("tolerant").await;
    let address = address(&app);
    let log = app.log();
    // Subscribes before, and stops in the middle: it must see the rest when it goes on.
    let early = tokio::spawn({
        let log = app.log();
        async move {
            let mut cursor = Pos(0);
            while log.head().seq < Seq(REQUESTS as u64 / 2) {
                log.wait(cursor).await;
                cursor = log.read(cursor, 64).last().map_or(cursor, |(pos, _)| *pos);
            }
            cursor
        }
    });
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|client| {
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                let mine = (client..REQUESTS).step_by(CONNECTIONS);
                for n in mine {
                    let request = request(n);
                    stream.write_all(request.as_bytes()).await.expect("sent");
                    let (head, _) = response(&mut stream).await;
                    let expected = if n % 4 == 0 { "HTTP/1.1 201" } else { "HTTP/1.1 200" };
                    assert!(head.starts_with(expected), "{head}");
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("a client without failures");
    }
    let cursor = early.await.expect("a reader");

    // Closing and annotations follow the last byte; the client may be faster.
    let is_over = |exchange: &Exchange| exchange.closed.is_some() && exchange.annotation.is_some();
    while !log.exchanges(Seq(0), usize::MAX).iter().all(|exchange| is_over(exchange)) {
        tokio::task::yield_now().await;
    }
    let exchanges = log.exchanges(Seq(0), usize::MAX);
    assert_eq!(exchanges.len(), REQUESTS);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for exchange in &exchanges {
        *seen.entry(exchange.opened.target.as_str()).or_default() += 1;
        assert!(!exchange.received().expect("bytes").head.is_empty());
    }
    assert_eq!(seen["/scim/v2/Users"], REQUESTS / 4, "every create");

    let late = entries(&log, Pos(0));
    let resumed = entries(&log, cursor);
    assert_eq!(late.opened, REQUESTS, "a late reader gets every exchange");
    assert_eq!(late.closed, REQUESTS);
    assert_eq!(late.last, resumed.last, "and a reader that resumes ends at the same place");
    assert_eq!(late.count - resumed.count, cursor.0 as usize);
    app.stop().await;
}

struct Seen {
    opened: usize,
    closed: usize,
    count: usize,
    last: Pos,
}

fn entries(log: &traffic::log::Log, mut after: Pos) -> Seen {
    let mut seen = Seen { opened: 0, closed: 0, count: 0, last: after };
    loop {
        let page = log.read(after, 1000);
        let Some((last, _)) = page.last() else { return seen };
        after = *last;
        seen.last = after;
        seen.count += page.len();
        seen.opened += page.iter().filter(|(_, entry)| matches!(entry, Entry::Opened(..))).count();
        seen.closed += page.iter().filter(|(_, entry)| matches!(entry, Entry::Closed(..))).count();
    }
}

fn request(n: usize) -> String {
    let common = format!("Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n");
    if n.is_multiple_of(4) {
        let body = format!(
            "{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"user.{n}@example.com\"}}"
        );
        format!(
            "POST /scim/v2/Users HTTP/1.1\r\n{common}Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    } else {
        format!("GET /scim/v2/Users?filter=userName+eq+%22user.{n}%40example.com%22 HTTP/1.1\r\n{common}\r\n")
    }
}
