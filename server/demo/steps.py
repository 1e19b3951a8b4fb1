"""Steps of the circuit that the demonstration's exchanges have in common, each by the person whose function it is."""

from collections.abc import Sequence
from datetime import timedelta
from importlib import resources
from typing import Any

import msgspec

from registry.exchange.file import STUDY_PARTS, File
from server.demo.player import Player

Document = dict[str, Any]

CONVENTION = "ctg-sol-2021-2025"
CAF, MERGED, SAINT_GENIS = "caf-rhone", "oullins-pierre-benite", "saint-genis-laval"

STUDY_ROLE = {"opportunity": "business_referent", "feasibility": "it_security", "compliance": "compliance_referent"}
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


def later(player: Player, step: timedelta) -> None:
    player.calendar.day += step


async def study(player: Player, file: File, opinion: str, *, step: timedelta) -> File:
    """The later stages answered, admissibility, and the three parts of the study."""
    later(player, step)
    file = await player.act(file, file.requester, "dpo", "document", file.request, "requester_dpo")
    file = await player.act(file, file.holder, "business_referent", "admission", {"outcome": "under_study"})
    later(player, step)
    file = await player.act(file, file.holder, "it_security", "document", file.request, "holder")
    conclusion = _CONCLUSION[opinion]
    for part in STUDY_PARTS:
        later(player, step)
        value = "favourable" if part == "feasibility" and conclusion == "reserved" else conclusion
        body = {"conclusion": value, "text": STUDY_TEXT[part][value]}
        file = await player.act(file, file.holder, STUDY_ROLE[part], f"study/{part}", body)
    return file


STUDY_TEXT = {
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


async def judge(
    player: Player, file: File, example: Document, *, step: timedelta, conditions: Sequence[Document] = ()
) -> File:
    """The opinion of the holder's DPO, then the decision of its controller, with conditions of its own if any."""
    later(player, step)
    recommendations = [{**r, "owner": file.requester} for r in example["recommendations"]]
    opinion = {
        "value": example["expected_opinion"],
        "text": example["opinion_text"],
        "recommendations": recommendations,
    }
    file = await player.act(file, file.holder, "dpo", "opinion", opinion)
    later(player, step)
    decision = {
        "value": example["expected_decision"],
        "reasons": example["decision_reasons"],
        "alternative": example["alternative"],
        "recommendations_not_followed": _FOLLOWED_BUT.get(file.reference, []),
    }
    if conditions:
        decision["recommendations"] = list(conditions)
    if decision["value"] == "refused":
        decision["dpo_informed_on"] = player.calendar.day.isoformat()
    return await player.act(file, file.holder, "controller", "decision", decision)


async def activate(player: Player, file: File, *, step: timedelta) -> File:
    """From approval to active: acceptance, pieces, both registers confirmed, activation."""
    later(player, step)
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
    later(player, step)
    for party in file.controllers:
        file = await confirm(player, file, party)
    body = {"authorised_users": ["Agents du guichet unique de la restauration scolaire et du périscolaire"]}
    return await player.act(file, file.requester, "requester", "activation", body)


async def confirm(player: Player, file: File, party: str) -> File:
    """The records manager completes the entry drafted for its party, and confirms it."""
    stored = await player.entry(party, file.register_entries[party])
    record = dict(stored.entry.record)
    rights = "Accès, rectification, effacement, limitation et opposition auprès du délégué à la protection des données"
    record["supplement"] = {**record["supplement"], "data_subject_rights": rights}
    stored = await player.complete_entry(party, stored, record)
    body = {"entry": stored.entry.id, "entry_version": stored.entry.version, "action": "created"}
    return await player.act(file, party, "records_manager", "register-confirmations", body)
