-- Version 10: the exchanges that somebody put something on: few, and what a search for tags and notes has to look at.

CREATE INDEX exchange_marked ON exchange (seq) WHERE marks IS NOT NULL;
