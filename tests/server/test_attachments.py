"""Pieces are sealed, described, bounded; anything else is refused in French."""

import hashlib

from tests.world import CAF, OULLINS, SGL, World

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


async def test_a_piece_is_given_back_as_a_file_to_those_who_read_the_exchange(world: World) -> None:
    request_id = await world.filed()
    content = b"%PDF-1.7 Mention."
    path = f"/requests/{request_id}/attachments"
    await world.ok(WHO, "POST", path, data=FORM, files={"file": ('été "final".pdf', content)})
    (piece,) = (await world.read(request_id))["attachments"]
    given = await world.call((CAF, "dpo"), "GET", f"{path}/{piece['sha256']}")
    assert given.content == content
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert (
        "sandbox" in given.headers["content-security-policy"]
        or "default-src 'none'" in given.headers["content-security-policy"]
    )
    disposition = given.headers["content-disposition"]
    assert disposition == "attachment; filename=\"_t_ _final_.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9%20%22final%22.pdf"
    await world.refused(404, "not-found", (OULLINS, "dpo"), "GET", f"{path}/{piece['sha256']}")
    await world.refused(403, "forbidden", (CAF, "secretariat"), "GET", f"{path}/{piece['sha256']}")
    await world.refused(404, "not-found", WHO, "GET", f"{path}/{'0' * 64}")


async def test_an_erased_piece_is_said_to_be_erased_and_a_damaged_one_is_not_given(world: World) -> None:
    request_id = await world.filed()
    path = f"/requests/{request_id}/attachments"
    for name in ("un.txt", "deux.txt"):
        await world.ok(WHO, "POST", path, data=FORM, files={"file": (name, name.encode())})
    first, second = [piece["sha256"] for piece in (await world.read(request_id))["attachments"]]
    body = {
        "scope": "attachment", "sha256": first, "legal_basis": "article_17_1_d",
        "reason": "other_personal_data_entered", "dpo_informed_on": "2023-03-01",
    }  # fmt: skip
    await world.ok((SGL, "controller"), "POST", f"/requests/{request_id}/erasure", body)
    await world.refused(409, "erased", WHO, "GET", f"{path}/{first}")
    assert (await world.call(WHO, "GET", f"{path}/{second}")).content == b"deux.txt"
    damage = "UPDATE attachment SET sealed = ? WHERE sha256 = ?"
    await world.gate.engine.transact(lambda tx: tx.execute(damage, b"0" * 60, second))
    assert (await world.call(WHO, "GET", f"{path}/{second}")).status_code == 500
