-- Batches and their items: the truth about both. All times are milliseconds since 1970, UTC; amounts of money are whole
-- billionths of a US dollar.

CREATE TABLE batches (
  id TEXT PRIMARY KEY,                 -- batch_ + ULID: sorts by creation
  tenant TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  options TEXT NOT NULL DEFAULT '{}',  -- JSON: the pipeline's options, validated
  -- receiving: its upload is on the way · loading: its items become rows · running · waiting: see wait_reason
  status TEXT NOT NULL CHECK (status IN ('receiving', 'loading', 'running', 'waiting', 'done', 'cancelled', 'failed')),
  source TEXT NOT NULL,                -- JSON: where its items come from
  checkpoint TEXT,                     -- JSON: how far it is loaded
  checkpoint_part INTEGER NOT NULL DEFAULT -1,

  -- Kept by the triggers below.
  total INTEGER NOT NULL DEFAULT 0,
  waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
  released INTEGER NOT NULL DEFAULT 0 CHECK (released >= 0),
  done INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
  dead INTEGER NOT NULL DEFAULT 0 CHECK (dead >= 0),
  cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
  version INTEGER NOT NULL DEFAULT 1,  -- raised by every change that a caller can see
  changed_at INTEGER NOT NULL,

  wait_reason TEXT,
  wait_message TEXT,
  wait_until INTEGER,
  error_code TEXT,
  error_message TEXT,

  idempotency_key TEXT,
  request_hash TEXT NOT NULL DEFAULT '',
  webhook_url TEXT,
  agent_job TEXT,                      -- JSON: the job that the batch's end makes in the event-agent
  run INTEGER NOT NULL DEFAULT 1,      -- raised by a redrive: each run ends and tells so
  -- Who is told about the end of this run. State: pending, delivered, gave_up; null when there is nobody.
  webhook_state TEXT,
  webhook_attempts INTEGER NOT NULL DEFAULT 0,
  webhook_at INTEGER,
  job_state TEXT,
  job_attempts INTEGER NOT NULL DEFAULT 0,
  job_at INTEGER,
  job_id TEXT,                         -- of the event-agent

  calls INTEGER NOT NULL DEFAULT 0,    -- questions to models whose answer was used
  calls_saved INTEGER NOT NULL DEFAULT 0,  -- that sharing made needless
  tokens_saved INTEGER NOT NULL DEFAULT 0, -- instructions not repeated, about
  saved_nano INTEGER NOT NULL DEFAULT 0,   -- what they would have cost, about
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  cost_nano INTEGER NOT NULL DEFAULT 0,

  created_at INTEGER NOT NULL,
  loaded_at INTEGER,
  started_at INTEGER,
  fed_at INTEGER NOT NULL DEFAULT 0,   -- its last turn with the feeder
  cancelled_at INTEGER,                -- a cancel was asked for
  ended_at INTEGER,
  retention_ms INTEGER NOT NULL,
  expires_at INTEGER,                  -- set by its end
  deleted_at INTEGER                   -- being removed; nobody sees it any more
) STRICT;

