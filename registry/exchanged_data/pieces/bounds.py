"""How much of a piece is unpacked at most: a small file may unpack into one that fills the memory."""

from registry.refusals import Detail, Refusal

UNPACKED = 30_000_000
"""Bytes, all members together."""
MEMBERS = 5_000


class TooLargeToRead(Refusal):
    """The piece unpacks into more than is read."""

    slug, status, title = "unreadable-piece", 422, "Pièce impossible à contrôler"

    def __init__(self) -> None:
        sentence = "La pièce est trop volumineuse une fois décompressée pour être contrôlée : joignez-la sans archive."
        super().__init__(sentence, [Detail(pointer="/file", message=f"Plus de {UNPACKED // 1_000_000} Mo.")])


class Budget:
    """What is left to unpack."""

    def __init__(self) -> None:
        self.left = UNPACKED

    def spend(self, size: int) -> None:
        """Count what was unpacked. Raises TooLargeToRead."""
        self.left -= size
        if self.left < 0:
            raise TooLargeToRead
