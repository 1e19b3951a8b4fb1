"""The seals that parties keep in the home, `seals/<party>.pem`: a private key and its certificates, for sealed PDFs.

Real ones come from a certification authority; the demonstration makes its own, which no reader trusts.
"""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from registry.exports import SealKey
from server.home import write_private
from server.settings import Settings

_YEARS = 5


def seal_of(settings: Settings, party: str, name: str) -> SealKey | None:
    """The party's seal, time-stamped by the installation's authority when there is one; None without a seal."""
    path = _path(settings, party)
    if not path.is_file():
        return None
    return SealKey(path.read_bytes(), name, settings.tsa_url)


def _path(settings: Settings, party: str) -> Path:
    return settings.home / "seals" / f"{party}.pem"


def make_demonstration_seal(settings: Settings, party: str, name: str, now: datetime) -> None:
    """A self-signed seal for a party of the demonstration."""
    path = _path(settings, party)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
        x509.NameAttribute(NameOID.COMMON_NAME, f"DÉMONSTRATION - {name}"[:64]),
    ])  # fmt: skip
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, secret + certificate.public_bytes(Encoding.PEM))
