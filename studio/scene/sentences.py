"""What the studio says to its user: English text that remembers how it was made.

    say("Region {number} is locked; unlock it to change it.", number=3)

is the text "Region 3 is locked; unlock it to change it." and keeps its code, "Region {number} is
locked; unlock it to change it.", and its values. The page has a sentence of its own language for
each code (ui/page/words/heard.mjs), and a test fails where one is missing. So an English sentence
stands where it is said, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, Literal, cast

Value = str | int  # a Sentence too, as part of another
_FORMATTER = Formatter()
_FIELD = re.compile(r"\{(\w+)\}")


class Sentence(str):
    """Text with its code and the values that were filled in, by name."""

    code: str
    values: Mapping[str, Value]

    def __new__(
        cls, text: str, code: str | None = None, values: Mapping[str, Value] | None = None
    ) -> Sentence:
        made = super().__new__(cls, text)
        made.code = str.__str__(made) if code is None else code
        made.values = values or {}
        return made

    def __str__(self) -> str:
        """Itself, so that str(fault) of a StudioError is still a Sentence."""
        return self


def say(template: str, /, **values: Any) -> Sentence:
    """The template with its values filled in; without values it is taken as it stands.

    Values may be formatted ("{seconds:.1f}"); the code does not show how.
    """
    if not values:
        return template if isinstance(template, Sentence) else Sentence(template)
    text: list[str] = []
    kept: dict[str, Value] = {}
    for literal, name, style, conversion in _FORMATTER.parse(template):
        text.append(literal)
        if name is not None:
            value = _FORMATTER.convert_field(values[name], conversion)
            shown = format(value, style or "")
            text.append(shown)
            kept[name] = value if type(value) is int and not style else shown
    return Sentence("".join(text), code_of(template), kept)


def code_of(template: str) -> str:
    """A template that takes values, without their formats: "{share:.0f} %" gives "{share} %"."""
    return "".join(
        literal if name is None else f"{literal}{{{name}}}"
        for literal, name, _, _ in _FORMATTER.parse(template)
    )


def filled(code: str, values: Mapping[str, Value]) -> str:
    """A code, or the same sentence in another language, with its values."""
    return _FIELD.sub(lambda field: str(values.get(field[1], field[0])), code)


def in_a_row(parts: Sequence[str], mark: Literal["; ", ", "]) -> str:
    """One sentence of several: "gamma 0.6 -> 0.4; caption 2"."""
    row = parts[0] if parts else ""
    for part in parts[1:]:
        if mark == "; ":
            row = say("{before}; {part}", before=row, part=part)
        else:
            row = say("{before}, {part}", before=row, part=part)
    return row


def as_said(sentence: Sentence) -> list[Any]:
    """[code, values] for JSON; a value that is a sentence is such a list again."""
    return [sentence.code, {name: _as_json(value) for name, value in sentence.values.items()}]


def sentences_in(content: Any) -> dict[str, list[Any]]:
    """All sentences in a JSON-like value: the text of each, and how it was made."""
    found: dict[str, list[Any]] = {}
    waiting: list[Any] = [content]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Sentence):
            found[str.__str__(each)] = as_said(each)  # JSON writers want plain keys
        elif isinstance(each, Mapping):
            waiting.extend(cast("Mapping[Any, Any]", each).values())
        elif isinstance(each, (list, tuple)) and not _holds_numbers(cast("list[Any]", each)):
            waiting.extend(cast("list[Any]", each))
    return found


def restored(content: Any, said: Any) -> Any:
    """What JSON kept, with its texts as the sentences they were; `said` is of `sentences_in`."""
    if isinstance(content, str):
        return _sentence(content, said)
    if isinstance(content, dict):
        entries = cast("dict[str, Any]", content)
        return {name: restored(each, said) for name, each in entries.items()}
    if isinstance(content, list):
        return [restored(each, said) for each in cast("list[Any]", content)]
    return content


def _as_json(value: Value) -> Any:
    return as_said(value) if isinstance(value, Sentence) else value


def _sentence(text: str, said: Any) -> str:
    """The text alone where it is not known how it was made."""
    try:
        made = _made(said[text])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return text
    return made if made == text else text


def _made(said: Any) -> Sentence:
    code, given = said
    values: dict[str, Value] = {
        str(name): _made(each) if isinstance(each, list) else each for name, each in given.items()
    }
    return Sentence(filled(code, values), code, values)


def _holds_numbers(content: Sequence[Any]) -> bool:
    """The run lengths of a mask may be hundreds of thousands, and none of them is a sentence."""
    return bool(content) and isinstance(content[0], (int, float))
