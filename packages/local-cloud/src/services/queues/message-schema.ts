/**
 * Tables of one account's messages. A body is in a table of its own, so that a delivery rewrites some 100 bytes and not
 * 128 KB. `queues.key` stands for the contents of a queue: a purge gives it another one, and what has the old one is
 * deleted little by little.
 */
export const MESSAGE_SCHEMA = `
  PRAGMA cache_size = -16000;
  CREATE TABLE IF NOT EXISTS queues (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE,
    count INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0, acknowledged INTEGER NOT NULL DEFAULT 0, retried INTEGER NOT NULL DEFAULT 0,
    dead_lettered INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0, expired INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, id TEXT NOT NULL, content_type TEXT NOT NULL,
    bytes INTEGER NOT NULL, sent_at INTEGER NOT NULL, enqueued_at INTEGER NOT NULL, ready_at INTEGER NOT NULL,
    in_flight INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, again INTEGER NOT NULL DEFAULT 0,
    lease TEXT, reason TEXT, origin TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS bodies (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS messages_ready ON messages (queue, in_flight, ready_at);
  CREATE INDEX IF NOT EXISTS messages_age ON messages (queue, enqueued_at);
  CREATE INDEX IF NOT EXISTS messages_lease ON messages (queue, ready_at) WHERE lease IS NOT NULL;
`;
