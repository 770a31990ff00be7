"""`medperf container`, also `medperf mlcube`: list containers, and make and register your own."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.commands.parameters import (
    Benchmark,
    Format,
    Mine,
    ModelUid,
    NoCache,
    Output,
    RecordId,
    Unregistered,
    ViewFormat,
    Yes,
)
from medperf_client.output.column import Column, Table

if TYPE_CHECKING:
    from medperf_api.contract.cubes import CubeRead
    from medperf_client.workflows.submit_container import Asset

app = group("container")

_COLUMNS: "tuple[Column[CubeRead], ...]" = (
    Column("UID", lambda cube: cube.id, right=True),
    Column("Name", lambda cube: cube.name),
    Column("State", lambda cube: cube.state),
    Column("Registered", lambda cube: True),
)


@app.add("ls")
def ls(
    context: typer.Context,
    mine: Mine = False,
    unregistered: Unregistered = False,
    output: Output = None,
) -> None:
    """List containers."""
    client = current(context)
    cubes = [] if unregistered else work.list_cubes(client.ports, mine=mine)
    client.show.table(Table(cubes, _COLUMNS), output)


@app.add("view")
def view(
    context: typer.Context,
    uid: RecordId = None,
    form: ViewFormat = Format.YAML,
    mine: Mine = False,
    unregistered: Unregistered = False,
    output: Output = None,
) -> None:
    """Show a container in full."""
    client = current(context)
    if uid is not None:
        client.show.record(client.ports.registry.cube(uid), form, output)
        return
    cubes = [] if unregistered else work.list_cubes(client.ports, mine=mine)
    client.show.records(cubes, form, output)


@app.add("create")
def create(
    context: typer.Context,
    template: Annotated[
        str, typer.Argument(metavar="data_preparator|model|evaluator", help="What it is to do.")
    ],
    image: Annotated[
        str | None, typer.Option("--image", "-i", metavar="NAME", help="What its image is called.")
    ] = None,
    folder_name: Annotated[
        str | None,
        typer.Option("--folder_name", "-f", metavar="NAME", help="The new folder's name."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the new folder goes.")
    ] = Path("."),
) -> None:
    """Begin a container: a folder that builds and passes the compatibility test as it is."""
    client = current(context)
    made = work.create_container(template, output, folder_name, image)
    client.ports.reporter.say(
        f"Build it with: docker build --tag {made.image} {made.folder}",
    )
    client.show.made(str(made.folder), {"folder": str(made.folder), "image": made.image})


Sha256 = str | None


@app.add("submit")
def submit(
    context: typer.Context,
    name: Annotated[str, typer.Option("--name", "-n", help="A name that no other has.")],
    config_file: Annotated[
        str,
        typer.Option(
            "--container-config-file",
            "-m",
            metavar="URL",
            help="container_config.yaml, or an older mlcube.yaml, by URL or path,",
        ),
    ],
    config_hash: Annotated[
        Sha256, typer.Option("--container-config-hash", metavar="SHA256", help="its hash,")
    ] = None,
    parameters_file: Annotated[
        str | None,
        typer.Option("--parameters-file", "-p", metavar="URL", help="its parameters,"),
    ] = None,
    parameters_hash: Annotated[
        Sha256, typer.Option("--parameters-hash", metavar="SHA256", help="their hash,")
    ] = None,
    additional_file: Annotated[
        str | None,
        typer.Option(
            "--additional-file", "-a", metavar="URL", help="a tarball of additional files,"
        ),
    ] = None,
    additional_hash: Annotated[
        Sha256, typer.Option("--additional-hash", metavar="SHA256", help="its hash,")
    ] = None,
    image_hash: Annotated[
        Sha256,
        typer.Option("--image-hash", metavar="SHA256", help="and the digest of the image."),
    ] = None,
    operational: Annotated[
        bool, typer.Option("--operational", help="It is finished: its hashes are fixed.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Register a container. Its files are fetched, hashed and checked first."""
    client = current(context, yes=yes)
    submission = work.ContainerSubmission(
        name=name,
        config=work.Asset(config_file, config_hash),
        parameters=_asset(parameters_file, parameters_hash, "parameters"),
        additional_files=_asset(additional_file, additional_hash, "additional"),
        image_hash=image_hash,
        operational=operational,
    )
    cube = work.submit_container(client.ports, submission)
    client.ports.reporter.say(f"Container {cube.id} is registered.")
    client.show.made(cube.id, cube)


