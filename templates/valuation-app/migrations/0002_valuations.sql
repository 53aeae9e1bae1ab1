-- One row a submission, also of estimates: what a person was told stays what it was.
CREATE TABLE valuations (
  -- val_ and a ULID: sorts by time, cannot be guessed.
  id TEXT PRIMARY KEY,
  -- visitor:<id> of a signed cookie, or tenant:<name> of an API key.
  owner TEXT NOT NULL,
  -- visitor or api_key: how the owner was known.
  auth_status TEXT NOT NULL,
  -- The form's own number: the same form sent twice is one valuation.
  submission TEXT,
  fingerprint TEXT NOT NULL,
  description TEXT NOT NULL,
  category TEXT NOT NULL,
  item_name TEXT NOT NULL,
  -- Cents.
  item_price INTEGER NOT NULL,
  price_confidence TEXT NOT NULL,
  tier TEXT NOT NULL,
  -- JSON, as of its own date.
  token_conversions TEXT NOT NULL,
  -- JSON: a list of lines.
  what_you_could_do TEXT NOT NULL,
  analysis TEXT NOT NULL,
  -- The picture's file name in R2.
  image_url TEXT,
  -- ai or estimate.
  origin TEXT NOT NULL,
  -- Of an estimate: why no model answered.
  reason TEXT,
  model TEXT,
  fallback INTEGER NOT NULL DEFAULT 0,
  stand_in INTEGER NOT NULL DEFAULT 0,
  -- What the model said, kept for audit, never shown.
  ai_raw_response TEXT,
  -- asked, joined or kept.
  way TEXT NOT NULL,
  took_ms INTEGER NOT NULL,
  -- Billionths of a US dollar.
  cost_nano INTEGER NOT NULL,
  -- ms since 1970.
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX valuations_by_submission ON valuations (owner, submission, fingerprint) WHERE submission IS NOT NULL;
CREATE INDEX valuations_by_owner ON valuations (owner, id DESC);
-- A picture is removed with the last valuation that shows it.
CREATE INDEX valuations_by_picture ON valuations (image_url) WHERE image_url IS NOT NULL;
