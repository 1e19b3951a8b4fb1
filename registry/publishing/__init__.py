"""The host's side of the logs: number records, sign heads, keep them outside the database, show and witness them.

`sequencer` and `publisher` do the work under a lease (`operator` drives them); `guard` keeps the last signed heads
where no restore reaches; `serving` answers the paths of C2SP tlog-tiles; `standing`, `receipts` and `evidence` say how
far a record has come and prove it; `witnesses` sends heads to those the policy names and heeds what they hold;
`timestamping` has heads dated; `recovery` goes on after a loss.
"""
