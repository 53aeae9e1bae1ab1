-- What requests with an Idempotency-Key were answered, for actions that leave no record of their own to find again.
-- worker-kit/idempotent-answers reads and writes it. Copy this file into the template's migrations: a test holds the two
-- equal. Times are milliseconds since 1970, UTC.
CREATE TABLE idempotent_answers (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,         -- SHA-256 of method, path and body
  claimed_until INTEGER NOT NULL,     -- until then the first one is being worked on
  status INTEGER,                     -- null while there is no answer
  body TEXT,                          -- JSON
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotent_answers_to_expire ON idempotent_answers (expires_at);
