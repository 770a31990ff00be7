"""The registry over HTTP: whole lists, its refusals in words, and what may have arrived."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import httpx
import pytest
import respx

from medperf_api.contract.associations import (
    DatasetAssociationCreate,
    DatasetAssociationUpdate,
    ModelAssociationCreate,
    ModelAssociationUpdate,
)
from medperf_api.contract.benchmarks import BenchmarkCreate, BenchmarkUpdate
from medperf_api.contract.cubes import CubeCreate
from medperf_api.contract.datasets import DatasetCreate, DatasetPublic, DatasetUpdate
from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.results import ResultCreate
from medperf_api.contract.states import Approval, State
from medperf_api.contract.users import UserRead
from medperf_client.adapters.http_exchange import Exchange
from medperf_client.adapters.http_registry import HttpRegistry
from medperf_client.errors import (
    NOTHING_LEFT,
    BadData,
    NotLoggedIn,
    Refused,
    ServerUnreachable,
)
from medperf_client.ports.registry import Registry
from tests.commands.wire import (
    STAMPS,
    benchmark,
    cube,
    dataset,
    dataset_association,
    model_association,
    page,
    problem,
    result,
    wire,
)

SERVER = "https://medperf.test"
NEW_DATASET = DatasetCreate(
    name="mytestdata", input_data_hash="h", generated_uid="h", split_seed=0,
    data_preparation_mlcube=1, submitted_as_prepared=False,
)  # fmt: skip
NEW_RESULT = ResultCreate(benchmark=1, model=4, dataset=1, results={"auc": 0.9})


class Waits(list[float]):
    """Notes how long somebody would have waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def exchange(waits: Waits) -> Iterator[Exchange]:
    exchange = Exchange(SERVER, lambda: "the-token", sleep=waits)
    yield exchange
    exchange.close()


@pytest.fixture
def registry(exchange: Exchange) -> Registry:
    return HttpRegistry(exchange)


@pytest.fixture
def server() -> Any:
    with respx.mock(base_url=f"{SERVER}/api/v0", assert_all_called=False) as router:
        yield router


ME = UserRead(id=4, username="u", email="testdo@example.com", **STAMPS)
NEW_BENCHMARK = BenchmarkCreate(
    name="b", demo_dataset_tarball_url="u", demo_dataset_tarball_hash="h",
    demo_dataset_generated_uid="g", data_preparation_mlcube=1, reference_model_mlcube=2,
    data_evaluator_mlcube=3,
)  # fmt: skip
NEW_CUBE = CubeCreate(name="c", git_mlcube_url="u", mlcube_hash="h", image_hash="i")

READS: list[tuple[str, Callable[[Registry], Any], Any]] = [
    ("/me/", lambda registry: registry.me(), ME),
    ("/benchmarks/7/", lambda registry: registry.benchmark(7), benchmark(7)),
    ("/mlcubes/7/", lambda registry: registry.cube(7), cube(7)),
    ("/results/7/", lambda registry: registry.result(7), result(7)),
]
LISTS: list[tuple[str, Callable[[Registry], Any], Any]] = [
    ("/benchmarks/", lambda registry: registry.benchmarks(), benchmark(7)),
    ("/me/benchmarks/", lambda registry: registry.benchmarks(mine=True), benchmark(7)),
    ("/mlcubes/", lambda registry: registry.cubes(), cube(7)),
    ("/me/mlcubes/", lambda registry: registry.cubes(mine=True), cube(7)),
    ("/me/datasets/", lambda registry: registry.my_datasets(), dataset(7)),
    (
        "/me/datasets/associations/",
        lambda registry: registry.dataset_associations(),
        dataset_association(7),
    ),
    (
        "/me/mlcubes/associations/",
        lambda registry: registry.model_associations(),
        model_association(7),
    ),
    ("/me/results/", lambda registry: registry.my_results(), result(7)),
    ("/benchmarks/3/results/", lambda registry: registry.benchmark_results(3), result(7)),
]
WRITES: list[tuple[str, str, Callable[[Registry], Any], Any, Any]] = [
    (
        "POST", "/benchmarks/", lambda registry: registry.create_benchmark(NEW_BENCHMARK),
        wire(NEW_BENCHMARK), benchmark(7),
    ),
    (
        "PUT", "/benchmarks/7/",
        lambda registry: registry.update_benchmark(7, BenchmarkUpdate(is_active=False)),
        {"is_active": False}, benchmark(7),
    ),
    (
        "POST", "/mlcubes/", lambda registry: registry.create_cube(NEW_CUBE),
        wire(NEW_CUBE), cube(7),
    ),
    (
        "POST", "/datasets/", lambda registry: registry.create_dataset(NEW_DATASET),
        wire(NEW_DATASET), dataset(7),
    ),
    (
        "PUT", "/datasets/7/",
        lambda registry: registry.update_dataset(7, DatasetUpdate(state=State.OPERATION)),
        {"state": "OPERATION"}, dataset(7),
    ),
    (
        "POST", "/datasets/benchmarks/",
        lambda registry: registry.request_dataset_association(
            DatasetAssociationCreate(dataset=1, benchmark=2, metadata={"a": 1})
        ),
        {"dataset": 1, "benchmark": 2, "metadata": {"a": 1}, "approval_status": "PENDING"},
        dataset_association(7),
    ),
    (
        "POST", "/mlcubes/benchmarks/",
        lambda registry: registry.request_model_association(
            ModelAssociationCreate(model_mlcube=1, benchmark=2, metadata={})
        ),
        {"model_mlcube": 1, "benchmark": 2, "metadata": {}, "approval_status": "PENDING"},
        model_association(7),
    ),
    (
        "PUT", "/datasets/1/benchmarks/2/",
        lambda registry: registry.decide_dataset_association(
            1, 2, DatasetAssociationUpdate(approval_status=Approval.APPROVED)
        ),
        {"approval_status": "APPROVED"}, None,
    ),
    (
        "PUT", "/mlcubes/1/benchmarks/2/",
        lambda registry: registry.decide_model_association(
            1, 2, ModelAssociationUpdate(priority=3)
        ),
        {"priority": 3}, None,
    ),
    (
        "POST", "/results/", lambda registry: registry.create_result(NEW_RESULT),
        wire(NEW_RESULT), result(7),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "call", "body"), READS, ids=[path for path, *_ in READS])
