"""The welcome page and the reference of the API, rendered by the server."""

from html import escape
from pathlib import Path
from string import Template

from litestar import get
from litestar.response import Response

from server.api.operations import OPERATIONS, Operation

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_HERE = Path(__file__).parent


def page(name: str, **parts: str) -> Response[str]:
    """One of the pages of this folder, with its parts (already HTML) filled in."""
    text = Template((_HERE / f"{name}.html").read_text(encoding="utf-8")).substitute(parts)
    return Response(text, media_type="text/html", headers=_HEADERS)


@get("/", name="welcome")
async def welcome() -> Response[str]:
    """What Écluse is, and where to go next."""
    return page("welcome")


@get("/docs/api", name="api_reference")
async def reference() -> Response[str]:
    """Every operation of the API, from the same table as the OpenAPI document."""
    tags = dict.fromkeys(operation.tag for operation in OPERATIONS)
    sections = [_section(tag, [o for o in OPERATIONS if o.tag == tag]) for tag in tags]
    return page("reference", sections="\n".join(sections))


def _section(tag: str, operations: list[Operation]) -> str:
    rows = "\n".join(_row(operation) for operation in operations)
    return (
        f"<h2>{escape(tag)}</h2>\n<table><thead><tr><th scope='col'>Adresse</th><th scope='col'>Objet</th>"
        f"<th scope='col'>Corps</th></tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )


def _row(operation: Operation) -> str:
    body = ""
    if operation.body:
        name = escape(operation.body)
        body = f"<a href='/api/v1/schemas/{name}'>{name}</a>"
    address = f"<code>{operation.method.upper()} /api/v1{escape(operation.path)}</code>"
    return f"<tr><td>{address}</td><td>{escape(operation.summary)}</td><td>{body}</td></tr>"


@get("/static/style.css", name="style")
async def style() -> Response[str]:
    """The one style sheet."""
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return Response((_HERE / "style.css").read_text(encoding="utf-8"), media_type="text/css", headers=headers)


HANDLERS = [welcome, reference, style]
