"""Trains the two chest X-ray models on the official training split and writes their weights.

The linear model's regularisation and the network's augmentation are chosen by AUC on the
validation split; the test split is scored once, at the end, and chooses nothing. Seeds are fixed
and one thread computes, so that a second run on the same machine writes the same bytes.

Takes about three minutes on one core. Requires: scripts/train_requirements.txt (the wheel of torch
that computes on processors alone is enough).
"""

import argparse
import math
import os
from pathlib import Path
from typing import NamedTuple

# Set before numpy and torch are loaded: more threads would sum in another order each run.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402, as are those below: after the thread settings
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from onnx import TensorProto, checker, helper, numpy_helper  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

CUBES = Path(__file__).resolve().parent.parent / "cubes"
REGULARISATIONS = (0.0001, 0.001, 0.01, 0.1, 1.0)
AUGMENTATIONS = (0.4, 1.0)
WIDTHS = (12, 20, 28)
MEMBERS = 3
EPOCHS = 20
BATCH = 64
PEAK_RATE, WEIGHT_DECAY = 3e-3, 5e-3
LABEL_SMOOTHING = 0.05
AVERAGING = 0.995
MEAN, STD = 0.57, 0.17
OPSET, IR_VERSION = 17, 8


class Split(NamedTuple):
    """Images (n, 28, 28) in [0, 1] and labels (n), 1 for pneumonia; both float32."""

    images: NDArray[np.float32]
    labels: NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("npz", type=Path, help="pneumoniamnist.npz of MedMNIST v2")
    parser.add_argument("--cubes", type=Path, default=CUBES, help="folder of the cubes")
    arguments = parser.parse_args()
    splits = {name: load(arguments.npz, name) for name in ("train", "val", "test")}
    train_linear(splits, arguments.cubes / "chestxray_linear/additional_files/weights.npz")
    train_network(splits, arguments.cubes / "chestxray_cnn/additional_files/model.onnx")


def load(npz: Path, split: str) -> Split:
    with np.load(npz) as arrays:
        images = arrays[f"{split}_images"].astype(np.float32) / np.float32(255)
        return Split(images, arrays[f"{split}_labels"].ravel().astype(np.float32))


# --- the linear model ---


def train_linear(splits: dict[str, Split], path: Path) -> None:
    """Logistic regression on standardised pixels, the standardisation folded into the weights."""
    fitted = [fit_linear(splits["train"], strength) for strength in REGULARISATIONS]
    aucs = [auc(splits["val"], linear_scores(splits["val"], *model)) for model in fitted]
    best = int(np.argmax(aucs))
    coefficients, intercept = fitted[best]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, coefficients=coefficients.reshape(28, 28), intercept=np.float64(intercept))
    report("linear", f"C={REGULARISATIONS[best]}", aucs[best])
    report_test("linear", splits["test"], linear_scores(splits["test"], coefficients, intercept))


def fit_linear(train: Split, strength: float) -> tuple[NDArray[np.float64], float]:
    pixels = flat(train)
    mean, std = pixels.mean(axis=0), pixels.std(axis=0)
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000, tol=1e-6)
    model.fit((pixels - mean) / std, train.labels)
    coefficients = model.coef_[0] / std
    return coefficients, float(model.intercept_[0] - coefficients @ mean)


def linear_scores(
    split: Split, coefficients: NDArray[np.float64], intercept: float
) -> NDArray[np.float64]:
    return flat(split) @ coefficients + intercept


def flat(split: Split) -> NDArray[np.float64]:
    return split.images.reshape(len(split.images), -1).astype(np.float64)


# --- the network ---


def train_network(splits: dict[str, Split], path: Path) -> None:
    """Networks that differ in their seed alone, whose probabilities the exported graph averages."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    trials = [fit_network(splits["train"], 0, strength) for strength in AUGMENTATIONS]
    aucs = [auc(splits["val"], network_scores(splits["val"], [trial])) for trial in trials]
    best = int(np.argmax(aucs))
    seeds = range(1, MEMBERS)
    members = [trials[best], *(fit_network(splits["train"], s, AUGMENTATIONS[best]) for s in seeds)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_onnx(members))
    report("network", f"augmentation={AUGMENTATIONS[best]}", aucs[best])
    report_test("network", splits["test"], network_scores(splits["test"], members))


def build_network() -> nn.Sequential:
    """Three stages of two convolutions, the second of which halves the image."""
    layers: list[nn.Module] = []
    before = 1
    for width in WIDTHS:
        for channels, stride in ((before, 1), (width, 2)):
            layers += [nn.Conv2d(channels, width, 3, stride, 1, bias=False)]
            layers += [nn.BatchNorm2d(width), nn.ReLU()]
        before = width
    return nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(before, 1)
    )


def fit_network(train: Split, seed: int, strength: float) -> nn.Sequential:
    """AdamW over one cycle of the learning rate; returns the moving average of the weights."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network, average = build_network(), build_network()
    average.load_state_dict(network.state_dict())
    images, labels = torch.from_numpy(train.images)[:, None], torch.from_numpy(train.labels)
    weights = torch.where(labels > 0, (labels == 0).sum() / (labels == 1).sum(), 1.0)
    targets = labels * (1 - 2 * LABEL_SMOOTHING) + LABEL_SMOOTHING
    batches = len(images) // BATCH
    optimiser = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, PEAK_RATE, total_steps=EPOCHS * batches
    )
    for epoch in range(EPOCHS):
        order = torch.randperm(len(images), generator=generator)
        for step in range(batches):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            logits = network((augment(images[chosen], generator, strength) - MEAN) / STD)[:, 0]
            loss = functional.binary_cross_entropy_with_logits(
                logits, targets[chosen], weight=weights[chosen]
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            follow(average, network, epoch * batches + step)
    return average.eval()


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, step: int) -> None:
    """Move the average towards the network, faster while both are young."""
    keep = min(AVERAGING, (1 + step) / (10 + step))
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - keep)
        else:
            kept.copy_(new)


