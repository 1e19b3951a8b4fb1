"""The operator's commands about people: links to take accounts, the key of secrets."""

import stat
from pathlib import Path

import pytest

from tests.server.test_cli import address, ecluse, home, installed
from tests.world import CAF

__all__ = ["address", "home", "installed"]


def test_the_operator_prepares_a_personal_link(installed: Path, address: str) -> None:
    origin = {"ECLUSE_PUBLIC_URL": "https://ecluse.exemple.fr"}
    done = ecluse(
        "account",
        "invite",
        "agent@caf.example",
        "--party",
        CAF,
        "--role",
        "requester",
        home=installed,
        url=address,
        **origin,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("https://ecluse.exemple.fr/invitation/")
    reset = ecluse("account", "invite", "agent@caf.example", "--party", CAF, "--reset", home=installed, url=address)
    assert reset.returncode == 2
    assert "n'a pas de fonction" in reset.stderr


@pytest.mark.parametrize(
    "arguments", [("--role", "roi"), ("--role", "dpo"), (), ("--party", "inconnue", "--role", "requester")]
)
def test_a_wrong_invitation_is_refused_in_a_sentence(installed: Path, address: str, arguments: tuple[str, ...]) -> None:
    done = ecluse("account", "invite", "agent@caf.example", "--party", CAF, *arguments, home=installed, url=address)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_the_key_of_secrets_is_replaced_in_two_steps(installed: Path, address: str) -> None:
    key = installed / "keys" / "secrets.key"
    first = key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert ecluse("secrets", "rotate", "--end", home=installed, url=address).returncode == 2
    assert ecluse("secrets", "rotate", home=installed, url=address).returncode == 0
    both = key.read_bytes()
    assert both != first
    assert ecluse("secrets", "rotate", home=installed, url=address).returncode == 2
    assert key.read_bytes() == both
    assert ecluse("secrets", "rotate", "--end", home=installed, url=address).returncode == 0
    assert len(key.read_bytes()) == len(first)
    assert key.read_bytes() != first
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_home_made_before_gets_its_key_of_secrets_by_migrating(installed: Path, address: str) -> None:
    key = installed / "keys" / "secrets.key"
    key.unlink()
    refused = ecluse("secrets", "rotate", home=installed, url=address)
    assert refused.returncode == 2
    assert ecluse("migrate", home=installed, url=address).returncode == 0
    assert key.is_file()


@pytest.mark.parametrize(("setting", "value"), [
    ("ECLUSE_PUBLIC_URL", "ecluse.exemple.fr"), ("ECLUSE_PUBLIC_URL", "http://ecluse.exemple.fr"),
    ("ECLUSE_PUBLIC_URL", "https://ecluse.exemple.fr/app"), ("ECLUSE_OIDC_ISSUER", "http://fournisseur.example"),
    ("ECLUSE_OIDC_ISSUER", "https://fournisseur.example"),
])  # fmt: skip
def test_a_setting_that_would_weaken_the_doors_is_refused(
    installed: Path, address: str, setting: str, value: str
) -> None:
    done = ecluse("secrets", "rotate", home=installed, url=address, **{setting: value})
    assert done.returncode == 2
    assert "ECLUSE_" in done.stderr
