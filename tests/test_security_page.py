"""What the page on security promises is tested by what it says: the tests that it names exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CITED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
THREATS = (
    "L'hébergeur malveillant", "La partie malveillante", "Le jeton ou la session volés", "La sauvegarde volée",
    "La personne de l'intérieur",
)  # fmt: skip


def _tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_that_is_cited_exists() -> None:
    cited = CITED.findall(PAGE)
    assert len(cited) > 40
    missing = [f"{path}::{name}" for path, name in cited if not (ROOT / path).is_file() or name not in _tests(path)]
    assert missing == [], "docs/security.md names tests that do not exist"


def test_every_threat_has_promises_with_tests_and_says_what_is_not_promised() -> None:
    parts = dict(part.split("\n", 1) for part in PAGE.split("\n## ")[1:])
    for threat in THREATS:
        promised, _, beyond = parts[threat].partition("**Non promis.**")
        assert beyond.strip(), threat
        for promise in re.split(r"\n- ", promised)[1:]:
            assert CITED.search(promise), f"{threat}: « {promise[:60]} » cites no test"


def test_a_flaw_is_reported_where_the_operator_says() -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "ECLUSE_SECURITY_CONTACT" in policy
    assert not re.search(r"[\w.]+@[\w.]+", policy), "no address is invented here"
