"""Carrying a change of the exchange into an entry that people have already completed."""

from registry.exchange.file import Document


def rebase(record: Document, before: Document, after: Document) -> Document:
    """The record with the new draft's value wherever it still held the old draft's; what people wrote stays.

    `before` and `after` are the drafts of the previous and of the new version of the request.
    """
    kept = {key: _rebased(record.get(key), before.get(key), value) for key, value in after.items()}
    return {**record, **kept}


def _rebased(current: object, before: object, after: object) -> object:
    if current == before:
        return after
    if isinstance(current, dict) and isinstance(before, dict) and isinstance(after, dict):
        return rebase(current, before, after)
    return current
