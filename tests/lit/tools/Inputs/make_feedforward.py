#!/usr/bin/env python3
# ===- tests/lit/tools/Inputs/make_feedforward.py - NIR without neurons -----===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Writes feedforward.nir (with the Python package nir, 1.0.8) and its input
feedforward.npy, and prints what numpy makes of them: the expected output of
feedforward.test. All numbers are small multiples of 1/4, so that sums are exact
in float32."""
import nir
import numpy as np

rng = np.random.default_rng(7)


def quarters(*shape):
    return (rng.integers(-4, 5, shape) / 4).astype(np.float32)


x = (rng.integers(0, 5, (1, 6, 6)) / 4).astype(np.float32)
w1, b1 = quarters(3, 1, 3, 3), quarters(3)
s = quarters(3, 6, 6)
w2, b2 = quarters(4, 12), quarters(4)
w3 = quarters(4, 12)

graph = nir.NIRGraph(
    nodes={
        "input": nir.Input(input_type={"input": np.array([1, 6, 6])}),
        "conv": nir.Conv2d(
            input_shape=(6, 6), weight=w1, bias=b1, stride=(1, 1),
            padding=(1, 1), dilation=(1, 1), groups=1,
        ),
        "scale": nir.Scale(scale=s),
        "avg": nir.AvgPool2d(
            kernel_size=np.array([2, 2]), stride=np.array([3, 3]),
            padding=np.array([0, 0]),
        ),
        "sum": nir.SumPool2d(
            kernel_size=np.array([3, 3]), stride=np.array([3, 3]),
            padding=np.array([0, 0]),
        ),
        "flat_a": nir.Flatten(
            input_type={"input": np.array([3, 2, 2])}, start_dim=0, end_dim=-1
        ),
        "flat_b": nir.Flatten(
            input_type={"input": np.array([3, 2, 2])}, start_dim=0, end_dim=-1
        ),
        "affine": nir.Affine(weight=w2, bias=b2),
        "linear": nir.Linear(weight=w3),
        "output": nir.Output(output_type={"output": np.array([4])}),
    },
    edges=[
        ("input", "conv"), ("conv", "scale"), ("scale", "avg"),
        ("conv", "sum"), ("avg", "flat_a"), ("sum", "flat_b"),
        ("flat_a", "affine"), ("flat_b", "linear"),
        ("affine", "output"), ("linear", "output"),
    ],
)
nir.write("feedforward.nir", graph)
np.save("feedforward.npy", x[None])

padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
conv = np.zeros((3, 6, 6))
for o in range(3):
    for r in range(6):
        for c in range(6):
            conv[o, r, c] = (padded[0, r : r + 3, c : c + 3] * w1[o, 0]).sum()
    conv[o] += b1[o]
scaled = conv * s
avg = np.zeros((3, 2, 2))
total = np.zeros((3, 2, 2))
for r in range(2):
    for c in range(2):
        avg[:, r, c] = scaled[:, 3 * r : 3 * r + 2, 3 * c : 3 * c + 2].mean((1, 2))
        total[:, r, c] = conv[:, 3 * r : 3 * r + 3, 3 * c : 3 * c + 3].sum((1, 2))
print(w2 @ avg.reshape(-1) + b2 + w3 @ total.reshape(-1))