@app.add("run_test")
def run_test(
    context: typer.Context,
    container: Annotated[
        Path,
        typer.Option(
            "--container",
            "-m",
            metavar="PATH",
            help="The container's configuration, or the folder it is in.",
        ),
    ],
    task: Annotated[str, typer.Option("--task", "-t", metavar="NAME", help="What it is to do.")],
    parameters: Annotated[
        Path | None,
        typer.Option(
            "--parameters_file_path", metavar="FILE", help="Not the parameters.yaml beside it."
        ),
    ] = None,
    additional_files: Annotated[
        Path | None,
        typer.Option(
            "--additional_files_path", metavar="FOLDER", help="Not the additional_files beside it."
        ),
    ] = None,
    mounts: Annotated[
        str | None,
        typer.Option(
            "--mounts", metavar="LABEL=PATH,…", help="Its inputs and outputs: data_path=a,…"
        ),
    ] = None,
    env: Annotated[
        str | None, typer.Option("--env", "-e", metavar="NAME=TEXT,…", help="Its environment.")
    ] = None,
    timeout: Annotated[
        int | None,
        typer.Option("--timeout", metavar="SECONDS", min=1, help="How long it may take."),
    ] = None,
    output_logs: Annotated[
        Path | None,
        typer.Option("--output_logs", "-o", metavar="FILE", help="Keep all that it prints."),
    ] = None,
    allow_network: Annotated[
        bool,
        typer.Option("--allow_network", help="Open the network. Never with registered data."),
    ] = False,
) -> None:
    """Run one task of a container of yours, in the sandbox of all others. Asks no server."""
    client = current(context, open_network=allow_network)
    trial = work.Trial(
        container=container,
        task=task,
        mounts={label: Path(text) for label, text in _pairs(mounts, "--mounts").items()},
        environment=_pairs(env, "--env"),
        parameters=parameters,
        additional_files=additional_files,
        timeout_s=timeout,
        log_file=output_logs,
    )
    work.try_task(client.ports, trial, networked_beside=client.storages if allow_network else None)
    client.ports.reporter.say(f"Task {task} ended well. Nothing was sent to the server.")
    client.show.document({"container": str(container), "task": task})


@app.add("associate")
def associate(
    context: typer.Context,
    benchmark: Benchmark,
    model_uid: ModelUid,
    yes: Yes = False,
    no_cache: NoCache = False,
) -> None:
    """Ask a benchmark's committee to accept your model, after a compatibility test."""
    client = current(context, yes=yes)
    association = work.associate_model(client.ports, model_uid, benchmark, no_cache=no_cache)
    client.ports.reporter.say(
        f"Model {model_uid} and benchmark {benchmark}: "
        f"the association is {association.approval_status.lower()}."
    )
    client.show.made(association.id, association)


def _pairs(text: str | None, option: str) -> dict[str, str]:
    """``a=1,b=2`` as a mapping; a comma that begins no other pair belongs to the value."""
    pairs = [part.partition("=") for part in re.split(r",(?=\s*\w+=)", text)] if text else []
    if any(not equals or not name.strip() for name, equals, _ in pairs):
        raise work.UsageFault(
            f"{option} cannot be read: {text}", hint="Write NAME=VALUE, with commas between pairs."
        )
    return {name.strip(): value for name, _, value in pairs}


def _asset(source: str | None, digest: str | None, option: str) -> "Asset | None":
    if source is not None:
        return work.Asset(source, digest)
    if digest is not None:
        raise work.UsageFault(
            f"--{option}-hash has no file to be compared with.",
            hint=f"Give --{option}-file too.",
        )
    return None
