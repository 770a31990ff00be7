"""The people and objects of docs/permissions.md."""

from collections.abc import Callable, Mapping
from itertools import count

from tests.registry.bodies import benchmark_body, cube_body, dataset_body
from tests.registry.world import Body, Person, World

MISSING = 999_999


class Cast:
    """Two benchmarks with a dataset, a model and a result each, and whoever owns them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = count(1)
        named = ("stranger", "data owner", "other data owner", "model owner", "benchmark owner")
        self.people: Mapping[str, Person] = {
            "nobody": world.nobody(),
            **{name: world.person(name) for name in (*named, "preparation owner")},
            "admin": world.admin(),
        }
        self._other_benchmark_owner = world.person("other benchmark owner")
        self._other_model_owner = world.person("other model owner")
        self._preparation = world.cube(self.people["preparation owner"])
        self._benchmark = self._approved_benchmark(self.people["benchmark owner"])
        self._other = self._approved_benchmark(self._other_benchmark_owner)
        self._objects = {"missing": MISSING, **self._registered()}

    def number(self, name: str) -> int:
        """The number of an object; what is called new or joined is made now."""
        made = self._made_now.get(name)
        return made() if made else self._objects[name]

    def body(self, method: str, path: str) -> Body:
        """What a request needs to send besides the objects it names."""
        if method == "PUT":
            return {}
        bodies: Mapping[str, Callable[[], Body]] = {
            "mlcubes/": cube_body,
            "datasets/": lambda: dataset_body(self._preparation),
            "benchmarks/": lambda: benchmark_body(*[self._preparation] * 3),
            "mlcubes/benchmarks/": lambda: {"metadata": {}},
            "datasets/benchmarks/": lambda: {"metadata": {}},
            "results/": lambda: {"results": {"auc": 0.9}},
        }
        return bodies[path]()

    @property
    def _made_now(self) -> Mapping[str, Callable[[], int]]:
        model_owner, data_owner = self.people["model owner"], self.people["data owner"]
        other_data_owner = self.people["other data owner"]
        return {
            "new user": lambda: self._world.person(f"newcomer {next(self._numbers)}").id,
            "new model": lambda: self._world.cube(model_owner),
            "new other model": lambda: self._world.cube(self._other_model_owner),
            "joined model": lambda: self._model(model_owner, self._benchmark),
            "new dataset": lambda: self._world.dataset(data_owner, self._preparation),
            "new other dataset": lambda: self._world.dataset(other_data_owner, self._preparation),
            "joined dataset": lambda: self._dataset(data_owner, self._benchmark),
            "new benchmark": lambda: int(self._world.benchmark(self._other_benchmark_owner)["id"]),
            "new result": lambda: self._result("data owner", "dataset", "model", self._benchmark),
        }

    def _registered(self) -> dict[str, int]:
        numbers = {
            "data owner": self.people["data owner"].id,
            "stranger": self.people["stranger"].id,
            "benchmark": self._benchmark["id"],
            "other benchmark": self._other["id"],
            "model": self._model(self.people["model owner"], self._benchmark),
            "other model": self._model(self._other_model_owner, self._other),
            "dataset": self._dataset(self.people["data owner"], self._benchmark),
            "other dataset": self._dataset(self.people["other data owner"], self._other),
            "unfinished": self.people["preparation owner"].make("mlcubes/", cube_body())["id"],
        }
        self._objects = numbers
        result = self._result("data owner", "dataset", "model", self._benchmark)
        other = self._result("other data owner", "other dataset", "other model", self._other)
        return {**numbers, "result": result, "other result": other}

    def _approved_benchmark(self, owner: Person) -> Body:
        return self._world.benchmark(owner, data_preparation_mlcube=self._preparation)

    def _model(self, owner: Person, benchmark: Body) -> int:
        decider = self._owner_of(benchmark)
        return self._world.joined_model(owner, benchmark, decider)

    def _dataset(self, owner: Person, benchmark: Body) -> int:
        return self._world.joined_dataset(owner, benchmark, self._owner_of(benchmark))

    def _owner_of(self, benchmark: Body) -> Person:
        is_first = benchmark["id"] == self._benchmark["id"]
        return self.people["benchmark owner"] if is_first else self._other_benchmark_owner

    def _result(self, owner: str, dataset: str, model: str, benchmark: Body) -> int:
        body = {
            "dataset": self._objects[dataset],
            "model": self._objects[model],
            "benchmark": benchmark["id"],
            "results": {"auc": 0.9},
        }
        return int(self.people[owner].make("results/", body)["id"])
