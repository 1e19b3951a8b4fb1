"""The public contract: JSON Schemas of every document, the vocabulary, and how a document is read against them."""

from schemas.documents import bundled, names, schema
from schemas.texts import split
from schemas.violations import Violation, violations
from schemas.vocabulary import enumeration, label, vocabulary

__all__ = [
    "Violation",
    "bundled",
    "enumeration",
    "label",
    "names",
    "schema",
    "split",
    "violations",
    "vocabulary",
]
