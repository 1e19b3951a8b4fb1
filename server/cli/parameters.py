"""Types of parameters that several commands share."""

from datetime import date
from typing import Any

import click


class _Day(click.ParamType[date]):
    name = "AAAA-MM-JJ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is None or len(value) != len(self.name):
            self.fail(f"« {value} » n'est pas une date du calendrier (AAAA-MM-JJ).", param, ctx)
        return day


DAY = _Day()
"""A calendar day, in the only form that JSON documents use."""
