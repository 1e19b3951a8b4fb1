"""Signed records on the C2SP tlog formats; pure: only the standard library and `cryptography` are imported.

No I/O, no clock, no randomness except in key generation. From small to large: `canonical`, `keys`, `notes`, `records`
and `commitments` make a leaf; `merkle` and `proofs` its tree; `checkpoints` and `cosignatures` a head; `tiles`,
`bundles`, `receipts`, `policy` and `witness_protocol` what travels.
"""
