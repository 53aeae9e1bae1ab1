-- The same table in every template that has API keys of its own; worker-kit/api-keys reads and writes it. Copy this file
-- into the template's migrations: a test holds the two equal. Times are milliseconds since 1970, UTC.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('admin', 'member')),
  hash TEXT NOT NULL UNIQUE,        -- SHA-256, hexadecimal; the key itself is never stored
  hint TEXT NOT NULL,               -- its last four characters
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
);
