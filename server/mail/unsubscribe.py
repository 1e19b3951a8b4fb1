"""Links by which a reader stops mails without signing in (RFC 8058): sealed, so that nobody makes one for another."""

import json

from cryptography.fernet import InvalidToken, MultiFernet

PATH = "/desinscription"
_PURPOSE = "unsubscribe"


def token(secrets: MultiFernet, account: str, kind: str) -> str:
    """The secret part of a link that stops one kind of mail for an account."""
    return secrets.encrypt(json.dumps([_PURPOSE, account, kind]).encode()).decode()


def read(secrets: MultiFernet, given: str) -> tuple[str, str] | None:
    """Account and kind of a link, None when it is not one of ours."""
    try:
        purpose, account, kind = json.loads(secrets.decrypt(given.encode()))
    except (InvalidToken, ValueError, TypeError, UnicodeEncodeError):
        return None
    return (account, kind) if purpose == _PURPOSE else None
