"""Progress at a terminal: the running step with its time and the last lines of its container."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.text import Text

from medperf_client.output.text import duration, one_line, size

Clock = Callable[[], float]

_LINES = 5
_MIN_LINES = 3
_REFRESH_PER_SECOND = 8
_BAR_WIDTH, _INDENT = 40, 2


class LiveStep:
    """What is known of a running step; written to from any thread, drawn from another."""

    def __init__(self, title: str, started_s: float, clock: Clock) -> None:
        self.title = one_line(title)
        self.remark = ""
        self._started_s = started_s
        self._clock = clock
        self._bytes: tuple[int, int | None] | None = None
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._lock = threading.Lock()
        self._spinner = Spinner("dots", style="cyan")

    def line(self, text: str) -> None:
        """A container's line, as the newest."""
        with self._lock:
            self._lines.append(one_line(text))

    def progress(self, done: int, total: int | None) -> None:
        """How many bytes of how many are done."""
        self._bytes = (done, total)

    def note(self, text: str) -> None:
        """A remark for the finished step."""
        self.remark = one_line(text)

    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._started_s

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The step's line, then its container's newest lines, none wider than the terminal."""
        head = self._spinner.render(console.get_time())
        head = head.copy() if isinstance(head, Text) else Text("*")
        head.append(f" {self.title}")
        head.append(f" {self._state()}", style="dim")
        yield _cropped(head, options.max_width)
        if self._bytes is not None and self._bytes[1]:
            done, total = self._bytes
            bar = ProgressBar(total, done, width=min(_BAR_WIDTH, options.max_width - _INDENT))
            yield Padding(bar, (0, 0, 0, _INDENT))
        with self._lock:
            lines = list(self._lines)
        room = _LINES if options.size.height > 15 else _MIN_LINES
        for line in lines[-room:]:
            yield _cropped(Text(f"  │ {line}", style="dim"), options.max_width)

    def _state(self) -> str:
        if self._bytes is None:
            return duration(self.elapsed_s())
        done, total = self._bytes
        of_total = f" of {size(total)}" if total else ""
        return f"{size(done)}{of_total}, {duration(self.elapsed_s())}"


class _Running:
    """The steps under way, the innermost last."""

    def __init__(self) -> None:
        self.steps: list[LiveStep] = []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """All of them, one below the other."""
        yield from list(self.steps)


class RichReporter:
    """A ``Reporter`` for a person watching; everything goes to stderr."""

    def __init__(self, console: Console | None = None, *, clock: Clock = time.monotonic) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._clock = clock
        self._running = _Running()

    @contextmanager
    def step(self, title: str) -> Iterator[LiveStep]:
        """A step, drawn while it runs and left as one line when it has ended."""
        step = LiveStep(title, self._clock(), self._clock)
        with self._drawn(step):
            try:
                yield step
            except KeyboardInterrupt:
                self._finish(step, "■", "yellow", "stopped")
                raise
            except BaseException:
                self._finish(step, "✗", "red", step.remark)
                raise
            self._finish(step, "✓", "green", step.remark)

    def say(self, text: str) -> None:
        """A sentence."""
        self._console.print(Text(one_line(text)))

    def warn(self, text: str) -> None:
        """A sentence not to overlook."""
        self._console.print(Text.assemble(("Warning: ", "yellow"), one_line(text)))

    @contextmanager
    def _drawn(self, step: LiveStep) -> Iterator[None]:
        """The step among those drawn; the first of them starts drawing, the last ends it."""
        from rich.live import Live

        self._running.steps.append(step)
        try:
            if len(self._running.steps) > 1:
                yield
                return
            with Live(
                self._running,
                console=self._console,
                transient=True,
                refresh_per_second=_REFRESH_PER_SECOND,
                redirect_stdout=False,
                redirect_stderr=False,
            ):
                yield
        finally:
            if step in self._running.steps:
                self._running.steps.remove(step)

    def _finish(self, step: LiveStep, mark: str, style: str, remark: str) -> None:
        self._running.steps.remove(step)
        line = Text.assemble((mark, style), f" {step.title} ", (duration(step.elapsed_s()), "dim"))
        if remark:
            line.append(f"  {remark}", style="dim")
        self._console.print(line, soft_wrap=False)


def _cropped(text: Text, width: int) -> Text:
    text.no_wrap = True
    text.truncate(max(width - 1, 1), overflow="ellipsis")
    return text
