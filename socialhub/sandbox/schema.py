"""The tables of the pretend network."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    handle TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
);
-- account is NULL for what the audience writes.
CREATE TABLE IF NOT EXISTS post (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT REFERENCES account (handle),
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    text TEXT NOT NULL,
    parent TEXT REFERENCES post (id),
    root TEXT,
    media TEXT NOT NULL DEFAULT '[]',
    card TEXT NOT NULL DEFAULT '{}',
    key TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    -- Counters set by hand; null in it = not reported.
    counters TEXT NOT NULL DEFAULT '{}',
    -- Which invented comment this is, so that it appears once.
    origin TEXT UNIQUE
);
CREATE INDEX IF NOT EXISTS post_account ON post (account, number);
CREATE INDEX IF NOT EXISTS post_parent ON post (parent);
CREATE INDEX IF NOT EXISTS post_key ON post (account, key);
-- Numbers of an account set by hand, like post.counters.
CREATE TABLE IF NOT EXISTS audience (
    account TEXT PRIMARY KEY,
    counters TEXT NOT NULL
);
-- Planted effects: words in a text, and the factors as JSON.
CREATE TABLE IF NOT EXISTS effect (
    contains TEXT PRIMARY KEY,
    factors TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    mime TEXT NOT NULL,
    alt TEXT NOT NULL,
    content BLOB NOT NULL
);
"""
