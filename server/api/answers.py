"""JSON Schemas of what the API answers, for the OpenAPI document; bodies have theirs in the package `schemas`."""

from typing import Any

from registry.documents.inspection import COLUMNS as INSPECTED
from registry.documents.public_list import COLUMNS
from registry.processing.fields import KINDS
from registry.processing.selection import STATUSES
from registry.publishing.standing import PUBLISHED, RECORDED, WITNESSED
from schemas import enumeration

Schema = dict[str, Any]

_JOB_STATES = ("running", "done", "failed", "cancelled")
_PIA_LISTS = ("answers", "measures", "evaluations", "comments")
_STRING: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_BOOLEAN: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_UUID: Schema = {"type": "string", "format": "uuid"}
_DAY: Schema = {"type": "string", "format": "date"}


def _object(properties: dict[str, Schema], *, more: bool = False, optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": more,
    }


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _page(item: Schema) -> Schema:
    return _object({"items": _list(item), "next": _OPTIONAL})


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def answers() -> dict[str, Schema]:
    """Every answer by name, plus `problem`; built on demand because enumerations come from the vocabulary."""
    state: Schema = {"enum": enumeration("state")}
    standing = {
        "id": _UUID,
        "reference": _STRING,
        "convention": _STRING,
        "state": state,
        "version": _COUNT,
        "study_complete": _BOOLEAN,
        "opinion_complete": _BOOLEAN,
    }
    proof = {"record": _OPTIONAL, "receipt": _OPTIONAL}
    summary = {
        **standing,
        "title": _OPTIONAL,
        "requester": _STRING,
        "holder": _STRING,
        "convention_field": _OPTIONAL,
        "created_on": _DAY,
        "filed_on": {"anyOf": [_DAY, {"type": "null"}]},
        "activated_on": {"anyOf": [_DAY, {"type": "null"}]},
        "due": {"anyOf": [_due(), {"type": "null"}]},
        "awaited": _list(_object({"act": _STRING, "parties": _list(_STRING), "roles": _list(_STRING), "since": _DAY})),
    }
    entry = {
        "entry": _UUID,
        "party": _STRING,
        "kind": {"enum": list(KINDS)},
        "reference": _STRING,
        "version": _COUNT,
        "since": _STRING,
        "status": {"enum": list(STATUSES)},
        "missing": _list(_STRING),
    }
    convention = {
        "id": _STRING,
        "parties": _list({"type": "object"}),
        "term": _DAY,
        "in_force_until": _DAY,
        "today": _DAY,
        "status_today": {"enum": [*enumeration("convention_status"), None]},
        "findings": _list(_ref("convention_finding")),
        "alerts": _list(_object({"kind": _STRING, "since": _DAY, "due": _DAY, "message": _STRING})),
    }
    completeness = {"due": _COUNT, "present": _COUNT, "lacking": _list(_STRING), "advised": _list(_STRING)}
    full = {**entry, "exchange": _OPTIONAL, "record": {"type": "object"}}
    line = {**full, "redacted": _list(_STRING)}
    return {
        "standing": _object({**standing, **proof}),
        "standing_with_findings": _object(
            {**standing, "findings": _list(_ref("finding")), "pending": _list(_ref("pending")), **proof}
        ),
        "finding": _finding(),
        "pending": _pending(),
        "clock": _clock(),
        "webhooks": _page(_object({"id": _UUID, "url": _STRING, "created_at": _STRING})),
        "webhook_made": _object({"id": _UUID, "url": _STRING, "created_at": _STRING, "secret": _OPTIONAL}),
        "webhook_gone": _object({"id": _UUID}),
        "exchange": _object(
            {
                **standing,
                "request": {"type": "object"},
                "requester": _STRING,
                "holder": _STRING,
                "findings": _list(_ref("finding")),
                "pending": _list(_ref("pending")),
                "findings_at_filing": _list({"type": "object"}),
                "acts": _list(_STRING),
                "people": {"type": "object", "additionalProperties": _STRING},
                "clocks": _list(_ref("clock")),
            },
            more=True,
        ),
        "requests": _page(_object(summary)),
        "recommendations": _page({"type": "object"}),
        "flows": _page(
            _object({"number": _COUNT, "sent_on": _DAY, "volume": _COUNT,
                     "channel": {"enum": enumeration("channel_kind")}, "digest": _OPTIONAL,
                     "marks": _list({"enum": enumeration("flow_mark")}), "party": _STRING, "recorded_on": _DAY})
        ),
        "device_offer": _object({
            "statement": _STRING,
            "opening": {"oneOf": [{"type": "null"}, _object({"salt": _STRING, "texts": _STRING})]},
            "options": {"type": "object"},
        }),
        "events": _page(_event()),
        "convention": _object(convention, more=True),
        "register": _page(_object(line, optional=("exchange", "redacted"))),
        "entry": _object({**full, "erased_on": _OPTIONAL, "completeness": _object(completeness)}),
        "entry_made": _object(
            {**full, "erased_on": _OPTIONAL, "completeness": _object(completeness), **proof}
        ),
        "convention_made": _object({**convention, **proof}, more=True),
        "entry_versions": _page(
            _object({"version": _COUNT, "since": _STRING, "until": _OPTIONAL, "changes": _list(_STRING),
                     "record": {"type": "object"}})
        ),
        "import_plan": _import_plan(),
        "export": _export(),
        "inspection": _page(_object({**dict.fromkeys(INSPECTED, _OPTIONAL), "holes": _list(_STRING)})),
        "pia": _object({"pia": {"type": "object"}, **{name: _list({"type": "object"}) for name in _PIA_LISTS}}),
        "public_list": _page(_object(dict.fromkeys(COLUMNS, _STRING))),
        "linked_records": _object(
            {"records": _list(_object(entry)), "disagreements": _list(_object({"key": _STRING, "message": _STRING}))}
        ),
        "file": {"type": "string"},
        "schema": {"type": "object"},
        "checks": _object({"rules_version": _STRING, "items": _list(_check())}),
        "convention_checks": _object(
            {
                "rules_version": _STRING,
                "settings": {"type": "object", "additionalProperties": {"type": "number"}},
                "severity_labels": {"type": "object", "additionalProperties": _STRING},
                "adjustments": _object({"settings": {"type": "object"}, "messages": {"type": "object"},
                                        "severity_labels": {"type": "object"}},
                                       optional=("settings", "messages", "severity_labels")),
                "items": _list(_check()),
            }
        ),
        "convention_finding": _object(_finding_properties()),
        "indicators": _indicators(),
        "openapi": {"type": "object"},
        "problem": _problem(),
    }  # fmt: skip


