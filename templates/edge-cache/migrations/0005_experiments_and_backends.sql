-- What became of the requests that took part in an experiment. Who takes part, and as what, follows from hashes and is
-- stored nowhere; these are the books. Times are milliseconds since 1970, UTC; money is in nano-dollars.

-- One row for each caller: callers are what was dealt, so their sums are what is compared.
CREATE TABLE experiment_subjects (
  tenant TEXT NOT NULL,
  experiment TEXT NOT NULL,
  variant TEXT NOT NULL,
  subject TEXT NOT NULL,              -- a hash of who asked
  requests INTEGER NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0,
  hits INTEGER NOT NULL DEFAULT 0,    -- answered without a call of their own
  misses INTEGER NOT NULL DEFAULT 0,
  fallbacks INTEGER NOT NULL DEFAULT 0, -- answered by another model than the variant's
  cost_nano INTEGER NOT NULL DEFAULT 0,
  saved_nano INTEGER NOT NULL DEFAULT 0,
  ms INTEGER NOT NULL DEFAULT 0,      -- of answered requests, until the answer was whole
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, experiment, variant, subject)
) STRICT, WITHOUT ROWID;

-- Whose request it was, for what is said about it later. Forgotten after 30 days.
CREATE TABLE experiment_requests (
  tenant TEXT NOT NULL,
  request_id TEXT NOT NULL,
  experiment TEXT NOT NULL,
  variant TEXT NOT NULL,
  subject TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX experiment_requests_to_forget ON experiment_requests (at);

-- What a caller has said about an answer; once a request, the last word counts. experiment and what follows it are null
-- until the request is known, and for ever when it took part in nothing.
CREATE TABLE feedback (
  tenant TEXT NOT NULL,
  request_id TEXT NOT NULL,
  score REAL NOT NULL CHECK (score >= 0 AND score <= 1),
  comment TEXT,
  experiment TEXT,
  variant TEXT,
  subject TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX feedback_by_variant ON feedback (tenant, experiment, variant, subject) WHERE experiment IS NOT NULL;
CREATE INDEX feedback_open ON feedback (at) WHERE experiment IS NULL;
CREATE INDEX feedback_to_forget ON feedback (at);
CREATE INDEX feedback_by_time ON feedback (tenant, at);
CREATE INDEX experiment_subjects_to_forget ON experiment_subjects (updated_at);

-- What is known of the services behind the proxy, for all isolates. They are the stack's, not a tenant's.
CREATE TABLE backends (
  name TEXT PRIMARY KEY,
  open_until INTEGER,                 -- left alone until then; null: asked
  changed_at INTEGER NOT NULL,        -- when that was last found
  checked_at INTEGER,                 -- the last health check; null: never
  healthy INTEGER CHECK (healthy IN (0, 1)),
  check_status INTEGER,               -- what it answered; null: nothing
  check_ms INTEGER,
  failed_checks INTEGER NOT NULL DEFAULT 0 -- in a row
) STRICT, WITHOUT ROWID;
