"""How anybody checks a receipt or an evidence pack, without trusting the host."""

from litestar import get
from litestar.response import Response

from server.pages.rendering import Call, page


@get("/verification", name="verification")
async def verification(request: Call) -> Response[str]:
    """What each status of a record means, and the commands that check what was downloaded."""
    return page(request, "verification.html")


HANDLERS = [verification]
