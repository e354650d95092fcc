//===- compiler/mapping/solver/Statistics.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Statistics.h"
#include "base/Describe.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/problem/PlacementProblem.h"
#include "image/Pack.h"
#include <algorithm>
#include <set>

namespace hillock::mapping {

namespace {

CoreUsage usageOf(const image::CoreTables &tables,
                  const target::TargetModel &target) {
  CoreUsage usage;
  usage.compartments = tables.compartments;
  usage.axonsIn = tables.axonsIn.size();
  usage.formats = tables.formats.size();
  usage.compartmentProfiles = tables.compartmentProfiles.size();
  usage.thresholdProfiles = tables.thresholdProfiles.size();
  usage.synapses = tables.rows.synapses();
  uint64_t bits = 0;
  const image::SynapseRows &rows = tables.rows;
  for (size_t r = 0; r < rows.rows(); ++r)
    bits += image::rowBits(tables.formats[rows.format[r]],
                           rows.first[r + 1] - rows.first[r], target);
  const uint64_t word = target.proto().synapse_packing().word_bits();
  usage.synapseWords = (bits + word - 1) / word;
  for (const image::AxonOut &axon : tables.axonsOut)
    usage.slotsOut += slotsOf(target, axon.type);
  return usage;
}

} // namespace

void addCore(const target::TargetModel &target, const image::CoreTables &tables,
             Statistics &statistics) {
  statistics.cores.push_back(usageOf(tables, target));
  uint64_t named = 0;
  for (const image::AxonIn &axon : tables.axonsIn)
    named += axon.popRows;
  statistics.rowsStored += tables.rows.rows();
  statistics.rowsShared += named - tables.rows.rows();
}

void join(Statistics &statistics, const Statistics &more) {
  statistics.cores.insert(statistics.cores.end(), more.cores.begin(),
                          more.cores.end());
  statistics.rowsStored += more.rowsStored;
  statistics.rowsShared += more.rowsShared;
}

void addPlaces(Mapping &mapping) {
  Statistics &statistics = mapping.statistics;
  std::set<uint32_t> chips;
  for (const image::CoreTables &tables : mapping.cores)
    chips.insert(tables.chip);
  statistics.chips = static_cast<uint32_t>(chips.size());
  for (uint32_t p = 0; p < mapping.populations.size(); ++p) {
    std::vector<bool> on(mapping.cores.size());
    for (uint32_t core : mapping.populations[p].core)
      on[core] = true;
    for (uint32_t c = 0; c < on.size(); ++c)
      if (on[c]) {
        ++statistics.populations[p].cores;
        statistics.cores[c].populations.push_back(p);
      }
  }
}

void addTraffic(const target::TargetModel &target,
                const std::vector<Traffic> &traffic,
                const std::vector<Tile> &tiles, Statistics &statistics) {
  for (const Traffic &t : traffic) {
    const Tile &from = tiles[t.from], &to = tiles[t.to];
    statistics.messages += t.messages;
    statistics.hops += t.messages * hopsBetween(from, to);
    statistics.chipCrossings += t.messages * crossingsBetween(target, from, to);
  }
}

std::string describeMapping(const Network &network,
                            const target::TargetModel &target,
                            const Mapping &mapping) {
  const auto share = [&](uint64_t used, proto::Role role) {
    return " " + withSeparators(used) + "/" +
           withSeparators(uint64_t{target.capacity(role)});
  };
  const Statistics &s = mapping.statistics;
  std::string text = describeCount(mapping.cores.size(), "core") + " on " +
                     describeCount(s.chips, "chip") + ", " +
                     withSeparators(s.rowsStored) + " rows stored, " +
                     withSeparators(s.rowsShared) + " shared\n";
  for (size_t c = 0; c < s.cores.size(); ++c) {
    const CoreUsage &u = s.cores[c];
    std::vector<std::string> names;
    for (uint32_t p : u.populations)
      names.push_back(network.populations[p].name);
    text += "chip " + std::to_string(mapping.cores[c].chip) + " core " +
            std::to_string(mapping.cores[c].core) + ": " +
            describeList(names, 8) + "; compartments" +
            share(u.compartments, proto::COMPARTMENT) + ", synapse words" +
            share(u.synapseWords, proto::SYNAPSE) + ", input axons" +
            share(u.axonsIn, proto::AXON_IN) + ", output slots" +
            share(u.slotsOut, proto::AXON_OUT) + ", formats" +
            share(u.formats, proto::SYNAPSE_FORMAT) + "\n";
  }
  return text;
}

} // namespace hillock::mapping
