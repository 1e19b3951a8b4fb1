"""The register as JSON-LD with the W3C Data Privacy Vocabulary 2.3, a community group's.

The context is inline: nothing is fetched to read the file. Every term exists in DPV 2.3; `shapes.ttl` beside this
module says in SHACL what article 30 asks of it.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec

from registry.exports.export import Document, Plain, Step
from registry.exports.heading import Heading
from schemas import label, vocabulary

Record = Mapping[str, Any]
Node = dict[str, Any]

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "pd": "https://w3id.org/dpv/pd#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_DATA = {
    "identity": "pd:Identifying",
    "personal_life": "pd:FamilyStructure",
    "economic_financial": "pd:Financial",
    "connection": "pd:IPAddress",
    "location": "pd:Location",
    "nir": "pd:OfficialID",
    "health": "pd:Health",
    "criminal_convictions_and_offences": "pd:Criminal",
}
_MEASURES = {
    "traceability": ("dpv:hasTechnicalMeasure", "dpv:ActivityMonitoring"),
    "encryption": ("dpv:hasTechnicalMeasure", "dpv:Encryption"),
    "user_access_control": ("dpv:hasTechnicalMeasure", "dpv:AccessControlMethod"),
}
_STATUSES = {"draft": "dpv:ActivityPlanned", "confirmed": "dpv:ActivityOngoing", "archived": "dpv:ActivityCompleted"}


class JsonLdWriter(Plain):
    """One graph: the register (`dpv:ROPA`), then a `dpv:Process` per record."""

    def __init__(self, file: BinaryIO, heading: Heading) -> None:
        self._file = file
        self._register = f"urn:ecluse:register:{heading.party}:{heading.kind}"
        register = {
            "@id": self._register,
            "@type": "dpv:ROPA",
            "dct:title": _french(heading.title),
            "dct:publisher": heading.party_name,
            "dct:valid": _day(heading.as_of.isoformat()),
        }
        file.write(b'{"@context":' + msgspec.json.encode(CONTEXT) + b',"@graph":[\n' + msgspec.json.encode(register))

    def add(self, line: Document, record: Document) -> None:
        node = _controller(line, record) if line["kind"] == "controller" else _processor(line, record)
        self._file.write(b",\n" + msgspec.json.encode({**node, "dct:isPartOf": {"@id": self._register}}))

    def finish(self, _manifest: Document, _step: Step) -> None:
        self._file.write(b"\n]}\n")


def _common(line: Mapping[str, Any], record: Record) -> Node:
    return _filled({
        "@id": f"urn:uuid:{line['entry']}",
        "@type": "dpv:Process",
        "dct:identifier": line["reference"],
        "dct:title": _french(record.get("title")),
        "dct:created": _day(record.get("created_on")),
        "dct:modified": _day(record.get("updated_on")),
        "dpv:hasActivityStatus": {"@id": _STATUSES[line["status"]]},
        "dpv:hasRepresentative": _party(record.get("representative"), "dpv:Representative"),
        "dpv:hasDataProtectionOfficer": _party(record.get("data_protection_officer"), "dpv:DataProtectionOfficer"),
        "dpv:hasThirdCountry": [_transfer(item) for item in record.get("transfers", [])],
        **_measures(record.get("security_measures", [])),
    })  # fmt: skip


def _controller(line: Document, record: Document) -> Node:
    more = record.get("supplement", {})
    basis = more.get("legal_basis", {})
    return _common(line, record) | _filled({
        "dpv:hasDataController": _party(record.get("controller"), "dpv:DataController"),
        "dpv:hasJointDataControllers": [
            _party(item, "dpv:JointDataControllers") for item in record.get("joint_controllers", [])
        ],
        "dpv:hasPurpose": [_concept("dpv:Purpose", text) for text in record.get("purposes", [])],
        "dpv:hasDataSubject": [
            _concept("dpv:DataSubject", text) for text in record.get("categories_of_data_subjects", [])
        ],
        "dpv:hasPersonalData": [_data(item) for item in record.get("categories_of_personal_data", [])],
        "dpv:hasRecipient": [
            _concept("dpv:Recipient", item.get("name") or label("recipient_kind", item.get("type", "")))
            for item in record.get("categories_of_recipients", [])
        ],
        "dpv:hasStorageCondition": [_limit(item) for item in record.get("time_limits_for_erasure", [])],
        "dpv:hasLegalBasis": _legal_basis(basis.get("article_6")),
        "dpv:hasApplicableLaw": [_concept("dpv:Law", text) for text in basis.get("texts", [])],
        "dpv:hasDataSource": _concept("dpv:DataSource", more.get("data_source")),
        "dpv:hasDataProcessor": [_party(item, "dpv:DataProcessor") for item in more.get("processors", [])],
    })  # fmt: skip


def _processor(line: Document, record: Document) -> Node:
    return _common(line, record) | _filled({
        "dpv:hasDataProcessor": _party(record.get("processor"), "dpv:DataProcessor"),
        "dpv:hasDataController": [_party(item, "dpv:DataController") for item in record.get("controllers", [])],
        "dpv:hasProcessing": [
            _concept("dpv:Processing", text) for text in record.get("categories_of_processing", [])
        ],
    })  # fmt: skip


def _filled(node: Node) -> Node:
    return {key: value for key, value in node.items() if value not in (None, [], {})}


def _french(text: str | None) -> Node | None:
    return {"@value": text, "@language": "fr"} if text else None


def _day(text: str | None) -> Node | None:
    return {"@value": text, "@type": "xsd:date"} if text else None


def _concept(kind: str, text: str | None) -> Node | None:
    return {"@type": kind, "skos:prefLabel": _french(text)} if text else None


def _party(contact: Record | None, kind: str) -> Node | None:
    if not contact:
        return None
    place = [contact.get(key) for key in ("address", "postal_code", "city", "country")]
    reach = [contact.get(key) for key in ("email", "telephone", "contact_details")]
    return _filled({
        "@type": kind,
        "dpv:hasName": contact.get("name"),
        "dpv:hasAddress": ", ".join(filter(None, place)) or None,
        "dpv:hasContact": [text for text in reach if text],
    })  # fmt: skip


def _data(item: Record) -> Node:
    category = item.get("category")
    described = vocabulary()["enumerations"]["cnil_category"].get(category, {})
    kind = (
        "dpv:SpecialCategoryPersonalData"
        if described.get("sensitive") and category != _CRIMINAL
        else "dpv:PersonalData"
    )
    return _filled({
        "@type": kind,
        "skos:prefLabel": _french(item.get("description") or described.get("label")),
        "skos:broader": {"@id": _DATA[category]} if category in _DATA else None,
        "dpv:hasStorageCondition": _duration(item.get("retention")),
    })  # fmt: skip


_CRIMINAL = "criminal_convictions_and_offences"
"""Article 10 GDPR: not a special category of article 9."""


def _duration(text: str | None) -> Node | None:
    return {"@type": "dpv:StorageDuration", "skos:prefLabel": _french(text)} if text else None


def _limit(item: Record) -> Node:
    months = item.get("months")
    criterion = _concept("dpv:UntilEventDuration", item.get("criterion"))
    length = {"@type": "dpv:TemporalDuration", "skos:prefLabel": f"P{months}M"} if months is not None else criterion
    return _filled({
        "@type": "dpv:StorageDuration",
        "skos:prefLabel": _french(item.get("category")),
        "dpv:hasDuration": length,
    })  # fmt: skip


def _legal_basis(value: str | None) -> Node | None:
    found = vocabulary()["enumerations"]["article_6"].get(value, {}) if value else {}
    return {"@id": found["dpv"]} if found.get("dpv") else None


def _transfer(item: Record) -> Node:
    found = vocabulary()["enumerations"]["safeguard"].get(item.get("safeguard"), {})
    return _filled({
        "@type": "dpv:ThirdCountry",
        "skos:prefLabel": item.get("country"),
        "dpv:hasLegalBasis": {"@id": found["dpv"]} if found.get("dpv") else None,
        "dpv:hasRecipient": _concept("dpv:Recipient", item.get("recipient")),
    })  # fmt: skip


def _measures(items: list[Record]) -> Node:
    """Each measure under the property of its kind, in the words of the record."""
    found: dict[str, list[Node]] = {}
    for item in items:
        name, kind = _MEASURES.get(
            item.get("kind", ""), ("dpv:hasTechnicalOrganisationalMeasure", "dpv:TechnicalOrganisationalMeasure")
        )
        text = item.get("details") or label("security_measure", item.get("kind", ""))
        found.setdefault(name, []).append({"@type": kind, "skos:prefLabel": _french(text)})
    return dict(found)
