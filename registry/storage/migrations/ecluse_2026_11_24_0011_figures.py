"""What the steering committee's indicators count, and lists of approved exchanges in the order of their dates.

Exchanges recorded before have their figures and dates after `ecluse rebuild`.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0011_figures"
DESCRIPTION = "Figures of exchanges, and the days of their approval and activation in lists"

FORWARDS: Sequence[Step] = (
    table(
        "exchange_figure",
        """(exchange TEXT NOT NULL, convention TEXT NOT NULL, year NUMBER NOT NULL, field TEXT NOT NULL,
        requester TEXT NOT NULL, holder TEXT NOT NULL, state TEXT NOT NULL, nature TEXT NOT NULL, opinion TEXT NOT NULL,
        registers TEXT NOT NULL, admissibility NUMBER, study NUMBER, dpo_opinion NUMBER, decision NUMBER,
        whole_file_target NUMBER, PRIMARY KEY (convention, exchange))""",
        clustered=True,
    ),
    table(
        "exchange_followed",
        """(exchange TEXT NOT NULL, number NUMBER NOT NULL, convention TEXT NOT NULL, year NUMBER NOT NULL,
        standing NUMBER NOT NULL, due_on TEXT, PRIMARY KEY (convention, exchange, number))""",
        clustered=True,
    ),
    "CREATE INDEX exchange_figure_exchange ON exchange_figure (exchange)",
    "CREATE INDEX exchange_followed_exchange ON exchange_followed (exchange)",
    "ALTER TABLE exchange_listing ADD COLUMN approved_on TEXT",
    "ALTER TABLE exchange_listing ADD COLUMN activated_on TEXT",
    "CREATE INDEX listing_approved ON exchange_listing (party, approved_on, position) WHERE approved_on IS NOT NULL",
    """CREATE INDEX listing_activated ON exchange_listing (party, activated_on, position)
        WHERE activated_on IS NOT NULL""",
)

BACKWARDS: Sequence[Step] = (
    "DROP INDEX listing_activated",
    "DROP INDEX listing_approved",
    "ALTER TABLE exchange_listing DROP COLUMN activated_on",
    "ALTER TABLE exchange_listing DROP COLUMN approved_on",
    "DROP TABLE exchange_followed",
    "DROP TABLE exchange_figure",
)
