"""What every handler needs of HTTP: the caller, a validated body, versions, cursors, and answers."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request, Response
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import HTTPException

from registry.exchanged_data import refuse_in_document
from registry.gate import Answer, Caller, Gate
from registry.refusals import Detail, Invalid, NotFound
from registry.storage.accounts import token_hash
from registry.storage.idempotency import Once
from registry.storage.rates import Limit, TooOften, spend
from schemas import decoded, violations
from server.auth.browser import visiting
from server.problems import BadParameter, TooLarge, UnreadableBody, UnsupportedMediaType
from server.routes import rights_of, scopes_of

JSON_LIMIT = 1_000_000
"""Largest JSON body, in bytes."""
UPLOADS = Limit("uploads", 60, 2)
DEFAULT_LIMIT, MAXIMUM_LIMIT = 50, 200
PREFIX = "/api/v1"
DEVICE_HEADER = "Ecluse-Device-Signature"
"""Carries what an author's device answered for an act."""

Call = Request[Any, Any, Any]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_ETAG = re.compile(r'("?)([1-9][0-9]{0,8})\1', re.ASCII)
_PLAIN_NAME = re.compile(r"[^A-Za-z0-9 ._-]", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_CURSORS = {parts: re.compile(r"\.".join([r"[0-9]{1,18}"] * parts), re.ASCII) for parts in (1, 2)}
_CACHE = {"Cache-Control": "no-store"}


def gate_of(request: Call) -> Gate:
    """The application's gate."""
    gate: Gate = request.app.state.gate
    return gate


def caller(request: Call, body: bytes | None = None) -> Caller:
    """Who calls, by bearer token or else by session; with the idempotency key of a POST, when it brings one."""
    once = _once(request, body) if body is not None else None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        rights = rights_of(request.route_handler.name or "", request.scope["path_template"])
        return Caller(token_hash(token.strip()), once, scopes=scopes_of(rights))
    found = visiting(request)
    return Caller(found.browser.hash if found is not None else None, once, "session")


def _once(request: Call, body: bytes) -> Once | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise BadParameter("Idempotency-Key : de 1 à 255 caractères ASCII visibles.")
    call = f"{request.method} {request.url.path}\n{request.headers.get('if-match', '')}\n".encode()
    return Once(key, hashlib.sha256(call + body).digest())


def uuid_of(text: str) -> str:
    """An object id from a path. Raises NotFound on anything else than a lower-case UUIDv4."""
    if not _UUID.fullmatch(text):
        raise NotFound("Cette adresse n'existe pas.")
    return text


def slug_of(text: str) -> str:
    """A convention or party id from a path. Raises NotFound on another shape."""
    if not _SLUG.fullmatch(text):
        raise NotFound("Cette adresse n'existe pas.")
    return text


async def limited(request: Call, limit: Limit) -> None:
    """Count a costly call of who calls, or of the network address; it holds across processes. Raises TooOften."""
    gate, who = gate_of(request), caller(request)
    key = who.credential or gate.vault.blind(request.client.host if request.client else "")
    if not await gate.engine.transact(lambda tx: spend(tx, limit, key, gate.now())):
        raise TooOften(limit.seconds)


async def raw_body(request: Call, limit: int = JSON_LIMIT) -> bytes:
    """The body's bytes. Raises TooLarge beyond `limit` bytes."""
    try:
        body = await request.body()
    except HTTPException as error:
        if error.status_code == 413:
            raise TooLarge(f"Le corps de la requête dépasse {limit} octets.") from error
        raise
    if len(body) > limit:
        raise TooLarge(f"Le corps de la requête dépasse {limit} octets.")
    return body


def document(request: Call, body: bytes, schema: str) -> dict[str, Any]:
    """The JSON body, valid for a schema and free of exchanged data. Raises UnsupportedMediaType, UnreadableBody,
    Invalid or ExchangedData (with pointers)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType("Envoyez un corps JSON (Content-Type: application/json).")
    try:
        value = decoded(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise UnreadableBody("Le corps n'est pas un document JSON lisible.") from None
    return valid(value, schema)


def valid(value: Any, schema: str) -> dict[str, Any]:
    """A document that its schema admits and that holds no exchanged data. Raises Invalid or ExchangedData (with
    pointers)."""
    found = violations(schema, value)
    if found:
        details = [Detail(pointer=v.pointer, message=v.message) for v in found]
        raise Invalid("Le document ne respecte pas son schéma.", details)
    refuse_in_document(value)
    checked: dict[str, Any] = value
    return checked


async def uploaded(request: Call) -> tuple[FormMultiDict, UploadFile]:
    """A multipart form and its `file`. Raises UnsupportedMediaType, TooOften, UnreadableBody or Invalid."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaType("Envoyez le fichier dans un formulaire multipart/form-data.")
    await limited(request, UPLOADS)
    try:
        form = await request.form()
    except HTTPException as error:
        if error.status_code == 413:
            raise
        raise UnreadableBody("Le formulaire ne peut pas être lu.") from error
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise Invalid("Le fichier manque.", [Detail(pointer="/file", message="Joignez un fichier.")])
    return form, upload


def if_match(request: Call) -> int | None:
    """The document version named by If-Match, None without the header. Raises BadParameter on another form."""
    header = request.headers.get("if-match")
    if header is None:
        return None
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise BadParameter('If-Match : attendu la valeur de l\'ETag du document, par exemple "3".')
    return int(match.group(2))


def parameters(request: Call, known: Iterable[str]) -> dict[str, str]:
    """The query's parameters, each given once. Raises BadParameter on an unknown or repeated one."""
    names, given = set(known), {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            raise BadParameter(f"Paramètre inconnu : « {name[:80]} ». Paramètres admis : {', '.join(sorted(names))}.")
        if name in given:
            raise BadParameter(f"Le paramètre « {name} » est donné deux fois.")
        given[name] = value
    return given


def limit_of(given: dict[str, str]) -> int:
    """The page size asked for, 50 by default, 200 at most."""
    text = given.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MAXIMUM_LIMIT):
        raise BadParameter(f"limit : un nombre de 1 à {MAXIMUM_LIMIT}.")
    return int(text)


def cursor_of(given: dict[str, str], parts: int) -> tuple[int, ...] | None:
    """The place a page begins after, from a cursor of `parts` numbers. Raises BadParameter."""
    text = given.get("cursor")
    if text is None:
        return None
    if not _CURSORS[parts].fullmatch(text):
        raise BadParameter("cursor : reprenez la valeur donnée par la page précédente.")
    return tuple(int(number) for number in text.split("."))


def cursor(*numbers: int) -> str:
    """The cursor of a place in a list."""
    return ".".join(map(str, numbers))


def answer(
    content: Any, status: int = 200, *, version: int | None = None, location: str | None = None
) -> Response[bytes]:
    """A JSON answer, with the document's version as ETag."""
    headers = dict(_CACHE)
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if location is not None:
        headers["Location"] = location
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json", headers=headers)


def attached(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to save under a name; a browser that cannot read an accented one (RFC 6266, RFC 8187) is given its plain
    form."""
    plain = _PLAIN_NAME.sub("_", name)
    disposition = f'attachment; filename="{plain}"'
    if plain != name:
        disposition += f"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**_CACHE, "Content-Disposition": disposition}
    return Response(content, media_type=media_type, headers=headers)


def proof(done: Answer[Any], object_id: str | None = None) -> dict[str, Any]:
    """What the author of an act keeps at once: the signed record (a promise), and where its receipt will be.

    The record of `object_id` when the act made several; None twice when a replayed call made none.
    """
    made = [one for one in done.made if object_id in {None, one.object}]
    if not made:
        return {"record": None, "receipt": None}
    return {"record": made[-1].record.decode(), "receipt": f"{PREFIX}/receipts/{made[-1].object}/{made[-1].revision}"}


def page(request: Call, items: bytes, given: dict[str, str], following: str | None) -> Response[bytes]:
    """A page `{items, next}` from the items' JSON bytes, with a Link header to the next one."""
    headers = dict(_CACHE)
    if following is not None:
        query = urlencode({**given, "cursor": following})
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    content = b'{"items":[' + items + b'],"next":' + msgspec.json.encode(following) + b"}"
    return Response(content, media_type="application/json", headers=headers)
