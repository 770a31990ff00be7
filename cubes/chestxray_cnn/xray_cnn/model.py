"""A network in the ONNX format: weights and arithmetic in a file, probabilities out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NotImplemented,
    RuntimeException,
)

from .console import BadInput
from .processors import usable_processors

FILE = "model.onnx"
FAILURES = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NotImplemented, RuntimeException)
ERRORS_ONLY = 3
Model = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def read_model(folder: Path, size: int) -> Model:
    """The function from cases (n, size, size) to probabilities (n). Raises: BadInput."""
    session = _session(folder / FILE)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or inputs[0].shape[1:] != [size, size]:
        raise BadInput(f"{FILE}: the model does not read images of {size} x {size} pixels")
    name, output = inputs[0].name, outputs[0].name

    def probabilities(cases: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            scores = np.asarray(session.run([output], {name: cases})[0])
        except FAILURES as error:
            raise BadInput(f"{FILE}: the model cannot score these cases") from error
        if scores.shape != (len(cases),):
            raise BadInput(f"{FILE}: the model does not give one probability a case")
        return scores

    return probabilities


def _session(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise BadInput(f"the additional files hold no {FILE}")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.intra_op_num_threads = usable_processors()
    options.inter_op_num_threads = 1
    # Threads that wait in a loop use up the container's share of the processors.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except FAILURES as error:
        raise BadInput(f"{FILE} is no model that this cube can run") from error
