"""Deadlines of an exchange: its service levels, its clocks, and which one comes first."""

from registry.exchange.deadlines.clocks import Clock, clocks
from registry.exchange.deadlines.due import Due, next_due
from registry.exchange.deadlines.levels import Level, level_of
from registry.exchange.deadlines.stops import Stop

__all__ = ["Clock", "Due", "Level", "Stop", "clocks", "level_of", "next_due"]
