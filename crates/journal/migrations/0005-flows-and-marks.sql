-- Version 5: flows, and what people put on exchanges. entry.kind 8: marked.

-- The flow that the exchange belongs to: the number of the first exchange of it. One that is alone has its own number. The
-- same as in "annotation", for the index.
ALTER TABLE exchange ADD COLUMN flow INTEGER NOT NULL DEFAULT 0;

UPDATE exchange SET flow = seq;

-- Has the number, too, so that the numbers of a flow are read from the index alone.
CREATE INDEX exchange_flow ON exchange (flow);

-- JSON: pinned, note, tags. NULL: nobody ever put anything on.
ALTER TABLE exchange ADD COLUMN marks TEXT;

-- Few, and what pruning has to know.
CREATE INDEX exchange_pinned ON exchange (flow) WHERE marks ->> '$.pinned';
