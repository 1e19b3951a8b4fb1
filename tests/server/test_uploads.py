"""A piece is a document whose bytes are what its name says; anything else is refused and nothing is kept."""

import pytest

from tests.world import SGL, World

PDF, PNG, ZIP = b"%PDF-1.7\n...", b"\x89PNG\r\n\x1a\n...", b"PK\x03\x04..."


async def _attach(world: World, name: str, content: bytes) -> int:
    request_id = await world.filed()
    files, data = {"file": (name, content, "application/pdf")}, {"kind": "other", "dated_on": "2023-03-01"}
    answer = await world.call((SGL, "requester"), "POST", f"/requests/{request_id}/attachments", data=data, files=files)
    if not answer.is_success:
        assert answer.json()["errors"][0]["pointer"] == "/file"
        assert await world.rows("SELECT 1 FROM attachment") == []
    return answer.status_code


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("name", "content"), [
    ("a.pdf", PDF), ("A.PDF", PDF), ("a.png", PNG), ("a.ods", ZIP), ("a.txt", "Pièce".encode()), ("a.csv", "é;è".encode("cp1252")),
])  # fmt: skip
async def test_a_document_is_taken(world: World, name: str, content: bytes) -> None:
    assert await _attach(world, name, content) == 200


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("name", "content"), [
    ("a.html", b"<p>"), ("a.svg", b"<svg>"), ("a.exe", b"MZ"), ("a", PDF), ("a.pdf", b"<html>"), ("a.pdf", ZIP), ("a.png", PDF),
    ("a.txt", b"<!DOCTYPE html><script>"), ("a.txt", b"\xef\xbb\xbf\n <svg onload=x>"), ("a.csv", b"a\x00b"), ("a.pdf.html", PDF), ("a.ods", b""),
])  # fmt: skip
async def test_anything_else_is_refused_by_its_bytes(world: World, name: str, content: bytes) -> None:
    assert await _attach(world, name, content) == 422
