-- What a template needs to take tokens besides API keys; worker-kit/access reads and writes it. Copy this file into the
-- template's migrations: a test holds the two equal. Times are milliseconds since 1970, UTC.

-- Tokens that are not taken any more, by what names them: their own id within issuer and tenant, or the SHA-256 of the whole.
CREATE TABLE revoked_tokens (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('jti', 'sha256')),
  issuer TEXT NOT NULL,             -- '' for a token named by its hash
  name TEXT NOT NULL,
  revoked_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, issuer, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX revoked_tokens_to_forget ON revoked_tokens (revoked_at);

-- The public keys of issuers as they were last read, for isolates that begin while an issuer is away.
CREATE TABLE issuer_keys (
  url TEXT PRIMARY KEY,
  keys TEXT NOT NULL,               -- JSON Web Key Set
  read_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
