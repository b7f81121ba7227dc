-- Version 7: the index that searches use. Everything in it can be computed again from the exchanges; it is written when
-- there is nothing else to write, so it may lack the newest ones. How the BLOBs are to be read is in src/search/; a version
-- that reads them in another way empties these tables.

-- One row for 1,024 numbers of exchanges, first to last. The block of number n is the one with last >= n and first <= n.
CREATE TABLE search_block (
    first  INTEGER PRIMARY KEY,
    last   INTEGER NOT NULL,
    -- When the earliest and the latest of them began: exchange.opened_at.
    from_time  INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    -- What has a value for each exchange: status, method, tenant, dialect, times ...
    facets BLOB NOT NULL
) STRICT;

-- How the users, groups and resources are called that the exchanges are about.
CREATE TABLE search_names (
    first INTEGER PRIMARY KEY,
    names BLOB NOT NULL
) STRICT;

-- Which runs of four bytes are in heads, bodies and paths: a filter for each 32 exchanges.
CREATE TABLE search_grams (
    first INTEGER PRIMARY KEY,
    grams BLOB NOT NULL
) STRICT;

-- Exchanges that were not over when their block was made, or that changed since.
CREATE TABLE search_stale (
    seq INTEGER PRIMARY KEY
) STRICT;
