-- How often something was purged: an answer is served only while every number that it was made under still holds.
-- scope: "all", "model:NAME", "tag:NAME" or "key:HASH". Times are milliseconds since 1970, UTC.
CREATE TABLE generations (
  tenant TEXT NOT NULL,
  scope TEXT NOT NULL,
  generation INTEGER NOT NULL,
  raised_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX generations_to_forget ON generations (raised_at);
