"""Text that somebody else wrote, made harmless before it is printed."""

import re

# Control characters, marks that reorder a line, lone surrogates: what could forge what is seen.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def one_line(text: str) -> str:
    """``text`` as one line that shows what it holds: control characters become escapes."""
    return _UNSAFE.sub(_escape, text.replace("\r\n", " ").replace("\n", " ").replace("\t", " "))


def lines(text: str) -> str:
    """``text`` with its lines kept and every other control character made visible."""
    return "\n".join(one_line(line) for line in text.split("\n"))


def json_safe(text: str) -> str:
    """A JSON text that means the same and holds no unsafe character unescaped."""
    return "\n".join(
        _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line) for line in text.split("\n")
    )


def duration(elapsed_s: float) -> str:
    """``0.4 s``, ``12.3 s``, ``2 min 05 s``, ``1 h 02 min``."""
    if elapsed_s < 60:
        return f"{elapsed_s:.1f} s"
    minutes, seconds = divmod(int(elapsed_s), 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def size(count: int) -> str:
    """``512 B``, ``1.5 MB``: decimal units."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
