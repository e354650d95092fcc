#!/usr/bin/env python3
# ===- examples/odin-digits/train.py - Digits for one tinyODIN -------------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Trains the 8x8 digits with 4-bit weights in mind and writes digits4.nir.

    train.py            trains on the 1437 training images (PyTorch,
                        scikit-learn, nir), first with real weights, then with
                        weights of 4 bits, and writes digits4.nir
    train.py --validate holds out a fifth of them: for the choice of settings
    train.py --check    runs the committed file on ../digits/test.npz in whole
                        numbers, event by event, with NumPy alone

The network is as the chip runs it. 64 inputs, 182 hidden and 10 output neurons
fill the 256 addresses of the crossbar. Neurons integrate and fire without a
leak. An input spike is an event: it reaches all hidden neurons, and those above
the threshold fire and are set to 0 before the next input spike comes, even in
the same time step.
"""
import argparse
import importlib.util
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE.parent / "digits"
STEPS = 8
LEVELS = 16  # a pixel is 0..16; 16 is a spike in every step
HIDDEN = 182  # 256 addresses less 64 inputs and 10 outputs
SEED = 11
LOW, HIGH = -8, 7  # 4 bits


def digits_example():
    """The functions of the other example: the split, turns and shifts."""
    spec = importlib.util.spec_from_file_location("digits", DIGITS / "train.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def encode(pixels, steps=STEPS):
    """(n, 64) pixels to (steps, n, 64) spikes, as --encode current does."""
    acc = np.zeros(pixels.shape, dtype=np.int64)
    out = np.zeros((steps,) + pixels.shape, dtype=bool)
    for t in range(steps):
        acc += pixels.astype(np.int64)
        out[t] = acc >= LEVELS
        acc -= LEVELS * out[t]
    return out


def event_lists(pixels):
    """The pixels that spike, one after the other: (events, n); 64 is none."""
    spikes = encode(pixels).transpose(1, 0, 2).reshape(len(pixels), -1)
    longest = max(1, int(spikes.sum(axis=1).max()))
    lists = np.full((longest, len(pixels)), 64, dtype=np.int64)
    for i, row in enumerate(spikes):
        which = np.flatnonzero(row) % 64
        lists[: len(which), i] = which
    return lists


def make_network(torch):
    spike = digits_example().spike_function(torch, 4.0)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w1 = torch.nn.Parameter(torch.randn(HIDDEN, 64) * 0.15)
            self.w2 = torch.nn.Parameter(torch.randn(10, HIDDEN) * 0.15)
            self.quantized = False

        def used(self, weight):
            """The weights that act: of 4 bits, with their own gradient."""
            if not self.quantized:
                return weight
            units = units_of(weight.detach().numpy())
            units = torch.from_numpy(units).to(weight.dtype)[:, None]
            whole = (weight * units).round().clamp(LOW, HIGH)
            return weight + (whole / units - weight).detach()

        def forward(self, events):
            """(events, n) to counts (n, 10) and hidden spikes an image."""
            rows = self.used(self.w1).T
            rows = torch.cat([rows, torch.zeros(1, HIDDEN)])
            w2 = self.used(self.w2).T
            n = events.shape[1]
            v1, v2 = torch.zeros(n, HIDDEN), torch.zeros(n, 10)
            counts, hidden = torch.zeros(n, 10), 0.0
            for pixels in events:
                v1 = v1 + rows[pixels]
                s1 = spike(v1 - 1.0)
                v1 = v1 * (1.0 - s1)
                v2 = v2 + s1 @ w2
                s2 = spike(v2 - 1.0)
                v2 = v2 * (1.0 - s2)
                counts = counts + s2
                hidden = hidden + s1.sum() / n
            return counts, hidden

    return Network()


def units_of(weight):
    """Units of the chip in one threshold, for each neuron: half a unit away
    from the next whole number, so that no rounding decides about a spike."""
    largest = np.maximum(np.abs(weight).max(axis=1), 1e-3)
    return np.clip(np.round(HIGH / largest - 0.5), 1, 500) + 0.5


def whole_weights(weight):
    """(whole numbers of 4 bits, whole threshold that is to be reached)."""
    units = units_of(weight)
    whole = np.clip(np.round(weight * units[:, None]), LOW, HIGH)
    return whole.astype(np.int64), np.ceil(units).astype(np.int64)


def simulate(layers, pixels):
    """Counts (n, 10) of [(weights, thresholds)], event by event: hidden spikes
    reach the outputs one at a time, in the order of their addresses."""
    (w1, t1), (w2, t2) = layers
    counts = np.zeros((len(pixels), 10), dtype=np.int64)
    spikes = np.zeros(3)
    for i, image in enumerate(pixels):
        v1 = np.zeros(len(t1), dtype=w1.dtype)
        v2 = np.zeros(len(t2), dtype=w2.dtype)
        for pixel in event_lists(image[None])[:, 0]:
            if pixel == 64:
                continue
            spikes[0] += 1
            v1 += w1[:, pixel]
            for neuron in np.flatnonzero(v1 >= t1):
                spikes[1] += 1
                v1[neuron] = 0
                v2 += w2[:, neuron]
                fired = v2 >= t2
                counts[i] += fired
                v2[fired] = 0
    spikes[2] = counts.sum()
    return counts, spikes / len(pixels)


def describe(layers, images, labels):
    counts, spikes = simulate(layers, images)
    right = int((counts.argmax(axis=1) == labels).sum())
    top = np.sort(counts, axis=1)
    ties = int((top[:, -1] == top[:, -2]).sum())
    spikes = ", ".join(f"{s:.1f}" for s in spikes)
    return (
        f"{right} of {len(labels)} right ({100 * right / len(labels):.2f} %), "
        f"{ties} ties; spikes an image: {spikes}"
    )


def real_layers(weights):
    """Real weights in the same simulation; a spike needs more than 1."""
    return [
        (w.astype(np.float64), np.full(len(w), np.nextafter(1.0, 2.0)))
        for w in weights
    ]


def train(images, labels, epochs, held):
    """Real weights, then 4-bit weights from there; prints both."""
    import torch

    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the order of sums, hence the result, is fixed
    augment = digits_example().augment
    generator = torch.Generator().manual_seed(SEED)
    network = make_network(torch)
    x = torch.tensor(images, dtype=torch.float32)
    y = torch.tensor(labels, dtype=torch.long)
    for phase, rate in (("real weights", 4e-3), ("4-bit weights", 2e-3)):
        network.quantized = phase != "real weights"
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=rate, weight_decay=0.02
        )
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        for epoch in range(epochs):
            order = torch.randperm(len(x), generator=generator)
            for batch in order.split(96):
                pixels = augment(torch, x[batch], generator).numpy()
                counts, hidden = network(torch.from_numpy(event_lists(pixels)))
                loss = torch.nn.functional.cross_entropy(
                    counts * 0.7, y[batch], label_smoothing=0.02
                )
                loss = loss + 0.004 * torch.relu(hidden - 60.0)
                loss = loss + 0.01 * torch.relu(counts.sum() / len(batch) - 9.0)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
            schedule.step()
            if (epoch + 1) % 10 == 0:
                print(
                    f"{phase}, epoch {epoch + 1}: loss {loss.item():.4f}",
                    flush=True,
                )
        weights = [p.detach().numpy().copy() for p in network.parameters()]
        layers = (
            [whole_weights(w) for w in weights]
            if network.quantized
            else real_layers(weights)
        )
        print(f"{phase}: {describe(layers, *held)}", flush=True)
    return weights


def export(weights, path, shape=(64,)):
    """Weights as multiples of the neuron's unit, thresholds of 1."""
    import nir

    def values(weight):
        whole, _ = whole_weights(weight)
        return (whole / units_of(weight)[:, None]).astype(np.float32)

    def neurons(weight):
        return nir.IF(
            r=np.full(len(weight), 1.0),
            v_threshold=np.ones(len(weight)),
            v_reset=np.zeros(len(weight)),
        )

    hidden, out = weights
    nodes = {"input": nir.Input({"input": np.array(shape)})}
    if len(shape) > 1:
        nodes["flatten"] = nir.Flatten({"input": np.array(shape)}, 0, -1)
    nodes |= {
        "fc1": nir.Linear(values(hidden)),
        "hidden": neurons(hidden),
        "fc2": nir.Linear(values(out)),
        "out": neurons(out),
        "output": nir.Output({"output": np.array([len(out)])}),
    }
    names = list(nodes)
    graph = nir.NIRGraph(
        nodes,
        list(zip(names[:-1], names[1:])),
        metadata={"dt": 1.0, "reset": "zero", "time_unit": "steps"},
    )
    nir.write(path, graph)


