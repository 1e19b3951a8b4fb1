"""Exchanges under way on the day of the demonstration: one stopped at each step, so that every function finds work."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from registry.exchange.file import STUDY_PARTS, File
from server.demo.player import Player
from server.demo.steps import CAF, CONVENTION, MERGED, SAINT_GENIS, STUDY_ROLE, STUDY_TEXT, confirm, examples

Document = dict[str, Any]
_PRICING, _SURVEY = "EX-2022-007", "EX-2024-006"
_FAVOURABLE = {"value": "favourable", "text": "Données limitées au calcul du tarif, sur un fondement établi."}


async def play_under_way(player: Player, today: date) -> None:
    """Play them, each from its own day to the step where it waits; the oldest first."""
    story = _UnderWay(player, today)
    await story.register_confirmation_missing()
    await story.both_confirmations_missing()
    await story.to_decide()
    await story.to_opine()
    await story.to_admit()
    await story.to_study()
    await story.awaiting_information()
    await story.to_accept()
    await story.study_by_a_municipality()
    await story.drafts()


class _UnderWay:
    """Each method is the story of one exchange; days are counted back from today."""

    def __init__(self, player: Player, today: date) -> None:
        self._player = player
        self._today = today
        self._examples = {example["request"]["reference"]: example["request"] for example in examples()}

    def _ago(self, days: int) -> None:
        self._player.calendar.day = self._today - timedelta(days=days)

    def _request(self, reference: str, title: str, **changes: Any) -> Document:
        day = self._player.calendar.day
        period = {"start": self._today.isoformat(), "end": date(self._today.year + 4, 12, 31).isoformat()}
        return {
            **self._examples[reference], "title": title, "requested_on": day.isoformat(), "period": period, **changes,
        }  # fmt: skip

    async def _filed(self, days: int, reference: str, title: str, requester: str, **changes: Any) -> File:
        self._ago(days)
        request = self._request(reference, title, requester=requester, **changes)
        file = await self._player.create(CONVENTION, request)
        return await self._player.act(file, requester, "requester", "filing", {"received_via": "form"})

    async def _admitted(self, file: File, days: int) -> File:
        self._ago(days)
        player = self._player
        file = await player.act(file, file.requester, "dpo", "document", file.request, "requester_dpo")
        file = await player.act(file, file.holder, "business_referent", "admission", {"outcome": "under_study"})
        return await player.act(file, file.holder, "it_security", "document", file.request, "holder")

    async def _studied(self, file: File, days: int, parts: Sequence[str] = STUDY_PARTS) -> File:
        self._ago(days)
        for part in parts:
            body = {"conclusion": "favourable", "text": STUDY_TEXT[part]["favourable"]}
            file = await self._player.act(file, file.holder, STUDY_ROLE[part], f"study/{part}", body)
        return file

    async def _opined(self, file: File, days: int) -> File:
        self._ago(days)
        return await self._player.act(file, file.holder, "dpo", "opinion", _FAVOURABLE)

    async def _approved(self, file: File, days: int) -> File:
        self._ago(days)
        return await self._player.act(file, file.holder, "controller", "decision", {"value": "approved"})

    async def register_confirmation_missing(self) -> None:
        """The holder's record is confirmed; the requester's waits for its records manager."""
        file = await self._filed(45, _PRICING, "Quotient familial pour la tarification des séjours d'été", MERGED)
        file = await self._studied(await self._admitted(file, 42), 33)
        file = await self._approved(await self._opined(file, 26), 19)
        self._ago(12)
        player = self._player
        file = await player.act(file, MERGED, "controller", "acceptance", {})
        file = await player.act(file, MERGED, "requester", "preparation", {})
        file = await player.attach(
            file, MERGED, "requester", "article_14_notice", "mention-information.txt",
            "Modèle de mention d'information remise aux familles lors de l'inscription.",
        )  # fmt: skip
        self._ago(5)
        await confirm(player, file, CAF)

    async def both_confirmations_missing(self) -> None:
        """Preparation was begun; neither records manager has confirmed."""
        file = await self._filed(40, _PRICING, "Quotient familial pour les classes de découverte", SAINT_GENIS)
        file = await self._studied(await self._admitted(file, 37), 30)
        file = await self._approved(await self._opined(file, 24), 16)
        self._ago(6)
        file = await self._player.act(file, SAINT_GENIS, "controller", "acceptance", {})
        await self._player.act(file, SAINT_GENIS, "requester", "preparation", {})

    async def to_decide(self) -> None:
        """Studied and opined on: the decision is due within days."""
        file = await self._filed(31, _PRICING, "Quotient familial pour le tarif de l'école de musique", MERGED)
        await self._opined(await self._studied(await self._admitted(file, 29), 20), 11)

    async def to_opine(self) -> None:
        """Studied: the opinion of the holder's DPO is due within days."""
        file = await self._filed(20, _PRICING, "Quotient familial pour les accueils du mercredi", SAINT_GENIS)
        await self._studied(await self._admitted(file, 17), 8)

    async def to_admit(self) -> None:
        """Filed, and nobody answered in time."""
        await self._filed(13, _PRICING, "Quotient familial pour la tarification de la piscine", SAINT_GENIS)

    async def to_study(self) -> None:
        """One part of the study is there."""
        file = await self._filed(9, _PRICING, "Quotient familial pour le portage de repas", MERGED)
        await self._studied(await self._admitted(file, 7), 3, ("opportunity",))

    async def awaiting_information(self) -> None:
        """The studying party asked for complements."""
        file = await self._filed(8, _PRICING, "Quotient familial pour l'aide au permis de conduire", MERGED)
        self._ago(4)
        items = ["Préciser la durée de conservation par la régie", "Joindre la délibération qui fixe les tarifs"]
        await self._player.act(file, CAF, "compliance_referent", "information-requests", {"items": items})

    async def to_accept(self) -> None:
        """Approved: the requester's controller has conditions to accept."""
        file = await self._filed(30, _PRICING, "Quotient familial pour la crèche familiale", SAINT_GENIS)
        file = await self._opined(await self._studied(await self._admitted(file, 27), 19), 10)
        await self._approved(file, 2)

    async def study_by_a_municipality(self) -> None:
        """Here the Caf asks, and the municipality studies."""
        file = await self._filed(6, _SURVEY, "Usagers du centre social : enquête de mixité sociale", CAF)
        await self._admitted(file, 4)

    async def drafts(self) -> None:
        """Begun, and not filed yet."""
        for party, reference, title in (
            (MERGED, _PRICING, "Quotient familial pour la médiathèque"),
            (SAINT_GENIS, _PRICING, "Quotient familial pour les ateliers du soir"),
            (CAF, _SURVEY, "Fréquentation des accueils de loisirs, par quartier"),
        ):
            self._ago(1)
            await self._player.create(CONVENTION, self._request(reference, title, requester=party))
