#!/usr/bin/env python3
# ===- examples/tiny/measure.py - The table and the curves of the README ----===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Compiles and evaluates the networks of this folder and prints the table.

    measure.py DATA [--build FOLDER] [--curves curves.svg]

DATA is what mnist.py wrote, and train.py's PAIR_large.onnx for the curves.
Instructions are counted on QEMU's Cortex-M0 by benchmarks/int4/cortex-m/run.sh.
--curves needs Matplotlib; the table needs Python alone.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PAIRS = ["zero_one", "four_nine"]
NAMES = {"zero_one": "0 or 1, 4 hidden", "four_nine": "4 or 9, 24 hidden"}
INT4 = ["--target", "int4", "--input-range", "0:255"]
SPIKES = ["--encode", "current", "--encode-max", "255", "--steps", "8"]
CORTEX_M0 = ["--triple", "thumbv6m-none-eabi", "--cpu", "cortex-m0"]
NOISE = [0, 10, 20, 30, 40, 60, 80, 100, 120]
SQUARES = [0, 2, 4, 6, 8, 10, 12, 14, 16]


class Tool:
    def __init__(self, build, data, folder):
        self.build, self.data, self.folder = build.resolve(), data, folder
        self.program = self.build / "bin" / "hillock"

    def __call__(self, verb, model, *options):
        command = [self.program, verb, model, *options, "--json"]
        command = [str(word) for word in command]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
        return json.loads(done.stdout)

    def instructions(self, model):
        """Of one inference on a Cortex-M0."""
        script = HERE.parent.parent / "benchmarks/int4/cortex-m/run.sh"
        done = subprocess.run(
            [script, self.build, model],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split() for line in done.stdout.splitlines()]
        return next(row[2] for row in rows if "M0" in row[1:2])

    def part(self, pair, part):
        return self.data / f"{pair}_{part}.npz"

    def calibrated(self, pair):
        return [*INT4, "--calibration", self.part(pair, "train")]

    def evaluate(self, model, pair, *options):
        test = ["--data", self.part(pair, "test")]
        return self("eval", model, *test, *options)


def percent(result):
    return f"{100 * result['accuracy']:.2f} %"


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def integer_rows(tool, pair):
    """Real numbers, 4-bit integers, and these for a Cortex-M0."""
    for name, text in ((pair, "all weights"), (f"{pair}_95", "5 % of them")):
        model = HERE / f"{name}.onnx"
        real = tool.evaluate(model, pair)
        task = NAMES[pair] if name == pair else ""
        row(task, f"real numbers, {text}", percent(real), "", "", "", "")
        found = tool.evaluate(model, pair, *tool.calibrated(pair))
        built = tool(
            "compile",
            model,
            *tool.calibrated(pair),
            *CORTEX_M0,
            *["-o", tool.folder / f"{name}.o"],
        )
        integers = tool.folder / f"{name}.mlirbc"
        tool("compile", model, *tool.calibrated(pair), "-o", integers)
        native = built["native"]
        row(
            "",
            f"int4 for a Cortex-M0, {text}",
            percent(found),
            f"{built['weight_bytes']:,}",
            f"{native['flash_bytes']:,} flash, {native['ram_bytes']:,} RAM",
            f"{tool.instructions(integers)} instructions",
            "",
        )


def spiking_rows(tool, pair):
    model = HERE / f"{pair}.nir"
    test = ["--data", tool.part(pair, "test"), *SPIKES]
    real = tool("eval", model, "--level", "real", *test)
    row("", "spiking, real numbers, 5 %", percent(real), "", "", "", "")
    for target, weights in (("loihi", ["--weights", "int4"]), ("tinyodin", [])):
        image = tool.folder / f"{pair}.{target}.hlk"
        built = tool("compile", model, "--target", target, *weights, "-o", image)
        cells = [f"spiking on {target}, 5 %"]
        if target == "tinyodin":
            found = tool("eval", image, *test)
            chip = found["crossbar"]
            cost = f"{chip['cycles']:,.0f} cycles, "
            cost += f"{1e3 * chip['milliseconds']:.1f} us"
            energy = f"{chip['nanojoules']:.1f}"
        else:
            found = tool("eval", image, *test, "--timing", "cycle")
            sets = [set_of(found, name) for name in ("davies2018", "sanafe")]
            cost = "%.1f to %.1f us" % tuple(s[0] for s in sets)
            energy = "%.1f to %.1f" % tuple(s[1] for s in sets)
        synapses = sum(layer["synapses"] for layer in built["layers"])
        row("", *cells, percent(found), f"{synapses:,} synapses", "", cost, energy)


def set_of(found, name):
    """Mean microseconds and nanojoules of a sample."""
    timings = [sample["timing"][name] for sample in found["results"]]
    time = sum(t["time_ps"] for t in timings) / len(timings) / 1e6
    return time, sum(t["energy_fj"] for t in timings) / len(timings) / 1e6


def curve(tool, model, pair, kind, values):
    options = []
    for value in values[1:]:
        text = f"gaussian:{value}" if kind == "noise" else f"{value}x{value}"
        options += [f"--{kind}", text]
    found = tool.evaluate(model, pair, *tool.calibrated(pair), *options)
    disturbed = [entry["accuracy"] for entry in found["robustness"]]
    return [100 * accuracy for accuracy in [found["accuracy"], *disturbed]]


def draw(tool, path):
    from matplotlib import pyplot

    pyplot.rcParams["svg.hashsalt"] = "hillock"  # the same bytes every time
    pyplot.rcParams["svg.fonttype"] = "none"
    figure, axes = pyplot.subplots(2, 2, figsize=(9, 6), sharey=True)
    kinds = (
        ("noise", NOISE, "noise, standard deviation (of 255)"),
        ("occlude", SQUARES, "black square, pixels a side"),
    )
    for pair, line in zip(PAIRS, axes):
        for (kind, values, label), plot in zip(kinds, line):
            for model, style in (
                (HERE / f"{pair}.onnx", "o-"),
                (HERE / f"{pair}_95.onnx", "s--"),
                (tool.data / f"{pair}_large.onnx", "^:"),
            ):
                hidden = "96 hidden" if "large" in model.stem else NAMES[pair]
                hidden = hidden.split(", ")[-1]
                name = hidden + (", 5 %" if "_95" in model.stem else "")
                heights = curve(tool, model, pair, kind, values)
                plot.plot(values, heights, style, label=name, markersize=4)
                print(f"{model.stem} {kind}:", *(f"{h:.1f}" for h in heights))
            plot.axhline(50, color="grey", linewidth=0.5)
            plot.set_xlabel(label)
            plot.set_title(NAMES[pair].split(",")[0])
        line[0].set_ylabel("right, %")
        line[0].legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument(
        "--build", default=HERE.parent.parent / "build", type=pathlib.Path
    )
    parser.add_argument("--curves", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tool = Tool(args.build, args.data, pathlib.Path(folder))
        row("task", "network", "right", "weights", "memory", "work", "nJ")
        row(*["---"] * 7)
        for pair in PAIRS:
            integer_rows(tool, pair)
            spiking_rows(tool, pair)
        if args.curves:
            draw(tool, args.curves)


if __name__ == "__main__":
    main()
