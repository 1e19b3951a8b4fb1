"""Events of an exchange: what happened, by whom, and what the rules derived from it at that moment."""

from datetime import date
from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One act. `input` is the body the person sent, as schema `act.schema` describes it (its texts are erasable);
    `derived` holds only facts that the rules computed: ids, enumerations, dates, numbers, hashes, paths.
    `commit` is the commitment in the event's signed record, known once it is appended: it names, without revealing,
    exactly what was recorded, so the commit of the event that wrote a document is that version's hash."""

    act: str
    by: str
    party: str
    on: date
    input: dict[str, Any] = {}
    derived: dict[str, Any] = {}
    commit: str = ""
