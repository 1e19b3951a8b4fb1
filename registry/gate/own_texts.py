"""The texts of one's own that a person takes again: kept under their account, read by nobody else."""

from registry.exchanged_data import refuse_in_document
from registry.gate.gate import Answer
from registry.gate.reading import require_reader
from registry.gate.session import Session, new_id
from registry.refusals import Detail, Invalid, NotFound, WrongState
from registry.storage.own_texts import MOST, OwnText, drop_text, keep_text, own_texts

LONGEST = 8000


async def texts_of(session: Session) -> list[OwnText]:
    """The caller's texts, those saved last first."""
    require_reader(session)
    return await own_texts(session.tx, session.actor.id)


async def save_text(session: Session, text: str, identifier: str | None = None) -> Answer[str]:
    """Keep a text, or change one. Raises Invalid, ExchangedData, NotFound or WrongState."""
    require_reader(session)
    if not text.strip() or len(text) > LONGEST:
        message = f"Écrivez un texte de {LONGEST} caractères au plus."
        raise Invalid(message, [Detail(pointer="/text", message=message)])
    refuse_in_document({"text": text})
    kept = await own_texts(session.tx, session.actor.id)
    if identifier is not None and identifier not in {one.id for one in kept}:
        raise NotFound("Ce texte n'est pas dans votre bibliothèque.")
    if identifier is None and len(kept) >= MOST:
        raise WrongState(f"Votre bibliothèque compte déjà {MOST} textes : retirez-en avant d'en ajouter.")
    if identifier is None and text in {one.text for one in kept}:
        return Answer(next(one.id for one in kept if one.text == text))
    identifier = identifier or new_id()
    await keep_text(session.tx, session.actor.id, identifier, text, session.now)
    return Answer(identifier)


async def remove_text(session: Session, identifier: str) -> Answer[None]:
    """Forget a text. Raises NotFound."""
    require_reader(session)
    if not await drop_text(session.tx, session.actor.id, identifier):
        raise NotFound("Ce texte n'est pas dans votre bibliothèque.")
    return Answer(None)
