"""What a cube tells the person who runs it: progress on stdout, a refusal on stderr."""

import sys

LEVELS = ("debug", "info", "warning", "error", "critical")
NAMED_AT_MOST = 20


class BadInput(Exception):
    """The cube was given something it cannot work on; the message is for a person.

    `details` are problems worth a line each, said before the message.
    """

    def __init__(self, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.details = details


def refuse_if_any(problems: list[str], where: str) -> None:
    """Raise BadInput when there are problems, naming the first 20 and saying how many there are."""
    if not problems:
        return
    if len(problems) == 1:
        raise BadInput(f"{where}: {problems[0]}")
    named = problems[:NAMED_AT_MOST]
    raise BadInput(
        f"{where}: {len(problems)} problems, {len(named)} of them named above, "
        f"the first being: {problems[0]}",
        tuple(named),
    )


class Console:
    """Prints lines at or above a level, each flushed so that a follower sees it at once."""

    def __init__(self, level: str) -> None:
        lowered = level.lower()
        self._least = LEVELS.index(lowered if lowered in LEVELS else "info")

    def info(self, message: str) -> None:
        self._say("info", message)

    def warning(self, message: str) -> None:
        self._say("warning", f"warning: {message}")

    def progress(self, what: str, done: int, total: int, step: int = 1) -> None:
        """Say `what` when the last `step` of the `done` reached another tenth of `total`."""
        if done * 10 // total > (done - step) * 10 // total:
            self.info(f"{what}: {done} of {total} ({100 * done // total} %)")

    def refuse(self, refusal: BadInput) -> None:
        for detail in refusal.details:
            print(f"- {detail}", file=sys.stderr)
        print(f"error: {refusal}", file=sys.stderr, flush=True)

    def _say(self, level: str, message: str) -> None:
        if LEVELS.index(level) >= self._least:
            print(message, flush=True)
