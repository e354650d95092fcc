//===- compiler/mapping/problem/PartitionVerify.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/problem/Registers.h"
#include "image/Pack.h"
#include <algorithm>
#include <map>
#include <set>

namespace hillock::mapping {

namespace {

using image::AxonIn;
using image::AxonOut;
using image::AxonType;
using image::CoreTables;

class Verifier {
public:
  Verifier(const Network &network, const target::TargetModel &target,
           const Mapping &mapping)
      : network(network), target(target), mapping(mapping) {}

  Error run();

private:
  Error wrong(const std::string &what, const std::string &where) const {
    return makeError(ErrorKind::Internal, what, where,
                     "this is a mistake of the mapper; please report it");
  }
  Error over(uint32_t core, proto::Role role, uint64_t used) const {
    const uint64_t most = target.capacity(role);
    if (used <= most)
      return Error::success();
    return wrong(
        withSeparators(used) + " words, " + withSeparators(used - most) +
            " more than " + withSeparators(most),
        place(core) + ", memory '" + target.memory(role)->name() + "'");
  }
  std::string place(uint32_t core) const {
    const CoreTables &tables = mapping.cores[core];
    const uint32_t perTile = target.proto().mesh().cores_per_tile();
    return describeCore(tables.chip, tables.core / perTile,
                        tables.core % perTile);
  }

  Error positions();
  Error neurons(uint32_t population);
  Error registers(uint32_t population, uint32_t neuron);
  Error core(uint32_t index);
  Error rows(uint32_t index);
  Error axonsIn(uint32_t index);
  Error ring(uint32_t index, uint32_t longestDelay);
  Error outputs(uint32_t index);
  Error groups();
  Error host(uint32_t population);

