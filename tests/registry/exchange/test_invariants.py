"""Random lives try to break the invariants of the gate; the model keeps its own account of them.

Half of the steps are what an honest person would do next, so that walks go deep; the others are anyone trying anything.
"""

import copy
import uuid
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from registry.conformity import People
from registry.convention import Convention
from registry.exchange.acts import ACTS
from registry.exchange.context import Actor, Context, Entry
from registry.exchange.decide import Command, create, decide
from registry.exchange.events import Event
from registry.exchange.evolve import evolve, fold
from registry.exchange.file import STUDY_PARTS, File
from registry.refusals import Refusal
from tests.world import CAF, SGL, reference, request_document

HOLDER_DPO, ASKER_DPO = "dpd@caf.example", "dpd@saint-genis-laval.example"
# One person wears every hat of both parties; the others have their own function.
PEOPLE = {
    "asker": {SGL: {"requester"}},
    "asker-controller": {SGL: {"controller"}},
    "asker-records": {SGL: {"records_manager"}},
    ASKER_DPO: {SGL: {"dpo"}},
    HOLDER_DPO: {CAF: {"dpo", "business_referent", "it_security", "controller"}},
    "business": {CAF: {"business_referent"}},
    "security": {CAF: {"it_security"}},
    "compliance": {CAF: {"compliance_referent"}},
    "controller": {CAF: {"controller"}},
    "records": {CAF: {"records_manager"}},
    "everything": {
        party: {"requester", "dpo", "controller", "delegate", "business_referent", "it_security", "compliance_referent",
                "records_manager"}
        for party in (CAF, SGL)
    },
}  # fmt: skip
RECORD = {
    "controller": {"name": "Organisme", "contact_details": "Adresse"}, "data_protection_officer": {"name": "Délégué"},
    "purposes": ["Finalité"], "categories_of_data_subjects": ["Familles"], "categories_of_personal_data": [{"category": "identity"}],
    "categories_of_recipients": [{"name": "Service"}],
}  # fmt: skip
APPROVED = {"approved", "approved_subject_to_conditions", "preparation", "active", "suspended", "closing", "closed"}
CERTIFICATE = {"outcome": "destroyed", "method": "Effacement.", "copies": "Aucune."}

people = st.sampled_from(["everything", HOLDER_DPO, "asker", "controller", "asker-controller", ASKER_DPO])
"""Those who may want more than their part."""
values = {
    "opinion": st.sampled_from(["favourable", "favourable_subject_to_conditions", "unfavourable"]),
    "decision": st.sampled_from(["approved", "approved_subject_to_conditions", "awaiting_conditions", "refused"]),
    "conclusion": st.sampled_from(["favourable", "reserved", "unfavourable"]),
}


