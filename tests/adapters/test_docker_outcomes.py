"""How runs end on a real engine: each cause by its own name, with what to do next."""

import itertools
import resource
from pathlib import Path

import pytest

from medperf_client.adapters.durable import remove_tree
from medperf_client.errors import BadData, Cause, MedperfError
from tests.adapters.container_bench import Bench, python_job

pytestmark = pytest.mark.engine

MIB = 1024**2
EATS_MEMORY = "x = b'x' * (300 << 20); print('survived')"


def test_an_exit_code_is_told_with_the_last_words(bench: Bench) -> None:
    failure = bench.fail("import sys; print('first'); print('no labels'); sys.exit(3)")
    assert failure.cause is Cause.EXIT_CODE
    assert "exit code 3" in failure.message
    assert "no labels" in failure.message
    assert failure.last_lines == ("first", "no labels")


def test_words_on_stderr_are_heard_too(bench: Bench) -> None:
    failure = bench.fail("raise SystemExit('wrong shape')")
    assert failure.last_lines == ("wrong shape",)


def test_a_silent_failure_is_told_as_such_and_names_its_log(bench: Bench) -> None:
    log = bench.folder / "silent.log"
    failure = bench.fail("raise SystemExit(1)", log_file=log)
    assert "It said nothing" in failure.message
    assert str(log) in failure.hint


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGKILL"])
def test_a_signal_is_told_by_its_name(bench: Bench, name: str) -> None:
    failure = bench.fail(f"import os, signal; os.kill(os.getpid(), signal.{name})")
    assert failure.cause is Cause.EXIT_CODE
    assert name in failure.message


@pytest.mark.parametrize("attempt", range(5))
def test_running_out_of_memory_is_never_taken_for_anything_else(bench: Bench, attempt: int) -> None:
    failure = bench.fail(EATS_MEMORY, memory_bytes=48 * MIB)
    assert failure.cause is Cause.OUT_OF_MEMORY, attempt
    assert "48 MiB" in failure.message
    assert "--memory" in failure.hint


def test_a_child_that_runs_out_of_memory_is_the_reason_its_parent_failed(bench: Bench) -> None:
    code = f"import subprocess; subprocess.run(['python3', '-c', {EATS_MEMORY!r}], check=True)"
    assert bench.fail(code, memory_bytes=48 * MIB).cause is Cause.OUT_OF_MEMORY


def test_a_container_that_hangs_is_stopped_after_its_time(bench: Bench) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('on'); time.sleep(60)"
    failure = bench.fail(code, timeout_s=1)
    assert failure.cause is Cause.TIMEOUT
    assert "1 s" in failure.message


def test_a_container_that_ends_in_time_is_not_touched(bench: Bench) -> None:
    assert bench.run("print('in time')", timeout_s=60) == ["in time"]


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("open('/out/big', 'wb').write(b'x' * (4 << 20))", {"output_bytes": MIB}),
        ("[open(f'/out/{i}', 'w') for i in range(50)]", {"output_files": 20}),
        (
            "import os; os.chdir('/out')\n"
            "for _ in range(3000): os.mkdir('d' * 9); os.chdir('d' * 9)",
            {},
        ),
    ],
    ids=["bytes", "files", "paths too long to look at"],
)
def test_a_container_that_writes_too_much_is_stopped(
    bench: Bench, code: str, limit: dict[str, int]
) -> None:
    code += "\nimport time; time.sleep(60)"
    failure = bench.fail(code, outputs={"/out": bench.out}, timeout_s=30, **limit)
    assert failure.cause is Cause.OUTPUT_LIMIT
    # Nested this deep, pytest could not remove it.
    remove_tree(bench.out)


def test_a_missing_command_is_the_authors_matter(bench: Bench) -> None:
    failure = bench.fail("", entrypoint=("no-such-program",))
    assert failure.cause is Cause.COMMAND_MISSING
    assert "author" in failure.hint


def test_a_command_that_may_not_be_run_is_the_authors_matter(bench: Bench) -> None:
    assert bench.fail("", entrypoint=("/etc/passwd",)).cause is Cause.COMMAND_MISSING


def test_a_program_that_exits_127_by_itself_is_no_missing_command(bench: Bench) -> None:
    failure = bench.fail("print('my own number'); raise SystemExit(127)")
    assert failure.cause is Cause.EXIT_CODE


def test_an_engine_without_gpus_says_so(bench: Bench) -> None:
    failure = bench.fail("", gpus="all")
    assert failure.cause is Cause.GPU_MISSING
    assert "GPU" in failure.message + failure.hint


def test_an_image_that_vanished_is_told_as_missing(bench: Bench) -> None:
    assert bench.fail("", image_id=f"sha256:{'0' * 64}").cause is Cause.IMAGE_MISSING


def test_a_folder_that_the_engine_cannot_reach_is_not_the_commands_fault(bench: Bench) -> None:
    failure = bench.fail("", inputs={"/in": bench.folder / "nowhere"})
    assert failure.cause is Cause.ENGINE_REFUSED
    assert "folder" in failure.hint


def test_output_comes_in_order_and_line_by_line_while_it_is_said(bench: Bench) -> None:
    code = """
import os, time
print("first", flush=True)
while not os.path.exists("/out/heard"):
    time.sleep(0.02)
"""
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        (bench.out / "heard").touch()

    job = python_job(code, bench.mark, outputs={"/out": bench.out}, timeout_s=30)
    bench.engine.run(job, on_line)
    assert lines == ["first"]
    assert bench.run("for i in range(5000): print(i)") == [str(i) for i in range(5000)]


def test_a_progress_bar_is_a_line_a_state(bench: Bench) -> None:
    assert bench.run("print('1 %\\r2 %\\r3 %')") == ["1 %", "2 %", "3 %"]


def test_a_container_that_floods_its_output_is_read_to_the_end_in_little_memory(
    bench: Bench, tmp_path: Path
) -> None:
    count = itertools.count()
    log = tmp_path / "flood.log"
    code = "import os\nfor _ in range(200): os.write(1, (b'x' * 1023 + b'\\n') * 1024)"
    job = python_job(code, bench.mark, log_file=log, log_bytes=MIB, timeout_s=60)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bench.engine.run(job, lambda _line: next(count))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 64 * 1024
    # A write of this size may be cut where a pipe is full, never lost.
    assert next(count) == 200 * 1024
    assert log.stat().st_size < MIB + 1024


def test_a_listener_that_fails_ends_the_run_with_its_own_error(bench: Bench) -> None:
    class Annoyed(MedperfError):
        pass

    def on_line(line: str) -> None:
        raise Annoyed(line)

    job = python_job("while True: print('again')", bench.mark, timeout_s=30)
    with pytest.raises(Annoyed, match="again"):
        bench.engine.run(job, on_line)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_log_that_cannot_be_kept_ends_the_run_instead_of_hanging_it(bench: Bench) -> None:
    job = python_job(
        "while True: print('more')", bench.mark, log_file=Path("/dev/full"), timeout_s=30
    )
    with pytest.raises(BadData, match="/dev/full") as caught:
        bench.engine.run(job, lambda _line: None)
    assert "disk is full" in caught.value.hint