  const Network &network;
  const target::TargetModel &target;
  const Mapping &mapping;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> coreAt; // (chip, core)
  // Neuron of each compartment, (population << 32) + neuron, by core.
  std::vector<std::vector<uint64_t>> neuronAt;
  static constexpr uint64_t nobody = UINT64_MAX;
};

Error Verifier::positions() {
  for (uint32_t c = 0; c < mapping.cores.size(); ++c) {
    const CoreTables &tables = mapping.cores[c];
    if (tables.chip >= target.maxChips() ||
        tables.core >= target.coresPerChip())
      return wrong("the core is not on the mesh", place(c));
    if (!coreAt.try_emplace({tables.chip, tables.core}, c).second)
      return wrong("two logical cores lie here", place(c));
    if (c > 0 &&
        std::pair(tables.chip, tables.core) <
            std::pair(mapping.cores[c - 1].chip, mapping.cores[c - 1].core))
      return wrong("the cores are not sorted", place(c));
    if (Error error = over(c, proto::COMPARTMENT, tables.compartments))
      return error;
    neuronAt.emplace_back(tables.compartments, nobody);
  }
  return Error::success();
}

Error Verifier::neurons(uint32_t population) {
  const Population &wanted = network.populations[population];
  const PlacedPopulation &placed = mapping.populations[population];
  const std::string where = describePopulation(network, population);
  if (wanted.isInput)
    return host(population);
  if (placed.core.size() != wanted.size() ||
      placed.compartment.size() != wanted.size())
    return wrong(withSeparators(uint64_t{placed.core.size()}) + " of its " +
                     describeCount(wanted.size(), "neuron") + " are placed",
                 where);
  for (uint32_t n = 0; n < wanted.size(); ++n) {
    const uint32_t c = placed.core[n], k = placed.compartment[n];
    const std::string who = where + ", neuron " + std::to_string(n);
    if (c >= mapping.cores.size() || k >= neuronAt[c].size())
      return wrong("its core or compartment does not exist", who);
    if (neuronAt[c][k] != nobody)
      return wrong("its compartment " + std::to_string(k) +
                       " already has a neuron",
                   who);
    neuronAt[c][k] = (uint64_t{population} << 32) + n;
    const CoreTables &tables = mapping.cores[c];
    if (tables.program >= mapping.programs.size() ||
        mapping.programs[tables.program] != wanted.program)
      return wrong("its core does not run program '" + wanted.program + "'",
                   who);
    if (Error error = registers(population, n))
      return error;
  }
  return Error::success();
}

Error Verifier::registers(uint32_t population, uint32_t neuron) {
  const Population &wanted = network.populations[population];
  const PlacedPopulation &placed = mapping.populations[population];
  const CoreTables &tables = mapping.cores[placed.core[neuron]];
  const uint32_t k = placed.compartment[neuron];
  const auto inSet = [](const image::FieldValues &set,
                        const std::string &name) {
    const auto found = set.find(name);
    return found == set.end() ? 0 : found->second;
  };
  const auto inList = [&](const auto &lists, const std::string &name) {
    const auto found = lists.find(name);
    return found == lists.end() || k >= found->second.size()
               ? int64_t{0}
               : int64_t{found->second[k]};
  };
  const auto differs = [&](const std::string &name, int64_t is, int64_t want) {
    return wrong("'" + name + "' is " + std::to_string(is) + ", not " +
                     std::to_string(want),
                 describePopulation(network, population) + ", neuron " +
                     std::to_string(neuron));
  };
  if (k >= tables.profileOf.size() || k >= tables.thresholdOf.size() ||
      tables.profileOf[k] >= tables.compartmentProfiles.size() ||
      tables.thresholdOf[k] >= tables.thresholdProfiles.size())
    return wrong("a profile is missing", place(placed.core[neuron]));
  for (const auto &[name, values] : wanted.registers) {
    const proto::Role role = placeOf(target, name)->role;
    const int64_t is =
        role == proto::COMPARTMENT ? inList(tables.compartmentFields, name)
        : role == proto::COMPARTMENT_PROFILE
            ? inSet(tables.compartmentProfiles[tables.profileOf[k]], name)
        : role == proto::THRESHOLD_PROFILE
            ? inSet(tables.thresholdProfiles[tables.thresholdOf[k]], name)
            : inSet(tables.config, name);
    if (is != valueOf(values, neuron))
      return differs(name, is, valueOf(values, neuron));
  }
  for (const auto &[name, values] : wanted.initial)
    if (const int64_t is = inList(tables.initialState, name);
        is != valueOf(values, neuron))
      return differs(name, is, valueOf(values, neuron));
  return Error::success();
}

Error Verifier::core(uint32_t index) {
  const CoreTables &tables = mapping.cores[index];
  if (tables.outFirst.size() != size_t{tables.compartments} + 1 ||
      tables.outFirst.back() != tables.axonsOut.size() ||
      !std::is_sorted(tables.outFirst.begin(), tables.outFirst.end()))
    return wrong("the output slots are not a list by compartment",
                 place(index));
  uint64_t slots = 0;
  for (const AxonOut &axon : tables.axonsOut)
    slots += slotsOf(target, axon.type);
  const std::pair<proto::Role, uint64_t> used[] = {
      {proto::AXON_OUT, slots},
      {proto::AXON_IN, tables.axonsIn.size()},
      {proto::SYNAPSE_FORMAT, tables.formats.size()},
      {proto::COMPARTMENT_PROFILE, tables.compartmentProfiles.size()},
      {proto::THRESHOLD_PROFILE, tables.thresholdProfiles.size()}};
  for (const auto &[role, words] : used)
    if (Error error = over(index, role, words))
      return error;
  if (Error error = rows(index))
    return error;
  if (Error error = axonsIn(index))
    return error;
  return outputs(index);
}

Error Verifier::rows(uint32_t index) {
  const CoreTables &tables = mapping.cores[index];
  const image::SynapseRows &rows = tables.rows;
  if (rows.first.size() != rows.rows() + 1 ||
      rows.first.back() != rows.synapses() ||
      rows.mantissa.size() != rows.synapses())
    return wrong("the lists of synapses have different lengths", place(index));
  uint64_t bits = 0;
  uint32_t longestDelay = 0;
  for (size_t r = 0; r < rows.rows(); ++r) {
    const std::string where = place(index) + ", row " + std::to_string(r);
    if (rows.first[r] >= rows.first[r + 1] ||
        rows.format[r] >= tables.formats.size())
      return wrong("the row is empty or has no format", where);
    const image::SynapseFormat &format = tables.formats[rows.format[r]];
    bits += image::rowBits(format, rows.first[r + 1] - rows.first[r], target);
    for (uint32_t s = rows.first[r]; s < rows.first[r + 1]; ++s) {
      longestDelay = std::max<uint32_t>(longestDelay, rows.delayOf(s));
      const bool dense = format.compression == image::Compression::Dense;
      const int m = rows.mantissa[s];
      if (dense ? rows.target[s] != s - rows.first[r]
                : rows.target[s] >> format.indexBits != 0)
        return wrong("a target does not fit the row's format", where);
      if (m < format.minMantissa() || m > format.maxMantissa() ||
          m % (1 << format.shiftBits()) != 0 ||
          rows.delayOf(s) >> format.delayBits != 0)
        return wrong("a mantissa or delay does not fit the row's format",
                     where);
    }
  }
  const uint64_t word = target.proto().synapse_packing().word_bits();
  if (Error error = over(index, proto::SYNAPSE, (bits + word - 1) / word))
    return error;
  return ring(index, longestDelay);
}

Error Verifier::ring(uint32_t index, uint32_t longestDelay) {
  const CoreTables &tables = mapping.cores[index];
  const proto::DelayRules &rules = target.proto().delays();
  const auto found = tables.config.find("delay_bits");
  const uint64_t slots = uint64_t{1}
                         << (found == tables.config.end()
                                 ? rules.min_delay_bits()
                                 : static_cast<uint32_t>(found->second));
  if (tables.compartments * slots > rules.accumulator_words())
    return wrong(withSeparators(tables.compartments * slots) +
                     " accumulator words, the core has " +
                     withSeparators(uint64_t{rules.accumulator_words()}),
                 place(index));
  if (longestDelay + uint64_t{rules.headroom()} > slots && longestDelay > 0)
    return wrong("a delay of " + std::to_string(longestDelay) + " does not " +
                     "fit " + std::to_string(slots) + " slots",
                 place(index));
  return Error::success();
}

Error Verifier::axonsIn(uint32_t index) {
  const CoreTables &tables = mapping.cores[index];
  const image::SynapseRows &rows = tables.rows;
  for (size_t a = 0; a < tables.axonsIn.size(); ++a) {
    const AxonIn &axon = tables.axonsIn[a];
    const std::string where =
        place(index) + ", input axon " + std::to_string(a);
    if (axon.popRows < 1 || axon.popRows > atomsOf(target, axon.type) ||
        uint64_t{axon.firstRow} + axon.popRows > rows.rows())
      return wrong("its rows do not exist or are too many", where);
    const bool population = axon.type != AxonType::Discrete;
    if (axon.cxBase > cxBaseLimit(target, axon.type) ||
        (population &&
         axon.cxBase % target.proto().axons().population_cx_base_step() != 0))
      return wrong("first compartment " + std::to_string(axon.cxBase) +
                       " cannot be encoded",
                   where);
    const uint32_t f = axon.firstRow;
    for (uint32_t r = f; r < f + axon.popRows; ++r) {
      if (rows.first[r + 1] - rows.first[r] !=
              rows.first[f + 1] - rows.first[f] ||
          rows.format[r] != rows.format[f])
        return wrong("its rows differ in length or format", where);
      for (uint32_t s = rows.first[r]; s < rows.first[r + 1]; ++s)
        if (uint32_t{axon.cxBase} + rows.target[s] >= tables.compartments)
          return wrong("a synapse leads beyond the last compartment", where);
    }
  }
  return Error::success();
}

Error Verifier::outputs(uint32_t index) {
  const CoreTables &tables = mapping.cores[index];
  for (uint32_t k = 0; k < tables.compartments; ++k) {
    const std::string where =
        place(index) + ", compartment " + std::to_string(k);
    const uint64_t who = neuronAt[index][k];
    if (tables.outFirst[k] != tables.outFirst[k + 1] && who == nobody)
      return wrong("it has output slots, but no neuron", where);
    for (uint32_t s = tables.outFirst[k]; s < tables.outFirst[k + 1]; ++s) {
      const AxonOut &axon = tables.axonsOut[s];
      const auto to = coreAt.find({axon.chip, axon.core});
      if (to == coreAt.end() ||
          axon.axon >= mapping.cores[to->second].axonsIn.size())
        return wrong("a slot leads to an input axon that does not exist",
                     where);
      const AxonIn &in = mapping.cores[to->second].axonsIn[axon.axon];
      const Grouping &grouping = mapping.populations[who >> 32].grouping;
      if (axon.type != in.type || axon.type != grouping.type)
        return wrong("a slot and its input axon have different types", where);
      if (axon.atom >= in.popRows ||
          axon.atom != grouping.atomOf(static_cast<uint32_t>(who)))
        return wrong("a slot has atom " + std::to_string(axon.atom) +
                         ", which is not the compartment's or the axon's",
                     where);
    }
  }
  return Error::success();
}

// All spikes that enter by one population axon belong to one population
// (nengo-loihi builder.py, pop_id).
Error Verifier::groups() {
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> groupOf;
  const auto enter = [&](uint32_t core, uint32_t axon, uint64_t group) {
    return groupOf.try_emplace({core, axon}, group).first->second == group;
  };
  const auto group = [&](uint32_t population, uint32_t neuron) {
    return (uint64_t{population} << 32) +
           mapping.populations[population].grouping.groupOf(neuron);
  };
  const auto mixed = [&](uint32_t core, uint32_t axon) {
    return wrong("spikes of two populations arrive here",
                 place(core) + ", input axon " + std::to_string(axon));
  };
  for (uint32_t c = 0; c < mapping.cores.size(); ++c)
    for (uint32_t k = 0; k < mapping.cores[c].compartments; ++k)
      for (uint32_t s = mapping.cores[c].outFirst[k];
           s < mapping.cores[c].outFirst[k + 1]; ++s) {
        const AxonOut &axon = mapping.cores[c].axonsOut[s];
        const uint64_t who = neuronAt[c][k];
        if (axon.type == AxonType::Discrete)
          continue;
        const uint32_t to = coreAt.at({axon.chip, axon.core});
        if (!enter(to, axon.axon,
                   group(static_cast<uint32_t>(who >> 32),
                         static_cast<uint32_t>(who))))
          return mixed(to, axon.axon);
      }
  for (uint32_t p = 0; p < mapping.populations.size(); ++p) {
    const PlacedPopulation &placed = mapping.populations[p];
    if (placed.grouping.type == AxonType::Discrete)
      continue;
    for (uint32_t n = 0; n + 1 < placed.hostFirst.size(); ++n)
      for (uint32_t h = placed.hostFirst[n]; h < placed.hostFirst[n + 1]; ++h)
        if (!enter(placed.host[h].core, placed.host[h].axon, group(p, n)))
          return mixed(placed.host[h].core, placed.host[h].axon);
  }
  return Error::success();
}

Error Verifier::host(uint32_t population) {
  const PlacedPopulation &placed = mapping.populations[population];
  const std::string where = describePopulation(network, population);
  if (placed.hostFirst.size() !=
          size_t{network.populations[population].size()} + 1 ||
      placed.hostFirst.back() != placed.host.size() ||
      !std::is_sorted(placed.hostFirst.begin(), placed.hostFirst.end()))
    return wrong("the host's axons are not a list by neuron", where);
  for (uint32_t n = 0; n + 1 < placed.hostFirst.size(); ++n)
    for (uint32_t h = placed.hostFirst[n]; h < placed.hostFirst[n + 1]; ++h) {
      const HostAxon &axon = placed.host[h];
      const std::string who = where + ", neuron " + std::to_string(n);
      if (axon.core >= mapping.cores.size() ||
          axon.axon >= mapping.cores[axon.core].axonsIn.size())
        return wrong("it enters by an axon that does not exist", who);
      const AxonIn &in = mapping.cores[axon.core].axonsIn[axon.axon];
      if (in.type != placed.grouping.type || axon.atom >= in.popRows ||
          axon.atom != placed.grouping.atomOf(n))
        return wrong("type or atom of its axon is wrong", who);
    }
  return Error::success();
}

Error Verifier::run() {
  if (mapping.populations.size() != network.populations.size())
    return wrong("there are " + std::to_string(mapping.populations.size()) +
                     " populations instead of " +
                     std::to_string(network.populations.size()),
                 "the mapping");
  if (Error error = positions())
    return error;
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    if (Error error = neurons(p))
      return error;
  for (uint32_t c = 0; c < mapping.cores.size(); ++c)
    if (Error error = core(c))
      return error;
  return groups();
}

} // namespace

Error PartitionProblem::verify(const Mapping &mapping) const {
  return Verifier(network, target, mapping).run();
}

} // namespace hillock::mapping
