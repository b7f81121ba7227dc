-- Version 8: what an exchange has committed is found by its number.

CREATE INDEX revision_of_exchange ON revision (seq) WHERE seq IS NOT NULL;
