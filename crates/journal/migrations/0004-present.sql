-- Version 4: where the present state of each resource is, so that a start reads what is there and not all that ever was.

-- One row for each resource that is not deleted.
CREATE TABLE present (
    tenant        TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id   TEXT NOT NULL,
    -- The change that created it: change.id. Tells the order of creation.
    created       INTEGER NOT NULL,
    -- The change that left it as it is: change.id.
    last          INTEGER NOT NULL,
    -- How many changes there were from the creation on.
    changes       INTEGER NOT NULL,
    PRIMARY KEY (tenant, resource_type, resource_id)
) STRICT, WITHOUT ROWID;

INSERT INTO present (tenant, resource_type, resource_id, created, last, changes)
SELECT tenant, resource_type, resource_id, min(change.id), max(change.id), count(*)
FROM change LEFT JOIN (SELECT tenant, resource_type, resource_id, max(id) AS id
                       FROM change WHERE after IS NULL GROUP BY tenant, resource_type, resource_id) AS deleted
            USING (tenant, resource_type, resource_id)
WHERE change.id > coalesce(deleted.id, 0)
GROUP BY tenant, resource_type, resource_id;
