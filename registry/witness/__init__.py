"""A party's own witness: keeps the newest head it saw of each log, cosigns what extends it, stops on a fork.

It knows nothing of an installation or its database: its state is one SQLite file of its own (`store`), its keys and the
logs' were given by its operator. `witness` checks, keeps and signs; `answering` is what a log asks of it (C2SP
tlog-witness), `following` what it asks of a log; `evidence` is what remains of a fork.
"""
