"""Progress: one line a step for logs, a live list for people, and nobody's markup in either."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from medperf_client.output.plain_reporter import PlainReporter
from medperf_client.output.rich_reporter import LiveStep, RichReporter
from medperf_client.output.text import duration, size


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def terminal(width: int = 80) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=width, height=40, color_system=None,
        legacy_windows=False, highlight=False,
    )  # fmt: skip


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def drawn(console: Console, step: LiveStep) -> list[str]:
    """The lines of a running step as they would be drawn now."""
    with console.capture() as capture:
        console.print(step)
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in capture.get().splitlines()]


def test_a_step_is_one_line_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with PlainReporter(clock=clock).step("prepare: chestxray-prep") as step:
        step.line("a container's word")
        step.progress(1, 2)
        step.note("already here")
        clock.now += 1.2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "ok  prepare: chestxray-prep (1.2 s): already here\n"


@pytest.mark.parametrize(
    ("fault", "word"), [(ValueError, "failed"), (KeyboardInterrupt, "stopped")]
)
def test_a_step_that_did_not_end_well_says_so(
    capsys: pytest.CaptureFixture[str], fault: type[BaseException], word: str
) -> None:
    with pytest.raises(fault), PlainReporter(clock=Clock()).step("infer"):
        raise fault

    assert capsys.readouterr().err == f"{word}  infer (0.0 s)\n"


def test_quiet_keeps_the_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = PlainReporter(quiet=True)
    with reporter.step("infer"):
        reporter.say("half-way")
        reporter.warn("out of\nmemory \x1b[2J")

    assert capsys.readouterr().err == "Warning: out of memory \\x1b[2J\n"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_of_a_running_step_is_wider_than_the_terminal(width: int) -> None:
    step = LiveStep("Infer with " + "chestxray-linear " * 20, 0.0, Clock())
    step.progress(10, 100)
    for index in range(9):
        step.line(f"{index} " + "長い行 " * 80)

    lines = drawn(terminal(width), step)

    assert len(lines) == 7
    assert max(map(cell_len, lines)) <= width
    assert [line.split()[1] for line in lines[2:]] == ["4", "5", "6", "7", "8"]


@pytest.mark.parametrize(("done", "filled"), [(50, 20), (100, 40)])
def test_a_download_of_known_size_has_a_bar(done: int, filled: int) -> None:
    step = LiveStep("Fetch", 0.0, Clock())
    step.progress(done, 100)

    _, bar = drawn(terminal(), step)

    assert bar.strip() == "━" * filled


def test_a_download_of_unknown_size_has_none() -> None:
    step = LiveStep("Fetch", 0.0, Clock())
    step.progress(5, None)

    assert len(drawn(terminal(), step)) == 1


def test_a_containers_words_are_shown_as_they_are() -> None:
    step = LiveStep("infer [red]", 0.0, Clock())
    step.line("[bold]not bold[/bold] \x1b[31m\x07\r50%")

    lines = drawn(terminal(), step)

    assert "infer [red]" in lines[0]
    assert "[bold]not bold[/bold] \\x1b[31m\\x07\\x0d50%" in lines[1]


def test_a_finished_step_stays_as_one_line_and_its_log_goes() -> None:
    console, clock = terminal(), Clock()
    reporter = RichReporter(console, clock=clock)

    with reporter.step("Fetch") as step:
        step.line("pulling")
        step.note("already here")
        clock.now += 61
    with pytest.raises(ValueError, match="no"), reporter.step("Infer"):
        raise ValueError("no")

    kept = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown(console))
    assert "✓ Fetch 1 min 01 s  already here\n" in kept
    assert "✗ Infer 0.0 s\n" in kept
    assert shown(console).count("\x1b[?25h") == shown(console).count("\x1b[?25l")


def test_steps_within_a_step_are_drawn_together_and_end_in_their_order() -> None:
    console = terminal()
    reporter = RichReporter(console, clock=Clock())

    with reporter.step("Outer"), reporter.step("Inner"):
        reporter.say("a sentence [with] brackets")

    kept = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown(console))
    assert kept.index("✓ Inner") < kept.index("✓ Outer")
    assert "a sentence [with] brackets" in kept


def test_durations_and_sizes_are_for_people() -> None:
    assert [duration(at) for at in (0.04, 12.34, 125, 3725)] == [
        "0.0 s", "12.3 s", "2 min 05 s", "1 h 02 min",
    ]  # fmt: skip
    assert [size(at) for at in (0, 999, 1500, 2_500_000, 3 * 10**12)] == [
        "0 B", "999 B", "1.5 kB", "2.5 MB", "3.0 TB",
    ]  # fmt: skip
