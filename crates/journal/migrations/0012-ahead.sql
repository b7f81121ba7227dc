-- Version 12: changes of a large commit that are written before it, in parts, so that nobody behind it waits for all of them.

-- One row for each such commit. Its changes have the negative of this id as change.pos, also later; nobody finds them by a
-- revision as long as there is none.
CREATE TABLE ahead (
    id  INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The commit: revision.pos. NULL: there is none yet; what is left like this when the file is opened goes.
    pos INTEGER
) STRICT;

CREATE INDEX ahead_of_commit ON ahead (pos);
