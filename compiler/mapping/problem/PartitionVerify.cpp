//===- compiler/mapping/problem/PartitionVerify.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Places are put into words for errors only: there are millions of them.
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/PartitionVerify.h"
#include "base/Describe.h"
#include "image/Pack.h"
#include <algorithm>

namespace hillock::mapping {

using image::AxonIn;
using image::AxonOut;
using image::AxonType;
using image::CoreTables;

PartitionVerifier::PartitionVerifier(const Network &network,
                                     const target::TargetModel &target,
                                     const Mapping &mapping)
    : network(network), target(target), mapping(mapping),
      chips(target.maxChips()), perChip(target.coresPerChip()),
      coreAt(size_t{chips} * perChip), wanted(network.populations.size()) {
  for (size_t p = 0; p < network.populations.size(); ++p) {
    const Population &population = network.populations[p];
    if (population.isInput)
      continue;
    for (const auto &[name, values] : population.registers)
      wanted[p].push_back({&name, &values, placeOf(target, name)->role});
    for (const auto &[name, values] : population.initial)
      wanted[p].push_back({&name, &values, proto::COMPARTMENT_STATE});
  }
}

Error PartitionVerifier::wrong(const std::string &what,
                               const std::string &where) const {
  return makeError(ErrorKind::Internal, what, where,
                   "this is a mistake of the mapper; please report it");
}

Error PartitionVerifier::over(uint32_t core, proto::Role role,
                              uint64_t used) const {
  const uint64_t most = target.capacity(role);
  if (used <= most)
    return Error::success();
  return wrong(withSeparators(used) + " words, " + withSeparators(used - most) +
                   " more than " + withSeparators(most),
               place(core) + ", memory '" + target.memory(role)->name() + "'");
}

std::string PartitionVerifier::place(uint32_t core) const {
  const CoreTables &tables = mapping.cores[core];
  const uint32_t perTile = target.proto().mesh().cores_per_tile();
  return describeCore(tables.chip, tables.core / perTile,
                      tables.core % perTile);
}

int64_t PartitionVerifier::find(uint32_t chip, uint32_t core) const {
  if (chip >= chips || core >= perChip)
    return -1;
  return int64_t{coreAt[size_t{chip} * perChip + core]} - 1;
}

Error PartitionVerifier::positions() {
  for (uint32_t c = 0; c < mapping.cores.size(); ++c) {
    const CoreTables &tables = mapping.cores[c];
    if (tables.chip >= chips || tables.core >= perChip)
      return wrong("the core is not on the mesh", place(c));
    uint32_t &at = coreAt[size_t{tables.chip} * perChip + tables.core];
    if (at != 0)
      return wrong("two logical cores lie here", place(c));
    at = c + 1;
    if (c > 0 &&
        std::pair(tables.chip, tables.core) <
            std::pair(mapping.cores[c - 1].chip, mapping.cores[c - 1].core))
      return wrong("the cores are not sorted", place(c));
    if (Error error = over(c, proto::COMPARTMENT, tables.compartments))
      return error;
    neuronAt.emplace_back(tables.compartments, nobody);
    Entrance &entrance = entrances.emplace_back();
    entrance.axons = static_cast<uint32_t>(tables.axonsIn.size());
    for (const AxonIn &axon : tables.axonsIn)
      entrance.plain &= axon.type == AxonType::Discrete && axon.popRows == 1;
  }
  return Error::success();
}

Error PartitionVerifier::neurons(uint32_t population) {
  const Population &meant = network.populations[population];
  const PlacedPopulation &placed = mapping.populations[population];
  const std::string where = describePopulation(network, population);
  if (meant.isInput)
    return host(population);
  const uint32_t size = meant.size();
  if (placed.core.size() != size || placed.compartment.size() != size)
    return wrong(withSeparators(uint64_t{placed.core.size()}) + " of its " +
                     describeCount(size, "neuron") + " are placed",
                 where);
  for (uint32_t n = 0; n < size; ++n) {
    const uint32_t c = placed.core[n], k = placed.compartment[n];
    const auto bad = [&](const std::string &what) {
      return wrong(what, where + ", neuron " + std::to_string(n));
    };
    if (c >= mapping.cores.size() || k >= neuronAt[c].size())
      return bad("its core or compartment does not exist");
    if (neuronAt[c][k] != nobody)
      return bad("its compartment " + std::to_string(k) +
                 " already has a neuron");
    neuronAt[c][k] = (uint64_t{population} << 32) + n;
    const CoreTables &tables = mapping.cores[c];
    if (tables.program >= mapping.programs.size() ||
        mapping.programs[tables.program] != meant.program)
      return bad("its core does not run program '" + meant.program + "'");
  }
  return Error::success();
}

Error PartitionVerifier::registers(const CoreTables &tables,
                                   uint32_t compartment, uint64_t who) const {
  const auto population = static_cast<uint32_t>(who >> 32);
  const auto neuron = static_cast<uint32_t>(who);
  const auto inSet = [](const image::FieldValues &set,
                        const std::string &name) {
    const auto found = set.find(name);
    return found == set.end() ? 0 : found->second;
  };
  const auto inList = [&](const auto &lists, const std::string &name) {
    const auto found = lists.find(name);
    return found == lists.end() || compartment >= found->second.size()
               ? int64_t{0}
               : int64_t{found->second[compartment]};
  };
  for (const Wanted &want : wanted[population]) {
    int64_t is = 0;
    if (want.role == proto::COMPARTMENT)
      is = inList(tables.compartmentFields, *want.name);
    else if (want.role == proto::COMPARTMENT_STATE)
      is = inList(tables.initialState, *want.name);
    else if (want.role == proto::COMPARTMENT_PROFILE)
      is = inSet(tables.compartmentProfiles[tables.profileOf[compartment]],
                 *want.name);
    else if (want.role == proto::THRESHOLD_PROFILE)
      is = inSet(tables.thresholdProfiles[tables.thresholdOf[compartment]],
                 *want.name);
    else
      is = inSet(tables.config, *want.name);
    if (is != valueOf(*want.values, neuron))
      return wrong("'" + *want.name + "' is " + std::to_string(is) + ", not " +
                       std::to_string(valueOf(*want.values, neuron)),
                   describePopulation(network, population) + ", neuron " +
                       std::to_string(neuron));
  }
  return Error::success();
}

Error PartitionVerifier::core(uint32_t index, const CoreTables &tables) {
  if (tables.outFirst.size() != size_t{tables.compartments} + 1 ||
      tables.outFirst.back() != tables.axonsOut.size() ||
      !std::is_sorted(tables.outFirst.begin(), tables.outFirst.end()))
    return wrong("the output slots are not a list by compartment",
                 place(index));
  const std::vector<uint64_t> &neurons = neuronAt[index];
  for (uint32_t k = 0; k < neurons.size(); ++k) {
    if (neurons[k] == nobody)
      continue;
    if (k >= tables.profileOf.size() || k >= tables.thresholdOf.size() ||
        tables.profileOf[k] >= tables.compartmentProfiles.size() ||
        tables.thresholdOf[k] >= tables.thresholdProfiles.size())
      return wrong("a profile is missing", place(index));
    if (Error error = registers(tables, k, neurons[k]))
      return error;
  }
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
  std::vector<uint32_t> farthest; // target, by row
  if (Error error = rows(index, tables, farthest))
    return error;
  if (Error error = axonsIn(index, tables, farthest))
    return error;
  return outputs(index, tables);
}

Error PartitionVerifier::rows(uint32_t index, const CoreTables &tables,
                              std::vector<uint32_t> &farthest) const {
  const image::SynapseRows &rows = tables.rows;
  if (rows.first.size() != rows.rows() + 1 ||
      rows.first.back() != rows.synapses() ||
      rows.mantissa.size() != rows.synapses())
    return wrong("the lists of synapses have different lengths", place(index));
  uint64_t bits = 0;
  uint32_t longestDelay = 0;
  for (size_t r = 0; r < rows.rows(); ++r) {
    const auto bad = [&](const std::string &what) {
      return wrong(what, place(index) + ", row " + std::to_string(r));
    };
    if (rows.first[r] >= rows.first[r + 1] ||
        rows.first[r + 1] > rows.synapses() ||
        rows.format[r] >= tables.formats.size())
      return bad("the row is empty or has no format");
    const image::SynapseFormat &format = tables.formats[rows.format[r]];
    bits += image::rowBits(format, rows.first[r + 1] - rows.first[r], target);
    const image::SynapseRows::Summary summary = rows.summary(r, format);
    longestDelay = std::max(longestDelay, summary.longestDelay);
    farthest.push_back(summary.lastTarget);
    if (summary.fits)
      continue;
    const bool dense = format.compression == image::Compression::Dense;
    const int low = format.minMantissa(), high = format.maxMantissa();
    const int step = (1 << format.shiftBits()) - 1;
    for (uint32_t s = rows.first[r]; s < rows.first[r + 1]; ++s) {
      const int m = rows.mantissa[s];
      if (dense ? rows.target[s] != s - rows.first[r]
                : rows.target[s] >> format.indexBits != 0)
        return bad("a target does not fit the row's format");
      if (m < low || m > high || (m & step) != 0 ||
          rows.delayOf(s) >> format.delayBits != 0)
        return bad("a mantissa or delay does not fit the row's format");
    }
  }
  const uint64_t word = target.proto().synapse_packing().word_bits();
  if (Error error = over(index, proto::SYNAPSE, (bits + word - 1) / word))
    return error;
  return ring(index, tables, longestDelay);
}

Error PartitionVerifier::ring(uint32_t index, const CoreTables &tables,
                              uint32_t longestDelay) const {
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

Error PartitionVerifier::axonsIn(uint32_t index, const CoreTables &tables,
                                 std::span<const uint32_t> farthest) const {
  const image::SynapseRows &rows = tables.rows;
  for (size_t a = 0; a < tables.axonsIn.size(); ++a) {
    const AxonIn &axon = tables.axonsIn[a];
    const auto bad = [&](const std::string &what) {
      return wrong(what, place(index) + ", input axon " + std::to_string(a));
    };
    if (axon.popRows < 1 || axon.popRows > atomsOf(target, axon.type) ||
        uint64_t{axon.firstRow} + axon.popRows > rows.rows())
      return bad("its rows do not exist or are too many");
    const bool population = axon.type != AxonType::Discrete;
    if (axon.cxBase > cxBaseLimit(target, axon.type) ||
        (population &&
         axon.cxBase % target.proto().axons().population_cx_base_step() != 0))
      return bad("first compartment " + std::to_string(axon.cxBase) +
                 " cannot be encoded");
    const uint32_t f = axon.firstRow;
    for (uint32_t r = f; r < f + axon.popRows; ++r) {
      if (rows.first[r + 1] - rows.first[r] !=
              rows.first[f + 1] - rows.first[f] ||
          rows.format[r] != rows.format[f])
        return bad("its rows differ in length or format");
      if (uint32_t{axon.cxBase} + farthest[r] >= tables.compartments)
        return bad("a synapse leads beyond the last compartment");
    }
  }
  return Error::success();
}

const char *PartitionVerifier::problemOf(const AxonOut &axon,
                                         uint64_t who) const {
  const int64_t to = find(axon.chip, axon.core);
  if (to < 0 || axon.axon >= entrances[size_t(to)].axons)
    return "a slot leads to an input axon that does not exist";
  AxonIn in; // a plain one
  if (!entrances[size_t(to)].plain)
    in = mapping.cores[size_t(to)].axonsIn[axon.axon];
  const Grouping &grouping = mapping.populations[who >> 32].grouping;
  if (axon.type != in.type || axon.type != grouping.type)
    return "a slot and its input axon have different types";
  if (axon.atom >= in.popRows ||
      axon.atom != grouping.atomOf(static_cast<uint32_t>(who)))
    return "a slot has an atom that is not the compartment's or the axon's";
  return nullptr;
}

void PartitionVerifier::prefetch(const AxonOut &axon) const {
  if (const int64_t to = find(axon.chip, axon.core);
      to >= 0 && !entrances[size_t(to)].plain)
    __builtin_prefetch(mapping.cores[size_t(to)].axonsIn.data() + axon.axon);
}

Error PartitionVerifier::outputs(uint32_t index, const CoreTables &tables) {
  for (uint32_t k = 0; k < tables.compartments; ++k) {
    const uint64_t who = neuronAt[index][k];
    const auto bad = [&](const std::string &what) {
      return wrong(what, place(index) + ", compartment " + std::to_string(k));
    };
    if (tables.outFirst[k] != tables.outFirst[k + 1] && who == nobody)
      return bad("it has output slots, but no neuron");
    for (uint32_t s = tables.outFirst[k]; s < tables.outFirst[k + 1]; ++s) {
      const AxonOut &axon = tables.axonsOut[s];
      constexpr uint32_t ahead = 12;
      if (s + ahead < tables.axonsOut.size())
        prefetch(tables.axonsOut[s + ahead]);
      if (const char *problem = problemOf(axon, who))
        return bad(problem);
      if (axon.type != AxonType::Discrete)
        if (Error error = enter(
                static_cast<uint32_t>(find(axon.chip, axon.core)), axon.axon,
                static_cast<uint32_t>(who >> 32), static_cast<uint32_t>(who)))
          return error;
    }
  }
  return Error::success();
}

// All spikes that enter by one population axon belong to one population
// (nengo-loihi builder.py, pop_id).
Error PartitionVerifier::enter(uint32_t core, uint32_t axon,
                               uint32_t population, uint32_t neuron) {
  const uint64_t group =
      (uint64_t{population} << 32) +
      mapping.populations[population].grouping.groupOf(neuron);
  {
    const std::lock_guard lock(groups);
    if (groupOf.try_emplace({core, axon}, group).first->second == group)
      return Error::success();
  }
  return wrong("spikes of two populations arrive here",
               place(core) + ", input axon " + std::to_string(axon));
}

Error PartitionVerifier::host(uint32_t population) {
  const PlacedPopulation &placed = mapping.populations[population];
  const std::string where = describePopulation(network, population);
  const auto &first = placed.hostFirst;
  if (first.size() != size_t{network.populations[population].size()} + 1 ||
      first.back() != placed.host.size() ||
      !std::is_sorted(first.begin(), first.end()))
    return wrong("the host's axons are not a list by neuron", where);
  for (uint32_t n = 0; n + 1 < first.size(); ++n)
    for (uint32_t h = first[n]; h < first[n + 1]; ++h) {
      const HostAxon &axon = placed.host[h];
      const auto bad = [&](const std::string &what) {
        return wrong(what, where + ", neuron " + std::to_string(n));
      };
      if (axon.core >= mapping.cores.size() ||
          axon.axon >= mapping.cores[axon.core].axonsIn.size())
        return bad("it enters by an axon that does not exist");
      const AxonIn &in = mapping.cores[axon.core].axonsIn[axon.axon];
      if (in.type != placed.grouping.type || axon.atom >= in.popRows ||
          axon.atom != placed.grouping.atomOf(n))
        return bad("type or atom of its axon is wrong");
      if (in.type != AxonType::Discrete)
        if (Error error = enter(axon.core, axon.axon, population, n))
          return error;
    }
  return Error::success();
}

Error PartitionVerifier::begin() {
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
  return Error::success();
}

Error PartitionProblem::verify(const Mapping &mapping) const {
  PartitionVerifier verifier(network, target, mapping);
  if (Error error = verifier.begin())
    return error;
  for (uint32_t c = 0; c < mapping.cores.size(); ++c)
    if (Error error = verifier.core(c, mapping.cores[c]))
      return error;
  return Error::success();
}

} // namespace hillock::mapping
