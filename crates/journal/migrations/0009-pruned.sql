-- Version 9: what was given up so that the file stays within its budget.

-- One row: how much is gone, and what goes on from where.
CREATE TABLE pruned (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    -- How many exchanges, flows and changes are gone.
    exchanges       INTEGER NOT NULL,
    flows           INTEGER NOT NULL,
    changes         INTEGER NOT NULL,
    -- The last number and position that were ever given to what is gone: neither is given again.
    last_seq        INTEGER NOT NULL,
    last_pos        INTEGER NOT NULL,
    -- A flow that is too large for one transaction and not yet gone whole. NULL: none.
    going           INTEGER,
    -- Of changes at positions up to here only the states that they left are kept: the checkpoint of the directories.
    changes_through INTEGER NOT NULL,
    -- Up to here that is done; beyond it up to changes_through it is being done.
    folded_through  INTEGER NOT NULL,
    -- About how many bytes changes take.
    change_bytes    INTEGER NOT NULL
) STRICT;

INSERT INTO pruned SELECT 1, 0, 0, 0, 0, 0, NULL, 0, 0,
    coalesce(sum(300 + octet_length(display) + octet_length(lines) + coalesce(octet_length(before), 0)
                 + coalesce(octet_length(after), 0) + coalesce(octet_length(lists), 0)
                 + coalesce(octet_length(head), 0)), 0) FROM change;

-- One row for each tenant of whose history a part is gone.
CREATE TABLE horizon (
    tenant    TEXT PRIMARY KEY,
    -- The oldest revision whose state is still to be had.
    revision  INTEGER NOT NULL,
    -- Its position in the log: revision.pos.
    pos       INTEGER NOT NULL,
    -- When it was made, as exchange.opened_at.
    at        INTEGER NOT NULL,
    -- Position of the tenant's first commit: tells the order of tenants.
    first_pos INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
