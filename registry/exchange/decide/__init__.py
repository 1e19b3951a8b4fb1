"""`decide`: the one place where the rules of article 7 allow or refuse an act.

Pure and total: given the file, the command and what was read in the same transaction, it answers the events to append
or raises a `Refusal`; it changes nothing by itself.
"""

from collections.abc import Callable

from registry.exchange.acts import ACTS
from registry.exchange.context import Context
from registry.exchange.decide import (
    activation,
    adoption,
    beginnings,
    conditions,
    decision,
    ending,
    erasure,
    filing,
    incidents,
    intake,
    life,
    messages,
    opinion,
    override,
    paper,
    recommendations,
    study,
)
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import authorise, current_version, device_signed, named_version
from registry.exchange.events import Event
from registry.exchange.file import File

Rule = Callable[[File, Command, Context], list[Event]]

_RULES: dict[str, Rule] = {
    "document": filing.save,
    "filing": filing.file_request,
    "admission": intake.admit,
    "requalification": intake.requalify,
    "reply": intake.reply,
    "information-requests": intake.ask,
    "information": intake.answer,
    "dropping": intake.drop,
    "withdrawal": intake.withdraw,
    "referral": intake.refer,
    "return": intake.give_back,
    "study/opportunity": study.conclude,
    "study/feasibility": study.conclude,
    "study/compliance": study.conclude,
    "substitution": opinion.substitute,
    "opinion": opinion.sign,
    "decision": decision.decide_exchange,
    "paper-decision": paper.decide_exchange,
    "override": override.override,
    "lapse": decision.lapse,
    "acceptance": conditions.accept,
    "paper-acceptance": paper.accept,
    "correction": conditions.correct,
    "recommendations": recommendations.follow,
    "dpia": conditions.record_dpia,
    "attachments": conditions.attach,
    "messages": messages.send,
    "preparation": activation.prepare,
    "register-confirmations": activation.confirm,
    "activation": activation.activate,
    "flows": life.log_flows,
    "review": life.review,
    "incidents": incidents.report,
    "incident-status": incidents.follow,
    "objections": life.record_objections,
    "objection-status": life.follow_objections,
    "suspension": ending.suspend,
    "resumption": ending.resume,
    "closing": ending.close,
    "certificate": ending.certify,
    "reattachment": ending.reattach,
    "modification": beginnings.modify,
    "copies": beginnings.copy,
    "adoption": adoption.adopt,
    "erasure": erasure.erase,
}


def decide(file: File, command: Command, context: Context) -> list[Event]:
    """The events of an act on an existing exchange. Raises a `Refusal` (403, 409, 412, 422, 428) that says why not."""
    act = ACTS[command.act]
    named_version(act, command)
    authorise(file, act, context)
    current_version(file, command)
    device_signed(act, command, context)
    return _RULES[command.act](file, command, context)


create = filing.create

__all__ = ["Command", "create", "decide"]
