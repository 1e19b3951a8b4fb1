"""What could replace the transmission that a check finds fault with: ways that need less data, or none."""

from functools import cache
from importlib import resources

import msgspec


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """A way round. `held_by` is the kind of party that must hold the data for it to exist, None for any."""

    kind: str = ""
    label: str
    text: str
    held_by: str | None


class _Catalogue(msgspec.Struct, frozen=True):
    kinds: dict[str, Alternative]
    checks: dict[str, list[str]]


@cache
def _catalogue() -> _Catalogue:
    text = resources.files("registry.conformity").joinpath("alternatives.json").read_bytes()
    return msgspec.json.decode(text, type=_Catalogue)


@cache
def alternatives_to(check_id: str, holder_kind: str | None) -> tuple[Alternative, ...]:
    """The alternatives that a finding of the check proposes, the holder being of that kind (`party_kind`)."""
    found = _catalogue()
    return tuple(
        msgspec.structs.replace(found.kinds[kind], kind=kind)
        for kind in found.checks.get(check_id, ())
        if found.kinds[kind].held_by in {None, holder_kind}
    )
