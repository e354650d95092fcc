#!/usr/bin/env python3
# ===- tests/unit/backends/spinnaker/reference.py - sPyNNaker's bytes ---------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Writes spynnaker_fixture.json: small random networks, and the population
tables and synaptic rows that sPyNNaker itself makes of them.

    pip install sPyNNaker==1!7.4.1
    reference.py > spynnaker_fixture.json

Which neurons are on a core, keys, and the order of matrices are choices of the
caller, here as there; every word is sPyNNaker's.
"""
import json
import sys

import numpy
from pacman.model.routing_info import BaseKeyAndMask
from spynnaker.pyNN.data.spynnaker_data_writer import SpynnakerDataWriter
from spynnaker.pyNN.models.neural_projections.connectors import AbstractConnector
from spynnaker.pyNN.models.neuron import synapse_io
from spynnaker.pyNN.models.neuron.master_pop_table import (
    MasterPopTableAsBinarySearch,
)
from spynnaker.pyNN.models.neuron.synapse_dynamics import SynapseDynamicsStatic
from spynnaker.pyNN.utilities.utility_calls import get_n_bits

COLOUR_BITS = 4
RING_BUFFER_BITS = 14
TYPES = 2


def connections_of(random, sources, targets, count, widest, max_delay):
    """Random [source, target, weight, delay] without two of one pair."""
    pairs = random.choice(sources * targets, count, replace=False)
    # Odd, so that ring buffers are shifted by 0 and fields are the weights.
    weights = random.integers(0, (widest + 1) // 2, count) * 2 + 1
    weights *= random.choice([-1, 1], count)
    delays = random.integers(1, max_delay + 1, count)
    rows = zip(pairs // targets, pairs % targets, weights, delays)
    return sorted([int(x) for x in row] for row in rows)


def block(connections, atoms, source_first, source_count, target_first):
    """The words of one matrix, and how many synapses its longest row has."""
    chosen = [
        c
        for c in connections
        if source_first <= c[0] < source_first + source_count
        and target_first <= c[1] < target_first + atoms
    ]
    if not chosen:
        return None, 0
    array = numpy.zeros(len(chosen), dtype=AbstractConnector.NUMPY_SYNAPSES_DTYPE)
    array["source"] = [c[0] - source_first for c in chosen]
    array["target"] = [c[1] - target_first for c in chosen]
    array["weight"] = [abs(c[2]) for c in chosen]
    array["delay"] = [c[3] for c in chosen]
    array["synapse_type"] = [c[2] < 0 for c in chosen]
    longest = int(numpy.bincount(array["source"]).max())
    words = synapse_io._get_row_data(
        array,
        array["source"],
        source_count,
        TYPES,
        SynapseDynamicsStatic(),
        longest,
        MasterPopTableAsBinarySearch.get_allowed_row_length(longest),
        atoms,
    )
    return words, longest


def cores_of(network):
    """[table, rows] of each core of each population that has inputs."""
    atoms = network["atoms_per_core"]
    shift = get_n_bits(atoms) + COLOUR_BITS
    mask = (0xFFFFFFFF << shift) & 0xFFFFFFFF
    slices = []
    for number, neurons in enumerate(network["populations"]):
        for first in range(0, neurons, atoms):
            slices.append((number, first, min(atoms, neurons - first)))
    cores = []
    for target, target_first, _ in slices:
        table = MasterPopTableAsBinarySearch()
        table.initialise_table()
        rows = numpy.zeros(0, dtype=numpy.uint32)
        for number, (source, first, count) in enumerate(slices):
            for projection in network["projections"]:
                if (projection["source"], projection["target"]) != (source, target):
                    continue
                words, longest = block(
                    projection["connections"], atoms, first, count, target_first
                )
                if words is None:
                    continue
                address = table.get_next_allowed_address(rows.size * 4)
                gap = (address - rows.size * 4) // 4
                fill = numpy.full(gap, 0xDDDDDDDD, dtype=numpy.uint32)
                rows = numpy.concatenate([rows, fill, words])
                table.add_application_entry(
                    address,
                    longest,
                    BaseKeyAndMask(number << shift, mask),
                    0,
                    shift,
                    count,
                    COLOUR_BITS,
                )
        cores.append(
            {
                "table": [int(word) for word in table.get_pop_table_data()],
                "rows": [int(word) for word in rows],
            }
        )
    return cores


def network_of(seed, atoms, populations, links, widest):
    random = numpy.random.default_rng(seed)
    max_delay = 2 ** (RING_BUFFER_BITS - get_n_bits(atoms) - get_n_bits(TYPES))
    max_delay = min(max_delay, 40) if seed % 2 else max_delay
    projections = []
    for source, target, part in links:
        size = populations[source] * populations[target]
        projections.append(
            {
                "source": source,
                "target": target,
                "connections": connections_of(
                    random,
                    populations[source],
                    populations[target],
                    max(1, int(size * part)),
                    widest,
                    max_delay,
                ),
            }
        )
    network = {
        "atoms_per_core": atoms,
        "populations": populations,
        "projections": projections,
    }
    network["cores"] = cores_of(network)
    return network


def main():
    SpynnakerDataWriter.mock()  # Some constructors ask for a time step.
    networks = [
        # Several slices, two projections between the same populations, 4 bits.
        network_of(1, 16, [20, 37], [(0, 1, 0.1), (1, 1, 0.05), (0, 1, 0.02)], 7),
        # The core of the default size; wide weights.
        network_of(2, 256, [9, 260], [(0, 1, 0.1)], 65535),
        # Atoms that are no power of two, and slices without synapses.
        network_of(3, 10, [25, 25, 4], [(0, 1, 0.01), (1, 2, 0.3)], 8),
    ]
    json.dump(networks, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
