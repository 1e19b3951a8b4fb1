"""No statistic quotes what is kept under an account either (see the migration of erasure)."""

from collections.abc import Sequence

from registry.storage.migrations.step import Step

ID = "ecluse_2026_11_24_0007_unsampled"
DESCRIPTION = "No statistics on what names a person"

_NAMING = {
    "invitation": ("email", "hash"),
    "identity": ("issuer", "subject"),
    "passkey": ("name",),
    "password": ("hash",),
    "session": ("device",),
    "token": ("hash",),
}


def _sampled(target: int) -> Step:
    alterations = (
        f"ALTER TABLE {name} ALTER COLUMN {column} SET STATISTICS {target}"
        for name, columns in _NAMING.items()
        for column in columns
    )
    return {"postgres": tuple(alterations)}


FORWARDS: Sequence[Step] = (_sampled(0),)

BACKWARDS: Sequence[Step] = (_sampled(-1),)
