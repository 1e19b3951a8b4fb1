"""The indicators of a convention and the committee's report: aggregates only, small counts kept back."""

import asyncio
import io
import re
from dataclasses import asdict
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.exports.pdf import Pdf, make
from registry.gate.indicators import indicators, report_of
from registry.indicators.board import Board
from registry.indicators.masking import THRESHOLD
from server.api.http import Call, answer, attached, caller, gate_of, parameters, slug_of
from server.problems import BadParameter

_YEAR = re.compile(r"[12][0-9]{3}", re.ASCII)


def year_of(given: dict[str, str]) -> int | None:
    """The year asked for, None for all of them. Raises BadParameter."""
    text = given.get("year")
    if text is None:
        return None
    if not _YEAR.fullmatch(text):
        raise BadParameter("year : une année, par exemple 2026.")
    return int(text)


def board_document(found: Board) -> dict[str, Any]:
    """The indicators as the API shows them."""
    return {**asdict(found), "threshold": THRESHOLD}


@get("/conventions/{convention:str}/indicators", name="read_indicators")
async def read(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """Counts and median delays of the exchanges filed in a year, or in all."""
    slug, year = slug_of(convention), year_of(parameters(request, ("year",)))
    _, found = await gate_of(request).read(caller(request), lambda session: indicators(session, slug, year))
    return answer(board_document(found))


@get("/conventions/{convention:str}/report", name="read_report")
async def read_report(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """The committee's report of a year, as PDF; without one, the final account of the convention."""
    slug, year = slug_of(convention), year_of(parameters(request, ("year",)))
    pdf = await gate_of(request).read(caller(request), lambda session: report_of(session, slug, year))
    content = await asyncio.to_thread(_made, pdf)
    name = f"rapport-{slug}-{year}.pdf" if year else f"bilan-{slug}.pdf"
    return attached(content, "application/pdf", name)


def _made(pdf: Pdf) -> bytes:
    file = io.BytesIO()
    make(pdf, file, None)
    return file.getvalue()


HANDLERS = [read, read_report]