def load_layers(path):
    """The file's whole numbers, found again without the training's units."""
    import nir

    layers = []
    nodes = nir.read(path).nodes
    for name in ("fc1", "fc2"):
        weight = np.asarray(nodes[name].weight, dtype=np.float64)
        step = np.array([np.abs(row[row != 0]).min() for row in weight])
        for i, row in enumerate(weight):
            for divisor in range(1, 9):  # the smallest weight need not be 1
                whole = row / step[i] * divisor
                if np.abs(whole - np.round(whole)).max() < 1e-3:
                    step[i] /= divisor
                    break
        whole = np.round(weight / step[:, None]).astype(np.int64)
        layers.append((whole, np.floor(1 / step).astype(np.int64) + 1))
    return layers


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("-o", "--output", default=HERE / "digits4.nir")
    args = parser.parse_args()
    test = np.load(DIGITS / "test.npz")
    held = test["x"], test["y"]
    if not args.check:
        images, _, labels, _ = digits_example().load_split()
        if args.validate:
            fold = np.arange(len(labels)) % 5 == 0
            held = images[fold], labels[fold]
            train(images[~fold], labels[~fold], args.epochs, held)
            return
        export(train(images, labels, args.epochs, held), args.output)
    print(f"file: {describe(load_layers(args.output), *held)}")


if __name__ == "__main__":
    main()