class Life(RuleBasedStateMachine):
    """One exchange, from draft to wherever chance leads."""

    file: File

    @initialize(asker=st.sampled_from(["asker", "everything"]), depth=st.integers(0, 12), conditional=st.booleans())
    def begin(self, asker: str, depth: int, conditional: bool) -> None:
        """`depth` honest steps first, so that walks begin anywhere in a life."""
        self.asker = asker
        self.opinion = {"value": "favourable", "text": "Avis."}
        if conditional:
            condition = {
                "number": 1,
                "text": "Ramener la durée.",
                "paths": ["retention.0.months"],
                "covers": [],
                "prior": True,
            }
            self.opinion |= {"value": "favourable_subject_to_conditions", "recommendations": [condition]}
        self.today = date(2023, 3, 1)
        self.convention = Convention({**reference("convention"), "successions": []})
        self.history: list[Event] = []
        self.entries: dict[str, Entry] = {}
        event = create(request_document(), self._context(asker, SGL), str(uuid.uuid4()), "EX-2023-001")
        self._append(event)
        for _ in range(depth):
            self._next_step()

    def _context(self, person: str, party: str) -> Context:
        roles = {name: {p: frozenset(r) for p, r in held.items()} for name, held in PEOPLE.items()}
        return Context(
            actor=Actor(person, party, frozenset(PEOPLE[person].get(party, ()))),
            today=self.today,
            convention=self.convention,
            people=People(roles),
            new_id=lambda: str(uuid.uuid4()),
            entries=self.entries,
        )

    def _append(self, event: Event) -> None:
        event = Event(
            **{f: getattr(event, f) for f in event.__struct_fields__ if f != "commit"}, commit=str(uuid.uuid4())
        )
        self.file = evolve(self.file if self.history else None, event)
        self.history.append(event)
        for party, entry_id in self.file.register_entries.items():
            self.entries.setdefault(entry_id, Entry(entry_id, party, f"T-{party}", 1, RECORD))

    def _try(self, act: str, person: str, party: str, body: dict[str, Any], **options: Any) -> bool:
        before = copy.deepcopy(self.file)
        command = Command(act, body, options.pop("version", self.file.version), **options)
        try:
            events = decide(self.file, command, self._context(person, party))
        except Refusal:
            assert self.file == before
            return False
        assert command.version == before.version, "an act on another version than the one in force"
        for event in events:
            self._check_separation(event)
            self._append(event)
        self._check_gate(events[-1])
        return True

    def _check_separation(self, event: Event) -> None:
        """Invariant 2, told from the history alone."""
        asked = {e.by for e in self.history if e.act in {"creation", "filing"}}
        opined = {e.by for e in self.history if e.act == "opinion"}
        if event.act == "opinion":
            assert event.by == HOLDER_DPO, "only the holder's DPO in office"
            assert event.by not in asked
        if event.act == "decision":
            assert event.party == CAF
            assert event.by not in asked | opined

    def _check_gate(self, event: Event) -> None:
        """Invariants 1, 3 and 4 at the moments they are about."""
        if event.act == "decision" and event.input["value"] != "refused":
            version = self.file.version
            for part in STUDY_PARTS:
                done = [e for e in self.history if e.act == f"study/{part}" and e.derived["version"] == version]
                assert done, f"approved before the {part} study of version {version}"
                assert {e.party for e in done} == {CAF}, "studied by the other party"
            assert any(e.act == "opinion" and e.derived["version"] == version for e in self.history)
        if event.act == "activation":
            assert self.convention.in_force(self.today)
            version = self.file.version
            assert {c.party for c in self.file.register_confirmations if c.version == version} == {CAF, SGL}
            assert all(r.lifted for r in self.file.recommendations if r.prior)
            assert any(a.kind == "article_14_notice" for a in self.file.attachments)
            assert any(e.act == "acceptance" for e in self.history)

    # What an honest person would do next.

    @rule(steps=st.integers(1, 4))
    def next_steps(self, steps: int) -> None:
        for _ in range(steps):
            self._next_step()

    def _next_step(self) -> None:
        if self.file.activated_on is not None:
            self._live_on()
            return
        file, state = self.file, self.file.state
        if state == "draft":
            self._try("filing", self.asker, SGL, {})
        elif state == "filed":
            self._try("admission", "business", CAF, {"outcome": "under_study"})
        elif state == "under_study":
            for person, party, stage in ((ASKER_DPO, SGL, "requester_dpo"), ("security", CAF, "holder")):
                if not file.stage_answered(stage):
                    self._try("document", person, party, file.request, target=stage)
            roles = {"opportunity": "business", "feasibility": "security", "compliance": "compliance"}
            for part, person in roles.items():
                self._try(f"study/{part}", person, CAF, {"conclusion": "favourable"})
            self._try("opinion", HOLDER_DPO, CAF, self.opinion)
        elif state == "awaiting_decision":
            conditional = self.file.opinion is not None and self.file.opinion.value != "favourable"
            body = {"value": "approved_subject_to_conditions" if conditional else "approved", "reasons": "Motifs."}
            self._try("decision", "controller", CAF, body)
        elif state in {"approved", "approved_subject_to_conditions"}:
            self._try("acceptance", "asker-controller", SGL, {})
            self._try("preparation", "asker", SGL, {})
        elif state == "preparation":
            facts = {"sha256": "0" * 64, "size": 1}
            body = {"kind": "article_14_notice", "dated_on": "2023-03-01", "file_name": "m.txt"}
            self._try("attachments", "asker", SGL, body, facts=facts)
            for party, person in ((CAF, "records"), (SGL, "asker-records")):
                self._confirm(person, party)
            self._try("activation", "asker", SGL, {"authorised_users": ["Agents"]})

    def _live_on(self) -> None:
        file, state = self.file, self.file.state
        if state == "active" and len(file.reviews) > 1:
            self._pass_objections_on()
            self._try("closing", "asker", SGL, {"cause": "need_ended", "reasons": "Service fermé."})
        elif state == "active":
            self._try("review", "business", CAF, {"outcome": "continued"})
            self._log_flow("asker", SGL, 0)
        elif state == "suspended":
            party, person = (CAF, "controller") if file.suspensions[-1].party == CAF else (SGL, "asker-controller")
            self._try("resumption", person, party, {"reasons": "Réglé."})
        elif state == "closing":
            self._try("certificate", "asker-controller", SGL, self._certificate())

    def _pass_objections_on(self) -> None:
        today = self.today.isoformat()
        self._try("objections", "asker", SGL, {"kind": "erasure", "received_on": today, "count": 2})
        number = str(len(self.file.objections))
        self._try("objection-status", "asker", SGL, {"forwarded_on": today}, target=number)
        self._try("objection-status", "business", CAF, {"applied_on": today}, target=number)

    def _certificate(self) -> dict[str, Any]:
        return CERTIFICATE | {"done_on": self.today.isoformat(), "access_revoked_on": self.today.isoformat()}

    def _log_flow(self, person: str, party: str, days: int) -> None:
        sent = self.today - timedelta(days=days)
        flow = {"sent_on": sent.isoformat(), "volume": 3, "channel": "api", "digest": "a" * 64}
        before = self.file
        if self._try("flows", person, party, {"flows": [flow, flow]}):
            assert before.activated_on is not None, "a flow of an exchange that was never active"
            assert before.activated_on <= sent
            assert self.file.flows_recorded == before.flows_recorded + 2
            assert "repeated" in self.history[-1].derived["marks"][1]

    def _confirm(self, person: str, party: str) -> None:
        entry = self.file.register_entries.get(party)
        body = {"entry": entry or str(uuid.uuid4()), "entry_version": 1, "action": "created"}
        self._try("register-confirmations", person, party, body)

    # Anyone tries anything.

    @rule(
        person=people,
        party=st.sampled_from([CAF, SGL]),
        value=values["opinion"],
        stale=st.booleans(),
        prior=st.booleans(),
    )
    def opine(self, person: str, party: str, value: str, stale: bool, prior: bool) -> None:
        condition = {
            "number": 1,
            "text": "Ramener la durée.",
            "paths": ["retention.0.months"],
            "covers": ["CONS-03"],
            "prior": prior,
        }
        body = {"value": value, "text": "Avis.", "recommendations": [condition]}
        self._try("opinion", person, party, body, version=self.file.version - stale)

    @rule(person=people, party=st.sampled_from([CAF, SGL]), value=values["decision"], stale=st.booleans())
    def decide_anything(self, person: str, party: str, value: str, stale: bool) -> None:
        body = {"value": value, "reasons": "Motifs.", "dpo_informed_on": "2023-03-01"}
        self._try("decision", person, party, body, version=self.file.version - stale)

    @rule(
        person=people, party=st.sampled_from([CAF, SGL]), part=st.sampled_from(STUDY_PARTS), value=values["conclusion"]
    )
    def study(self, person: str, party: str, part: str, value: str) -> None:
        self._try(f"study/{part}", person, party, {"conclusion": value})

    @rule(person=people, party=st.sampled_from([CAF, SGL]), title=st.sampled_from(["Un", "Deux"]))
    def change_document(self, person: str, party: str, title: str) -> None:
        self._try("document", person, party, {**self.file.request, "title": title})

    @rule(
        person=st.sampled_from(["asker", "everything", HOLDER_DPO]),
        party=st.sampled_from([CAF, SGL]),
        months=st.integers(1, 40),
        accept=st.booleans(),
    )
    def correct(self, person: str, party: str, months: int, accept: bool) -> None:
        if self.file.open_correction and accept:
            self._try("correction", person, party, {"accepted": True, "version": self.file.open_correction.version})
            return
        request = copy.deepcopy(self.file.request)
        request["retention"][0]["months"] = months
        judged = {part: done.version for part, done in self.file.study.items()}
        before = self.file
        if self._try("correction", person, party, {"request": request}):
            covered = any(r.prior and not r.lifted for r in before.recommendations)
            assert covered or months < before.request["retention"][0]["months"], "a correction beyond its limits"
            assert {part: done.version for part, done in self.file.study.items()} == judged

    @rule(
        person=people,
        party=st.sampled_from([CAF, SGL]),
        act=st.sampled_from(
            ["requalification", "information", "withdrawal", "acceptance", "preparation", "lapse", "dropping"]
        ),
    )
    @precondition(lambda self: len(self.history) > 6)
    def act_at_random(self, person: str, party: str, act: str) -> None:
        self._try(act, person, party, {"reasons": "Motifs."})

    @rule(
        person=people,
        party=st.sampled_from([CAF, SGL]),
        status=st.sampled_from(["done", "accepted_by_dpo", "abandoned_with_reasons"]),
    )
    def follow(self, person: str, party: str, status: str) -> None:
        if self._try("recommendations", person, party, {"status": status, "reasons": "Motifs."}, target="1"):
            assert status != "accepted_by_dpo" or (person, party) == (HOLDER_DPO, CAF)

    @rule(person=people, party=st.sampled_from([CAF, SGL]))
    def confirm_anything(self, person: str, party: str) -> None:
        self._confirm(person, party)

    @rule(person=people, party=st.sampled_from([CAF, SGL]))
    def activate_anything(self, person: str, party: str) -> None:
        self._try("activation", person, party, {"authorised_users": ["Agents"]})

    @rule(parts=st.lists(st.sampled_from(STUDY_PARTS), max_size=2), opinion=st.booleans(), person=people)
    def give_back(self, parts: list[str], opinion: bool, person: str) -> None:
        self._try(
            "return", person, CAF, {"parts": parts, "opinion": opinion, "reasons": "Motifs.", "answer": "Réponse."}
        )

    # Once the exchange runs.

    @rule(person=people, party=st.sampled_from([CAF, SGL]), days=st.sampled_from([0, 30, 4000]))
    def log_any_flow(self, person: str, party: str, days: int) -> None:
        self._log_flow(person, party, days)

    @rule(
        person=people, party=st.sampled_from([CAF, SGL]), act=st.sampled_from(["suspension", "resumption", "closing"])
    )
    @precondition(lambda self: self.history and self.file.activated_on is not None)
    def stop_and_go(self, person: str, party: str, act: str) -> None:
        before = self.file
        if self._try(act, person, party, {"cause": "other", "reasons": "Motifs."}):
            decides = PEOPLE[person].get(party, set()) & {"controller", "delegate"}
            asks = act == "closing" and party == SGL and "requester" in PEOPLE[person].get(party, set())
            assert decides or asks, "stopped by somebody who does not decide"
            assert act != "resumption" or before.suspensions[-1].party == party, "resumed against who suspended"

    @rule(person=people, party=st.sampled_from([CAF, SGL]))
    def certify_anything(self, person: str, party: str) -> None:
        if self._try("certificate", person, party, self._certificate()):
            assert party == SGL, "the receiver alone knows what became of the data"
            assert "controller" in PEOPLE[person][party]

    @rule(
        person=people,
        party=st.sampled_from([CAF, SGL]),
        count=st.integers(1, 9),
        act=st.sampled_from(["forward", "apply"]),
    )
    @precondition(lambda self: self.history and self.file.activated_on is not None)
    def object(self, person: str, party: str, count: int, act: str) -> None:
        waiting = [o for o in self.file.objections if o.applied_on is None]
        if not waiting:
            body = {"kind": "objection", "received_on": self.today.isoformat(), "count": count}
            self._try("objections", person, party, body)
            return
        body = {"forwarded_on" if act == "forward" else "applied_on": self.today.isoformat()}
        if self._try("objection-status", person, party, body, target=str(waiting[0].number)):
            assert (party == waiting[0].party) == (act == "forward"), "each does its own part"
            assert act == "forward" or waiting[0].forwarded_on is not None, "applied before it was passed on"

    @rule(person=people, party=st.sampled_from([CAF, SGL]), close=st.booleans(), told=st.booleans())
    @precondition(lambda self: self.history and self.file.activated_on is not None)
    def incident(self, person: str, party: str, close: bool, told: bool) -> None:
        waiting = [i for i in self.file.incidents if i.closed_on is None]
        today = self.today.isoformat()
        if not waiting:
            body = {"discovered_on": today, "description": "Envoi égaré.", "personal_data_breach": told}
            if self._try("incidents", person, party, body):
                assert (self.file.incidents[-1].notify_by is not None) == told
            return
        body = {"closed": close, **({"other_party_informed_on": today, "cnil_notified_on": today} if told else {})}
        if self._try("incident-status", person, party, body, target=str(waiting[0].number)) and close:
            after = self.file.incidents[waiting[0].number - 1]
            assert after.other_party_informed_on is not None, "closed while the other party does not know"
            assert after.cnil_notified_on is not None or not after.personal_data_breach

    @rule(days=st.sampled_from([1, 40, 400, 1200]))
    def time_passes(self, days: int) -> None:
        self.today = min(self.today + timedelta(days=days), date(2027, 1, 1))

    # What must hold at every moment.

    @invariant()
    def a_decision_in_force_judges_the_document_in_force(self) -> None:
        if self.history and self.file.state in APPROVED:
            file = self.file
            assert file.decision is not None
            assert file.opinion is not None
            versions = {file.decision.version, file.opinion.version, *(p.version for p in file.study.values())}
            assert versions == {file.version}
            hashes = {file.decision.document_hash, file.opinion.document_hash, file.document_hash}
            assert len(hashes) == 1

    @invariant()
    def nothing_is_closed_without_a_certificate(self) -> None:
        if self.history and self.file.state == "closed":
            assert self.file.closure_certificate is not None
            assert self.file.closing is not None
        if self.history and self.file.state == "suspended":
            assert [s.resumed_on for s in self.file.suspensions].count(None) == 1

    @invariant()
    def the_state_is_the_fold_of_the_history(self) -> None:
        if self.history:
            assert fold(self.history) == self.file
            assert self.file.state == "draft" or self.file.filed_on is not None or self.file.state == "withdrawn"


Life.TestCase.settings = settings(
    max_examples=300, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLife = Life.TestCase


def test_every_act_of_the_table_has_a_rule_and_a_fold() -> None:
    from registry.exchange.decide import _RULES
    from registry.exchange.evolve import _FOLDS

    assert (
        set(_RULES) == set(ACTS) == set(_FOLDS) - {"replacement", "termination-suspension"}
    )  # what activating a modification does to another
