"""Anyone sends any valid body to any act of any file: nothing breaks, and the projections stay what the events say."""

import random
from typing import Any

import pytest

from registry.exchange.acts import ACTS
from registry.storage.rebuild import PROJECTIONS, rebuild
from schemas import bundled
from tests.world import CAF, SGL, World

CALLS = 1200
TEXTS = ["a", "é\u202e=1+1", "caf-rhone", "saint-genis-laval", " x ", "😀" * 5]
DATES = ["2023-01-01", "0001-01-01", "9999-12-31", "2023-03-01"]
PATHS = ["data_items.0", "retention.0.months", "purposes", "data_items.99", "recipients", "period.start", "x"]


class Hostile:
    """Makes documents that a schema admits, with the values that break careless code."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.ids: list[str] = []

    def body(self, name: str) -> Any:
        root = bundled(name)
        return self._value(root, root)

    def _value(self, schema: dict[str, Any], root: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self._value(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
        if "oneOf" in schema:
            return self._value(self.random.choice(schema["oneOf"]), root)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        kind = self.random.choice(kinds)
        if kind == "object":
            required = schema.get("required", [])
            chosen = {k: v for k, v in schema["properties"].items() if k in required or self.random.random() < 0.6}
            return {key: self._value(item, root) for key, item in chosen.items()}
        if kind == "array":
            return [
                self._value(schema["items"], root) for _ in range(self.random.randint(schema.get("minItems", 0), 3))
            ]
        if kind == "string":
            return self._text(schema)
        return {"integer": self.random.choice([1, 2, 3, 0, 5]), "boolean": self.random.random() < 0.5, "null": None}[
            kind
        ]

    def _text(self, schema: dict[str, Any]) -> str:
        pattern = schema.get("pattern", "")
        if schema.get("format") == "date":
            return self.random.choice(DATES)
        if "-4" in pattern:
            return self.random.choice(self.ids)
        if "{64}" in pattern:
            return "0" * 64
        if "[0-5]" in pattern:
            return "14:30"
        if "@" in pattern:
            return "dpd@caf.example"
        if pattern.startswith("^[A-Z]"):
            return self.random.choice(["AIPD-01", "CONS-03", "ZZ-01"])
        known = PATHS if pattern.startswith("^[a-z0-9_]") else TEXTS
        return self.random.choice(known)[: schema.get("maxLength", 50)]


_PATHS = {
    "document": "document",
    "override": "findings/CONS-03/override",
    "recommendations": "recommendations/1/status",
    "incident-status": "incidents/1/status",
    "objection-status": "objections/1/status",
}


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_valid_body_to_any_act_breaks_nothing(world: World, seed: int) -> None:
    hostile = Hostile(seed)
    prepared = await world.approved()
    await world.prepared(prepared)
    hostile.ids = [
        prepared, await world.create(), await world.filed(), await world.under_study(), await world.approved(),
        await world.active(),
    ]  # fmt: skip
    acts = [act for act in ACTS.values() if act.name != "attachments"]
    for number in range(CALLS):
        if number % 100 == 99:
            hostile.ids += [await world.under_study(), await world.approved()]
        act, request_id = hostile.random.choice(acts), hostile.random.choice(hostile.ids)
        method = "PUT" if act.name == "document" or act.name.startswith("study/") else "POST"
        path = f"/requests/{request_id}/{_PATHS.get(act.name, act.name)}"
        who = (hostile.random.choice([CAF, SGL]), hostile.random.choice(act.roles))
        body = hostile.body(act.schema)
        response = await world.call(who, method, path, body, version=hostile.random.choice([1, 1, 2]))
        assert response.status_code < 500, (act.name, body)
        seen = await world.call((SGL, "requester"), "GET", f"/requests/{request_id}")
        assert seen.status_code == 200
    live = {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS}
    await rebuild(world.gate.engine, world.gate.vault)
    assert {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS} == live
