"""Signed records on the C2SP tlog formats; pure: only the standard library and `cryptography` are imported."""
