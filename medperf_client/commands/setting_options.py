"""The settings of a profile as options: before any command for once, or kept by `profile set`.

All are text here; ``settings.values`` reads them, and says what is wrong with them.
"""

from typing import Annotated

import typer

Text = str | None

Server = Annotated[Text, typer.Option("--server", metavar="URL", help="The registry's address.")]
Identity = Annotated[
    Text, typer.Option("--identity", metavar="local|oidc", help="Who issues the tokens.")
]
Email = Annotated[Text, typer.Option("--email", metavar="EMAIL", help="Who you are to it.")]
Issuer = Annotated[Text, typer.Option("--issuer", metavar="URL", help="The identity provider.")]
ClientId = Annotated[
    Text, typer.Option("--client-id", metavar="ID", help="What it calls this client.")
]
Audience = Annotated[Text, typer.Option("--audience", metavar="NAME", help="Whom tokens are for.")]
Certificate = Annotated[
    Text, typer.Option("--certificate", metavar="FILE", help="The CA of the server's certificate.")
]
Storage = Annotated[
    Text, typer.Option("--storage", metavar="FOLDER", help="Where files are kept here.")
]
Platform = Annotated[
    Text, typer.Option("--platform", metavar="NAME", help="What runs containers: docker or podman.")
]
Gpus = Annotated[
    Text, typer.Option("--gpus", metavar="SPEC", help="GPUs for containers, such as all or 1.")
]
ShmSize = Annotated[
    Text, typer.Option("--shm-size", metavar="SIZE", help="Their shared memory, such as 2g.")
]
ContainerLoglevel = Annotated[
    Text, typer.Option("--container-loglevel", metavar="LEVEL", help="What they are told to log.")
]
PrepareTimeout = Annotated[
    Text, typer.Option("--prepare-timeout", metavar="SECONDS", help="Time limit of prepare,")
]
SanityCheckTimeout = Annotated[
    Text, typer.Option("--sanity-check-timeout", metavar="SECONDS", help="of the sanity check,")
]
StatisticsTimeout = Annotated[
    Text, typer.Option("--statistics-timeout", metavar="SECONDS", help="of the statistics,")
]
InferTimeout = Annotated[
    Text, typer.Option("--infer-timeout", metavar="SECONDS", help="of a model,")
]
EvaluateTimeout = Annotated[
    Text, typer.Option("--evaluate-timeout", metavar="SECONDS", help="of the metrics.")
]
Memory = Annotated[
    Text, typer.Option("--memory", metavar="SIZE", help="A container's memory, such as 8g,")
]
Cpus = Annotated[Text, typer.Option("--cpus", metavar="NUMBER", help="its processors,")]
Pids = Annotated[Text, typer.Option("--pids", metavar="NUMBER", help="its processes,")]
TmpSize = Annotated[Text, typer.Option("--tmp-size", metavar="SIZE", help="its /tmp,")]
LogSize = Annotated[Text, typer.Option("--log-size", metavar="SIZE", help="its log,")]
OutputSize = Annotated[Text, typer.Option("--output-size", metavar="SIZE", help="its output,")]
OutputFiles = Annotated[
    Text, typer.Option("--output-files", metavar="NUMBER", help="and how many files that is.")
]
