"""The page of one exchange: what is asked, where it stands and who must act, its findings, its history and proofs."""

from collections.abc import Callable
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.documents import DOCUMENTS
from registry.exchange.acts import ACTS
from registry.exchange.file import APPROVALS, File
from registry.gate.history import ExchangePage, Told, exchange_page
from registry.ledger.openings import ERASED
from server.api.http import PREFIX, cursor_of, gate_of, parameters, uuid_of
from server.auth.browser import caller_of, signed_in
from server.pages.act_paths import paths_of
from server.pages.acts import said, title
from server.pages.asked import FIRST, asked
from server.pages.progress import steps
from server.pages.rendering import Call, page
from server.pages.standing import departs, progress, side_by_side
from server.pages.study import parts
from server.pages.words import place

_LIMIT = 30
_PAPERS: dict[str, Callable[[File], bool]] = {
    "opinion": lambda file: file.opinion is not None,
    "decision": lambda file: file.decision is not None,
    "agreement": lambda file: file.decision is not None and file.decision.value in APPROVALS,
    "notice": lambda file: file.decision is not None and file.decision.value in APPROVALS,
    "certificate": lambda file: file.activated_on is not None,
}
"""When each document has something to say; the request always has."""


@get("/echanges/{request_id:str}", name="exchange_page")
async def exchange(request: Call, request_id: FromPath[str]) -> Response[str]:
    """One exchange; `cursor` shows older acts, `fait` is the revision of an act that was just done."""
    given, identifier = parameters(request, ("cursor", "fait", "lang")), uuid_of(request_id)
    before = cursor_of(given, 1)
    found = await gate_of(request).read(
        caller_of(request),
        lambda session: exchange_page(session, identifier, before[0] if before else None, _LIMIT),
    )
    file = found.view.file
    findings = [_found(one, file) for one in found.view.checked.findings]
    acts = [_told(one, found) for one in found.acts]
    shown = {
        "file": file,
        "view": found.view,
        "party": signed_in(request).browser.party,
        "api": f"{PREFIX}/requests/{file.id}",
        "receipts": f"{PREFIX}/receipts/{file.id}",
        "groups": asked(file.request),
        "first": FIRST,
        "steps": steps(file),
        "awaited": found.awaited,
        "findings": findings,
        "study": parts(file, findings),
        "departs": departs(file),
        "progress": progress(file.recommendations),
        "open_acts": paths_of(file.id, found.view.acts),
        "drafted": found.drafted,
        "done": next((act for act in acts if str(act["revision"]) == given.get("fait")), None),
        "papers": [kind for name, kind in DOCUMENTS.items() if name not in _PAPERS or _PAPERS[name](file)],
        "acts": acts,
        "earlier": found.earlier,
        "continued": before is not None,
        "labels": {name: act.label for name, act in ACTS.items()},
        "gone": {digest for erasure in file.erasures for digest in erasure.attachments},
        "records": found.records,
        "compared": side_by_side(found.records, file.controllers),
        "name": _namer(found),
        "who": lambda account: found.people.get(account, ERASED),
        "where": lambda path: place(path, file.request) or path,
    }
    return page(request, "exchange.html", **shown)


def _namer(found: ExchangePage) -> Any:
    def name(party: str) -> str:
        """A party's name in the exchange's convention."""
        return str((found.convention.party(party) or {}).get("name") or party)

    return name


def _found(one: dict[str, Any], file: File) -> dict[str, Any]:
    """A finding with the places it concerns, in words."""
    places = [place(pointer, file.request) for pointer in one["pointers"]]
    return {**one, "places": list(dict.fromkeys(filter(None, places)))}


def _told(one: Told, found: ExchangePage) -> dict[str, Any]:
    stored = one.stored
    return {
        "title": title(stored.event),
        "at": stored.at,
        "revision": stored.revision,
        "party": stored.event.party,
        "functions": one.functions,
        "by": found.people.get(stored.event.by, ERASED),
        "lines": said(stored.event, found.people, found.view.file.request),
        "erased": stored.erased,
        "standing": one.standing,
    }


HANDLERS = [exchange]
