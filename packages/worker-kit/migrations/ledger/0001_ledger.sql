-- The ledger of one stack. Amounts are whole billionths of a US dollar, times are milliseconds since 1970,
-- months (2026-11) and days (2026-11-21) are UTC and those of the reservation.

-- One row a call.
--   reserved: may still cost its worst case
--   expired:  nobody said what it cost, so its worst case counts as spent until somebody does
--   settled:  its true cost is known, for good
--   released: it certainly cost nothing, and may be reserved again
CREATE TABLE calls (
  call_id TEXT PRIMARY KEY,
  month TEXT NOT NULL,
  day TEXT NOT NULL,
  tenant TEXT NOT NULL CHECK (tenant <> ''),
  template TEXT NOT NULL CHECK (template <> ''),
  state TEXT NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'expired', 'settled', 'released')),
  worst_case INTEGER NOT NULL CHECK (worst_case >= 0),
  cost INTEGER CHECK (cost >= 0),
  expires_at INTEGER NOT NULL,
  model TEXT,
  cached INTEGER NOT NULL DEFAULT 0 CHECK (cached IN (0, 1)),
  input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
  output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
  -- What the row adds to the sums.
  held INTEGER AS ((state = 'reserved') * worst_case),
  lost INTEGER AS ((state = 'expired') * worst_case),
  spent INTEGER AS ((state = 'expired') * worst_case + (state = 'settled') * ifnull(cost, 0)),
  excess INTEGER AS ((state = 'settled') * max(ifnull(cost, 0) - worst_case, 0)),
  CHECK ((state = 'settled') = (cost IS NOT NULL) AND (state = 'settled') = (model IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- Finds what is due to expire and what is old enough to be forgotten.
CREATE INDEX calls_by_end ON calls (state, expires_at);

-- The sums of the rows above, kept by the triggers below in the same transaction. They outlive the calls.
--   owner '', dimension stack, name '':                  the whole stack     (a ceiling stands over it)
--   owner '', dimension tenant or template, name X:      one of them         (a ceiling may stand over it)
--   owner '' or a tenant, dimension day, template, model: where the money went, for usage; nothing is held here
CREATE TABLE sums (
  month TEXT NOT NULL,
  owner TEXT NOT NULL,
  dimension TEXT NOT NULL CHECK (dimension IN ('stack', 'tenant', 'template', 'day', 'model')),
  name TEXT NOT NULL,
  reserved INTEGER NOT NULL DEFAULT 0,
  spent INTEGER NOT NULL DEFAULT 0,        -- settled and expired
  expired INTEGER NOT NULL DEFAULT 0,      -- the part of spent that is worst cases of calls nobody settled
  excess INTEGER NOT NULL DEFAULT 0,       -- the part of spent above the worst cases: has to be 0
  calls INTEGER NOT NULL DEFAULT 0,        -- settled ones
  cached INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (month, owner, dimension, name)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER calls_reserved AFTER INSERT ON calls BEGIN
  INSERT INTO sums (month, owner, dimension, name, reserved)
  VALUES
    (new.month, '', 'stack', '', new.held),
    (new.month, '', 'tenant', new.tenant, new.held),
    (new.month, '', 'template', new.template, new.held)
  ON CONFLICT DO UPDATE SET reserved = reserved + excluded.reserved;
END;

-- A call changes its month only while it counts for nothing, so what it counted before is taken off the same rows.
CREATE TRIGGER calls_changed AFTER UPDATE OF state, worst_case ON calls
WHEN new.held <> old.held OR new.spent <> old.spent OR new.state = 'settled' BEGIN
  INSERT INTO sums (month, owner, dimension, name, reserved, spent, expired, excess, calls, cached, input_tokens, output_tokens)
  VALUES
    (new.month, '', 'stack', '', new.held - old.held, new.spent - old.spent, new.lost - old.lost, new.excess,
      new.state = 'settled', new.cached, new.input_tokens, new.output_tokens),
    (new.month, '', 'tenant', new.tenant, new.held - old.held, new.spent - old.spent, new.lost - old.lost, new.excess,
      new.state = 'settled', new.cached, new.input_tokens, new.output_tokens),
    (new.month, '', 'template', new.template, new.held - old.held, new.spent - old.spent, new.lost - old.lost, new.excess,
      new.state = 'settled', new.cached, new.input_tokens, new.output_tokens)
  ON CONFLICT DO UPDATE SET
    reserved = reserved + excluded.reserved, spent = spent + excluded.spent, expired = expired + excluded.expired,
    excess = excess + excluded.excess, calls = calls + excluded.calls, cached = cached + excluded.cached,
    input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens;
END;

CREATE TRIGGER calls_spent AFTER UPDATE OF state ON calls
WHEN new.spent <> old.spent OR new.state = 'settled' BEGIN
  INSERT INTO sums (month, owner, dimension, name, spent, expired, excess, calls, cached, input_tokens, output_tokens)
  VALUES
    (new.month, '', 'day', new.day, new.spent - old.spent, new.lost - old.lost, new.excess,
      new.state = 'settled', new.cached, new.input_tokens, new.output_tokens),
    (new.month, new.tenant, 'day', new.day, new.spent - old.spent, new.lost - old.lost, new.excess,
      new.state = 'settled', new.cached, new.input_tokens, new.output_tokens),
    (new.month, new.tenant, 'template', new.template, new.spent - old.spent, new.lost - old.lost, new.excess,
      new.state = 'settled', new.cached, new.input_tokens, new.output_tokens)
  ON CONFLICT DO UPDATE SET
    spent = spent + excluded.spent, expired = expired + excluded.expired, excess = excess + excluded.excess,
    calls = calls + excluded.calls, cached = cached + excluded.cached,
    input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens;
END;

-- Which model it was is known of settled calls only.
CREATE TRIGGER calls_settled AFTER UPDATE OF state ON calls
WHEN new.state = 'settled' BEGIN
  INSERT INTO sums (month, owner, dimension, name, spent, excess, calls, cached, input_tokens, output_tokens)
  VALUES
    (new.month, '', 'model', new.model, new.spent, new.excess, 1, new.cached, new.input_tokens, new.output_tokens),
    (new.month, new.tenant, 'model', new.model, new.spent, new.excess, 1, new.cached, new.input_tokens, new.output_tokens)
  ON CONFLICT DO UPDATE SET
    spent = spent + excluded.spent, excess = excess + excluded.excess, calls = calls + excluded.calls,
    cached = cached + excluded.cached, input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens;
END;

-- A settlement is the truth once: these sums count on it.
CREATE TRIGGER calls_settled_once BEFORE UPDATE OF state, cost ON calls
WHEN old.state = 'settled' BEGIN
  SELECT RAISE(ABORT, 'ledger: a settled call does not change');
END;

CREATE TRIGGER sums_not_below_zero AFTER UPDATE ON sums
WHEN new.reserved < 0 OR new.spent < 0 OR new.expired < 0 BEGIN
  SELECT RAISE(ABORT, 'ledger: a sum fell below zero');
END;
