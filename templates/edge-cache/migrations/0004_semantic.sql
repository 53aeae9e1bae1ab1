-- What the semantic cache knows of kept answers. Every row is a tenant's; keys are SHA-256 in hexadecimal, as in
-- x-cache-key. Times are milliseconds since 1970, UTC.

-- The questions that others are compared with. Their vectors are in Vectorize, under the same key.
CREATE TABLE questions (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  frame TEXT NOT NULL,                -- hash of everything but the last message: only equal frames are compared
  text TEXT NOT NULL,                 -- the last message; '' once it was purged
  generations TEXT NOT NULL,          -- JSON: what it can be purged by, with its numbers
  expires_at INTEGER NOT NULL,        -- 0 once it was purged
  right_count INTEGER NOT NULL DEFAULT 0,  -- answers to alike questions that proved right
  wrong_count INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX questions_to_forget ON questions (expires_at);

-- What was learned of a pair of questions; `one` is the lesser key. `same`: the answer of one is served for the other.
-- `different`: never tried again. A question paired with itself was reported: it gets no other's answer.
CREATE TABLE verdicts (
  tenant TEXT NOT NULL,
  one TEXT NOT NULL,
  other TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
  proof TEXT NOT NULL CHECK (proof IN ('answers', 'judge', 'report')),
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, one, other)
) STRICT, WITHOUT ROWID;

CREATE INDEX verdicts_by_other ON verdicts (tenant, other);
CREATE INDEX verdicts_to_forget ON verdicts (verdict, at);

-- Why a request was or was not a hit.
CREATE TABLE explanations (
  tenant TEXT NOT NULL,
  request_id TEXT NOT NULL,
  key TEXT,                           -- of what was asked; NULL when it went past the cache
  at INTEGER NOT NULL,
  explanation TEXT NOT NULL,          -- JSON
  PRIMARY KEY (tenant, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX explanations_by_key ON explanations (tenant, key, at);
CREATE INDEX explanations_to_forget ON explanations (at);

-- What came of looking for alike questions, by day (UTC).
CREATE TABLE semantic_tallies (
  tenant TEXT NOT NULL,
  day TEXT NOT NULL,                  -- 2026-11-21
  what TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (tenant, day, what)
) STRICT, WITHOUT ROWID;
