"""Acts signed on their author's own device: what it is asked to sign, and the header that carries its answer."""

import base64

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.acts import ACTS
from registry.exchange.decide import Command
from registry.gate import Answer
from registry.gate.devices import Answered, Asked, read_answer
from registry.gate.exchanges import ask_signature
from registry.gate.session import Session
from registry.ledger.commitments import SALT_BYTES
from registry.ledger.encoding import encode_base64
from registry.refusals import Detail, Invalid
from schemas import violations
from server.api.http import DEVICE_HEADER, Call, answer, caller, document, gate_of, if_match, raw_body, uuid_of
from server.auth.context import auth_of
from server.problems import BadParameter


def device_answer(request: Call) -> Answered | None:
    """What the caller's device answered, from the header that carries it in base64url. Raises BadParameter, Invalid."""
    header = request.headers.get(DEVICE_HEADER)
    if header is None:
        return None
    try:
        return read_answer(msgspec.json.decode(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadParameter(f"{DEVICE_HEADER} : la réponse de la clé d'accès, en JSON puis en base64url.") from error


@post("/requests/{request_id:str}/device-signatures", name="ask_device_signature", status_code=201)
async def ask_device_signature(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """What the caller's device is asked to sign for an act, which is then sent with the device's answer."""
    body = await raw_body(request)
    asked = document(request, body, "device_offer")
    if found := violations(ACTS[asked["act"]].schema, asked["body"]):
        details = [Detail(pointer=f"/body{v.pointer}", message=v.message) for v in found]
        raise Invalid("L'acte à signer ne respecte pas son schéma.", details)
    command, identifier = Command(asked["act"], asked["body"], if_match(request)), uuid_of(request_id)

    async def work(session: Session) -> Answer[Asked]:
        return Answer(await ask_signature(session, identifier, command), 201)

    made = (await gate_of(request).write(caller(request), work)).value
    assert made is not None  # noqa: S101 - it is never replayed: a challenge serves once
    opening = made.opening
    shown = {
        "statement": made.statement.decode(),
        "opening": None
        if opening is None
        else {"salt": encode_base64(opening[:SALT_BYTES]), "texts": opening[SALT_BYTES:].decode()},
        "options": auth_of(request).site.signing_options(made.challenge, made.credentials),
    }
    return answer(shown, 201)


HANDLERS = [ask_device_signature]
