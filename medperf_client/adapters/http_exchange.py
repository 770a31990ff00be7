"""One exchange with the server over HTTP, and every way it can fail in the client's own errors."""

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pydantic import ValidationError

from medperf_api.contract.errors import NON_FIELD, Problem
from medperf_client import __version__
from medperf_client.adapters.lean_httpx import httpx
from medperf_client.errors import (
    NOTHING_LEFT,
    BadData,
    Cancelled,
    NotLoggedIn,
    Refused,
    ServerUnreachable,
)
from medperf_client.settings.values import LOOPBACK_HOSTS

_API = "/api/v0"
_TIMEOUT = httpx.Timeout(60, connect=10)
# Waits before a read is tried again; a write never is.
_RETRY_AFTER_S = (0.1, 0.4)
_MAY_HAVE_ARRIVED = (
    "The server may have received it: look with `medperf … ls --mine` before trying again."
)
_REFUSED_WHOLE = "The server kept nothing of what was sent."

# Failures before a request could have left, and those a fresh connection may cure.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_CURABLE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.RemoteProtocolError,
)

# What a command is called, by the first part of the path it asks for.
_NOUNS = {"benchmarks": "benchmark", "mlcubes": "container", "datasets": "dataset"}


class Exchange:
    """Talks JSON with one server as one user. ``sent`` names each write the server took."""

    def __init__(
        self,
        server: str,
        token: Callable[[], str],
        *,
        certificate: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.server = server
        self.sent: list[str] = []
        self._token = token
        self._sleep = sleep
        self._client = _client(server, certificate)

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def read(self, path: str, doing: str, query: Mapping[str, str | int] | None = None) -> Any:
        """GET. ``doing`` finishes the sentence "asked to …" in what a failure says."""
        for wait_s in (*_RETRY_AFTER_S, None):
            try:
                response = self._client.get(path, params=query, headers=self._headers())
                return self._answer(response, doing, NOTHING_LEFT)
            except httpx.HTTPError as error:
                if wait_s is None or not isinstance(error, _CURABLE):
                    self._unreachable(error, doing, NOTHING_LEFT)
                self._sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")

    def write(self, method: str, path: str, doing: str, body: Any) -> Any:
        """POST or PUT, once."""
        headers = self._headers()
        with self._perhaps_arrived(doing):
            response = self._client.request(method, path, json=body, headers=headers)
        unsure = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or response.is_success
        document = self._answer(response, doing, _MAY_HAVE_ARRIVED if unsure else _REFUSED_WHOLE)
        self.sent.append(doing)
        return document

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}

    @contextmanager
    def _perhaps_arrived(self, doing: str) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            left = NOTHING_LEFT if isinstance(error, _NOTHING_SENT) else _MAY_HAVE_ARRIVED
            self._unreachable(error, doing, left)
        except KeyboardInterrupt:
            raise Cancelled(
                f"Cancelled while the server was asked to {doing}.", left=_MAY_HAVE_ARRIVED
            ) from None

    def _answer(self, response: httpx.Response, doing: str, left: str) -> Any:
        if response.is_success:
            return self._document(response, doing, left)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise NotLoggedIn(
                f"{self.server} did not take your login when asked to {doing}.",
                hint="Run `medperf auth login`; `medperf auth status` says what is stored.",
                left=left,
            )
        if response.is_client_error:
            raise _refusal(response, doing, left)
        self._garbage(f"answered {_status(response)}{_moved(response)}", doing, left)

    def _document(self, response: httpx.Response, doing: str, left: str) -> Any:
        if response.status_code == HTTPStatus.NO_CONTENT or not response.content:
            return None
        try:
            return json.loads(response.content)
        except ValueError:
            self._garbage("did not answer in JSON", doing, left)

    def _garbage(self, what: str, doing: str, left: str) -> NoReturn:
        raise ServerUnreachable(
            f"{self.server} {what} when asked to {doing}.",
            hint="Is this the address of a registry? `medperf profile view` shows it; "
            "if it is, try again later.",
            left=left,
        )

    def _unreachable(self, error: httpx.HTTPError, doing: str, left: str) -> NoReturn:
        trust = "CERTIFICATE_VERIFY_FAILED" in str(error)
        raise ServerUnreachable(
            f"No answer from {self.server} when asked to {doing}: {_reason(error)}.",
            hint="Its certificate is not trusted: name its CA with `--certificate FILE`."
            if trust
            else "Is it running? `medperf profile view` shows the address in use.",
            left=left,
        ) from error


def _client(server: str, certificate: Path | None) -> httpx.Client:
    parts = urlsplit(server)
    loopback = parts.hostname in LOOPBACK_HOSTS
    return httpx.Client(
        base_url=server + _API,
        timeout=_TIMEOUT,
        headers={"User-Agent": f"medperf/{__version__}", "Accept": "application/json"},
        # A proxy could not reach this machine's own server, and has no business with its tokens.
        trust_env=not loopback,
        verify=_trust(certificate, needed=parts.scheme == "https" or not loopback),
    )


def _trust(certificate: Path | None, *, needed: bool) -> ssl.SSLContext | bool:
    if certificate is None:
        # Reading every certificate authority takes longer than asking a local server.
        return needed
    try:
        return ssl.create_default_context(cafile=certificate)
    except (OSError, ssl.SSLError) as error:
        raise BadData(f"The certificate {certificate} cannot be used: {error}.") from error


def _refusal(response: httpx.Response, doing: str, left: str) -> Refused:
    problem = _problem(response)
    told = _told(problem) if problem else _status(response)
    return Refused(
        f"The server refused to {doing}: {told}",
        status=response.status_code,
        problem=problem,
        hint=_hint(response),
        left=left,
    )


def _hint(response: httpx.Response) -> str:
    if response.status_code == HTTPStatus.FORBIDDEN:
        return "`medperf auth status` says who you are to the server."
    noun = _NOUNS.get(response.request.url.path.removeprefix(_API).split("/")[1], "result")
    if response.status_code == HTTPStatus.NOT_FOUND:
        return f"`medperf {noun} ls` shows what there is."
    return ""


def _problem(response: httpx.Response) -> Problem | None:
    """The refusal as the contract has it; an older server sends no code, a newer one others."""
    try:
        document = json.loads(response.content)
        if not isinstance(document, dict):
            return None
        if not isinstance(document.get("detail", ""), str):
            document = {**document, "detail": json.dumps(document["detail"])}
        return Problem.model_validate(document)
    except ValidationError:
        return Problem.model_validate({**document, "code": None})
    except ValueError:
        return None


def _told(problem: Problem) -> str:
    unnamed = {"detail", NON_FIELD}
    return " ".join(
        _sentence(" ".join(messages) if field in unnamed else f"{field}: {' '.join(messages)}")
        for field, messages in problem.messages().items()
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()


def _moved(response: httpx.Response) -> str:
    place = response.headers.get("location")
    return f", moved to {place}," if response.is_redirect and place else ""


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it took too long"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return "the connection broke"
    return (str(error) or type(error).__name__).rstrip(".")
