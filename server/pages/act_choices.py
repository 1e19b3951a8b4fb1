"""Answers that only the exchange itself can name: its places, findings, parties, pieces and recommendations."""

from collections.abc import Mapping
from typing import Any

from registry.exchange.file import File
from registry.gate.acting import ActView
from schemas import schema
from server.pages.words import place

Choice = tuple[str, str]
_LONGEST = 160


def paths(request: Mapping[str, Any]) -> list[Choice]:
    """The places of a request, by dotted path: each answer, and each item of its lists."""
    found: list[Choice] = []
    for key, described in schema("request")["properties"].items():
        value = request.get(key)
        if value in (None, "", [], {}) or described.get("x-stage") == "derived":
            continue
        if isinstance(value, list) and "items" in described:
            found += [(path, _short(place(path, request))) for path in (f"{key}.{n}" for n in range(len(value)))]
        else:
            found.append((key, str(described["title"])))
    return found


def separable(request: Mapping[str, Any]) -> list[Choice]:
    """The items of a request's lists: what an approval may leave out."""
    return [(path, text) for path, text in paths(request) if "." in path]


def with_nir(file: File) -> list[Choice]:
    """The data items that are, or hold, a social security number."""
    return [
        (path, _short(place(path, file.request)))
        for n, item in enumerate(file.request.get("data_items") or [])
        if isinstance(item, Mapping) and (item.get("nir") or item.get("cnil_category") == "nir")
        for path in (f"data_items.{n}",)
    ]


def blocking(found: ActView) -> list[Choice]:
    """The findings that a prior condition may stand for."""
    every = [one for one in found.view.checked.findings if one["blocks"]]
    return list({one["id"]: (one["id"], _short(f"{one['id']} : {one['message']}")) for one in every}.values())


def owners(found: ActView) -> list[Choice]:
    """The parties of the exchange."""
    file = found.file
    return [(party, name_of(found, party)) for party in dict.fromkeys((file.requester, file.holder))]


def others(found: ActView) -> list[Choice]:
    """The living parties of the convention that are not in the exchange and have no copy of it yet."""
    convention, file = found.convention, found.file
    taken = {convention.stands_for(party, found.today) for party in (file.requester, file.holder)} | set(file.copies)
    living = [str(one["id"]) for one in convention.parties() if convention.exists(str(one["id"]), found.today)]
    return [(party, name_of(found, party)) for party in living if party not in taken]


def name_of(found: ActView, party: str) -> str:
    """A party's name in the exchange's convention."""
    return str((found.convention.party(party) or {}).get("name") or party)


def not_followed(file: File) -> list[Choice]:
    """The recommendations of the opinion."""
    return [(str(one.number), _short(f"n° {one.number} : {one.text}")) for one in file.recommendations
            if one.origin == "dpo"]  # fmt: skip


def pieces(file: File) -> list[Choice]:
    """The pieces of the exchange that were not erased."""
    gone = {digest for erasure in file.erasures for digest in erasure.attachments}
    return [(one.sha256, _short(one.file_name)) for one in file.attachments if one.sha256 not in gone]


def may_set(found: ActView, target: str) -> list[str]:
    """What the caller may make of a recommendation: its owner does it, the holder's DPO lifts it, the decision-maker
    gives it up. The gate decides; this only leaves out what is not theirs."""
    file = found.file
    one = next((r for r in file.recommendations if str(r.number) == target), None)
    if one is None:
        return []
    holder, allowed = "holder" in found.sides, []
    owned = {"requester": file.requester, "holder": file.holder}
    if any(side in found.sides and party == (one.owner or file.requester) for side, party in owned.items()):
        allowed += ["in_progress", "done"]
    if holder and "dpo" in found.roles and one.origin == "dpo":
        allowed += ["in_progress", *(["accepted_by_dpo"] if one.status == "done" else []), "withdrawn_by_dpo"]
    if holder and found.roles & {"controller", "delegate"}:
        allowed += [*(["in_progress"] if one.origin != "dpo" else []), "abandoned_with_reasons"]
    return list(dict.fromkeys(allowed))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
