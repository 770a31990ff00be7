"""`profile` and `auth`: what is shipped, what is kept, and what is never lost."""

from pathlib import Path

import pytest
import respx
import yaml

from tests.commands.conftest import Medperf, leave_token, make_token
from tests.commands.wire import page


def config(home: Path) -> Path:
    return home / "client" / "config.yaml"


def test_two_profiles_are_there_without_any_file(medperf: Medperf, home: Path) -> None:
    profiles = medperf("--json", "profile", "ls").json()

    assert [(row["name"], row["active"]) for row in profiles] == [
        ("default", False),
        ("local", True),
    ]
    assert profiles[1]["server"] == "http://127.0.0.1:8000"
    assert not config(home).exists()


@pytest.mark.parametrize(
    "command",
    [
        ("profile", "ls"),
        ("profile", "view"),
        ("auth", "status"),
        ("benchmark", "ls"),
    ],
)
def test_reading_never_writes_the_file(
    medperf: Medperf, server: respx.MockRouter, home: Path, command: tuple[str, ...]
) -> None:
    server.get("/benchmarks/").respond(json=page())
    config(home).parent.mkdir()
    config(home).write_text("# mine\nactive: local\n")

    assert medperf(*command).code == 0
    assert config(home).read_text() == "# mine\nactive: local\n"


def test_a_setting_is_kept_in_a_private_file(medperf: Medperf, home: Path) -> None:
    ended = medperf("profile", "set", "--memory", "8g", "--infer-timeout", "3600")

    assert ended.code == 0
    shown = yaml.safe_load(medperf("profile", "view").out)
    assert (shown["memory"], shown["infer_timeout"]) == (8 * 1024**3, 3600)
    assert config(home).stat().st_mode & 0o777 == 0o600
    assert config(home).parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in config(home).parent.iterdir()] == ["config.yaml"]


def test_empty_text_takes_the_shipped_value_back(medperf: Medperf) -> None:
    medperf("profile", "set", "--server", "https://registry.example.org/api/v0/")
    assert yaml.safe_load(medperf("profile", "view").out)["server"] == (
        "https://registry.example.org"
    )

    medperf("profile", "set", "--server", "")

    assert yaml.safe_load(medperf("profile", "view").out)["server"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "settings",
    [
        ("--server", "registry.example.org"),
        ("--server", "ftp://registry.example.org"),
        ("--server", "https://me:secret@registry.example.org"),
        ("--email", "../../passwd"),
        ("--identity", "kerberos"),
        ("--platform", "slurm"),
        ("--memory", "much"),
        ("--cpus", "0"),
        ("--pids", "1.5"),
        ("--infer-timeout", "nan"),
        (),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_and_nothing_written(
    medperf: Medperf, home: Path, settings: tuple[str, ...]
) -> None:
    ended = medperf("profile", "set", *settings)

    assert ended.code == 2
    assert not config(home).exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("active: local\nprofiles:\n  local:\n    sever: http://x\n", "line 4"),
        ("active: local\nprofile: {}\n", "line 2"),
        ("active: nobody\n", "line 1: there is no profile 'nobody'"),
        ("profiles:\n  a:\n    memory: much\n", "line 3: memory: 'much' is not a size."),
        ("profiles:\n  a:\n    memory: 1g\n    memory: 2g\n", "line 4"),
        ("- a\n", "must be a mapping"),
        ("profiles:\n  a: [1]\n", "line 2"),
    ],
)
def test_a_file_with_something_unknown_is_named_by_its_line_and_kept(
    medperf: Medperf, home: Path, text: str, told: str
) -> None:
    config(home).parent.mkdir()
    config(home).write_text(text)

    ended = medperf("profile", "set", "--memory", "1g")

    assert ended.code == 6
    assert told in ended.err
    assert config(home).read_text() == text


def test_a_profile_is_made_used_and_deleted(medperf: Medperf, home: Path) -> None:
    assert medperf("profile", "create", "-n", "site").out == "site\n"
    assert medperf("--profile", "site", "profile", "set", "--server", "https://x.example").code == 0
    assert medperf("profile", "activate", "site").code == 0
    assert yaml.safe_load(medperf("profile", "view").out)["server"] == "https://x.example"

    assert medperf("profile", "delete", "site").code == 2
    medperf("profile", "activate", "local")
    assert medperf("profile", "delete", "site").code == 0
    assert [row["name"] for row in medperf("--json", "profile", "ls").json()] == [
        "default",
        "local",
    ]


