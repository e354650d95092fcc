#!/usr/bin/env python3
# ===- examples/digits/train.py - Train and export the digits network -------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Trains a small spiking network on the 8x8 digits and writes digits.nir.

    train.py             trains on the 1437 training images, writes digits.nir
                         and test.npz next to this file (PyTorch, scikit-learn)
    train.py --validate  trains on 4/5 of them and reports the accuracy on the
                         rest: for the choice of settings, so that the test
                         images stay unseen
    train.py --check     simulates the committed digits.nir on the committed
                         test.npz with NumPy alone and prints the accuracy

One time step of the network, exactly as NIR defines it with forward Euler and
dt = 1 ms: v <- (1 - dt/tau) v + W x (r is tau/dt, v_leak is 0), a spike if
v > v_threshold, and then v <- 0 in the same step. Spikes of one layer reach
the next in the same step.
"""
import argparse
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DT = 1e-3  # seconds in one step
TAU = 16e-3  # membrane time constant, seconds
STEPS = 32
LEVELS = 16  # a pixel is 0..16; 16 spikes in every step
HIDDEN = 100
SEED = 7
CLIP = 0.75  # largest weight; keeps the 8-bit step of the target small


def encode(pixels, steps=STEPS):
    """(n, 64) pixels 0..16 to (steps, n, 64) spikes.

    Pixel/16 is a constant current into an accumulator that spikes at 1 and
    then has 1 subtracted; counted in integers, hence exact.
    """
    acc = np.zeros(pixels.shape, dtype=np.int64)
    out = np.zeros((steps,) + pixels.shape, dtype=np.float32)
    for t in range(steps):
        acc += pixels.astype(np.int64)
        out[t] = acc >= LEVELS
        acc -= LEVELS * (acc >= LEVELS)
    return out


def load_split():
    """Train and test images and labels; 1437 and 360, stratified by digit."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    return train_test_split(
        digits.data.astype(np.uint8),
        digits.target.astype(np.uint8),
        test_size=360,
        random_state=SEED,
        stratify=digits.target,
    )


def spike_function(torch, slope):
    """A step forward; backward the slope of a fast sigmoid."""

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return (x > 0).to(x.dtype)

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return grad / (1.0 + slope * x.abs()) ** 2

    return Spike.apply


def make_network(torch):
    """The trainable network as a torch module."""
    spike = spike_function(torch, 5.0)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w1 = torch.nn.Parameter(torch.randn(HIDDEN, 64) * 0.12)
            self.w2 = torch.nn.Parameter(torch.randn(10, HIDDEN) * 0.12)

        def forward(self, spikes):
            """(steps, n, 64) to counts (n, 10) and mean hidden activity."""
            n = spikes.shape[1]
            keep = 1.0 - DT / TAU
            v1 = torch.zeros(n, HIDDEN)
            v2 = torch.zeros(n, 10)
            counts = torch.zeros(n, 10)
            activity = 0.0
            for x in spikes:
                v1 = keep * v1 + x @ self.w1.T
                s1 = spike(v1 - 1.0)
                v1 = v1 * (1.0 - s1)
                v2 = keep * v2 + s1 @ self.w2.T
                s2 = spike(v2 - 1.0)
                v2 = v2 * (1.0 - s2)
                counts = counts + s2
                activity = activity + s1.mean()
            return counts, activity / len(spikes)

    return Network()


def augment(torch, images, generator):
    """Small random turns and shifts of (n, 64) pixels, rounded to 0..16."""
    n = len(images)

    def noise(size):
        return torch.randn(n, generator=generator) * size

    angle, shear = noise(0.10), noise(0.08)
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.stack(
        [
            torch.stack([cos, -sin + shear, noise(0.09)], 1),
            torch.stack([sin, cos, noise(0.06)], 1),
        ],
        1,
    )
    grid = torch.nn.functional.affine_grid(theta, (n, 1, 8, 8), False)
    moved = torch.nn.functional.grid_sample(
        images.reshape(n, 1, 8, 8), grid, align_corners=False
    )
    return moved.reshape(n, 64).round().clamp(0, LEVELS)


def train(images, labels, epochs, report=None):
    """Returns the trained weights (w1, w2) as float32 arrays."""
    import torch

    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the order of sums, hence the result, is fixed
    generator = torch.Generator().manual_seed(SEED)
    network = make_network(torch)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=4e-3, weight_decay=0.02
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    x = torch.tensor(images, dtype=torch.float32)
    y = torch.tensor(labels, dtype=torch.long)
    for epoch in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        for batch in order.split(64):
            pixels = augment(torch, x[batch], generator).numpy()
            counts, activity = network(torch.from_numpy(encode(pixels)))
            loss = torch.nn.functional.cross_entropy(
                counts * 0.5, y[batch], label_smoothing=0.02
            )
            loss = loss + 0.5 * torch.relu(activity - 0.10)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.clamp_(-CLIP, CLIP)
        schedule.step()
        if report and (epoch + 1) % 10 == 0:
            weights = [p.detach().numpy() for p in network.parameters()]
            print(f"epoch {epoch + 1}: loss {loss.item():.4f}, {report(weights)}")
    return [p.detach().numpy().copy() for p in network.parameters()]


