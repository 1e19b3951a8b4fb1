"""The controls of a page, and what a browser would send of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Controls(HTMLParser):
    """Reads the controls of a form in order; what a template or a button holds is not sent."""

    sent: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._name: str | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self._unseen += tag == "template"
        if self._unseen:
            return
        if "id" in given:
            self.ids.append(given["id"])
        if (
            tag == "input"
            and "name" in given
            and (given.get("type") not in {"radio", "checkbox"} or "checked" in given)
        ):
            self._send(given["name"], given.get("value", ""))
        elif tag == "button" and "name" in given:
            self.buttons.append((given["name"], given["value"]))
        elif tag == "textarea":
            self._name, self.text = given["name"], ""
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option":
            self._options.append((given["value"], "selected" in given))

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag == "template"
        if tag == "textarea" and self._name is not None:
            self._send(self._name, self.text.removeprefix("\n"))
            self._name = None
        elif tag == "select" and self._select is not None:
            chosen = [value for value, selected in self._options if selected]
            self._send(self._select, (chosen or [self._options[0][0]])[-1])
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._name is not None:
            self.text += data

    def _send(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\n", "\r\n"))


def controls(page: str) -> Controls:
    """What a browser would send of a page's forms, as if they were one."""
    found = Controls()
    found.feed(page)
    found.close()
    return found
