"""The two records of article 30 GDPR: what each paragraph asks for, and the French title of every field.

A controller's register (30(1)) and a processor's (30(2)) are two registers; the CNIL asks to keep them apart.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from schemas import schema

Kind = Literal["controller", "processor"]
Requirement = Literal["due", "where_applicable", "as_far_as_possible"]

KINDS: tuple[Kind, ...] = ("controller", "processor")
RECORD_SCHEMAS: dict[str, str] = {"controller": "register_record", "processor": "processor_record"}
ENTRY_SCHEMAS: dict[str, str] = {"controller": "register_entry", "processor": "processor_entry"}
CONTACT_KEYS = ("contact_details", "address", "postal_code", "city", "country", "telephone", "email")
"""Any of these is contact details, in the sense of article 30."""


@dataclass(frozen=True)
class Due:
    """One thing that article 30 asks for: dotted key of the record, paragraph, how firmly."""

    key: str
    article: str
    requirement: Requirement = "due"


ARTICLE_30: dict[str, tuple[Due, ...]] = {
    "controller": (
        Due("controller.name", "30(1)(a)"),
        Due("controller.contact_details", "30(1)(a)"),
        Due("joint_controllers", "30(1)(a)", "where_applicable"),
        Due("representative", "30(1)(a)", "where_applicable"),
        Due("data_protection_officer", "30(1)(a)"),
        Due("purposes", "30(1)(b)"),
        Due("categories_of_data_subjects", "30(1)(c)"),
        Due("categories_of_personal_data", "30(1)(c)"),
        Due("categories_of_recipients", "30(1)(d)"),
        Due("transfers", "30(1)(e)", "where_applicable"),
        Due("time_limits_for_erasure", "30(1)(f)", "as_far_as_possible"),
        Due("security_measures", "30(1)(g)", "as_far_as_possible"),
    ),
    "processor": (
        Due("processor.name", "30(2)(a)"),
        Due("processor.contact_details", "30(2)(a)"),
        Due("other_processors", "30(2)(a)", "where_applicable"),
        Due("controllers", "30(2)(a)"),
        Due("representative", "30(2)(a)", "where_applicable"),
        Due("data_protection_officer", "30(2)(a)"),
        Due("categories_of_processing", "30(2)(b)"),
        Due("transfers", "30(2)(c)", "where_applicable"),
        Due("security_measures", "30(2)(d)", "as_far_as_possible"),
    ),
}


@cache
def title_of(kind: str, key: str) -> str:
    """The French title of a field, by its dotted key (list items are entered without a step)."""
    here = schema(RECORD_SCHEMAS[kind])
    for step in key.split("."):
        here = here.get("items", here)["properties"][step]
    return str(here["title"])


def value_at(record: Any, key: str) -> Any:
    """The value under a dotted key, None where the way to it is missing."""
    here: Any = record
    for step in key.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here
