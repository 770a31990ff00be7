"""The file of profiles. Whoever only reads never writes it; an unknown key is never dropped."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from medperf_client.errors import BadData, UsageFault
from medperf_client.settings.profile import FIRST_ACTIVE, SHIPPED, Profile
from medperf_client.settings.values import PARSERS, read_value

if TYPE_CHECKING:
    import yaml

Texts = Mapping[str, str]

_HEADING = "# Profiles of medperf; change them with `medperf profile`. Comments are not kept.\n"


@dataclass(frozen=True, slots=True)
class Config:
    """The profiles of a user: what the file says, over what is shipped."""

    active: str = FIRST_ACTIVE
    texts: Mapping[str, Texts] = field(default_factory=dict)

    @property
    def shipped(self) -> list[str]:
        """Names of profiles that are always there."""
        return list(SHIPPED)

    @property
    def names(self) -> list[str]:
        """Every profile, shipped ones first."""
        return [*SHIPPED, *(name for name in self.texts if name not in SHIPPED)]

    def profile(self, name: str | None = None) -> Profile:
        """A profile by name, the active one by default. Raises: UsageFault."""
        name = name or self.active
        if name not in self.names:
            raise UsageFault(
                f"There is no profile {name!r}.", hint=f"There are: {', '.join(self.names)}."
            )
        shipped = SHIPPED.get(name, SHIPPED["default"])
        return replace(shipped, name=name).changed(self.texts.get(name, {}))

    def with_profile(self, name: str, texts: Texts) -> "Config":
        """The same with other values in one profile; an empty one takes the shipped value back."""
        merged = {**self.texts.get(name, {}), **texts}
        kept = {key: text for key, text in merged.items() if text.strip()}
        return replace(self, texts={**self.texts, name: kept})

    def without_profile(self, name: str) -> "Config":
        """The same without one profile."""
        return replace(self, texts={key: texts for key, texts in self.texts.items() if key != name})

    def activated(self, name: str) -> "Config":
        """The same with another active profile. Raises: UsageFault."""
        return replace(self, active=self.profile(name).name)


def load_config(file: Path) -> Config:
    """What ``file`` says; the shipped profiles where there is none. Raises: BadData."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{file} cannot be read: {error}.") from error
    return _Reading(file).config(text)


def save_config(file: Path, config: Config) -> None:
    """Write the whole file at once, for its owner alone. Raises: BadData."""
    import yaml

    document = {
        "active": config.active,
        "profiles": {name: dict(texts) for name, texts in config.texts.items()},
    }
    write_private(file, _HEADING + yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


def write_private(file: Path, text: str) -> None:
    """Replace ``file`` by ``text``: the old or the new, never half; 0600 in a 0700 folder."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, file)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise BadData(f"{file} cannot be written: {error.strerror}.") from error


class _Reading:
    """One reading of the file, which knows the line of whatever is wrong."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def config(self, text: str) -> Config:
        import yaml

        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{self._file}, line {mark.line + 1}" if mark else str(self._file)
            raise BadData(f"{where}: this is not YAML.", hint="Correct it by hand.") from error
        if root is None:
            return Config()
        top = self._mapping(root, "the file", allowed=("active", "profiles"))
        profiles = self._mapping(top["profiles"], "profiles") if "profiles" in top else {}
        config = Config(
            texts={name: self._texts(name, node) for name, node in profiles.items()},
            active=self._text(top["active"], "active") if "active" in top else FIRST_ACTIVE,
        )
        if config.active not in config.names:
            raise self._fault(top["active"], f"there is no profile {config.active!r}")
        return config

    def _texts(self, name: str, node: "yaml.Node") -> Texts:
        fields = self._mapping(node, f"profile {name}", allowed=tuple(PARSERS))
        texts = {key: self._text(value, key) for key, value in fields.items()}
        for key, text in texts.items():
            try:
                read_value(key, text)
            except UsageFault as fault:
                raise self._fault(fields[key], fault.message, fault.hint) from None
        return texts

    def _mapping(
        self, node: "yaml.Node", what: str, allowed: tuple[str, ...] = ()
    ) -> dict[str, "yaml.Node"]:
        import yaml

        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(node, f"{what} must be a mapping of names to values")
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self._text(key_node, what)
            if allowed and key not in allowed:
                raise self._fault(
                    key_node, f"{what} has no setting {key!r}", f"There are: {', '.join(allowed)}."
                )
            if key in found:
                raise self._fault(key_node, f"{what} says {key!r} twice")
            found[key] = value
        return found

    def _text(self, node: "yaml.Node", what: str) -> str:
        import yaml

        if not isinstance(node, yaml.ScalarNode):
            raise self._fault(node, f"{what} must be one value")
        return "" if node.tag.endswith(":null") else str(node.value)

    def _fault(self, node: "yaml.Node", message: str, hint: str = "") -> BadData:
        return BadData(
            f"{self._file}, line {node.start_mark.line + 1}: {message}.".replace("..", "."),
            hint=hint or "Correct the file by hand; nothing was changed in it.",
        )
