"""The main job, as the registry sees it: from cubes to a submitted result."""

from tests.registry.world import Person, World


def test_a_result_of_an_approved_model_on_an_approved_dataset_is_registered(
    world: World, data_owner: Person, model_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    model = world.joined_model(model_owner, benchmark, benchmark_owner)

    result = data_owner.make(
        "results/",
        {
            "name": "b1m4d1",
            "benchmark": benchmark["id"],
            "model": model,
            "dataset": dataset,
            "results": {"auc": {"estimate": 0.93}},
        },
    )

    assert result["approval_status"] == "PENDING"
    assert result["results"] == {"auc": {"estimate": 0.93}}
    assert benchmark_owner.read(f"results/{result['id']}/") == result
    assert data_owner.read("me/results/")["results"] == [result]
    assert benchmark_owner.read(f"benchmarks/{benchmark['id']}/results/")["results"] == [result]


def test_the_reference_model_needs_no_association(
    world: World, data_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    body = {
        "benchmark": benchmark["id"],
        "model": benchmark["reference_model_mlcube"],
        "dataset": dataset,
        "results": {"auc": 0.9},
    }

    assert data_owner.make("results/", body)["name"] == ""
