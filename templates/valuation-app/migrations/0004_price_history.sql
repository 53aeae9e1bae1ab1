-- Valuations whose owner wants to see how the price goes. Times are milliseconds since 1970, UTC.
CREATE TABLE followed_valuations (
  valuation_id TEXT PRIMARY KEY REFERENCES valuations (id) ON DELETE CASCADE,
  fingerprint TEXT NOT NULL,
  followed_at INTEGER NOT NULL,
  -- When a model is asked next.
  due_at INTEGER NOT NULL
) STRICT;

CREATE INDEX followed_valuations_by_due ON followed_valuations (due_at);
CREATE INDEX followed_valuations_by_fingerprint ON followed_valuations (fingerprint);

-- What models said of a thing, each time one was asked again: one line for all who follow the same thing.
CREATE TABLE appraised_prices (
  fingerprint TEXT NOT NULL,
  appraised_at INTEGER NOT NULL,
  -- Cents.
  price INTEGER NOT NULL CHECK (price > 0),
  price_confidence TEXT NOT NULL,
  model TEXT NOT NULL,
  stand_in INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, appraised_at)
) STRICT, WITHOUT ROWID;

-- What nobody has any more has no history.
CREATE INDEX valuations_by_fingerprint ON valuations (fingerprint);
