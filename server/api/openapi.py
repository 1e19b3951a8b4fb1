"""The OpenAPI 3.1 document, built from the table of operations and from the schemas; nothing is fetched."""

import re
from functools import cache
from typing import Any

from registry.authorisation import SCOPES
from registry.documents import DOCUMENTS
from registry.processing.fields import KINDS
from registry.processing.lines import AUDIENCES
from registry.processing.selection import STATUSES
from schemas import bundled, enumeration
from server.api.answers import answers
from server.api.http import DEVICE_HEADER, MAXIMUM_LIMIT
from server.api.operations import OPERATIONS, Operation
from server.routes import rights_of_operation, scopes_of

Schema = dict[str, Any]

_UUID4 = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_CURSOR = re.compile("_(pair|place)$")
_SLUG = "^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"

_IN_PATH: dict[str, Schema] = {
    "request_id": {"type": "string", "pattern": _UUID4},
    "entry": {"type": "string", "pattern": _UUID4},
    "convention": {"type": "string", "pattern": _SLUG},
    "party": {"type": "string", "pattern": _SLUG},
    "export": {"type": "string", "pattern": _UUID4},
    "webhook": {"type": "string", "pattern": _UUID4},
    "document": {"enum": list(DOCUMENTS)},
    "check": {"type": "string", "pattern": "^[A-Z]{2,6}-[0-9]{2}$"},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "number": {"type": "string", "pattern": "^[1-9][0-9]{0,3}$"},
    "object_id": {"type": "string", "pattern": _UUID4},
    "revision": {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"},
    "name": {"type": "string", "pattern": "^[a-z0-9_]+$"},
}

_FILE = "upload"
"""The body of an operation that takes a file and nothing else."""
_DESCRIBED = ("kind", "dated_on")
_NOT_BLANK = r"\S"

_STATUSES = {
    400: "Requête, paramètre ou en-tête illisible",
    401: "Jeton absent, inconnu ou expiré",
    403: "Acte que la partie ou la fonction ne donne pas",
    404: "Objet inconnu de la partie",
    409: "Acte que l'état du dossier ou les règles n'admettent pas",
    412: "Version dépassée",
    413: "Corps trop volumineux",
    415: "Format non pris en charge",
    422: "Document refusé, avec le pointeur de chaque erreur",
    428: "Version à préciser (If-Match)",
    429: "Trop de demandes rapprochées",
    500: "Erreur interne ; rien n'a été changé",
    503: "Service saturé",
}


def _in_query() -> dict[str, Schema]:
    return {
        "state": {"enum": enumeration("state")},
        "field": {"enum": enumeration("convention_field")},
        "party": {"type": "string", "pattern": _SLUG},
        "stage": {"enum": ["filing", "requester_dpo", "holder"]},
        "as_of": {"type": "string", "format": "date"},
        "year": {"type": "integer", "minimum": 1000, "maximum": 2999},
        "audience": {"enum": list(AUDIENCES)},
        "kind": {"enum": list(KINDS)},
        "status": {"enum": list(STATUSES)},
        "legal_basis": {"enum": enumeration("article_6")},
        "category": {"enum": enumeration("cnil_category")},
        "q": {"type": "string", "maxLength": 200},
        "dry_run": {"type": "boolean"},
        "review_before": {"type": "string", "format": "date"},
        "cursor": {"type": "string", "pattern": "^[0-9]{1,18}$"},
        "cursor_pair": {"type": "string", "pattern": "^[0-9]{1,18}[.][0-9]{1,18}$"},
        "cursor_place": {"type": "string", "pattern": "^[0-9]{1,18}([.][0-9]{1,18})?$"},
        "overdue": {"enum": ["true"]},
        "turn": {"enum": ["ours", "theirs"]},
        "role": {"enum": enumeration("role")},
        "version": {"type": "string", "pattern": "^[1-9][0-9]{0,5}$"},
        "limit": {"type": "integer", "minimum": 1, "maximum": MAXIMUM_LIMIT},
    }


@cache
def openapi() -> Schema:
    """The whole document as JSON values; built once, on first demand."""
    paths: Schema = {}
    for operation in OPERATIONS:
        paths.setdefault("/api/v1" + operation.path, {})[operation.method] = _operation(operation)
    bodies = sorted({operation.body for operation in OPERATIONS if operation.body and operation.body != _FILE})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Écluse",
            "version": "1",
            "description": "Demandes d'échange de données à caractère personnel entre les parties d'une convention "
            "territoriale globale (article 7) : étude, avis, décision, registres, enregistrements signés.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": _scopes()},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-ecluse"},
            },
            "schemas": {**answers(), **{f"body_{name}": _embedded(name) for name in bodies}},
        },
    }


