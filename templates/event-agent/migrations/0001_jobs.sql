-- One row a job: the truth about its state. All times are milliseconds since 1970, UTC.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,              -- job_ + ULID: sorts by creation
  tenant TEXT NOT NULL,
  task TEXT NOT NULL,
  request TEXT NOT NULL,            -- JSON: the validated submission
  request_hash TEXT NOT NULL,       -- SHA-256 of the submission, compared under one idempotency key
  idempotency_key TEXT,
  source TEXT,                      -- the hook it came from, if any
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  reason TEXT,                      -- why a queued job waits
  run INTEGER NOT NULL DEFAULT 1,   -- raised by a retry on request
  attempt INTEGER NOT NULL DEFAULT 0, -- the fence: only the newest attempt may write its result
  attempts_in_run INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL,
  deadline_at INTEGER NOT NULL,
  lease_until INTEGER,
  wake_at INTEGER,                  -- when the job's Durable Object has to act next; the sweep wakes overdue ones
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  expires_at INTEGER NOT NULL,
  model TEXT,
  fallback INTEGER NOT NULL DEFAULT 0,
  stand_in INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER,
  output_tokens INTEGER,
  error_code TEXT,
  error_message TEXT,
  result_key TEXT,                  -- R2 key of the answer
  webhook_url TEXT,
  webhook_state TEXT,               -- pending, delivered, gave_up
  webhook_attempts INTEGER NOT NULL DEFAULT 0,
  metadata TEXT NOT NULL DEFAULT '{}'
);

CREATE UNIQUE INDEX jobs_idempotency ON jobs (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX jobs_by_tenant ON jobs (tenant, id);
CREATE INDEX jobs_by_status ON jobs (tenant, status, id);
CREATE INDEX jobs_to_wake ON jobs (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX jobs_to_expire ON jobs (expires_at);

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
