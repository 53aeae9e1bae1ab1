-- Documents that are asked about. Times are milliseconds since 1970, UTC. Money is in nano-dollars.
CREATE TABLE documents (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'markdown', 'html', 'pdf')),
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('receiving', 'queued', 'indexing', 'ready', 'failed', 'deleting')),
  reason TEXT,                        -- why it failed, or what it waits for
  message TEXT,
  pages INTEGER,
  chunks INTEGER,                     -- NULL until it is split
  embedded INTEGER NOT NULL DEFAULT 0,
  cost_nano INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,        -- since it last came further
  claim TEXT,                         -- who works on it, until claimed_until
  claimed_until INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,                     -- when the cron sends it again, NULL when nothing is left to do
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX documents_of_tenant ON documents (tenant, id);
CREATE INDEX documents_due ON documents (due_at) WHERE due_at IS NOT NULL;

-- Pieces of documents. Their vectors are called DOCUMENT:POSITION.
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  document TEXT NOT NULL,
  position INTEGER NOT NULL,          -- from 0
  start INTEGER NOT NULL,             -- in the document's text, UTF-16 units
  heading TEXT NOT NULL,
  pages TEXT NOT NULL,                -- JSON: [{"page", "start"}], starts within the chunk, [] without pages
  embedded INTEGER NOT NULL DEFAULT 0,
  UNIQUE (document, position)
) STRICT;

-- Their words, and their text itself. scope is one token that only its tenant has. rowid is chunks.id
CREATE VIRTUAL TABLE chunk_words USING fts5(scope, text, tokenize = 'porter unicode61 remove_diacritics 2');
