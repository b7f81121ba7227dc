-- Version 6: fewer and smaller rows for each exchange. What older versions wrote stays where it is and is read from there:
-- in entry, request, unhandled, response and sent, and in the columns handled, would_have_changed and sent_head of exchange.

-- The order of the log: one row for many entries at successive positions.
CREATE TABLE run (
    -- Positions of the first and the last one.
    last    INTEGER PRIMARY KEY,
    first   INTEGER NOT NULL,
    -- For each: entry.kind, with 0x80 added if it belongs to an exchange; then the step from the exchange of the one before
    -- it in this row (the first: from 0), as a zigzag varint.
    entries BLOB NOT NULL
) STRICT;

-- What there was of an exchange when it was handled: request and decision; the ending too if it came in the same transaction.
CREATE TABLE wire (
    seq   INTEGER PRIMARY KEY,
    -- Parts, compressed (src/pack.rs).
    parts BLOB NOT NULL
) STRICT;

-- The ending of an exchange that was never handled, or that was handled in an earlier transaction: written apart, so that it
-- does not rewrite the rest.
CREATE TABLE ending (
    seq   INTEGER PRIMARY KEY,
    parts BLOB NOT NULL
) STRICT;

-- exchange.connection is no longer JSON but: id, peer, local, when accepted in nanoseconds; with blanks between.
