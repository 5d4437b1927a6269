-- Schema version 1. Ids are text, times are microseconds since the Unix epoch (UTC). Every table of a project carries
-- project_id, and every query filters by it (rule T7). Sealed columns: docs/formats.md.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,             -- schema, root_id, root_check, ...
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE projects (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    root_id    TEXT NOT NULL,           -- root key that wraps the project key
    kek_id     TEXT NOT NULL,
    alg        TEXT NOT NULL,
    nonce      BLOB NOT NULL,
    ct         BLOB NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects(id),
    digest     BLOB NOT NULL UNIQUE,    -- keyed BLAKE2b-256; the key itself is nowhere
    prefix     TEXT NOT NULL,           -- public part, for lists
    name       TEXT NOT NULL,
    scopes     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) WITHOUT ROWID;
CREATE INDEX api_keys_by_project ON api_keys(project_id, id);

CREATE TABLE integrations (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects(id),
    app        TEXT NOT NULL,
    scheme     TEXT NOT NULL,
    name       TEXT NOT NULL,
    enabled    INTEGER NOT NULL DEFAULT 1,
    verify     INTEGER NOT NULL DEFAULT 0, -- 0 server default, 1 on, 2 off, 3 required
    ambiguous  INTEGER NOT NULL DEFAULT 0, -- 0 server default, 1 newest, 2 refuse
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1, -- of the sealed values
    kek_id     TEXT,                    -- NULL: no values of its own
    alg        TEXT,
    nonce      BLOB,
    ct         BLOB,
    display    TEXT NOT NULL DEFAULT '{}', -- masked values, JSON
    given      TEXT NOT NULL DEFAULT '[]', -- names of the fields it has values for, JSON
    limited    TEXT                     -- actions allowed, JSON; NULL: all
) WITHOUT ROWID;
CREATE INDEX integrations_by_project ON integrations(project_id, created_at, id);
CREATE INDEX integrations_by_app ON integrations(project_id, app, created_at, id);

CREATE TABLE connections (
    id             TEXT PRIMARY KEY,
    project_id     TEXT NOT NULL REFERENCES projects(id),
    integration_id TEXT NOT NULL REFERENCES integrations(id),
    app            TEXT NOT NULL,
    scheme         TEXT NOT NULL,
    entity_id      TEXT NOT NULL,
    status         TEXT NOT NULL,       -- INITIATED ACTIVE FAILED EXPIRED
    status_reason  TEXT,
    enabled        INTEGER NOT NULL DEFAULT 1,
    labels         TEXT NOT NULL DEFAULT '[]', -- JSON
    created_at     INTEGER NOT NULL,    -- strictly increasing in ms within one entity
    updated_at     INTEGER NOT NULL,
    version        INTEGER NOT NULL DEFAULT 1,
    kek_id         TEXT NOT NULL,
    alg            TEXT NOT NULL,
    nonce          BLOB NOT NULL,
    ct             BLOB NOT NULL,
    display        TEXT NOT NULL,       -- masked connectionParams, JSON, made when the values are stored
    verdict        TEXT NOT NULL,       -- verified limited unreachable uncheckable unchecked
    verified_at    INTEGER,
    account        TEXT,                -- identity the vendor told, JSON
    failures       INTEGER NOT NULL DEFAULT 0, -- 401s in a row in real use
    next_check_at  INTEGER,             -- NULL: none planned
    uses           INTEGER NOT NULL DEFAULT 0,
    used_at        INTEGER
) WITHOUT ROWID;
CREATE INDEX connections_by_entity ON connections(project_id, entity_id, created_at);
CREATE INDEX connections_by_project ON connections(project_id, created_at, id);
CREATE INDEX connections_by_integration ON connections(integration_id);
CREATE INDEX connections_to_check ON connections(next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE idempotency (
    project_id TEXT NOT NULL,
    key        TEXT NOT NULL,
    request    BLOB NOT NULL,           -- keyed hash of route and body
    status     INTEGER NOT NULL,
    answer     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency(created_at);

CREATE TABLE audit (
    seq        INTEGER PRIMARY KEY,
    time       INTEGER NOT NULL,
    project_id TEXT NOT NULL,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    object     TEXT NOT NULL,
    result     TEXT NOT NULL,
    request_id TEXT NOT NULL,
    prev       BLOB NOT NULL,
    mac        BLOB NOT NULL
);
CREATE INDEX audit_by_project ON audit(project_id, seq);

CREATE TABLE audit_heads (
    seq  INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    mac  BLOB NOT NULL,
    sig  BLOB NOT NULL
);