@pytest.mark.parametrize("name", ["local", "../x", "", "a b", "x" * 65])
def test_a_name_that_is_taken_or_no_name_is_refused(medperf: Medperf, name: str) -> None:
    assert medperf("profile", "create", "-n", name).code == 2


def test_a_shipped_profile_is_not_deleted(medperf: Medperf) -> None:
    assert medperf("profile", "delete", "default").code == 2


def test_plain_http_to_another_machine_is_warned_of(medperf: Medperf) -> None:
    assert "can be read on the way" in medperf("profile", "set", "--server", "http://x.example").err
    assert "Warning" not in medperf("profile", "set", "--server", "http://127.0.0.1:9").err


def test_an_option_before_the_command_wins_over_the_profile(medperf: Medperf) -> None:
    medperf("profile", "set", "--infer-timeout", "10", "--gpus", "1")

    shown = yaml.safe_load(medperf("--infer-timeout", "20", "profile", "view").out)

    assert (shown["infer_timeout"], shown["gpus"]) == (20, "1")


def test_the_local_profile_is_logged_in_without_a_word(medperf: Medperf) -> None:
    status = medperf("--json", "auth", "status")

    assert status.code == 0
    assert status.json()["email"] == "testdo@example.com"


def test_logging_in_takes_the_local_token_of_somebody_else(
    medperf: Medperf, server: respx.MockRouter, home: Path
) -> None:
    leave_token(home, "testbo@example.com")
    route = server.get("/benchmarks/").respond(json=page())

    assert medperf("auth", "login", "-e", "testbo@example.com").code == 0
    medperf("benchmark", "ls")

    kept = (home / "identity" / "tokens" / "testbo@example.com.jwt").read_text()
    assert route.calls.last.request.headers["Authorization"] == f"Bearer {kept}"
    assert (home / "client" / "tokens.json").stat().st_mode & 0o777 == 0o600
    assert medperf("--json", "auth", "status").json()["email"] == "testbo@example.com"

    medperf("auth", "logout")
    assert medperf("--json", "auth", "status").json()["email"] == "testdo@example.com"


def test_a_local_token_that_is_not_there_says_who_mints_it(medperf: Medperf) -> None:
    ended = medperf("auth", "login", "--email", "nobody@example.com")

    assert ended.code == 8
    assert "medperf-server token mint nobody@example.com" in ended.err


def test_another_identity_provider_takes_a_token_from_a_file_or_stdin(
    medperf: Medperf, home: Path
) -> None:
    medperf("profile", "create", "-n", "site")
    token = home / "token"
    token.write_text(make_token("me@example.org"))

    without = medperf("--profile", "site", "auth", "login")
    assert without.code == 2
    assert "--token-file" in without.err

    assert medperf("--profile", "site", "auth", "login", "--token-file", token).code == 0
    assert medperf("--json", "--profile", "site", "auth", "status").json()["email"] == (
        "me@example.org"
    )
    piped = medperf(
        "--profile", "site", "auth", "login", "--token-file", "-", stdin=make_token("b@example.org")
    )
    assert piped.code == 0
    assert "b@example.org" in piped.err


def test_what_is_no_token_is_bad_data(medperf: Medperf, home: Path) -> None:
    (home / "token").write_text("hunter2")

    ended = medperf("auth", "login", "--token-file", home / "token")

    assert ended.code == 6
    assert "hunter2" not in ended.err


def test_no_token_is_ever_printed(medperf: Medperf, home: Path) -> None:
    token = (home / "identity" / "tokens" / "testdo@example.com.jwt").read_text()
    medperf("auth", "login", "-e", "testdo@example.com")

    said = [
        medperf("auth", "status"),
        medperf("--json", "auth", "status"),
        medperf("auth", "logout"),
    ]

    assert not [ended for ended in said if token in ended.out + ended.err]
