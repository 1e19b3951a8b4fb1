"""The way to the SMTP server: encrypted, its name vouched for; settings that could not work are refused at start."""

import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.mail.smtp import Connection, Unreachable
from server.settings import SettingError, read_settings
from tests.server.mail.servers import Box, serving


def _certificate(folder: Path) -> Path:
    """A self-signed certificate of localhost, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "smtp.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


async def _yes() -> bool:
    return True


async def test_mail_goes_over_starttls_to_a_server_that_is_vouched_for_only(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    box = Box()
    with serving(box, context):
        with pytest.raises(Unreachable):
            await Connection.open(box.settings("starttls"))
        connection = await Connection.open(box.settings("starttls", certificate))
        message = EmailMessage()
        message["To"] = "agent@commune.example"
        message.set_content("Essai")
        assert await connection.give(message, _yes)
        await connection.close()
    assert [taken["To"] for taken in box.taken] == ["agent@commune.example"]


async def test_a_server_without_encryption_is_not_spoken_to(tmp_path: Path) -> None:
    box = Box()
    with serving(box), pytest.raises(Unreachable):
        await Connection.open(box.settings("starttls", _certificate(tmp_path)))
    assert box.taken == []


def test_settings_of_mail_are_checked_at_start() -> None:
    good = {"ECLUSE_SMTP_HOST": "smtp.exemple.fr", "ECLUSE_SMTP_FROM": "ecluse@exemple.fr"}
    smtp = read_settings(good).smtp
    assert smtp is not None
    assert (smtp.port, smtp.security) == (587, "starttls")
    assert read_settings({}).smtp is None
    assert "secret" not in repr(read_settings({**good, "ECLUSE_SMTP_USER": "u", "ECLUSE_SMTP_PASSWORD": "secret"}))
    for wrong in (
        {"ECLUSE_SMTP_SECURITY": "none"}, {"ECLUSE_SMTP_SECURITY": "ssl"}, {"ECLUSE_SMTP_PORT": "0"},
        {"ECLUSE_SMTP_FROM": ""}, {"ECLUSE_SMTP_FROM": "a b@exemple.fr"}, {"ECLUSE_SMTP_USER": "u"},
        {"ECLUSE_SMTP_CA": "/absent.pem"}, {"ECLUSE_PRIVATE_WEBHOOKS": "oui"},
    ):  # fmt: skip
        with pytest.raises(SettingError, match=next(iter(wrong)).rpartition("_")[0]):
            read_settings({**good, **wrong})