def test_one_object_is_read_as_its_model(
    server: respx.MockRouter, registry: Registry, path: str, call: Callable[..., Any], body: Any
) -> None:
    route = server.get(path).respond(json=wire(body))

    assert call(registry) == body
    assert route.calls.last.request.headers["Authorization"] == "Bearer the-token"


@pytest.mark.parametrize(("path", "call", "body"), LISTS, ids=[path for path, *_ in LISTS])
def test_a_list_is_read_as_its_models(
    server: respx.MockRouter, registry: Registry, path: str, call: Callable[..., Any], body: Any
) -> None:
    server.get(path).respond(json=page(body))

    assert call(registry) == [body]


@pytest.mark.parametrize(
    ("method", "path", "call", "sent", "answer"), WRITES, ids=[f"{m} {p}" for m, p, *_ in WRITES]
)
def test_a_write_sends_exactly_its_body_once(
    server: respx.MockRouter,
    registry: Registry,
    method: str,
    path: str,
    call: Callable[..., Any],
    sent: Any,
    answer: Any,
) -> None:
    body = {"any": "thing"} if answer is None else wire(answer)
    route = server.request(method, path).respond(201 if method == "POST" else 200, json=body)

    assert call(registry) == answer
    assert len(route.calls) == 1
    assert json.loads(route.calls.last.request.content) == sent


def test_everyones_view_of_a_dataset_needs_no_owner(
    server: respx.MockRouter, registry: Registry
) -> None:
    public = DatasetPublic(**dataset(7).model_dump(exclude={"owner", "report"}))
    server.get("/datasets/").respond(json=page(public))
    server.get("/datasets/7/").respond(json=wire(public))

    assert registry.datasets() == [public]
    assert registry.dataset(7) == public


def test_models_of_a_benchmark_keep_the_servers_order(
    server: respx.MockRouter, registry: Registry
) -> None:
    entry = {"approval_status": "APPROVED", "created_at": "2026-05-04T03:02:01Z"}
    rows = [{"model_mlcube": model, **entry} for model in (9, 4, 6)]
    route = server.get("/benchmarks/1/models/").respond(
        json={"count": 3, "next": None, "previous": None, "results": rows}
    )

    assert [row.model_mlcube for row in registry.benchmark_models(1)] == [9, 4, 6]
    assert "ordering" not in route.calls.last.request.url.params


def pages_of(total: int, cap: int) -> Callable[[httpx.Request], httpx.Response]:
    """A server with ``total`` cubes that gives at most ``cap`` a page."""

    def answer(request: httpx.Request) -> httpx.Response:
        limit = min(int(request.url.params.get("limit", 32)), cap)
        offset = int(request.url.params.get("offset", 0))
        cubes = [cube(uid) for uid in range(offset + 1, min(offset + limit, total) + 1)]
        return httpx.Response(200, json=page(*cubes, count=total))

    return answer


