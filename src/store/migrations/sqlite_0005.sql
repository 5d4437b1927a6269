-- Schema version 5: a link's language and the origins that may show it in a frame; what a project's pages look like
-- (docs/formats.md "Looks"). The style sheet is made by the program from checked values.

ALTER TABLE connect_links ADD COLUMN lang TEXT;     -- NULL: as the browser asks
ALTER TABLE connect_links ADD COLUMN origins TEXT;  -- separated by blanks; NULL: none

CREATE TABLE looks (
    project_id TEXT PRIMARY KEY REFERENCES projects(id),
    given      TEXT NOT NULL,           -- the values as they were given, JSON
    lang       TEXT,                    -- of pages whose link and reader say nothing
    sheet      TEXT NOT NULL UNIQUE,    -- name of the style sheet: holds its digest
    css        TEXT NOT NULL,
    logo       TEXT,                    -- name of the picture: holds its digest; NULL: none
    logo_type  TEXT,
    logo_bytes BLOB,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX looks_by_logo ON looks(logo);
