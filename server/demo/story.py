"""The story of the demonstration: six examples under their own dates, a merger, a renewal, an exchange of today."""

from datetime import date, timedelta
from importlib import resources
from typing import Any

import msgspec

from registry.convention_command import ConventionCommand
from registry.exchange.file import STUDY_PARTS, File
from server.demo.life import CONDITION, live
from server.demo.player import Player

Document = dict[str, Any]

CONVENTION = "ctg-sol-2021-2025"
CAF, MERGED = "caf-rhone", "oullins-pierre-benite"
MERGER_DAY = date(2024, 1, 1)
BROUGHT_TO_ACTIVE = "EX-2022-007"

_STUDY_ROLE = {"opportunity": "business_referent", "feasibility": "it_security", "compliance": "compliance_referent"}
_CONCLUSION = {
    "favourable": "favourable",
    "favourable_with_recommendations": "reserved",
    "favourable_subject_to_conditions": "reserved",
    "unfavourable": "unfavourable",
}
_FOLLOWED_BUT = {"EX-2022-011": [1]}
"""Recommendations that an example's decision does not follow; its reasons say why."""


def examples() -> list[Document]:
    """The reference examples, in order of their dates."""
    text = resources.files("schemas").joinpath("reference/requests.json").read_bytes()
    found: list[Document] = msgspec.json.decode(text)["requests"]
    return sorted(found, key=lambda example: example["request"]["requested_on"])


async def play(player: Player, today: date) -> File:
    """Play the whole story up to `today`; answers the exchange of today, active."""
    merged = False
    running: list[File] = []
    for example in examples():
        if not merged and example["request"]["requested_on"] >= MERGER_DAY.isoformat():
            for file in running:
                await live(player, file)
            await _merge(player)
            merged = True
        if (active := await _replay(player, example)) is not None:
            running.append(active)
    player.calendar.day = today
    await _renew(player, today)
    return await _exchange_of_today(player, today)


async def _replay(player: Player, example: Document) -> File | None:
    """One example, from filing to the state its expected decision implies; the exchange when it is active."""
    request = example["request"]
    player.calendar.day = date.fromisoformat(request["requested_on"])
    file = await player.create(CONVENTION, request, reference=request["reference"])
    file = await player.act(file, file.requester, "requester", "filing", {"received_via": "form"})
    if example["expected_decision"] == "outside_procedure":
        await _outside(player, file, example)
        return None
    file = await _study(player, file, example["expected_opinion"], step=timedelta(days=2))
    file = await _judge(player, file, example, step=timedelta(days=5))
    if request["reference"] != BROUGHT_TO_ACTIVE:
        return None
    return await _activate(player, file, step=timedelta(days=2))


def _later(player: Player, step: timedelta) -> None:
    player.calendar.day += step


async def _outside(player: Player, file: File, example: Document) -> None:
    _later(player, timedelta(days=2))
    body = {"outcome": "outside_procedure", "reasons": example["opinion_text"]}
    await player.act(file, file.holder, "compliance_referent", "admission", body)


async def _study(player: Player, file: File, opinion: str, *, step: timedelta) -> File:
    """The later stages answered, admissibility, and the three parts of the study."""
    _later(player, step)
    file = await player.act(file, file.requester, "dpo", "document", file.request, "requester_dpo")
    file = await player.act(file, file.holder, "business_referent", "admission", {"outcome": "under_study"})
    _later(player, step)
    file = await player.act(file, file.holder, "it_security", "document", file.request, "holder")
    conclusion = _CONCLUSION[opinion]
    for part in STUDY_PARTS:
        _later(player, step)
        value = "favourable" if part == "feasibility" and conclusion == "reserved" else conclusion
        body = {"conclusion": value, "text": _STUDY_TEXT[part][value]}
        file = await player.act(file, file.holder, _STUDY_ROLE[part], f"study/{part}", body)
    return file


_STUDY_TEXT = {
    "opportunity": {
        "favourable": "Le besoin est établi et relève d'une fiche action de la convention.",
        "reserved": "Le besoin est réel ; une voie plus légère reste à examiner.",
        "unfavourable": "L'usage annoncé n'est pas décrit et ne répond à aucune fiche action.",
    },
    "feasibility": {
        "favourable": "Le canal proposé est disponible et tracé.",
        "reserved": "Le canal est disponible ; les habilitations restent à préciser.",
        "unfavourable": "Le canal proposé n'offre pas la sécurité attendue.",
    },
    "compliance": {
        "favourable": "Les données sont limitées à la finalité, sur un fondement établi.",
        "reserved": "Le fondement est établi ; des points relevés par les contrôles restent à corriger.",
        "unfavourable": "Les contrôles relèvent des points bloquants que la demande ne permet pas de lever.",
    },
}


