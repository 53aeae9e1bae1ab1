-- Questions that were answered without a call, when `analytics.topQuestions` is on: only their first 200 characters, by
-- tenant and day (milliseconds since 1970, UTC).
CREATE TABLE top_questions (
  tenant TEXT NOT NULL,
  day INTEGER NOT NULL,
  key TEXT NOT NULL,                  -- the answer's x-cache-key
  question TEXT NOT NULL,
  hits INTEGER NOT NULL,
  saved_nano INTEGER NOT NULL,
  PRIMARY KEY (tenant, day, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX top_questions_to_forget ON top_questions (day);
