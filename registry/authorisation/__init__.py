"""Who may do what: one table, read by the API, the pages, the command line and the documentation alike."""

from registry.authorisation.rights import RIGHTS, Right, require
from registry.authorisation.scopes import ALL, SCOPES

__all__ = ["ALL", "RIGHTS", "SCOPES", "Right", "require"]
