"""The accessibility statement (law n° 2005-102, article 47; RGAA), in the order of its official form."""

from litestar import get
from litestar.response import Response

from server.pages.rendering import Call, page


@get("/accessibilite", name="accessibility")
async def accessibility(request: Call) -> Response[str]:
    """What was tested and how, what is known to fall short, whom to write to, and how to complain."""
    return page(request, "accessibility.html")


HANDLERS = [accessibility]
