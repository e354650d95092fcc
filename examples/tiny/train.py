#!/usr/bin/env python3
# ===- examples/tiny/train.py - Networks of 4 and 24 hidden neurons --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Trains 0 against 1 with 4 hidden neurons and 4 against 9 with 24.

    mnist.py FOLDER_OF_MNIST -o data
    train.py data [-o FOLDER]

For each pair it writes
    PAIR.onnx        784-H-2 with ReLU, real numbers
    PAIR_95.onnx     the same with 95 % of its first weights 0, trained on
    PAIR.nir         spiking, integrate and fire, 4-bit weights, 95 % of its
                     first weights 0, at most 256 pixels and neurons: for
                     tinyODIN and for Loihi
    PAIR_large.onnx  784-96-2, for comparison (not kept in this folder)

A tenth of the training images is held out for the lines that this prints; the
test images are not looked at. Needs PyTorch, NumPy, onnx and nir.
"""
import argparse
import importlib.util
import pathlib

import numpy as np
import torch

from mnist import PAIRS

HERE = pathlib.Path(__file__).resolve().parent
HIDDEN = {"zero_one": 4, "four_nine": 24}
LARGE = 96
KEPT = 0.05  # of the first weights
ADDRESSES = 256  # of tinyODIN, for pixels and neurons together
STEPS = 8
SEED = 5


def example(name):
    """train.py of another example as a module."""
    path = HERE.parent / name / "train.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ODIN = example("odin-digits")
SPIKE = example("digits").spike_function(torch, 4.0)


def fit(parameters, logits, x, y, epochs, rate, masks=()):
    """Minimises the cross entropy of logits(batch); masked weights stay 0."""
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=generator).split(128):
            loss = torch.nn.functional.cross_entropy(
                logits(x[batch]), y[batch], label_smoothing=0.02
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for weight, mask in masks:
                    weight *= mask
        schedule.step()


def largest(magnitudes, count):
    """A mask of the `count` largest entries."""
    order = torch.argsort(magnitudes.flatten(), descending=True, stable=True)
    mask = torch.zeros(magnitudes.numel())
    mask[order[:count]] = 1.0
    return mask.reshape(magnitudes.shape)


def accuracy(logits, x, y):
    with torch.no_grad():
        return 100.0 * (logits(x).argmax(dim=1) == y).double().mean().item()


def train_relu(hidden, x, y, held, pruned):
    """Two matrices and two biases."""
    torch.manual_seed(SEED)
    first = torch.nn.Linear(784, hidden)
    second = torch.nn.Linear(hidden, 2)
    network = torch.nn.Sequential(first, torch.nn.ReLU(), second)
    fit(network.parameters(), network, x, y, 12, 3e-3)
    if pruned:
        weight = first.weight
        mask = largest(weight.detach().abs(), round(KEPT * weight.numel()))
        with torch.no_grad():
            weight *= mask
        fit(network.parameters(), network, x, y, 12, 3e-3, [(weight, mask)])
    print(f"  784-{hidden}-2: {accuracy(network, *held):.2f} % held out")
    return [p.detach().numpy() for p in network.parameters()]


def write_onnx(path, weights):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    # Training sees 0..1, the file takes bytes: the factor goes to the weights.
    w1, *others = weights
    constants = dict(zip(("w1", "b1", "w2", "b2"), (w1 / 255, *others)))
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["pixels"], "flatten"),
            helper.make_node(
                "Gemm", ["pixels", "w1", "b1"], ["sums"], "fc1", transB=1
            ),
            helper.make_node("Relu", ["sums"], ["hidden"], "relu"),
            helper.make_node(
                "Gemm", ["hidden", "w2", "b2"], ["logits"], "fc2", transB=1
            ),
        ],
        path.stem,
        [
            helper.make_tensor_value_info(
                "image", TensorProto.FLOAT, [1, 1, 28, 28]
            )
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(v, name) for name, v in constants.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    onnx.checker.check_model(model)
    onnx.save(model, path)


def spikes_of(pixels):
    """(n, 784) of 0..255 to (steps, n, 784), as --encode current does."""
    level = torch.zeros_like(pixels)
    steps = []
    for _ in range(STEPS):
        level = level + pixels
        spike = (level >= 255).float()
        level = level - 255 * spike
        steps.append(spike)
    return torch.stack(steps)


class Spiking:
    """Integrate and fire, reset to 0, thresholds of 1; a step at a time."""

    def __init__(self, hidden):
        torch.manual_seed(SEED)
        # Half of the hidden neurons begin on the side of each answer: of four
        # that are drawn at random, all may be silent for good.
        sides = torch.tensor([[1.0], [-1.0]]) * (-1.0) ** torch.arange(hidden)
        self.weights = [
            torch.nn.Parameter(torch.randn(hidden, 784) * 0.05 + 0.005),
            torch.nn.Parameter(sides * 0.4),
        ]
        self.quantized = False

    def used(self, weight):
        if not self.quantized:
            return weight
        units = ODIN.units_of(weight.detach().numpy())
        units = torch.from_numpy(units).to(weight.dtype)[:, None]
        whole = (weight * units).round().clamp(ODIN.LOW, ODIN.HIGH)
        return weight + (whole / units - weight).detach()

    def __call__(self, pixels):
        w1, w2 = (self.used(w).T for w in self.weights)
        v1 = torch.zeros(len(pixels), w1.shape[1])
        v2 = torch.zeros(len(pixels), 2)
        counts = torch.zeros(len(pixels), 2)
        for spikes in spikes_of(pixels):
            v1 = v1 + spikes @ w1
            s1 = SPIKE(v1 - 1.0)
            v1 = v1 * (1.0 - s1)
            v2 = v2 + s1 @ w2
            s2 = SPIKE(v2 - 1.0)
            v2 = v2 * (1.0 - s2)
            # What is left in the membrane tells where a decision would go.
            counts = counts + s2
        return counts + 0.1 * v2


def train_spiking(hidden, x, y, held):
    network = Spiking(hidden)
    first = network.weights[0]
    fit(network.weights, network, x, y, 6, 3e-3)
    pixels = largest(
        first.detach().norm(dim=0), ADDRESSES - hidden - len(network.weights[1])
    )
    mask = largest(first.detach().abs() * pixels, round(KEPT * first.numel()))
    with torch.no_grad():
        first *= mask
    fit(network.weights, network, x, y, 6, 3e-3, [(first, mask)])
    print(f"  spiking, real weights: {accuracy(network, *held):.2f} % held out")
    network.quantized = True
    fit(network.weights, network, x, y, 8, 2e-3, [(first, mask)])
    print(f"  spiking, 4-bit weights: {accuracy(network, *held):.2f} % held out")
    return [w.detach().numpy().copy() for w in network.weights]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("-o", "--output", default=HERE, type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)  # the order of sums, hence the result, is fixed
    for pair in PAIRS:
        print(f"{pair}:", flush=True)
        data = np.load(args.data / f"{pair}_train.npz")
        x = torch.tensor(data["x"].reshape(-1, 784), dtype=torch.float32)
        y = torch.tensor(data["y"], dtype=torch.long)
        fold = torch.arange(len(y)) % 10 == 0
        held, x, y = (x[fold], y[fold]), x[~fold], y[~fold]
        scaled = held[0] / 255, held[1]
        for name, hidden, pruned in (
            (pair, HIDDEN[pair], False),
            (f"{pair}_95", HIDDEN[pair], True),
            (f"{pair}_large", LARGE, False),
        ):
            weights = train_relu(hidden, x / 255, y, scaled, pruned)
            write_onnx(args.output / f"{name}.onnx", weights)
        weights = train_spiking(HIDDEN[pair], x, y, held)
        ODIN.export(weights, args.output / f"{pair}.nir", (1, 28, 28))


if __name__ == "__main__":
    main()
