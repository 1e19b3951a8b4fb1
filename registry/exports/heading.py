"""What an export says of itself."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Heading:
    """Whose register, as of the end of which Paris day, for which audience, exported on which day."""

    party: str
    party_name: str
    as_of: date
    audience: str
    exported_on: date
