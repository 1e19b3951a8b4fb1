"""One module per family of checks; importing the package registers them all."""

from registry.conformity.families import (
    alternatives,
    convention,
    crpa,
    data,
    dpia,
    information,
    lawfulness,
    life_cycle,
    purposes,
    records,
    retention,
    roles,
    secrecy,
    security,
    transfers,
)

__all__ = [
    "alternatives",
    "convention",
    "crpa",
    "data",
    "dpia",
    "information",
    "lawfulness",
    "life_cycle",
    "purposes",
    "records",
    "retention",
    "roles",
    "secrecy",
    "security",
    "transfers",
]
