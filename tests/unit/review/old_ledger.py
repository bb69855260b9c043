"""Ledgers as older versions of labelscope made them: their tables by SQL, in a file with a write-ahead log."""

import sqlite3

HEAD = (
    "CREATE TABLE labelscope_ledger (schema INTEGER NOT NULL, fingerprint TEXT NOT NULL, created TEXT NOT NULL, seq INTEGER NOT NULL, "
    "PRIMARY KEY (schema))"
)
EVENTS = (
    "CREATE TABLE labelscope_events (seq INTEGER NOT NULL, kind TEXT NOT NULL, item_id TEXT NOT NULL, label TEXT NOT NULL, "
    '"before" SMALLINT NOT NULL, "after" SMALLINT NOT NULL, suggestion_id TEXT, reviewer TEXT NOT NULL, time TEXT NOT NULL, batch TEXT, '
    "undoes INTEGER, PRIMARY KEY (seq))"
)
SAMPLES = (
    "CREATE TABLE labelscope_samples (number INTEGER NOT NULL, reviewer TEXT NOT NULL, time TEXT NOT NULL, sample TEXT NOT NULL, "
    "PRIMARY KEY (number))"
)
EDITS = (
    'CREATE TABLE labelscope_label_edits (batch TEXT NOT NULL, action TEXT NOT NULL, label TEXT, "into" TEXT NOT NULL, parent TEXT, '
    "reason TEXT NOT NULL, PRIMARY KEY (batch))"
)
RELATIONS = (
    "CREATE TABLE labelscope_relations (seq INTEGER NOT NULL, kind TEXT NOT NULL, label_a TEXT NOT NULL, relation TEXT NOT NULL, "
    "label_b TEXT NOT NULL, source TEXT, reviewer TEXT NOT NULL, time TEXT NOT NULL, undoes INTEGER, PRIMARY KEY (seq))"
)
TIME = "2026-01-01T00:00:00.000+00:00"
PLAIN = [
    (1, "accept", "7", "cat <b>", 0, 1, "s1", "Zoë", TIME, None, None),
    (2, "edit", "8", "cat <b>", -1, 1, None, "ben", TIME, "b1", None),
    (3, "edit", "9", "dog", 1, 0, None, "ben", TIME, "b1", None),
    (4, "undo", "7", "cat <b>", 1, 0, "s1", "Zoë", TIME, None, 1),
]
EDIT = [
    (5, "label", "\x1flabel set", "owl", 0, 1, None, "ann", TIME, "e1", None),
    (6, "label", "7", "owl", -1, 1, None, "ann", TIME, "e1", None),
]


def make_old(place, schema, fingerprint="f", *, events=None, log=True):
    """Write one; the events that it holds."""
    place.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(place)
    if log:
        database.execute("PRAGMA journal_mode=WAL")
    tables = [HEAD, EVENTS, SAMPLES, EDITS] if schema == 2 else [HEAD, EVENTS]
    for table in tables:
        database.execute(table)
    events = (PLAIN + EDIT if schema == 2 else PLAIN) if events is None else events
    database.executemany("INSERT INTO labelscope_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", events)
    database.execute("INSERT INTO labelscope_ledger VALUES (?, ?, ?, ?)", (schema, fingerprint, TIME, len(events)))
    if schema == 2:
        database.execute("INSERT INTO labelscope_label_edits VALUES ('e1', 'new', NULL, '[\"owl\"]', NULL, 'seen')")
        database.executemany("INSERT INTO labelscope_samples VALUES (?, ?, ?, ?)", [(1, "ann", TIME, "one"), (2, "Zoë", TIME, "two")])
        database.execute(RELATIONS)
        said = [
            (1, "confirm", "a", "implies", "b", "labels", "ann", TIME, None),
            (2, "undo", "a", "implies", "b", "labels", "ann", TIME, 1),
        ]
        database.executemany("INSERT INTO labelscope_relations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", said)
    database.commit()
    database.close()
    return events