def simulate(layers, spikes):
    """Runs [(weight, LIF parameters)] on (steps, n, 64) spikes in float64.

    Returns the output counts (n, 10) and the spikes in one image and layer.
    """
    signal = spikes.astype(np.float64)
    per_layer = [signal.sum() / signal.shape[1]]
    for weight, lif in layers:
        v = np.zeros((signal.shape[1], weight.shape[0]))
        out = np.zeros((len(signal),) + v.shape)
        for t, x in enumerate(signal):
            current = x @ weight.T.astype(np.float64)
            v += DT / lif["tau"] * (lif["v_leak"] - v + lif["r"] * current)
            out[t] = v > lif["v_threshold"]
            v = np.where(out[t] > 0, lif["v_reset"], v)
        signal = out
        per_layer.append(signal.sum() / signal.shape[1])
    return signal.sum(axis=0), per_layer


def lif_parameters(count):
    """NIR's parameters of one layer; r = tau/dt gives W its plain meaning."""
    return {
        "tau": np.full(count, TAU),
        "r": np.full(count, TAU / DT),
        "v_leak": np.zeros(count),
        "v_threshold": np.ones(count),
        "v_reset": np.zeros(count),
    }


def rounded(weight, bits=8):
    """One symmetric scale for the whole matrix, as a rough 8-bit estimate."""
    step = np.abs(weight).max() / (2 ** (bits - 1) - 1)
    return np.round(weight / step) * step


def accuracy(layers, images, labels):
    counts, per_layer = simulate(layers, encode(images))
    right = int((counts.argmax(axis=1) == labels).sum())
    top = np.sort(counts, axis=1)
    ties = int((top[:, -1] == top[:, -2]).sum())
    return right, len(labels), ties, per_layer


def describe(layers, images, labels):
    right, total, ties, per_layer = accuracy(layers, images, labels)
    per_layer = ", ".join(f"{spikes:.1f}" for spikes in per_layer)
    low = [(rounded(weight), lif) for weight, lif in layers]
    return (
        f"{right} of {total} right ({100 * right / total:.2f} %), {ties} ties; "
        f"weights rounded to 8 bits: {accuracy(low, images, labels)[0]}; "
        f"spikes an image: {per_layer}"
    )


def as_layers(weights):
    return [(w, lif_parameters(w.shape[0])) for w in weights]


def export(weights, path):
    import nir

    w1, w2 = weights
    nodes = {
        "input": nir.Input({"input": np.array([64])}),
        "fc1": nir.Linear(w1),
        "hidden": nir.LIF(**lif_parameters(HIDDEN)),
        "fc2": nir.Linear(w2),
        "out": nir.LIF(**lif_parameters(10)),
        "output": nir.Output({"output": np.array([10])}),
    }
    names = list(nodes)
    graph = nir.NIRGraph(
        nodes,
        list(zip(names[:-1], names[1:])),
        metadata={"dt": DT, "reset": "zero", "time_unit": "s"},
    )
    nir.write(path, graph)


def load_layers(path):
    """The committed file as [(weight, LIF parameters)], through nir.read."""
    import nir

    nodes = nir.read(path).nodes
    fields = ("tau", "r", "v_leak", "v_threshold", "v_reset")
    return [
        (
            nodes[linear].weight,
            {field: getattr(nodes[lif], field) for field in fields},
        )
        for linear, lif in (("fc1", "hidden"), ("fc2", "out"))
    ]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--epochs", type=int, default=150)
    args = parser.parse_args()
    if not args.check:
        images, test_images, labels, test_labels = load_split()
        if args.validate:
            fold = np.arange(len(labels)) % 5 == 0
            held = images[fold], labels[fold]
            train(
                images[~fold],
                labels[~fold],
                args.epochs,
                lambda w: describe(as_layers(w), *held),
            )
            return
        weights = train(images, labels, args.epochs)
        export(weights, HERE / "digits.nir")
        np.savez(HERE / "test.npz", x=test_images, y=test_labels)
    test = np.load(HERE / "test.npz")
    layers = load_layers(HERE / "digits.nir")
    print(describe(layers, test["x"], test["y"]))


if __name__ == "__main__":
    main()
