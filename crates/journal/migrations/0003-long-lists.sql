-- Version 3: changes of resources with long lists (more than 64 elements).

-- JSON: what became of each long list:
-- [{"extension": URN if it is in one, "attribute": name, "changed": [[before, after], ...], "gone": [element, ...],
-- "came": [element, ...]}, ...]. Then the state before is that of the change in "previous", and "after" has in the place of
-- the elements how many there are. NULL: "after" is whole.
ALTER TABLE change ADD COLUMN lists TEXT;

-- For an "after" that is whole and has long lists: the same with the number of elements in their place, to compare with.
ALTER TABLE change ADD COLUMN head TEXT;

-- Bytes of "lists" in this change and those before it back to the last one whose "after" is whole: what must be read to get
-- the state after. A whole state is written again before that would be more than the state itself.
ALTER TABLE change ADD COLUMN since_whole INTEGER NOT NULL DEFAULT 0;