CREATE UNIQUE INDEX batches_idempotency ON batches (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX batches_by_tenant ON batches (tenant, id);
CREATE INDEX batches_by_status ON batches (tenant, status, id);
CREATE INDEX batches_open ON batches (status, changed_at) WHERE status IN ('receiving', 'loading', 'running', 'waiting');
CREATE INDEX batches_to_tell_webhook ON batches (webhook_at) WHERE webhook_state = 'pending';
CREATE INDEX batches_to_tell_agent ON batches (job_at) WHERE job_state = 'pending';
CREATE INDEX batches_to_expire ON batches (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX batches_to_remove ON batches (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE items (
  batch_id TEXT NOT NULL,
  position INTEGER NOT NULL,           -- in the source, from 0
  tenant TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('waiting', 'released', 'done', 'dead', 'cancelled')),
  line INTEGER,                        -- in the source, from 1; null in JSON
  payload_key TEXT,                    -- R2 object of its part; null: there was nothing to keep
  payload_offset INTEGER,
  payload_length INTEGER,
  -- Items with one group_id (the position of their first) share a model call. Who is in a group is settled at its first
  -- release, so that a repeat asks the same question.
  --   open: not settled · shared: for good · alone: the group's answer did not serve this item
  group_id INTEGER NOT NULL,
  grouping TEXT NOT NULL DEFAULT 'open' CHECK (grouping IN ('open', 'shared', 'alone')),
  release INTEGER NOT NULL DEFAULT 0,  -- the fence: only the newest release may write
  lost INTEGER NOT NULL DEFAULT 0,     -- releases in a row that nobody took up
  claim TEXT,                          -- who works on it
  claims INTEGER NOT NULL DEFAULT 0,   -- how often somebody began since the last outcome
  lease_until INTEGER,                 -- released: then it is taken back
  due_at INTEGER NOT NULL,             -- waiting: not before
  attempts INTEGER NOT NULL DEFAULT 0, -- that were its own fault
  setbacks INTEGER NOT NULL DEFAULT 0, -- failures of its call while the model answered others
  setback_at INTEGER,
  answers INTEGER NOT NULL DEFAULT 0,  -- invalid answers so far: the next question is another call
  step TEXT,                           -- the last one reached
  reason TEXT,                         -- why it is dead, or waits again
  message TEXT,
  result TEXT,                         -- JSON, when it is small
  result_key TEXT,                     -- R2 object, when it is not
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (batch_id, position)
) STRICT;

CREATE INDEX items_waiting ON items (batch_id, due_at, group_id, position) WHERE status = 'waiting';
CREATE INDEX items_released ON items (tenant, lease_until, batch_id, group_id) WHERE status = 'released';
CREATE INDEX items_by_status ON items (batch_id, status, position);
CREATE INDEX items_dead ON items (batch_id, reason, step, position) WHERE status = 'dead';

-- What finished questions in the middle of a pipeline were answered. Never asked again.
CREATE TABLE steps (
  batch_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  step TEXT NOT NULL,
  part INTEGER NOT NULL DEFAULT 0,     -- of a step that asks several times
  output TEXT NOT NULL,                -- JSON
  PRIMARY KEY (batch_id, position, step, part)
) STRICT, WITHOUT ROWID;

-- One row a tenant that ever asked a model: whether its items may go.
CREATE TABLE gates (
  tenant TEXT PRIMARY KEY,
  failures INTEGER NOT NULL DEFAULT 0, -- of models, in a row
  answered_at INTEGER NOT NULL DEFAULT 0,
  reason TEXT CHECK (reason IN ('budget_exhausted', 'model_unavailable', 'rate_limited')), -- null: open
  message TEXT,
  since INTEGER,
  until INTEGER,                       -- then it is looked again
  probes INTEGER NOT NULL DEFAULT 0,   -- looks in vain
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER items_added AFTER INSERT ON items BEGIN
  UPDATE batches SET total = total + 1, waiting = waiting + (new.status = 'waiting'), dead = dead + (new.status = 'dead'),
    version = version + 1, changed_at = new.changed_at
  WHERE id = new.batch_id;
END;

CREATE TRIGGER items_moved AFTER UPDATE OF status ON items WHEN old.status <> new.status BEGIN
  UPDATE batches SET
    waiting = waiting + (new.status = 'waiting') - (old.status = 'waiting'),
    released = released + (new.status = 'released') - (old.status = 'released'),
    done = done + (new.status = 'done') - (old.status = 'done'),
    dead = dead + (new.status = 'dead') - (old.status = 'dead'),
    cancelled = cancelled + (new.status = 'cancelled') - (old.status = 'cancelled'),
    version = version + 1, changed_at = new.changed_at
  WHERE id = new.batch_id;
END;

-- A batch ends with its last item, in the same transaction.
CREATE TRIGGER batches_end AFTER UPDATE ON batches
WHEN new.status IN ('running', 'waiting') AND new.waiting = 0 AND new.released = 0 BEGIN
  UPDATE batches SET
    status = iif(cancelled_at IS NULL, 'done', 'cancelled'), version = version + 1,
    wait_reason = NULL, wait_message = NULL, wait_until = NULL,
    ended_at = new.changed_at, expires_at = new.changed_at + retention_ms,
    webhook_state = iif(webhook_url IS NULL, NULL, 'pending'), webhook_attempts = 0, webhook_at = new.changed_at,
    job_state = iif(agent_job IS NULL, NULL, 'pending'), job_attempts = 0, job_at = new.changed_at, job_id = NULL
  WHERE id = new.id;
END;

-- A tenant's batches say why they wait.
CREATE TRIGGER gates_set AFTER INSERT ON gates WHEN new.reason IS NOT NULL BEGIN
  UPDATE batches SET status = 'waiting', wait_reason = new.reason, wait_message = new.message, wait_until = new.until,
    version = version + 1, changed_at = new.changed_at
  WHERE tenant = new.tenant AND status IN ('running', 'waiting');
END;

CREATE TRIGGER gates_moved AFTER UPDATE OF reason, message, until ON gates
WHEN new.reason IS NOT old.reason OR new.until IS NOT old.until BEGIN
  UPDATE batches SET status = iif(new.reason IS NULL, 'running', 'waiting'),
    wait_reason = new.reason, wait_message = new.message, wait_until = new.until,
    version = version + 1, changed_at = new.changed_at
  WHERE tenant = new.tenant AND status IN ('running', 'waiting');
END;
