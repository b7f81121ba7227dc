-- Version 11: fewer rows for each exchange. What version 6 to 10 wrote stays where it is and is read from there: in wire and
-- ending. (What is closed at the start after a crash is written there still.)

-- What wire and ending had for one exchange, for up to 64 that were written together.
CREATE TABLE bundle (
    id      INTEGER PRIMARY KEY,
    -- The lowest and the highest number of an exchange in it.
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    -- How many exchanges have parts in it.
    members INTEGER NOT NULL,
    -- For each the number and the parts; compressed together (src/bundle.rs).
    parts   BLOB NOT NULL
) STRICT;

-- bundle.id of what there was of the exchange when it was handled, and of its ending if that was written later.
ALTER TABLE exchange ADD COLUMN wire_in INTEGER;
ALTER TABLE exchange ADD COLUMN ending_in INTEGER;
