"""The first exchange of the demonstration as it lives on: consultations logged, a review, a condition left undone."""

from datetime import date
from typing import Any

from registry.exchange.file import File
from server.demo.player import Player

LIVED_ON = date(2023, 11, 20)
_CONSULTED = {
    "2022-10-31": 1420, "2022-11-30": 1310, "2022-12-31": 640, "2023-01-31": 702, "2023-02-28": 518, "2023-03-31": 604,
    "2023-04-30": 455, "2023-05-31": 590, "2023-06-30": 1873, "2023-07-31": 962, "2023-08-31": 2210, "2023-09-30": 3044,
    "2023-10-31": 1102,
}  # fmt: skip
CONDITION: dict[str, Any] = {
    "number": 1,
    "text": "Présenter au comité de pilotage un bilan de l'usage du quotient familial, sans donnée individuelle.",
    "prior": False,
    "owner": "oullins",
    "due_on": "2023-12-15",
}
"""What the decision asks beside its approval, and nobody has done."""


async def live(player: Player, file: File) -> File:
    """The year that followed the activation, logged from the holder's own counts, and reviewed."""
    player.calendar.day = LIVED_ON
    flows = [{"sent_on": day, "volume": count, "channel": "api"} for day, count in _CONSULTED.items()]
    file = await player.act(file, file.holder, "it_security", "flows", {"flows": flows})
    file = await player.act(file, file.requester, "requester", "recommendations", {"status": "in_progress"}, "1")
    review = {
        "outcome": "continued",
        "comment": "Le tarif est calculé sans justificatif ; deux habilitations ont été retirées.",
        "authorisations_checked": True,
    }
    return await player.act(file, file.holder, "business_referent", "review", review)
