-- Schema version 3: apps of a project's own (docs/formats.md "A project's own apps"). The text is an app file as it was
-- sent; it holds no credential. The stamp changes with every version, so that what was made of a text can be told apart.

CREATE TABLE custom_apps (
    project_id TEXT NOT NULL REFERENCES projects(id),
    key        TEXT NOT NULL,
    version    INTEGER NOT NULL,        -- +1 for each text
    stamp      TEXT NOT NULL,           -- random, ordered by time
    text       TEXT NOT NULL,           -- YAML
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, key)
) WITHOUT ROWID;
