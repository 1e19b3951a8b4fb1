"""Files say who asks: no table changes, but what a migration ran for is folded again by `ecluse migrate`."""

from collections.abc import Sequence

from registry.storage.migrations.step import Step

ID = "ecluse_2026_11_25_0017_askers"
DESCRIPTION = "Who wrote a request asks too: files are folded again"

FORWARDS: Sequence[Step] = ({},)

BACKWARDS: Sequence[Step] = ({},)
