"""A web server of the test's own on loopback, which can misbehave in every way a test asks for."""

import datetime
import ipaddress
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[BaseHTTPRequestHandler], None]


class AssetServer:
    """Answers by path; remembers what it was asked for."""

    def __init__(self, trust: Path | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        if trust is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(trust)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if trust is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"

    def serve(self, path: str, content: bytes, **headers: str) -> str:
        """Serve ``content`` whole; the URL."""
        return self.answer(path, body(content, **headers))

    def answer(self, path: str, answer: Answer) -> str:
        """Let ``answer`` deal with a path; the URL."""
        self.answers[path] = answer
        return self.url + path

    @contextmanager
    def running(self) -> Iterator["AssetServer"]:
        """Serve until the context ends; waiting answers end with it."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.asked.append(self.path)
                server.headers.append({name.lower(): text for name, text in self.headers.items()})
                server.answers.get(self.path, status(404))(self)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        # A client that goes away in the middle is what some tests are about.
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def body(content: bytes, **headers: str) -> Answer:
    """A good answer. Underscores in names of headers stand for hyphens."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        start(request, Content_Length=str(len(content)), **headers)
        request.wfile.write(content)

    return answer


def status(code: int, **headers: str) -> Answer:
    """An answer without a body."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        start(request, code, Content_Length="0", **headers)

    return answer


def broken_off(content: bytes, **headers: str) -> Answer:
    """An answer that ends in the middle: the connection is closed after ``content``."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        start(request, **headers)
        request.wfile.write(content)
        request.close_connection = True

    return answer


def start(request: BaseHTTPRequestHandler, code: int = 200, **headers: str) -> None:
    """Send the status and the headers."""
    request.send_response(code)
    for name, text in headers.items():
        request.send_header(name.replace("_", "-"), text)
    request.end_headers()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A key with its certificate for 127.0.0.1, and the certificate alone, to be trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's own")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both, alone = folder / "server.pem", folder / "ca.pem"
    both.write_bytes(private + public)
    alone.write_bytes(public)
    return both, alone
