"""The home page and the reference of the API."""

from litestar import get
from litestar.response import Response

from server.api.operations import OPERATIONS
from server.auth.browser import visiting
from server.pages.home import home_page
from server.pages.rendering import Call, page


@get("/", name="welcome")
async def welcome(request: Call) -> Response[str]:
    """What Écluse is to a visitor; to a person who acts for a party, what waits for them."""
    found = visiting(request)
    if found is not None and found.acting:
        return await home_page(request)
    return page(request, "welcome.html")


@get("/docs/api", name="api_reference")
async def reference(request: Call) -> Response[str]:
    """Every operation of the API, from the same table as the OpenAPI document."""
    tags = dict.fromkeys(operation.tag for operation in OPERATIONS)
    sections = {tag: [operation for operation in OPERATIONS if operation.tag == tag] for tag in tags}
    return page(request, "reference.html", sections=sections)


HANDLERS = [welcome, reference]
