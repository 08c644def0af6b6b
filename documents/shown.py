"""Text from files and servers on its way to a terminal."""

from __future__ import annotations

import re

# C0, DEL and C1, which move the cursor, set colours and titles, or answer as if typed; what turns
# the direction of writing round, ends lines or is not seen at all (Unicode's Bidi_Control, Zl, Zp
# and the invisible Cf); and halves of characters, which no encoding holds. Joiners stay: several
# scripts need them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_UNSAFE_IN_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def shown(text: object) -> str:
    """`text` on one line, with every character that could steer a terminal written out.

    For example, a red "x" reads `\\x1b[31mx`. This is for what comes from a file or the network; a
    program's own colours are added afterwards.
    """
    return _UNSAFE.sub(_written_out, str(text))


def shown_lines(text: object) -> str:
    """As `shown`, but line ends and tabs stay."""
    return _UNSAFE_IN_LINES.sub(_written_out, str(text))


def cut(text: str, longest: int) -> str:
    """`text`, or as much of it as fits into so many characters with an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