def _indicators() -> Schema:
    """Counts are null where they are kept back."""
    kept = {"type": ["integer", "null"], "minimum": 0}
    table = {
        "id": _STRING,
        "title": _STRING,
        "total": kept,
        "lines": _list(_object({"id": _STRING, "label": _STRING, "count": kept})),
    }
    delay = {"step": _STRING, "label": _STRING, "median": {"type": ["number", "null"]}}
    return _object(
        {
            "year": {"type": ["integer", "null"]},
            "years": _list(_COUNT),
            "total": kept,
            "tables": _list(_object(table)),
            "delays": _list(_object(delay)),
            "threshold": _COUNT,
        }
    )


def _finding_properties() -> dict[str, Schema]:
    alternative = _object({"kind": _STRING, "label": _STRING, "text": _STRING})
    return {
        "id": _STRING,
        "phase": {"enum": enumeration("phase")},
        "severity": {"enum": enumeration("severity")},
        "severity_label": _STRING,
        "message": _STRING,
        "source": _STRING,
        "pointer": _STRING,
        "pointers": _list(_STRING),
        "subject": _STRING,
        "blocks": _BOOLEAN,
        "overridable": {"type": ["boolean", "null"]},
        "confidence": {"enum": enumeration("confidence")},
        "confidence_label": _STRING,
        "alternatives": _list(alternative),
    }


