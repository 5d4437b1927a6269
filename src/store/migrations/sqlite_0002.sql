-- Schema version 2: one-time links by which a person enters a credential on a page of ours (docs/formats.md "Connect
-- links"). The token itself is nowhere. A link goes with its connection and its integration.

CREATE TABLE connect_links (
    id             TEXT PRIMARY KEY,
    project_id     TEXT NOT NULL REFERENCES projects(id),
    integration_id TEXT NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    connection_id  TEXT NOT NULL REFERENCES connections(id) ON DELETE CASCADE,
    digest         BLOB NOT NULL UNIQUE,    -- keyed BLAKE2b-256 of the token
    entity_id      TEXT NOT NULL,
    return_url     TEXT,
    replaces       INTEGER NOT NULL,        -- 1: new values for a connection that was there before
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,        -- wall clock: for people, and after a restart of the machine
    boot           TEXT NOT NULL,           -- which run of the machine boot_ends counts in
    boot_ends      INTEGER NOT NULL,        -- us of the clock that no setting moves (rule D9)
    tries          INTEGER NOT NULL DEFAULT 0,
    window_at      INTEGER NOT NULL DEFAULT 0, -- same clock: when the minute of the tries below began
    window_tries   INTEGER NOT NULL DEFAULT 0,
    used_at        INTEGER,
    revoked_at     INTEGER
) WITHOUT ROWID;
CREATE INDEX connect_links_by_project ON connect_links(project_id, created_at, id);
CREATE INDEX connect_links_by_connection ON connect_links(connection_id);
CREATE INDEX connect_links_by_integration ON connect_links(integration_id);
CREATE INDEX connect_links_by_end ON connect_links(expires_at);
