"""An impact assessment begun for the CNIL's PIA software (4.1), which imports this JSON.

Answers go under the numbers of its questions (111 to 227) as HTML; risks and evaluations are left to people.
"""

from html import escape
from typing import Any

from registry.clock import timestamp
from registry.documents.dossier import Dossier
from schemas import label

Document = dict[str, Any]

_QUESTIONS: dict[int, tuple[str, ...]] = {
    111: ("title", "purposes", "exchange_mode", "volume"),
    112: ("requester", "holder", "controllership", "processors"),
    121: ("data_items", "data_subjects", "recipients", "retention"),
    122: ("origin", "frequency", "period"),
    123: ("channel",),
    211: ("purposes",),
    212: ("legal_basis",),
    213: ("data_items", "open_data_alternatives"),
    215: ("retention",),
    221: ("information",),
    226: ("processors",),
    227: ("transfers",),
}
"""The answers of the request that speak to each question of the software."""
_MEASURES = {
    "named_authorisations": "Contrôle des accès logiques",
    "logging": "Traçabilité (journalisation)",
    "breach_procedure": "Gestion des incidents et des violations de données",
}


def pia(dossier: Dossier) -> Document:
    """The file to import: a new assessment, with what the request already says."""
    at = timestamp(dossier.made_at)
    answers = [
        {
            "id": number,
            "pia_id": 1,
            "reference_to": question,
            "data": {"text": text, "gauge": None, "list": []},
            "created_at": at,
            "updated_at": at,
        }
        for number, (question, keys) in enumerate(_QUESTIONS.items(), 1)
        if (text := _html(dossier.words(*keys)))
    ]
    return {
        "pia": {
            "id": 1,
            "name": dossier.subject,
            "category": dossier.convention.document["short_name"],
            "author_name": dossier.requester,
            "evaluator_name": dossier.contact(dossier.file.requester, "dpo"),
            "validator_name": dossier.contact(dossier.file.requester, "controller"),
            "status": 0,
            "is_example": 0,
            "is_archive": 0,
            "progress": 0,
            "structure_id": "",
            "created_at": at,
            "updated_at": at,
        },
        "answers": answers,
        "measures": _measures(dossier, at),
        "evaluations": [],
        "comments": [],
    }


def _html(pairs: list[tuple[str, str]]) -> str:
    return "".join(
        f"<p><strong>{escape(title)}</strong><br>{'<br>'.join(map(escape, text.splitlines()))}</p>"
        for title, text in pairs
    )


def _measures(dossier: Dossier, at: str) -> list[Document]:
    channel = dossier.request.get("channel", {})
    titles = {title: "Prévue par la demande." for key, title in _MEASURES.items() if channel.get(key) is True}
    if "kind" in channel:
        titles["Sécurité des échanges"] = label("channel_kind", channel["kind"])
    return [
        {"id": number, "pia_id": 1, "title": title, "content": f"<p>{escape(text)}</p>", "placeholder": "",
         "created_at": at, "updated_at": at}
        for number, (title, text) in enumerate(titles.items(), 1)
    ]  # fmt: skip