async def _judge(player: Player, file: File, example: Document, *, step: timedelta) -> File:
    """The opinion of the holder's DPO, then the decision of its controller."""
    _later(player, step)
    recommendations = [{**r, "owner": file.requester} for r in example["recommendations"]]
    opinion = {
        "value": example["expected_opinion"],
        "text": example["opinion_text"],
        "recommendations": recommendations,
    }
    file = await player.act(file, file.holder, "dpo", "opinion", opinion)
    _later(player, step)
    decision = {
        "value": example["expected_decision"],
        "reasons": example["decision_reasons"],
        "alternative": example["alternative"],
        "recommendations_not_followed": _FOLLOWED_BUT.get(file.reference, []),
    }
    if file.reference == BROUGHT_TO_ACTIVE:
        decision["recommendations"] = [CONDITION]
    if decision["value"] == "refused":
        decision["dpo_informed_on"] = player.calendar.day.isoformat()
    return await player.act(file, file.holder, "controller", "decision", decision)


async def _activate(player: Player, file: File, *, step: timedelta) -> File:
    """From approval to active: acceptance, pieces, both registers confirmed, activation."""
    _later(player, step)
    file = await player.act(file, file.requester, "controller", "acceptance", {})
    file = await player.act(file, file.requester, "requester", "preparation", {})
    file = await player.attach(
        file, file.requester, "requester", "article_14_notice", "mention-information.txt",
        "Modèle de mention d'information remise aux familles lors de l'inscription.",
    )  # fmt: skip
    for processor in file.request["processors"]:
        file = await player.attach(
            file, file.requester, "requester", "article_28_contract", "contrat-sous-traitance.txt",
            f"Contrat de sous-traitance conclu avec {processor['name']}.",
        )  # fmt: skip
    _later(player, step)
    for party in file.controllers:
        file = await _confirm(player, file, party)
    body = {"authorised_users": ["Agents du guichet unique de la restauration scolaire et du périscolaire"]}
    return await player.act(file, file.requester, "requester", "activation", body)


async def _confirm(player: Player, file: File, party: str) -> File:
    """The records manager completes the entry drafted for its party, and confirms it."""
    stored = await player.entry(party, file.register_entries[party])
    record = dict(stored.entry.record)
    rights = "Accès, rectification, effacement, limitation et opposition auprès du délégué à la protection des données"
    record["supplement"] = {**record["supplement"], "data_subject_rights": rights}
    stored = await player.complete_entry(party, stored, record)
    body = {"entry": stored.entry.id, "entry_version": stored.entry.version, "action": "created"}
    return await player.act(file, party, "records_manager", "register-confirmations", body)


async def _merge(player: Player) -> None:
    """Oullins and Pierre-Bénite become one municipality; the permanent secretariat records it."""
    player.calendar.day = MERGER_DAY + timedelta(days=1)
    reference = resources.files("schemas").joinpath("reference/convention.json").read_bytes()
    party = next(p for p in msgspec.json.decode(reference)["parties"] if p["id"] == MERGED)
    body = {
        "predecessors": party["succeeds"],
        "successor": party,
        "effective_on": MERGER_DAY.isoformat(),
        "reference": "Création de la commune nouvelle d'Oullins-Pierre-Bénite au 1er janvier 2024",
    }
    await player.amend(CONVENTION, CAF, "secretariat", ConventionCommand("succession", body))


async def _renew(player: Player, today: date) -> None:
    """A renewal invented for the demonstration, and labelled so: nothing says the reference convention was renewed."""
    body = {
        "reference": "DEMONSTRATION-RECONDUCTION",
        "signed_on": today.isoformat(),
        "description": "DÉMONSTRATION : reconduction fictive, enregistrée pour montrer un échange d'aujourd'hui.",
        "term": date(today.year + 4, 12, 31).isoformat(),
        "demonstration": True,
    }
    await player.amend(CONVENTION, CAF, "secretariat", ConventionCommand("amendment", body))


async def _exchange_of_today(player: Player, today: date) -> File:
    """A new request of the merged municipality, brought to active on the server's day."""
    example = next(e for e in examples() if e["request"]["reference"] == BROUGHT_TO_ACTIVE)
    request = {
        **example["request"],
        "title": "Quotient familial pour la tarification des accueils de loisirs",
        "requester": MERGED,
        "requested_on": today.isoformat(),
        "period": {"start": today.isoformat(), "end": date(today.year + 4, 12, 31).isoformat()},
    }
    still = timedelta(0)
    file = await player.create(CONVENTION, request)
    file = await player.act(file, MERGED, "requester", "filing", {"received_via": "form"})
    file = await _study(player, file, example["expected_opinion"], step=still)
    file = await _judge(player, file, example, step=still)
    return await _activate(player, file, step=still)
