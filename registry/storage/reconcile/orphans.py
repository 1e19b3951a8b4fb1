"""Rows that belong to no object or log at all; those of an object that exists are compared with it elsewhere."""

from registry.storage.engines import Transaction
from registry.storage.reconcile.findings import Report

_MANY = 100
"""Rows named for each table; what is missing from so many is one damage."""

_OF_EVENTS = {
    "opening": (("object", "revision"), "e.object = t.object AND e.revision = t.revision"),
    "object_key": (("object",), "e.object = t.object"),
    "attachment": (("object", "sha256"), "e.object = t.object"),
    "convention": (("id",), "e.object = t.object AND e.type = 'convention'"),
    "exchange": (("id",), "e.object = t.id AND e.type = 'exchange'"),
    "exchange_listing": (("party", "exchange"), "e.object = t.exchange AND e.type = 'exchange'"),
    "exchange_awaited": (("position", "party", "role"), "e.object = t.exchange AND e.type = 'exchange'"),
    "exchange_text": (("position",), "e.object = t.exchange AND e.type = 'exchange'"),
    "exchange_figure": (("exchange",), "e.object = t.exchange AND e.type = 'exchange'"),
    "exchange_followed": (("exchange", "number"), "e.object = t.exchange AND e.type = 'exchange'"),
    "register_entry": (("id",), "e.object = t.id AND e.type = 'register'"),
    "register_version": (("entry", "version"), "e.object = t.entry AND e.type = 'register'"),
}
_OF_LOGS = {
    "log_head": ("log",),
    "checkpoint": ("log", "size"),
    "node": ("log", "level", "idx"),
    "cosignature": ("log", "size", "witness"),
    "log_key": ("log", "kind", "vkey"),
    "actor": ("log", "account"),
}
_NO_LOG = "WHERE NOT EXISTS (SELECT 1 FROM log WHERE log.id = t.log) LIMIT ?"


async def check_orphans(tx: Transaction, report: Report) -> None:
    """Find them, table by table."""
    for table, (key, explained) in _OF_EVENTS.items():
        sql = f"""SELECT {", ".join(f"t.{name}" for name in key)} FROM {table} t
        WHERE NOT EXISTS (SELECT 1 FROM event e WHERE {explained}) LIMIT ?"""
        for row in await tx.rows(sql, _MANY):
            report.add("unexplained", table, tuple(row))
    for table, key in _OF_LOGS.items():
        sql = f"SELECT {', '.join(key)} FROM {table} t {_NO_LOG}"
        for row in await tx.rows(sql, _MANY):
            report.add("unexplained", table, tuple(row))
    sql = f"SELECT seq FROM event t {_NO_LOG}"
    for (seq,) in await tx.rows(sql, _MANY):
        report.add("log-unknown", "event", f"seq {seq}")
