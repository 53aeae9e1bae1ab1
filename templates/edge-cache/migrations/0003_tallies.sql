-- How requests were answered, by tenant and day (UTC). Money is in nano-dollars.
CREATE TABLE tallies (
  tenant TEXT NOT NULL,
  day TEXT NOT NULL,                  -- 2026-11-21
  outcome TEXT NOT NULL,              -- the answer's x-cache, or "error"
  requests INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  saved_nano INTEGER NOT NULL,
  PRIMARY KEY (tenant, day, outcome)
) STRICT, WITHOUT ROWID;