@pytest.mark.parametrize(("total", "cap"), [(0, 32), (31, 32), (64, 32), (65, 32), (7, 1000)])
def test_every_page_is_read_whatever_the_servers_cap(
    server: respx.MockRouter, registry: Registry, total: int, cap: int
) -> None:
    server.get("/mlcubes/").mock(side_effect=pages_of(total, cap))

    assert [found.id for found in registry.cubes()] == list(range(1, total + 1))


@pytest.mark.parametrize("shape", ["page", "plain list", "the first page for ever"])
def test_a_server_that_ignores_paging_is_understood(
    server: respx.MockRouter, registry: Registry, shape: str
) -> None:
    everything = [cube(uid) for uid in range(1, 41)]
    route = server.get("/mlcubes/").respond(
        json={
            "page": page(*everything),
            "plain list": [wire(found) for found in everything],
            "the first page for ever": page(*everything, count=100),
        }[shape]
    )

    assert [found.id for found in registry.cubes()] == list(range(1, 41))
    assert len(route.calls) == (2 if shape == "the first page for ever" else 1)


def test_ten_thousand_datasets_are_read_within_the_time_a_listing_has(
    server: respx.MockRouter, registry: Registry
) -> None:
    public = wire(dataset())

    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        rows = [{**public, "id": uid} for uid in range(offset, offset + 1000)]
        return httpx.Response(
            200, json={"count": 10_000, "next": None, "previous": None, "results": rows}
        )

    server.get("/datasets/").mock(side_effect=answer)
    began = time.process_time()

    assert len(registry.datasets()) == 10_000
    assert time.process_time() - began < 2


def test_a_refusal_keeps_the_servers_code(server: respx.MockRouter, registry: Registry) -> None:
    server.put("/benchmarks/7/").respond(
        403, json=problem(ErrorCode.NOT_PERMITTED, "only the owner may change this benchmark")
    )

    with pytest.raises(Refused) as caught:
        registry.update_benchmark(7, BenchmarkUpdate(state=State.OPERATION))

    assert caught.value.problem is not None
    assert caught.value.problem.code is ErrorCode.NOT_PERMITTED
    assert caught.value.status == 403
    assert caught.value.message == (
        "The server refused to change benchmark 7: only the owner may change this benchmark."
    )
    assert caught.value.left == "The server kept nothing of what was sent."


def test_messages_of_fields_are_readable(server: respx.MockRouter, registry: Registry) -> None:
    server.post("/datasets/").respond(
        400,
        json=problem(
            ErrorCode.INVALID, name=["This field is required."], non_field_errors=["Not both"]
        ),
    )

    with pytest.raises(Refused) as caught:
        registry.create_dataset(NEW_DATASET)

    assert caught.value.message == (
        "The server refused to register the dataset: name: This field is required. Not both."
    )


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, b'{"name": ["mlcube with this name already exists."]}', "name: mlcube with this"),
        (403, b'{"detail": "You do not have permission."}', "You do not have permission."),
        (404, b'{"detail": "Not found."}', "Not found."),
        (404, b"<html>nginx</html>", "404 Not Found"),
        (400, b'["not an object"]', "400 Bad Request"),
        (422, b'{"detail": [{"loc": ["body"]}]}', '[{"loc": ["body"]}]'),
        (409, b'{"code": "a_word_of_tomorrow", "detail": "In use"}', "In use."),
        (418, b"", "418"),
    ],
)
def test_refusals_of_older_newer_and_other_servers_are_told_as_they_are(
    server: respx.MockRouter, registry: Registry, status: int, body: bytes, told: str
) -> None:
    server.post("/mlcubes/").respond(status, content=body)

    with pytest.raises(Refused) as caught:
        registry.create_cube(NEW_CUBE)

    assert told in caught.value.message
    assert caught.value.problem is None or caught.value.problem.code is None


def test_an_older_servers_object_without_later_fields_is_read(
    server: respx.MockRouter, registry: Registry
) -> None:
    older = {
        key: value
        for key, value in wire(cube(7)).items()
        if key not in {"metadata", "user_metadata", "is_valid", "image_tarball_url"}
    }
    server.get("/mlcubes/7/").respond(
        json={**older, "created_at": "2024-05-04T03:02:01.123456Z", "some_field": None}
    )

    found = registry.cube(7)

    assert (found.id, found.is_valid) == (7, True)
    assert found.created_at == datetime.fromisoformat("2024-05-04T03:02:01.123456+00:00")


