"""From filing to study: admissibility, requests for complements, referral, withdrawal."""

from registry.exchange.context import Context
from registry.exchange.deadlines.clocks import dropping_opens_on
from registry.exchange.deadlines.levels import level_of
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import (
    blocking_findings,
    frozen,
    proposed,
    refuse_blocking,
    sides,
    transition,
)
from registry.exchange.events import Event
from registry.exchange.file import File
from registry.refusals import AlreadyDone, Detail, Forbidden, GateClosed, Invalid, NotInForce, WrongState

MAXIMUM_ROUNDS = 2
_REFERRABLE = frozenset({"referred", "active", "suspended"})
"""States in which a referral waits for its answer."""
_NOT_PERSONAL = frozenset({"non_personal", "aggregated", "anonymous"})


def require_in_force(file: File, context: Context) -> None:
    """Refuse when neither the convention (on the server's day) nor an own framework carries the exchange."""
    standing = [context.convention.stands_for(party, context.today) for party in (file.holder, file.requester)]
    if not context.convention.covers(standing, context.today) and not file.framework:
        raise NotInForce(
            f"La convention n'est pas en vigueur le {context.today:%d/%m/%Y} : sans acte de reconduction ni cadre "
            "propre à l'échange, la demande reste enregistrée mais ne va pas plus loin."
        )


def admit(file: File, command: Command, context: Context) -> list[Event]:
    """Admissibility: to the study, out of the procedure (no personal data), or inadmissible with reasons."""
    outcome = command.body["outcome"]
    if outcome == "under_study":
        return [_to_study(file, command, context)]
    _require_reasons(command)
    if outcome == "outside_procedure":
        _require_not_personal(file, context)
    return [command.event(context, findings=[])]


def _to_study(file: File, command: Command, context: Context) -> Event:
    require_in_force(file, context)
    guarding = {"CONV-01", "CONV-04"}
    refuse_blocking(
        "La demande ne peut pas être instruite au titre de l'article 7.",
        [f for f in blocking_findings(file, context) if f.id in guarding],
    )
    found = transition("admission", proposed(file, state="under_study"), context)
    refuse_blocking("La demande ne peut pas passer à l'étude.", found)
    return command.event(context, findings=frozen(found))


def _require_reasons(command: Command) -> None:
    if not (command.body.get("reasons") or "").strip():
        raise Invalid("Motivez cette décision.", [Detail(pointer="/reasons", message="Un motif est obligatoire.")])


def _require_not_personal(file: File, context: Context) -> None:
    if file.request.get("data_nature") not in _NOT_PERSONAL:
        raise GateClosed(
            "La demande porte sur des données à caractère personnel : elle suit le circuit de l'article 7.",
            [Detail(pointer="/data_nature", message="Nature des données déclarée personnelle.")],
        )
    refuse_blocking(
        "Le caractère non personnel n'est pas établi : la demande reste dans le circuit ordinaire.",
        [f for f in blocking_findings(file, context) if f.id in {"QUAL-01", "ALT-02"}],
    )


def requalify(_file: File, command: Command, context: Context) -> list[Event]:
    """Back into the procedure: the data turn out to be personal."""
    return [command.event(context)]


def reply(_file: File, command: Command, context: Context) -> list[Event]:
    """The holder's answer to a request out of the procedure (article 7, first paragraph)."""
    return [command.event(context)]


def ask(file: File, command: Command, context: Context) -> list[Event]:
    """A request for complements: stops the clock, at most twice."""
    if len(file.information_requests) >= MAXIMUM_ROUNDS:
        raise WrongState("Deux demandes de compléments ont déjà été faites : statuez sur le dossier en l'état.")
    due = command.date("due_on") or level_of("information", context.convention, file).after(context.today)
    if due < context.today:
        raise Invalid(
            "L'échéance est déjà passée.",
            [Detail(pointer="/due_on", message="L'échéance ne peut pas précéder le jour de la demande.")],
        )
    return [command.event(context, due_on=due.isoformat())]


def answer(_file: File, command: Command, context: Context) -> list[Event]:
    """The complements were brought: the clock runs again, the file goes back where it was."""
    return [command.event(context)]


def drop(file: File, command: Command, context: Context) -> list[Event]:
    """Dropping for want of complements: an act of the studying party, never automatic (CYC-04)."""
    asked = file.information_requests[-1]
    first = dropping_opens_on(asked, context.convention, file)
    if context.today < first:
        raise WrongState(f"Le classement sans suite n'est possible qu'à partir du {first:%d/%m/%Y}.")
    return [command.event(context)]


def withdraw(_file: File, command: Command, context: Context) -> list[Event]:
    """Withdrawal by the party that filed, at any time before the exchange is active."""
    return [command.event(context)]


def refer(file: File, command: Command, context: Context) -> list[Event]:
    """Referral to the Cnaf or the CNIL: under study the clock stops until the answer is recorded; an exchange in
    operation goes on meanwhile, unless somebody suspends it."""
    if file.open_referral is not None:
        raise AlreadyDone("Une saisine attend déjà sa réponse.")
    return [command.event(context)]


def give_back(file: File, command: Command, context: Context) -> list[Event]:
    """Back to the study: with the answer to a referral, or by the holder's decider who names what to do again."""
    if file.state in _REFERRABLE:
        if file.open_referral is None:
            raise WrongState("Aucune saisine n'attend de réponse.")
        if not (command.body.get("answer") or "").strip():
            raise Invalid(
                "Enregistrez la réponse de l'organisme saisi.",
                [Detail(pointer="/answer", message="La réponse reçue est obligatoire.")],
            )
        return [command.event(context)]
    if "holder" not in sides(file, context) or not context.actor.roles & {"controller", "delegate"}:
        raise Forbidden("Le renvoi à l'étude revient au responsable de traitement détenteur ou à son délégataire.")
    _require_reasons(command)
    if not command.body.get("parts") and not command.body.get("opinion"):
        raise Invalid(
            "Précisez ce qui est à reprendre.",
            [Detail(pointer="/parts", message="Indiquez au moins un volet de l'étude, ou l'avis du délégué.")],
        )
    return [command.event(context)]


def lapse_available_on(file: File, context: Context) -> str | None:
    """The first day (ISO) on which an unused approval may be declared lapsed, or None without a decision."""
    if file.decision is None:
        return None
    return level_of("lapse", context.convention, file).after(file.decision.decided_on).isoformat()