def _export() -> Schema:
    return _object(
        {"id": _UUID, "party": _STRING, "asked": {"type": "object"}, "state": {"enum": list(_JOB_STATES)},
         "done": _COUNT, "total": _COUNT, "created_at": _STRING, "expires_at": _STRING, "name": _OPTIONAL,
         "reason": _OPTIONAL}
    )  # fmt: skip


def _import_plan() -> Schema:
    change = _object(
        {"place": _STRING, "kind": {"enum": list(KINDS)}, "reference": _OPTIONAL, "title": _OPTIONAL,
         "changes": _list(_STRING)}
    )  # fmt: skip
    point = _object({"place": _STRING, "message": _STRING})
    return _object(
        {"form": _STRING, "done": _BOOLEAN, "created": _list(change), "changed": _list(change), "unchanged": _COUNT,
         "refused": _list(point), "ignored": _list(point)}
    )  # fmt: skip


def _finding() -> Schema:
    return _object(
        {
            **_finding_properties(),
            "since": {"anyOf": [_DAY, {"type": "null"}]},
            "overridden_by": _OPTIONAL,
            "override_reasons": _OPTIONAL,
            "covered_by": _list(_COUNT),
        }
    )


def _due() -> Schema:
    roles = _list({"enum": enumeration("role")})
    return _object({"on": _DAY, "clock": _STRING, "label": _STRING, "parties": _list(_STRING), "roles": roles})


def _clock() -> Schema:
    day: Schema = {"anyOf": [_DAY, {"type": "null"}]}
    return _object(
        {
            "name": _STRING,
            "label": _STRING,
            "subject": _STRING,
            "parties": _list(_STRING),
            "roles": _list({"enum": enumeration("role")}),
            "started_on": _DAY,
            "ended_on": day,
            "stopped": _BOOLEAN,
            "stops": _list(_object({"stopped_on": _DAY, "resumed_on": day, "cause": {"enum": enumeration("state")}})),
            "elapsed_days": _COUNT,
            "net_days": _COUNT,
            "length": {"type": ["integer", "null"]},
            "unit": {"enum": [*enumeration("time_unit"), None]},
            "due_on": day,
            "past_due": _BOOLEAN,
            "opens": _OPTIONAL,
        }
    )


def _pending() -> Schema:
    return _object(
        {
            "id": _STRING,
            "severity": {"enum": enumeration("severity")},
            "stage": {"enum": enumeration("stage")},
            "message": _STRING,
            "source": _STRING,
        }
    )


def _check() -> Schema:
    return _object(
        {
            "id": _STRING,
            "family": {"enum": enumeration("family")},
            "phase": {"enum": enumeration("phase")},
            "stage": {"enum": [*enumeration("stage"), None]},
            "severity": {"enum": enumeration("severity")},
            "overridable": {"type": ["boolean", "null"]},
            "trigger": _STRING,
            "when": _STRING,
            "message": _STRING,
            "source": _STRING,
            "confidence": {"enum": enumeration("confidence")},
        }
    )


def _event() -> Schema:
    return _object(
        {
            "revision": _COUNT,
            "act": _STRING,
            "at": {"type": "string", "format": "date-time"},
            "on": _DAY,
            "by": _STRING,
            "party": _STRING,
            "input": {"type": "object"},
            "derived": {"type": "object"},
            "erased": _BOOLEAN,
            "commit": _STRING,
            "leaf_index": {"type": ["integer", "null"]},
            "record": _STRING,
            "receipt": _STRING,
            "ledger": _object(
                {
                    "status": {"enum": [RECORDED, PUBLISHED, WITNESSED]},
                    "published_at": _OPTIONAL,
                    "witnessed_at": _OPTIONAL,
                    "witnesses": _list(_STRING),
                    "of": _COUNT,
                }
            ),
        }
    )


def _problem() -> Schema:
    error = _object({"pointer": _STRING, "message": _STRING, "check": _STRING}, optional=("check",))
    return _object(
        {
            "type": {"type": "string", "format": "uri"},
            "title": _STRING,
            "status": {"type": "integer"},
            "detail": _STRING,
            "instance": _STRING,
            "errors": _list(error),
        },
        optional=("errors",),
    )
