//===- compiler/mapping/check/Recover.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/check/Recover.h"
#include <algorithm>

namespace hillock::mapping {

using image::AxonIn;
using image::AxonOut;
using image::CoreTables;
using image::SynapseFormat;
using image::SynapseRows;

namespace {

Error mismatch(const std::string &what, const std::string &where) {
  return makeError(ErrorKind::Mismatch, what, where,
                   "the image is not what was compiled: recompile, and report "
                   "it if that does not help");
}

std::string placeOf(const CoreTables &tables) {
  return "core " + std::to_string(tables.core) + " of chip " +
         std::to_string(tables.chip);
}

} // namespace

void canonicalize(std::vector<RecoveredSynapse> &synapses) {
  std::sort(synapses.begin(), synapses.end());
  size_t kept = 0;
  for (const RecoveredSynapse &next : synapses) {
    if (kept > 0) {
      RecoveredSynapse &last = synapses[kept - 1];
      RecoveredSynapse same = next;
      same.mantissa = last.mantissa;
      if (same == last && (next.exponent >= 0 || next.onSum)) {
        last.mantissa += next.mantissa;
        continue;
      }
    }
    synapses[kept++] = next;
  }
  synapses.resize(kept);
  std::erase_if(synapses,
                [](const RecoveredSynapse &s) { return s.mantissa == 0; });
}

Expected<RecoveredNetwork>
RecoveredNetwork::create(const image::LoadedImage &image) {
  RecoveredNetwork result;
  result.loaded = &image;
  for (uint32_t c = 0; c < image.cores.size(); ++c) {
    result.neuronAt.emplace_back(image.cores[c].compartments, nobody);
    result.coreAt[{image.cores[c].chip, image.cores[c].core}] = c;
  }
  for (const proto::Population &from : image.proto.debug().population()) {
    const auto index = static_cast<uint64_t>(result.list.size());
    const std::string where = "population '" + from.name() + "'";
    RecoveredPopulation population;
    population.name = from.name();
    population.neurons = 1;
    for (uint32_t axis : from.shape()) {
      population.shape.push_back(axis);
      population.neurons *= axis;
    }
    population.isInput = from.is_input();
    population.core.assign(from.core().begin(), from.core().end());
    population.compartment.assign(from.compartment().begin(),
                                  from.compartment().end());
    const size_t placed = population.isInput ? 0 : population.neurons;
    if (population.core.size() != placed ||
        population.compartment.size() != placed)
      return mismatch(std::to_string(population.core.size()) +
                          " of its neurons are placed",
                      where);
    for (uint64_t n = 0; n < placed; ++n) {
      const uint32_t c = population.core[n], k = population.compartment[n];
      if (c >= result.neuronAt.size() || k >= result.neuronAt[c].size() ||
          result.neuronAt[c][k] != nobody)
        return mismatch("its compartment does not exist or is taken",
                        where + ", neuron " + std::to_string(n));
      result.neuronAt[c][k] = (index << 32) + n;
    }
    if (population.isInput) {
      for (const proto::Port &port : image.proto.io().input())
        if (port.name() == from.name())
          population.port = &port;
      if (!population.port || population.port->direct() ||
          static_cast<uint32_t>(population.port->first_size()) !=
              population.neurons + 1)
        return mismatch("the input has no port of its size", where);
    }
    result.list.push_back(std::move(population));
  }
  return std::move(result);
}

int64_t RecoveredNetwork::find(const std::string &name) const {
  for (size_t p = 0; p < list.size(); ++p)
    if (list[p].name == name)
      return static_cast<int64_t>(p);
  return -1;
}

Error RecoveredNetwork::outgoing(
    uint32_t population, uint32_t neuron,
    std::vector<RecoveredSynapse> &synapses) const {
  const RecoveredPopulation &from = list[population];
  synapses.clear();
  if (from.isInput) {
    const proto::Port &port = *from.port;
    const auto n = static_cast<int>(neuron);
    for (uint32_t e = port.first(n); e < port.first(n + 1); ++e) {
      const auto i = static_cast<int>(e);
      if (Error error = follow(port.core(i), port.index(i),
                               port.atom_size() ? port.atom(i) : 0, synapses))
        return error;
    }
  } else {
    const CoreTables &tables = loaded->cores[from.core[neuron]];
    const uint32_t k = from.compartment[neuron];
    for (uint32_t s = tables.outFirst[k]; s < tables.outFirst[k + 1]; ++s) {
      const AxonOut &axon = tables.axonsOut[s];
      const auto to = coreAt.find({axon.chip, axon.core});
      if (to == coreAt.end())
        return mismatch("a spike is sent to a core without content",
                        placeOf(tables) + ", compartment " + std::to_string(k));
      if (Error error = follow(to->second, axon.axon, axon.atom, synapses))
        return error;
    }
  }
  canonicalize(synapses);
  return Error::success();
}

Error RecoveredNetwork::follow(uint32_t core, uint32_t axon, uint32_t atom,
                               std::vector<RecoveredSynapse> &synapses) const {
  if (core >= loaded->cores.size() ||
      axon >= loaded->cores[core].axonsIn.size() ||
      atom >= loaded->cores[core].axonsIn[axon].popRows)
    return mismatch("a spike is sent to input axon " + std::to_string(axon) +
                        ", atom " + std::to_string(atom) +
                        ", which does not exist",
                    "core " + std::to_string(core) + " of the image");
  const CoreTables &tables = loaded->cores[core];
  const AxonIn &in = tables.axonsIn[axon];
  const SynapseRows &rows = tables.rows;
  const uint32_t row = in.firstRow + atom;
  const SynapseFormat &format = tables.formats[rows.format[row]];
  for (uint32_t s = rows.first[row]; s < rows.first[row + 1]; ++s) {
    if (rows.mantissa[s] == 0)
      continue;
    const uint32_t k = uint32_t{in.cxBase} + rows.target[s];
    const uint64_t who = k < neuronAt[core].size() ? neuronAt[core][k] : nobody;
    if (who == nobody)
      return mismatch("a synapse leads to compartment " + std::to_string(k) +
                          ", which has no neuron",
                      placeOf(tables) + ", input axon " + std::to_string(axon));
    RecoveredSynapse synapse;
    synapse.population = static_cast<uint32_t>(who >> 32);
    synapse.target = static_cast<uint32_t>(who);
    synapse.delay = rows.delayOf(s);
    synapse.exponent = format.weightExp;
    synapse.onSum = format.exponentOnSum;
    synapse.mantissa = rows.mantissa[s];
    synapses.push_back(synapse);
  }
  return Error::success();
}

} // namespace hillock::mapping
