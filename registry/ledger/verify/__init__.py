"""The offline verifier: what an auditor runs, with nothing installed but `cryptography`.

Verification is by recomputation: no tile, no list, no key that the files bring is believed. What is found goes into
`findings`; `sources` reads a folder, an address or an archive; `log` checks a whole log, `receipt` the receipt of one
record, `evidence` an exchange's evidence pack. A verdict is positive only when a head, a key or a quorum that the
caller kept itself (`anchor`) confirms what was read: a host that signs a rewritten log again verifies perfectly
otherwise.
"""
