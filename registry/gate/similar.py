"""Past exchanges like this one that were opined on or decided: what a DPO looks at before writing."""

from registry.exchange.file import File
from registry.exchange.likeness import common
from registry.gate.exchanges import load_request
from registry.gate.reading import require_reader
from registry.gate.session import Session
from registry.storage.exchanges import files_of_field

_LOOKED_AT, _SHOWN = 200, 5


async def similar(session: Session, request_id: str) -> list[File]:
    """The exchanges most like this one among the latest that the caller's party may see in its field, best first."""
    require_reader(session)
    file = (await load_request(session, request_id)).file
    field = file.request.get("convention_field") or ""
    found = await files_of_field(session.tx, session.actor.party, field, _LOOKED_AT) if field else []
    judged = [one for one in found if (one.opinion or one.decision) and one.erased_on is None]
    alike = sorted(((common(file, one), one.created_on, one.id, one) for one in judged), reverse=True)
    return [one for points, _, _, one in alike if points > 0][:_SHOWN]
