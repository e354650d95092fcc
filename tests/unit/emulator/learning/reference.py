#!/usr/bin/env python3
# ===- tests/unit/emulator/learning/reference.py - A second opinion ---------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Writes learning_fixture.json: rules, spikes, random numbers, and the traces
and synapses that follow.

    python3 reference.py > learning_fixture.json

Written apart from emulator/learning, straight from the published equations of
Loihi's learning engine as Lava states them in its documentation and sources
(magma/core/model/py/connection.py, magma/core/learning/, BSD-3 and LGPL-2.1; no
code is taken from there). The fixture shows that two programs written from the
same equations agree. It was not recorded from Lava and proves nothing about it.

Products are listed by hand beside the rule strings, so that the parser is
compared with something, too. Plain Python, deterministic.
"""
import json
import math
import random

STEPS = 30
SOURCES, TARGETS = 3, 2
WIDTH = {"x0": 1, "y0": 1, "x1": 7, "x2": 7, "y1": 7, "y2": 7, "y3": 7}
WIDTH.update({"w": 9, "d": 9, "t": 9, "C": 8})
NAMES = {"dw": "w", "dd": "d", "dt": "t"}


def clip(value, low, high):
    return max(low, min(high, value))


def split_impulse(impulse):
    whole = math.floor(impulse)
    return whole, round((impulse - whole) * 256)


def add_impulse(trace, impulse, number):
    whole, fraction = split_impulse(impulse)
    return clip(trace + whole + (1 if number < fraction else 0), 0, 127)


def decay(trace, tau, number):
    if tau == 0:
        return 0
    exact = trace * math.exp(-1.0 / tau)
    return math.floor(exact) + (1 if number < exact % 1 else 0)


class Reference:
    def __init__(self, case):
        self.case = case
        rule = case["rule"]
        self.length = rule["t_epoch"]
        self.impulse = {n: rule.get(n + "_impulse", 0) for n in TRACES}
        self.tau = {n: rule.get(n + "_tau", 0) for n in TRACES}
        self.now = {n: [0] * (SOURCES if n[0] == "x" else TARGETS) for n in TRACES}
        self.tx, self.ty = [0] * SOURCES, [0] * TARGETS
        zero = [[0] * SOURCES for _ in range(TARGETS)]
        self.synapse = {
            "w": [list(row) for row in case["w0"]],
            "t": [list(row) for row in case.get("tag_1", zero)],
            "d": [list(row) for row in case.get("tag_2", zero)],
        }

    def source_fires(self, j, payload, offset):
        """A later spike of an epoch is added to the trace at once."""
        mode = self.case["graded_spike_cfg"]
        half = round(payload / 2) % 256
        x1, x2 = self.now["x1"], self.now["x2"]
        second, counts = self.tx[j] > 0 and payload > 0, payload > 0
        if mode == 0 and second:
            x1[j] = add_impulse(x1[j], self.impulse["x1"], 0)
        if mode == 1 and counts:
            x1[j] = half
        if mode == 2:
            x1[j] = clip((x1[j] + half) % 256, 0, 127)
        if mode == 3:
            total = (x1[j] + half) % 256
            carry = total > 127
            x1[j] = total - 127 if carry else total
            counts, second = counts and carry, second and carry
        if second:
            x2[j] = add_impulse(x2[j], self.impulse["x2"], 0)
        if counts:
            self.tx[j] = offset

    def target_fires(self, i, offset, number):
        if self.ty[i] > 0:
            for name in ("y1", "y2", "y3"):
                trace = self.now[name]
                trace[i] = add_impulse(trace[i], self.impulse[name], number)
        self.ty[i] = offset

    def history(self, numbers):
        """name -> neuron -> values at offsets 0 .. T of the epoch."""
        result = {}
        for name in TRACES:
            times = self.tx if name[0] == "x" else self.ty
            result[name] = []
            for neuron, start in enumerate(self.now[name]):
                line = [start]
                for offset in range(1, self.length + 1):
                    value = decay(line[-1], self.tau[name], numbers[name[0] + "_dec"])
                    if times[neuron] == offset:
                        value = add_impulse(
                            value, self.impulse[name], numbers[name[0] + "_imp"]
                        )
                    line.append(value)
                result[name].append(line)
        return result

    def product(self, product, lines, i, j, epoch):
        dependency = product["dependency"]
        if dependency == "x0":
            gate, offset = self.tx[j] > 0, self.tx[j]
        elif dependency == "y0":
            gate, offset = self.ty[i] > 0, self.ty[i]
        else:
            gate, offset = epoch % 2 ** product["decimate_exponent"] == 0, self.length
        value, width = int(gate), 0
        for factor in product["factors"]:
            name = factor["var"]
            if name in TRACES:
                one = lines[name][j if name[0] == "x" else i][offset]
            elif name == "C":
                one = 0
            elif name == "x0":
                one = int(self.tx[j] > 0)
            elif name == "y0":
                one = int(self.ty[i] > 0)
            else:
                one = self.synapse[name][i][j]
            one += factor["const"] or 0
            if factor["sgn"]:
                one = (one > 0) - (one < 0)
            value *= clip(one, -(2 ** WIDTH[name]), 2 ** WIDTH[name] - 1)
            width += WIDTH[name]
        value *= product["mantissa"]
        value >>= max(0, width + 4 - 15)
        value <<= product["exponent"]
        return clip(value, -32769, 32767)

    def new_value(self, name, products, lines, i, j, epoch, number):
        total = self.synapse[name][i][j] * 128
        for product in products:
            total = clip(
                total + self.product(product, lines, i, j, epoch), -32769, 32767
            )
        sign = self.case["sign_mode"] if name == "w" else 1
        if sign == 2 or name == "d":
            total = max(total, 0)
        if sign == 3:
            total = min(total, 0)
        value = math.floor(total / 128)
        if number < (total / 128) % 1:
            value += 1
        low, high = {1: (-256, 255), 2: (0, 255), 3: (-255, 0)}[sign]
        if name == "t":
            low, high = -257, 255
        if name == "d":
            low, high = 0, 255
        return clip(value, low, high)

    def end_epoch(self, epoch, numbers, number):
        lines = self.history(numbers)
        new = {}
        for target, products in self.case["product_series"].items():
            name = NAMES[target]
            new[name] = [
                [
                    self.new_value(name, products, lines, i, j, epoch, number)
                    for j in range(SOURCES)
                ]
                for i in range(TARGETS)
            ]
        self.synapse.update(new)
        for name in TRACES:
            self.now[name] = [line[-1] for line in lines[name]]

    def run(self):
        case, numbers = self.case, self.case["randoms"]
        trace = {name: [] for name in TRACES + ["tx", "ty"]}
        epochs = []
        for t in range(1, STEPS + 1):
            offset = (t - 1) % self.length + 1
            for j in range(SOURCES):
                self.source_fires(j, case["pre"][j][t - 1], offset)
            for i in range(TARGETS):
                if case["post"][i][t - 1]:
                    self.target_fires(i, offset, numbers["y_imp_mid"][t - 1])
            trace["tx"].append(list(self.tx))
            trace["ty"].append(list(self.ty))
            if offset == self.length:
                now = {k: numbers[k][t - 1] for k in numbers if k != "conn"}
                epoch = t // self.length
                self.end_epoch(epoch, now, numbers["conn"][epoch - 1])
                names = (("weights", "w"), ("tag_1", "t"), ("tag_2", "d"))
                epochs.append(
                    {"t": t, **{k: [list(r) for r in self.synapse[n]] for k, n in names}}
                )
                self.tx, self.ty = [0] * SOURCES, [0] * TARGETS
            for name in TRACES:
                trace[name].append(list(self.now[name]))
        trace["epochs"] = epochs
        case["trace"] = trace
        return case


TRACES = ["x1", "x2", "y1", "y2", "y3"]


def term(dependency, mantissa, exponent, *factors, k=None):
    """exponent as in the rule; stored plus 7. Factors: "x1" or (var, const, sgn)."""
    made = []
    for factor in factors:
        var, const, sgn = (factor, None, False) if isinstance(factor, str) else factor
        made.append({"var": var, "const": const, "sgn": sgn})
    return {
        "dependency": dependency,
        "mantissa": mantissa,
        "exponent": exponent + 7,
        "decimate_exponent": k,
        "factors": made,
    }


def rasters(dice, rate, graded):
    def spike():
        if dice.random() >= rate:
            return 0
        return dice.choice([1, 3, 60, 130, 201, 255]) if graded else 1

    pre = [[spike() for _ in range(STEPS)] for _ in range(SOURCES)]
    post = [[int(dice.random() < rate) for _ in range(STEPS)] for _ in range(TARGETS)]
    return pre, post


def numbers(dice, length):
    result = {}
    for key in ("x_imp", "y_imp_mid", "y_imp"):
        result[key] = [dice.randrange(128) for _ in range(STEPS)]
    for key in ("x_dec", "y_dec"):
        result[key] = [round(dice.random(), 5) for _ in range(STEPS)]
    result["conn"] = [round(dice.random(), 5) for _ in range(STEPS // length)]
    return result


def cases():
    stdp = [term("y0", 1, -2, "x1"), term("x0", -1, -2, "y1")]
    fast = {"x1_impulse": 16, "x1_tau": 10, "y1_impulse": 16, "y1_tau": 10}
    yield "stdp", {"dw": "2^-2*x1*y0 - 2^-2*x0*y1"}, fast, 4, 1, 0, {"dw": stdp}
    odd = {"x1_impulse": 20.3, "x1_tau": 7.5, "y1_impulse": 33.25, "y1_tau": 3}
    yield "stdp_exc", {"dw": "2*x1*y0 - 2^2*x0*y1"}, odd, 2, 2, 0, {
        "dw": [term("y0", 2, 0, "x1"), term("x0", -1, 2, "y1")]
    }
    yield "stdp_inh", {"dw": "-3*2^1*x0*(y1 - 5) + y0*sgn(w)*x1"}, odd, 3, 3, 0, {
        "dw": [
            term("x0", -3, 1, ("y1", -5, False)),
            term("y0", 1, 0, ("w", None, True), "x1"),
        ]
    }
    yield "decimated", {"dw": "u1*2^-3*x1*(w + 4) - u1*2^-1*w"}, fast, 2, 1, 0, {
        "dw": [
            term("u", 1, -3, "x1", ("w", 4, False), k=1),
            term("u", -1, -1, "w", k=1),
        ]
    }
    triplet = {**odd, "x2_impulse": 5.3, "x2_tau": 40, "y2_impulse": 30, "y2_tau": 9}
    triplet.update({"y3_impulse": 64, "y3_tau": 0})
    yield "all_targets", {
        "dw": "2^-4*y0*x1*t - x0*2^-3*y2*y3",
        "dd": "2^-1*y0*x2 - 2^-2*x0*(3 - d)",
        "dt": "7*2^-1*x0*y1 - 5*2^-5*y0*sgn(t - 2)*x2 + 2^5*x0*y0",
    }, triplet, 5, 1, 0, {
        "dw": [term("y0", 1, -4, "x1", "t"), term("x0", -1, -3, "y2", "y3")],
        "dd": [term("y0", 1, -1, "x2"), term("x0", 1, -2, ("d", -3, False))],
        "dt": [
            term("x0", 7, -1, "y1"),
            term("y0", -5, -5, ("t", -2, True), "x2"),
            term("x0", 1, 5, "y0"),
        ],
    }
    for mode, name in ((1, "overwrite"), (2, "saturate"), (3, "carry")):
        yield "graded_" + name, {"dw": "2^-3*x1*y0 - 2^-3*x0*x2"}, {
            **fast,
            "x2_impulse": 12.5,
            "x2_tau": 15,
        }, 3, 1, mode, {"dw": [term("y0", 1, -3, "x1"), term("x0", -1, -3, "x2")]}


def main():
    made = []
    for index, (name, strings, traces, length, sign, mode, series) in enumerate(cases()):
        dice = random.Random(2026 + index)
        pre, post = rasters(dice, 0.35, mode > 0)
        low, high = {1: (-100, 100), 2: (0, 200), 3: (-200, 0)}[sign]
        weights = [
            [dice.randrange(low, high) for _ in range(SOURCES)] for _ in range(TARGETS)
        ]
        case = {
            "name": name,
            "rule": {**strings, **traces, "t_epoch": length},
            "product_series": series,
            "sign_mode": sign,
            "graded_spike_cfg": mode,
            "w0": weights,
            "pre": pre,
            "post": post,
            "randoms": numbers(dice, length),
        }
        made.append(Reference(case).run())
    note = (
        "Made by reference.py from the published equations of Loihi's learning "
        "engine as Lava models it. Not recorded from Lava, not from silicon."
    )
    meta = {"generator": "reference.py, equations of Lava", "note": note}
    print('{"meta": ' + json.dumps(meta) + ', "cases": [')
    print(",\n".join(json.dumps(case, separators=(",", ":")) for case in made))
    print("]}")


if __name__ == "__main__":
    main()