def _embedded(name: str) -> Schema:
    """A body's schema with its definitions re-rooted under its component."""
    root = f"#/components/schemas/body_{name}"
    schema = {key: value for key, value in bundled(name).items() if key not in {"$schema", "$id"}}
    rerooted: Schema = _rerooted(schema, root)
    return rerooted


def _storable(schema: Schema) -> Schema:
    """A text's schema that also says what no store can hold: U+0000."""
    kinds = schema.get("type")
    is_text = kinds == "string" or (isinstance(kinds, list) and "string" in kinds)
    if not is_text or "format" in schema or schema.get("pattern", _NOT_BLANK) != _NOT_BLANK:
        return schema
    return {**schema, "pattern": "^[^\\x00]*\\S[^\\x00]*$" if "pattern" in schema else "^[^\\x00]*$"}


def _rerooted(value: Any, root: str) -> Any:
    if isinstance(value, dict):
        value = _storable(value)
        return {
            key: root + item[1:] if key == "$ref" and isinstance(item, str) else _rerooted(item, root)
            for key, item in value.items()
        }
    return [_rerooted(item, root) for item in value] if isinstance(value, list) else value


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    """A token of any of these scopes, or the session of a person."""
    scopes = sorted(scopes_of(rights_of_operation(operation.id, operation.path)))
    return [*({"bearer": [scope]} for scope in scopes), {"session": []}]


def _scopes() -> str:
    """What a token's scopes are, in Markdown."""
    lines = "\n".join(f"- `{scope}` : {label}" for scope, label in SCOPES.items())
    return (
        f"Jeton d'un compte pour une partie. Il ne peut que ce que ses portées et les fonctions du compte, ce jour-là,\
 permettent ensemble ; un jeton émis avant les portées les a toutes.\n\n{lines}"
    )


def _operation(operation: Operation) -> Schema:
    described: Schema = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    described["security"] = [] if operation.public else _security(operation)
    if operation.body == "attachment":
        described["requestBody"] = _upload({name: bundled("attachment")["properties"][name] for name in _DESCRIBED})
    elif operation.body == _FILE:
        described["requestBody"] = _upload({})
    elif operation.body:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/body_{operation.body}"}}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _upload(described: Schema) -> Schema:
    content = {"type": "string", "contentMediaType": "application/octet-stream", "maxLength": 10_000_000}
    form = {"type": "object", "properties": {**described, "file": content}, "required": [*described, "file"]}
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def _parameters(operation: Operation) -> list[Schema]:
    names = [step[1:-1] for step in operation.path.split("/") if step.startswith("{")]
    found = [{"name": name, "in": "path", "required": True, "schema": _IN_PATH[name]} for name in names]
    known = _in_query()
    found += [{"name": _CURSOR.sub("", name), "in": "query", "schema": known[name]} for name in operation.parameters]
    if operation.version:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": operation.version == "required",
                "description": "Version du document sur laquelle porte l'acte (valeur de l'ETag).",
                "schema": {"type": "string", "pattern": '^("[1-9][0-9]{0,8}"|[1-9][0-9]{0,8})$'},
            }
        )
    if operation.signable:
        found.append(
            {
                "name": DEVICE_HEADER,
                "in": "header",
                "description": "Réponse de la clé d'accès (JSON, base64url) à la demande de signature de cet acte.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,12000}$"},
            }
        )
    if operation.method == "post":
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "Rejoue sans refaire : même clé, même corps, même réponse pendant 24 heures.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
            }
        )
    return found


def _responses(operation: Operation) -> Schema:
    ok: Schema = {
        "description": operation.summary,
        "content": {operation.media_type: {"schema": {"$ref": f"#/components/schemas/{operation.answer}"}}},
    }
    waiting = {"202": {**ok, "description": "Pas encore : l'enregistrement signé, en attendant"}}
    refused = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    statuses = _refusals(operation)
    return {
        str(operation.status): ok,
        **(waiting if operation.pending else {}),
        **{str(status): {"description": _STATUSES[status], "content": refused} for status in sorted(statuses)},
    }


def _refusals(operation: Operation) -> set[int]:
    if operation.public:
        return {400, 404, 500} if "{" in operation.path else {400, 500}
    statuses = {400, 401, 403, 404, 500, 503}
    if operation.body:
        statuses |= {409, 413, 415, 422}
    if operation.version:
        statuses |= {412}
    if operation.version == "required":
        statuses |= {428}
    return statuses | set(operation.refuses)
