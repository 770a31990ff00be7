"""Downloads over HTTP, as a stream of exactly the bytes that the server keeps."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

from medperf_client import __version__
from medperf_client.adapters.incoming import CHUNK_BYTES, Incoming, shown
from medperf_client.adapters.lean_httpx import httpx
from medperf_client.errors import BadData, ServerUnreachable
from medperf_client.settings.values import LOOPBACK_HOSTS

_MOST_REDIRECTS = 10
_ASK_OWNER = "Ask its owner where it is now."
_TRY_AGAIN = "Nothing of it was kept. Run the command again; if it stays so, ask its owner."

_NO_URL = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_BROKE = (httpx.RemoteProtocolError, httpx.ReadError)


class Downloads:
    """Opens URLs. ``certificate`` is a CA trusted beside those of the system."""

    def __init__(self, certificate: Path | None, timeout_s: float) -> None:
        self._certificate = certificate
        self._timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, 10))

    @contextmanager
    def open(self, url: str) -> Iterator[Incoming]:
        """The body of ``url``. Raises: BadData (not there), ServerUnreachable (also half-way)."""
        try:
            with self._followed(_request(url), _MOST_REDIRECTS) as response:
                _require_found(response, shown(url))
                yield Incoming(response.iter_raw(CHUNK_BYTES), _length(response))
        except _NO_URL as error:
            raise BadData(
                f"{shown(url)} leads to what is no URL: {error}.", hint=_ASK_OWNER
            ) from error
        except httpx.HTTPError as error:
            _unreachable(error, shown(url))

    @contextmanager
    def _followed(self, request: httpx.Request, hops: int) -> Iterator[httpx.Response]:
        with self._client(request.url) as client:
            with client.stream("GET", request.url) as response:
                following = response.next_request
                if following is None:
                    yield response
                    return
            if following.url.scheme not in {"http", "https"}:
                raise BadData(
                    f"{shown(str(request.url))} leads to {shown(str(following.url))}, which is no "
                    "web address.",
                    hint=_ASK_OWNER,
                )
            if hops == 0:
                raise BadData(
                    f"{shown(str(request.url))} is redirected once too often.", hint=_ASK_OWNER
                )
        with self._followed(following, hops - 1) as response:
            yield response

    def _client(self, url: httpx.URL) -> httpx.Client:
        return httpx.Client(
            timeout=self._timeout,
            # The hash is of what the server keeps, so nothing may be packed on the way.
            headers={"User-Agent": f"medperf/{__version__}", "Accept-Encoding": "identity"},
            # A proxy could not reach this machine's own servers.
            trust_env=url.host not in LOOPBACK_HOSTS,
            # Reading every certificate authority takes longer than a small download.
            verify=self._trust() if url.scheme == "https" else False,
        )

    def _trust(self) -> ssl.SSLContext:
        trust = httpx.create_ssl_context()
        if self._certificate is not None:
            try:
                trust.load_verify_locations(self._certificate)
            except (OSError, ssl.SSLError) as error:
                raise BadData(
                    f"The certificate {self._certificate} cannot be used: {error}."
                ) from error
        return trust


def _request(url: str) -> httpx.Request:
    try:
        request = httpx.Request("GET", url)
    except httpx.InvalidURL as error:
        raise BadData(f"{shown(url)} is no URL: {error}.", hint=_ASK_OWNER) from error
    if not request.url.host:
        raise BadData(f"{shown(url)} is no URL: it names no host.", hint=_ASK_OWNER)
    return request


def _require_found(response: httpx.Response, url: str) -> None:
    if response.is_success:
        return
    status = f"{response.status_code} {response.reason_phrase}".strip()
    busy = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    if busy or response.is_server_error:
        raise ServerUnreachable(f"{url} cannot be had now: {status}.", hint=_TRY_AGAIN)
    if response.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise BadData(f"{url} is not there: {status}.", hint=_ASK_OWNER)
    raise BadData(
        f"{url} was not given: {status}.", hint="It must be open to everyone who runs it."
    )


def _length(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _unreachable(error: httpx.HTTPError, url: str) -> NoReturn:
    if isinstance(error, httpx.TimeoutException):
        raise ServerUnreachable(f"{url} takes too long to answer.", hint=_TRY_AGAIN) from error
    reason = str(error).rstrip(".") or type(error).__name__
    if isinstance(error, _BROKE):
        raise ServerUnreachable(
            f"The download of {url} broke off: {reason}.", hint=_TRY_AGAIN
        ) from error
    raise ServerUnreachable(
        f"{url} cannot be reached: {reason}.",
        hint="Its certificate is not trusted: name its CA with `--certificate FILE`."
        if "CERTIFICATE_VERIFY_FAILED" in reason
        else "Check this machine's way to that host, then run the command again.",
    ) from error
