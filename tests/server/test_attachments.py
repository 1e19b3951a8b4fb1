"""Pieces are sealed, described, bounded; anything else is refused in French."""

import hashlib

from tests.world import CAF, SGL, World

WHO = (SGL, "requester")
FORM = {"kind": "article_14_notice", "dated_on": "2023-02-28"}


async def test_a_piece_is_kept_sealed_with_its_digest(world: World) -> None:
    request_id = await world.filed()
    content = b"Mention d'information remise aux familles."
    path = f"/requests/{request_id}/attachments"
    await world.ok(WHO, "POST", path, data=FORM, files={"file": ("mention.txt", content)})
    (piece,) = (await world.read(request_id))["attachments"]
    digest = hashlib.sha256(content).hexdigest()
    assert (piece["sha256"], piece["size"], piece["party"], piece["file_name"]) == (
        digest,
        len(content),
        SGL,
        "mention.txt",
    )
    ((sealed,),) = await world.rows("SELECT sealed FROM attachment WHERE sha256 = ?", digest)
    assert b"familles" not in bytes(sealed)
    await world.refused(409, "already-done", WHO, "POST", path, data=FORM, files={"file": ("autre.txt", content)})


async def test_a_piece_badly_described_or_too_large_is_refused_and_not_kept(world: World) -> None:
    request_id = await world.filed()
    path = f"/requests/{request_id}/attachments"
    file = {"file": ("mention.txt", b"texte")}
    problem = await world.refused(422, "invalid-document", WHO, "POST", path, data=FORM | {"kind": "photo"}, files=file)
    assert problem["errors"][0]["pointer"] == "/kind"
    await world.refused(422, "invalid-document", WHO, "POST", path, data=FORM | {"dated_on": "hier"}, files=file)
    problem = await world.refused(422, "invalid-document", WHO, "POST", path, data=FORM, files={"other": ("x", b"y")})
    assert problem["errors"][0]["pointer"] == "/file"
    await world.refused(415, "unsupported-media-type", WHO, "POST", path, FORM)
    large = {"file": ("grand.bin", b"0" * 11_000_000)}
    await world.refused(413, "too-large", WHO, "POST", path, data=FORM, files=large)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = await world.call(WHO, "POST", path, content=b"--x\r\nnonsense", headers=headers)
    assert 400 <= response.status_code < 500
    assert (await world.rows("SELECT count(*) FROM attachment"))[0][0] == 0
    assert (await world.read(request_id, (CAF, "dpo")))["attachments"] == []
