-- Version 1: the record, the documents.
--
-- Numbers of exchanges (seq) and positions in the log (pos) count from 1. Times are nanoseconds since 1970 UTC.
-- Bytes of the wire are BLOBs exactly as they came and went. JSON columns hold what is read whole and shown; what a
-- search needs can be made a generated column of them later, without rewriting a row.

-- The order of the log: one row for each entry, without gaps. What the entry says is in the table of its kind.
CREATE TABLE entry (
    pos  INTEGER PRIMARY KEY,
    -- 1 opened, 2 handled, 3 closed, 4 annotated, 5 committed, 6 state, 7 pruned.
    kind INTEGER NOT NULL,
    -- The exchange that it belongs to; a commit belongs to the exchange that caused it.
    seq  INTEGER
) STRICT;

-- One row for each exchange: the fold of its entries. A part that has not happened yet is NULL.
CREATE TABLE exchange (
    seq        INTEGER PRIMARY KEY,
    -- Position of the last entry folded in.
    pos        INTEGER NOT NULL,
    -- When the first byte of the request was read.
    opened_at  INTEGER NOT NULL,
    -- As sent; empty if the bytes were not HTTP.
    method     TEXT NOT NULL,
    target     TEXT NOT NULL,
    -- JSON: id, peer, local, accepted_at.
    connection TEXT NOT NULL,
    -- JSON: what the provider decided, without the bodies and without would_have_changed.
    handled    TEXT,
    -- JSON: for a refused write, the lines of the diff that it would have made. NULL: none.
    would_have_changed TEXT,
    -- Position of the commit that the exchange made: revision.pos.
    committed  INTEGER,
    -- JSON: how it ended, and the times of the response.
    closed     TEXT,
    -- Status line and header fields of the response on the wire.
    sent_head  BLOB,
    -- JSON: what dialects say of it; can be computed again.
    annotation TEXT
) STRICT;

-- The exchanges that are not over: few, and what a start after a crash has to look at.
CREATE INDEX exchange_open ON exchange (seq) WHERE closed IS NULL;

-- Bytes are kept apart from exchanges: a list reads none of them, and an exchange that closes does not rewrite them.

-- The request as it was given to the provider.
CREATE TABLE request (
    seq   INTEGER PRIMARY KEY,
    -- JSON: chunked, dropped bytes, times.
    facts TEXT NOT NULL,
    head  BLOB NOT NULL,
    body  BLOB NOT NULL
) STRICT;

-- What had come of a request that was never given to the provider.
CREATE TABLE unhandled (
    seq   INTEGER PRIMARY KEY,
    facts TEXT NOT NULL,
    head  BLOB NOT NULL,
    body  BLOB NOT NULL
) STRICT;

-- The response body that the provider decided.
CREATE TABLE response (
    seq  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- The response body on the wire, only if it is not the one in response.
CREATE TABLE sent (
    seq  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Commits: one row for each revision of a tenant's directory. Not tied to exchanges, so that it outlives them.
CREATE TABLE revision (
    -- Position of the committed entry.
    pos      INTEGER PRIMARY KEY,
    tenant   TEXT NOT NULL,
    -- The revision that it made; counts from 1 in each tenant.
    revision INTEGER NOT NULL,
    -- The exchange that caused it.
    seq      INTEGER
) STRICT;

CREATE UNIQUE INDEX revision_of_tenant ON revision (tenant, revision);

-- Changes: one row for each resource that a commit changed.
CREATE TABLE change (
    id            INTEGER PRIMARY KEY,
    -- The commit: revision.pos.
    pos           INTEGER NOT NULL,
    tenant        TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id   TEXT NOT NULL,
    -- What people called the resource then.
    display       TEXT NOT NULL,
    -- The state before: the "after" of the change with this id; or, if no change has it, the text in "before".
    -- Both NULL: the resource was created.
    previous      INTEGER,
    before        TEXT,
    -- The state after, as JSON. NULL: the resource was deleted.
    after         TEXT,
    -- JSON: the lines of the diff.
    lines         TEXT NOT NULL
) STRICT;

CREATE INDEX change_of_revision ON change (pos);
CREATE INDEX change_of_resource ON change (tenant, resource_type, resource_id, id);

-- Changes of the server itself: state entries.
CREATE TABLE state (
    pos    INTEGER PRIMARY KEY,
    what   TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- Small JSON documents by kind and id: settings, tokens. The version counts the writes of one document from 1.
CREATE TABLE document (
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    json    TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
