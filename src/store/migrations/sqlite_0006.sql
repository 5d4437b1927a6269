-- Schema version 6: what an API key may reach, keys that were frozen, canaries, and the requests a caller may make in
-- its own words (docs/formats.md "Limits of a key").

ALTER TABLE api_keys ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0; -- 1: acts with what reads, only
ALTER TABLE api_keys ADD COLUMN apps TEXT;            -- ,a,b, ; NULL: all
ALTER TABLE api_keys ADD COLUMN entities TEXT;        -- each between two 0x1f; NULL: all
ALTER TABLE api_keys ADD COLUMN entity_prefix TEXT;   -- entities that begin so, besides; NULL: none
ALTER TABLE api_keys ADD COLUMN frozen_at INTEGER;    -- not NULL: refused until an administrator says otherwise
ALTER TABLE api_keys ADD COLUMN frozen_why TEXT;

ALTER TABLE integrations ADD COLUMN requests TEXT;    -- requests of one's own that are allowed, JSON; NULL: see limited

ALTER TABLE connections ADD COLUMN canary INTEGER NOT NULL DEFAULT 0; -- 1: nobody has a reason to use it

-- An act that was begun with an Idempotency-Key, and its answer, which is a vendor's and therefore sealed.
ALTER TABLE idempotency ADD COLUMN begun INTEGER NOT NULL DEFAULT 0; -- 1: sent, perhaps; no answer known
ALTER TABLE idempotency ADD COLUMN kek_id TEXT;
ALTER TABLE idempotency ADD COLUMN alg TEXT;
ALTER TABLE idempotency ADD COLUMN nonce BLOB;
ALTER TABLE idempotency ADD COLUMN ct BLOB;

-- Files that an SDK uploaded for the arguments of an action: sealed, for a day (docs/formats.md "Files").
CREATE TABLE files (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects(id),
    name       TEXT NOT NULL,
    mimetype   TEXT NOT NULL,
    size       INTEGER NOT NULL DEFAULT 0, -- bytes; 0 until they are there
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    kek_id     TEXT,                    -- NULL: announced, not there yet
    alg        TEXT,
    nonce      BLOB,
    ct         BLOB
) WITHOUT ROWID;
CREATE INDEX files_by_project ON files(project_id);
CREATE INDEX files_by_end ON files(expires_at);
