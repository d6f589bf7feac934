"""The one SQLite file of the simulators: what an independent checker may read.

Times are unix seconds. `doc` holds the record as the vendor's API would show it, as JSON; the columns beside it
repeat what is worth querying. `seq` counts from 1 within a ticket or a conversation, without gaps.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS tickets (
  helpdesk TEXT NOT NULL,
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  external_id TEXT,
  requester_id INTEGER,
  subject TEXT,
  status TEXT NOT NULL,
  priority TEXT,
  group_id INTEGER,
  tags TEXT NOT NULL DEFAULT '[]',
  conversation_id TEXT,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  visible_at REAL NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (helpdesk, account, id)
);
CREATE INDEX IF NOT EXISTS tickets_external_id ON tickets (helpdesk, account, external_id);
CREATE INDEX IF NOT EXISTS tickets_requester_id ON tickets (helpdesk, account, requester_id);
CREATE TABLE IF NOT EXISTS comments (
  helpdesk TEXT NOT NULL,
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  author_id INTEGER,
  public INTEGER NOT NULL,
  body TEXT NOT NULL,
  html_body TEXT NOT NULL,
  created_at REAL NOT NULL,
  visible_at REAL NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (helpdesk, account, id),
  UNIQUE (helpdesk, account, ticket_id, seq)
);
CREATE TABLE IF NOT EXISTS audits (
  helpdesk TEXT NOT NULL,
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  created_at REAL NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (helpdesk, account, id)
);
CREATE TABLE IF NOT EXISTS users (
  helpdesk TEXT NOT NULL,
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  external_id TEXT,
  name TEXT,
  email TEXT,
  phone TEXT,
  role TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (helpdesk, account, id)
);
CREATE TABLE IF NOT EXISTS identities (
  helpdesk TEXT NOT NULL,
  account TEXT NOT NULL,
  id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  value TEXT NOT NULL,
  is_primary INTEGER NOT NULL,
  created_at REAL NOT NULL,
  PRIMARY KEY (helpdesk, account, id)
);
CREATE TABLE IF NOT EXISTS uploads (
  account TEXT NOT NULL,
  token TEXT NOT NULL,
  id INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  content BLOB NOT NULL,
  created_at REAL NOT NULL,
  ticket_id INTEGER,
  PRIMARY KEY (account, id)
);
CREATE TABLE IF NOT EXISTS tokens (
  account TEXT NOT NULL,
  token TEXT NOT NULL PRIMARY KEY,
  scope TEXT NOT NULL,
  expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS idempotency_keys (
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at REAL NOT NULL,
  PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  simulator TEXT NOT NULL,
  account TEXT NOT NULL,
  operation TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  idempotency_key TEXT,
  body_sha256 TEXT NOT NULL,
  at REAL NOT NULL,
  fault TEXT,
  committed INTEGER NOT NULL DEFAULT 0,
  target TEXT,
  status INTEGER,
  answered_at REAL
);
CREATE INDEX IF NOT EXISTS requests_recent ON requests (simulator, account, at);
CREATE INDEX IF NOT EXISTS requests_target ON requests (account, target, at);
CREATE TABLE IF NOT EXISTS sessions (
  platform TEXT NOT NULL,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  status TEXT NOT NULL,
  ai TEXT NOT NULL,
  holder TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (platform, account, id)
);
CREATE TABLE IF NOT EXISTS messages (
  platform TEXT NOT NULL,
  account TEXT NOT NULL,
  session_id TEXT NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  author TEXT NOT NULL,
  author_name TEXT,
  text TEXT NOT NULL,
  shown INTEGER NOT NULL,
  marker TEXT,
  at REAL NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (platform, account, session_id, id),
  UNIQUE (platform, account, session_id, seq)
);
CREATE TABLE IF NOT EXISTS webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  platform TEXT NOT NULL,
  account TEXT NOT NULL,
  session_id TEXT NOT NULL,
  event TEXT NOT NULL,
  url TEXT NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  answered_at REAL
);
CREATE TABLE IF NOT EXISTS mails (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  via TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  message_id TEXT,
  subject TEXT,
  raw BLOB NOT NULL,
  at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS faults (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  doc TEXT NOT NULL,
  seen INTEGER NOT NULL DEFAULT 0,
  fired INTEGER NOT NULL DEFAULT 0
);
"""
