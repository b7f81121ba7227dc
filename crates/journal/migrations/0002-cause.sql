-- Version 2: commits that no exchange caused.

-- JSON: why, if no exchange did it: "duplicated", "reset". NULL: the exchange in seq did.
ALTER TABLE revision ADD COLUMN cause TEXT;