def test_an_expired_login_is_no_login(server: respx.MockRouter, registry: Registry) -> None:
    server.get("/me/").respond(401, json=problem(ErrorCode.NOT_AUTHENTICATED, "expired"))

    with pytest.raises(NotLoggedIn, match="did not take your login when asked to say who you are"):
        registry.me()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>welcome</html>"),
        httpx.Response(200, json={"id": 7}),
        httpx.Response(200, json=[]),
        httpx.Response(200, content=b""),
        httpx.Response(302, headers={"location": "https://elsewhere.test/"}),
        httpx.Response(500, json=problem(ErrorCode.UNEXPECTED, "sorry")),
        httpx.Response(503, content=b"busy"),
    ],
    ids=["html", "no cube", "a list", "nothing", "moved", "500", "503"],
)
def test_an_answer_that_is_no_answer_counts_as_none(
    server: respx.MockRouter, registry: Registry, answer: httpx.Response
) -> None:
    server.get("/mlcubes/7/").mock(return_value=answer)

    with pytest.raises(ServerUnreachable, match="when asked to show container 7"):
        registry.cube(7)


def test_what_an_unreadable_answer_held_is_not_repeated(
    server: respx.MockRouter, registry: Registry
) -> None:
    server.get("/mlcubes/7/").respond(json={**wire(cube(7)), "owner": "a patient's name"})

    with pytest.raises(ServerUnreachable, match="owner") as caught:
        registry.cube(7)

    assert "patient" not in caught.value.message


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("refused"), httpx.ReadError(""), httpx.RemoteProtocolError("x")]
)
def test_a_read_is_tried_again_when_the_connection_breaks(
    server: respx.MockRouter, registry: Registry, waits: Waits, fault: httpx.HTTPError
) -> None:
    server.get("/mlcubes/7/").mock(
        side_effect=[fault, fault, httpx.Response(200, json=wire(cube(7)))]
    )

    assert registry.cube(7).id == 7
    assert list(waits) == [0.1, 0.4]


def test_a_read_is_not_tried_for_ever(
    server: respx.MockRouter, registry: Registry, waits: Waits
) -> None:
    route = server.get("/mlcubes/7/").mock(side_effect=httpx.ConnectError("Connection refused"))

    with pytest.raises(ServerUnreachable, match="Connection refused"):
        registry.cube(7)

    assert (len(route.calls), len(waits)) == (3, 2)


@pytest.mark.parametrize(
    ("fault", "may_have_arrived"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.ProxyError("no"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.ReadError("reset"), True),
        (httpx.WriteError("broken"), True),
        (httpx.RemoteProtocolError("gone"), True),
    ],
)
def test_a_write_is_tried_once_and_says_whether_it_may_have_arrived(
    server: respx.MockRouter,
    registry: Registry,
    waits: Waits,
    fault: httpx.HTTPError,
    may_have_arrived: bool,
) -> None:
    route = server.post("/results/").mock(side_effect=fault)

    with pytest.raises(ServerUnreachable) as caught:
        registry.create_result(NEW_RESULT)

    assert (len(route.calls), list(waits)) == (1, [])
    assert ("may have received" in caught.value.left) is may_have_arrived
    assert (caught.value.left == NOTHING_LEFT) is not may_have_arrived


def test_a_server_that_fails_at_a_write_may_have_taken_it(
    server: respx.MockRouter, registry: Registry
) -> None:
    server.post("/results/").respond(502)

    with pytest.raises(ServerUnreachable) as caught:
        registry.create_result(NEW_RESULT)

    assert "may have received" in caught.value.left


def test_what_the_server_took_is_remembered_and_what_it_refused_is_not(
    server: respx.MockRouter, registry: Registry, exchange: Exchange
) -> None:
    server.post("/results/").respond(201, json=wire(result(7)))
    server.post("/datasets/").respond(400, json=problem(ErrorCode.INVALID, name=["no"]))

    registry.create_result(NEW_RESULT)
    with pytest.raises(Refused):
        registry.create_dataset(NEW_DATASET)

    assert exchange.sent == ["register the result"]


def test_a_certificate_that_is_none_is_told(tmp_path: Any) -> None:
    with pytest.raises(BadData, match="cannot be used"):
        Exchange(SERVER, lambda: "t", certificate=tmp_path / "nothing.pem")


class Listening(BaseHTTPRequestHandler):
    """Answers every GET with an empty object, and notes what was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a server that could as well be a proxy."""
    Listening.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Listening) as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("through_proxy", [True, False])
def test_a_proxy_is_used_for_every_server_but_this_machines_own(
    monkeypatch: pytest.MonkeyPatch, listener: str, through_proxy: bool
) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    # Nobody listens on port 9: whoever went through that proxy would not arrive.
    monkeypatch.setenv("HTTP_PROXY", listener if through_proxy else "http://127.0.0.1:9")
    address = "http://registry.test" if through_proxy else listener
    exchange = Exchange(address, lambda: "t", sleep=lambda _: None)

    exchange.read("/me/", "say who you are")
    exchange.close()

    assert Listening.asked == [f"{address}/api/v0/me/" if through_proxy else "/api/v0/me/"]
