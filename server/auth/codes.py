"""One-time codes (RFC 6238) and recovery codes."""

import io
import secrets
from datetime import datetime

import pyotp
import segno

ISSUER = "Écluse"
RECOVERY_CODES = 10
_STEP_SECONDS = 30
_WINDOW = 1
"""A code of the step before or after is accepted: clocks drift, people type slowly."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # 31 signs that are not mistaken for one another
_CODE_SIGNS = 16


def new_seed() -> str:
    """A seed of 160 bits in base32."""
    return pyotp.random_base32()


def provisioning(seed: str, email: str) -> str:
    """The otpauth address that an application reads."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(seed: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, near `now` (the machine's real clock); compared in constant time."""
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdecimal()):
        return None
    totp, here = pyotp.TOTP(seed), int(now.timestamp()) // _STEP_SECONDS
    found = None
    for step in range(here - _WINDOW, here + _WINDOW + 1):
        if secrets.compare_digest(totp.generate_otp(step), typed):
            found = step
    return found


def qr_svg(content: str) -> str:
    """A QR code as an SVG element, dark on white so that phones read it in a dark page too."""
    picture = io.BytesIO()
    segno.make(content, error="m").save(
        picture, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False, svgns=True, omitsize=True,
        title="Code QR à lire avec votre application", svgclass="qr", lineclass=None,
    )  # fmt: skip
    return picture.getvalue().decode()


def recovery_codes() -> list[str]:
    """Ten codes of 79 bits, in groups of four."""
    return ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(_CODE_SIGNS // 4))
            for _ in range(RECOVERY_CODES)]  # fmt: skip