def augment(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Other positions, exposures and noise: what differs between X-ray rooms."""

    def draw(spread: float) -> Tensor:
        return (torch.rand(len(images), generator=generator) * 2 - 1) * spread * strength

    def each(values: Tensor) -> Tensor:
        return values.view(-1, 1, 1, 1)

    angle, size, stretch = draw(0.2), 1 + draw(0.15), 1 + draw(0.1)
    rows = (
        torch.stack([size * stretch * angle.cos(), -size * angle.sin(), draw(0.15)], dim=1),
        torch.stack([size * stretch * angle.sin(), size * angle.cos(), draw(0.15)], dim=1),
    )
    grid = functional.affine_grid(torch.stack(rows, dim=1), images.shape, align_corners=False)
    moved = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    exposed = moved.clamp(1e-4, 1) ** each(draw(0.4).exp())
    lit = exposed * each(1 + draw(0.2)) + each(draw(0.1))
    return lit + torch.randn(lit.shape, generator=generator) * each(draw(0.04).abs())


@torch.no_grad()
def network_scores(split: Split, members: list[nn.Sequential]) -> NDArray[np.float64]:
    images = (torch.from_numpy(split.images)[:, None] - MEAN) / STD
    scores = [torch.sigmoid(member(images)[:, 0]).numpy() for member in members]
    return np.mean(scores, axis=0, dtype=np.float64)


# --- the network as ONNX, written node by node so that the bytes depend on the weights alone ---


class Graph:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[object] = []
        self.weights: list[object] = []

    def weight(self, name: str, values: NDArray[np.generic]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output


def to_onnx(members: list[nn.Sequential]) -> bytes:
    """`images` (n, 28, 28) float32 in [0, 1] to `pneumonia` (n), the mean probability."""
    graph = Graph()
    shape = graph.weight("with_channel", np.array([-1, 1, 28, 28], dtype=np.int64))
    scaled = graph.node("Reshape", ["images", shape], "channelled")
    for kind, number in (("Sub", MEAN), ("Div", STD)):
        constant = graph.weight(f"{kind}_by", np.array(number, dtype=np.float32))
        scaled = graph.node(kind, [scaled, constant], f"{kind}_out")
    scores = [add_member(graph, m, f"m{i}", scaled) for i, m in enumerate(members)]
    mean = graph.node("Mean", scores, "mean")
    flat_shape = graph.weight("flat", np.array([-1], dtype=np.int64))
    graph.node("Reshape", [mean, flat_shape], "pneumonia")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "chestxray_cnn",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 28, 28])],
            [helper.make_tensor_value_info("pneumonia", TensorProto.FLOAT, ["n"])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def add_member(graph: Graph, network: nn.Sequential, prefix: str, current: str) -> str:
    """One network: its normalisations folded into its convolutions, ending in a probability."""
    layers = list(network)
    for position, layer in enumerate(layers):
        name = f"{prefix}_{position}"
        if isinstance(layer, nn.Conv2d):
            kernel, bias = folded(layer, layers[position + 1])
            inputs = [current, graph.weight(f"{name}_w", kernel), graph.weight(f"{name}_b", bias)]
            stride = layer.stride[0]
            current = graph.node(
                "Conv", inputs, name, pads=[1] * 4, strides=[stride] * 2, kernel_shape=[3, 3]
            )
        elif isinstance(layer, nn.ReLU):
            current = graph.node("Relu", [current], name)
        elif isinstance(layer, nn.AdaptiveAvgPool2d):
            current = graph.node("GlobalAveragePool", [current], name)
        elif isinstance(layer, nn.Flatten):
            current = graph.node("Flatten", [current], name)
        elif isinstance(layer, nn.Linear):
            kernel, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            inputs = [current, graph.weight(f"{name}_w", kernel), graph.weight(f"{name}_b", bias)]
            current = graph.node("Gemm", inputs, name, transB=1)
    return graph.node("Sigmoid", [current], f"{prefix}_probability")


def folded(
    convolution: nn.Conv2d, norm: nn.Module
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias that do what the convolution and its batch normalisation do in turn."""
    learned = {name: values.detach() for name, values in norm.state_dict().items()}
    scale = learned["weight"] / torch.sqrt(learned["running_var"] + norm.eps)
    kernel = convolution.weight.detach() * scale.view(-1, 1, 1, 1)
    return kernel.numpy(), (learned["bias"] - learned["running_mean"] * scale).numpy()


# --- reports ---


def auc(split: Split, scores: NDArray[np.float64]) -> float:
    return float(roc_auc_score(split.labels, scores))


def report(model: str, chosen: str, val_auc: float) -> None:
    print(f"{model}: {chosen} chosen, AUC {val_auc:.4f} on the validation split", flush=True)


def report_test(model: str, test: Split, scores: NDArray[np.float64]) -> None:
    """The AUC with the standard error of Hanley and McNeil, Radiology 143:29, 1982."""
    area = auc(test, scores)
    ill, well = int(test.labels.sum()), int((1 - test.labels).sum())
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (ill - 1) * (q1 - area**2) + (well - 1) * (q2 - area**2)
    error = math.sqrt(variance / (ill * well))
    print(f"{model}: AUC {area:.4f} (standard error {error:.4f}) on the test split", flush=True)


if __name__ == "__main__":
    main()
