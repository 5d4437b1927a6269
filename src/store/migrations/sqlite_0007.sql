-- Schema version 7: the dashboard. A session begins as the digest of a one-time code (keysteward dash), or at once with an
-- API key that has the right `dashboard`; then it is found by the digest of what the browser's cookie holds.
-- The indexes keep its lists fast with a million connections. And the log of calls: a line for each use of a connection.

CREATE TABLE dash_sessions (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects(id),
    key_id     TEXT REFERENCES api_keys(id), -- NULL: made on the server's own machine, for an administrator
    code       BLOB UNIQUE,             -- keyed BLAKE2b-256 of a code that nobody has used yet; NULL: signed in
    digest     BLOB UNIQUE,             -- the same of the cookie's value; NULL: not signed in yet
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,        -- to the minute
    expires_at INTEGER NOT NULL         -- of the code, then of the session
) WITHOUT ROWID;
CREATE INDEX dash_sessions_by_end ON dash_sessions(expires_at);

-- What a project has decided for what it makes; a project without a row has decided nothing.
CREATE TABLE project_settings (
    project_id     TEXT PRIMARY KEY REFERENCES projects(id),
    verify         INTEGER NOT NULL DEFAULT 0, -- of integrations that say nothing; as in integrations
    origins        TEXT,               -- that may show new links in a frame, with blanks between; NULL: none
    return_origins TEXT,               -- the only ones return URLs of new links lead to; NULL: any
    updated_at     INTEGER NOT NULL
) WITHOUT ROWID;

ALTER TABLE api_keys ADD COLUMN used_at INTEGER; -- last use, to the minute; NULL: none

CREATE INDEX connections_by_app ON connections(project_id, app, created_at, id);
CREATE INDEX connections_of_integration ON connections(integration_id, created_at, id);
DROP INDEX connections_by_integration;
CREATE INDEX connections_disabled ON connections(project_id, created_at, id) WHERE enabled = 0;
CREATE INDEX connections_by_trouble ON connections(project_id, status, created_at, id) WHERE status <> 'ACTIVE';

-- Newest last; deleted from the front when it is older than --calls-keep. No value and no body of a call is in it.
CREATE TABLE calls (
    id            INTEGER PRIMARY KEY,  -- one more than the line before
    project_id    TEXT NOT NULL,
    time          INTEGER NOT NULL,     -- when it was over
    entity_id     TEXT,                 -- NULL, and connection_id too: credentials came with the call, or none are needed
    connection_id TEXT,
    app           TEXT NOT NULL,
    what          TEXT NOT NULL,        -- the action, or method and path as the caller wrote them, without the query
    status        INTEGER NOT NULL,     -- of the vendor's answer; 0: there was none
    result        TEXT NOT NULL,        -- ok, vendor_error, unreachable, too_large, broken, caller_left
    took_us       INTEGER NOT NULL,
    request_id    TEXT NOT NULL,
    actor         TEXT NOT NULL
);
CREATE INDEX calls_by_app ON calls(project_id, app);
CREATE INDEX calls_failed ON calls(project_id) WHERE result <> 'ok';
-- There are too many entities and connections for plain indexes: each line would touch a page of its own (23 us of CPU a
-- line, 6 in blocks of 1,024 lines, each of which has a few pages). Lists ask block by block, newest first.
CREATE INDEX calls_by_connection ON calls(id / 1024, connection_id) WHERE connection_id IS NOT NULL;
CREATE INDEX calls_by_entity ON calls(id / 1024, project_id, entity_id);
