-- Schema version 4: budgets, the most calls a project, an integration, or each connection of an integration may make
-- in a minute, an hour and a day (docs/limits.md). What has been used of them is counted in memory.

CREATE TABLE budgets (
    project_id  TEXT NOT NULL REFERENCES projects(id),
    owner       TEXT NOT NULL,              -- id of an integration; the project's own id: the project
    minute      INTEGER NOT NULL DEFAULT 0, -- of all calls together; 0: no limit
    hour        INTEGER NOT NULL DEFAULT 0,
    day         INTEGER NOT NULL DEFAULT 0,
    each_minute INTEGER NOT NULL DEFAULT 0, -- of each connection
    each_hour   INTEGER NOT NULL DEFAULT 0,
    each_day    INTEGER NOT NULL DEFAULT 0,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (project_id, owner)
) WITHOUT ROWID;
