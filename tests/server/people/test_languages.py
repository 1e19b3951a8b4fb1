"""The English catalogue says everything that the French pages say."""

from registry.exchange.acts import ACTS
from registry.exchange.awaited import LABELS
from registry.refusals import Refusal
from schemas import enumeration, label
from server.pages.acts_done import DONE
from server.pages.asked import asked
from server.pages.convention import FORMS
from server.pages.home import TOOLS
from server.pages.language import translations
from server.pages.progress import STEPS
from server.problems import TooLarge
from tests.server.people.messages import in_refusals, in_templates

_SHOWN = ("registry.refusals", "registry.gate.people", "registry.storage.rates", "server.auth", "server.problems")

_LABELS = (
    "role", "state", "convention_field", "opinion_value", "decision_value", "study_part", "study_conclusion",
    "recommendation_status", "attachment_kind", "severity", "convention_status", "termination_ground", "party_kind",
    "committee_member_kind", "objection_kind", "suspension_cause", "closing_cause", "certificate_outcome", "flow_mark",
    "review_outcome",
)  # fmt: skip


def _kinds(kind: type[Refusal]) -> set[type[Refusal]]:
    return {kind, *(found for below in kind.__subclasses__() for found in _kinds(below))}


def test_nothing_of_the_pages_is_missing_in_english() -> None:
    english = translations("en")
    titles = {kind.title for kind in _kinds(Refusal) if kind.__module__.startswith(_SHOWN)}
    labels = {label(name, identifier) for name in _LABELS for identifier in enumeration(name)}
    acts = {act.label for act in ACTS.values()} | set(DONE.values()) | set(LABELS.values())
    questions = {group.question for group in asked({})} | set(STEPS)
    same = {
        "Absence",
        "Inspection",
        "Menu",
        "Convention",
        "Parties",
        "Date",
        "Volume",
        "Incident",
        "Incidents",
        "Rectification",
        "Suspension",
    }
    convention = {text for form in FORMS.values() for text in (form.label, form.words)}
    home = {tool.label for tool in TOOLS}
    wanted = in_templates() | home | convention | in_refusals() | labels | acts | questions | titles
    assert TooLarge.title in titles
    assert len(wanted) > 250
    assert set(ACTS) <= set(DONE)
    missing = {
        text for text in wanted - same if english.gettext(text) == text and english.ngettext(text, text, 1) == text
    }
    plural = {text for text in missing if english.ngettext(text, "%(count)s personnes", 2) != "%(count)s personnes"}
    assert sorted(missing - plural) == []
