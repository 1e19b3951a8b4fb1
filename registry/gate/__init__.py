"""The gate's transactions: authenticate, load, decide, append signed events, update projections, all at once."""

from registry.gate.gate import Answer, Caller, Gate, OutOfScope, Unauthenticated

__all__ = ["Answer", "Caller", "Gate", "OutOfScope", "Unauthenticated"]
