//===- backends/spinnaker/Check.cpp - Rows read back ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/spinnaker/Connections.h"
#include "backends/spinnaker/Cores.h"
#include <algorithm>

namespace hillock::spinnaker {

Expected<CoreReader> CoreReader::create(llvm::ArrayRef<uint32_t> table,
                                        std::vector<uint32_t> rows,
                                        WordLayout layout) {
  Expected<std::vector<TableEntry>> entries = decodeTable(table);
  if (!entries)
    return entries.takeError();
  for (const TableEntry &entry : *entries)
    for (const MatrixPlace &matrix : entry.matrices)
      if (matrix.offset / 4 +
              uint64_t{entry.neurons} * (matrix.rowWords + kHeaderWords) >
          rows.size())
        return inputError("names a matrix behind the end of the rows",
                          "a population table");
  CoreReader reader;
  reader.entries = std::move(*entries);
  reader.rows = std::move(rows);
  reader.layout = layout;
  return reader;
}

Expected<std::vector<Synapse>> CoreReader::synapsesOf(uint32_t key) const {
  std::vector<Synapse> synapses;
  // The last entry whose key is not greater, as a binary search finds it.
  auto entry = std::upper_bound(
      entries.begin(), entries.end(), key,
      [](uint32_t value, const TableEntry &one) { return value < one.key; });
  if (entry == entries.begin() ||
      (key & std::prev(entry)->mask) != std::prev(entry)->key)
    return synapses;
  --entry;
  const uint32_t neuron = (key & ~entry->mask) >> entry->colourBits;
  if (neuron >= entry->neurons)
    return synapses;
  for (const MatrixPlace &matrix : entry->matrices) {
    const size_t stride = matrix.rowWords + kHeaderWords;
    Expected<llvm::ArrayRef<uint32_t>> words =
        readRow(llvm::ArrayRef(rows).slice(matrix.offset / 4 + neuron * stride,
                                           stride));
    if (!words)
      return words.takeError();
    for (uint32_t word : *words)
      synapses.push_back(layout.decode(word));
  }
  return synapses;
}

namespace {

/// A synapse in the lowest bits of s16.15, of which all are integers.
struct Arrival {
  uint32_t target = 0, delay = 0;
  int64_t input = 0;
  auto operator<=>(const Arrival &) const = default;
};

/// All that a spike of \p source (a neuron of population \p from) does.
std::vector<Arrival> meant(const Network &network, const RingBuffer &buffer,
                           uint32_t from, uint32_t to, uint32_t source) {
  std::vector<Arrival> arrivals;
  std::vector<Connection> list;
  for (const Projection &projection : network.projections) {
    if (projection.source != from || projection.target != to)
      continue;
    connectionsOf(projection, source, list);
    const int move = projection.exponent - buffer.unit;
    for (const Connection &one : list) {
      const auto magnitude = static_cast<int64_t>(magnitudeOf(one.weight));
      const int64_t input = move >= 0 ? magnitude << move : magnitude >> -move;
      arrivals.push_back(
          {one.target, one.delay, one.weight < 0 ? -input : input});
    }
  }
  std::sort(arrivals.begin(), arrivals.end());
  return arrivals;
}

Expected<std::vector<Arrival>> done(const Plan &plan, const RingBuffer &buffer,
                                    const std::vector<Core> &cores,
                                    const std::vector<CoreReader> &readers,
                                    uint32_t key) {
  std::vector<Arrival> arrivals;
  for (size_t i = 0; i < cores.size(); ++i) {
    Expected<std::vector<Synapse>> synapses = readers[i].synapsesOf(key);
    if (!synapses)
      return synapses.takeError();
    for (const Synapse &synapse : *synapses) {
      const int64_t input = int64_t{synapse.weight}
                            << buffer.shift[synapse.type];
      arrivals.push_back({plan.slices[cores[i].slice].first + synapse.target,
                          synapse.delay, synapse.type == 1 ? -input : input});
    }
  }
  std::sort(arrivals.begin(), arrivals.end());
  return arrivals;
}

/// The first of what differs between two sorted lists.
std::string differenceOf(const std::vector<Arrival> &wanted,
                         const std::vector<Arrival> &found) {
  const auto [w, f] =
      std::mismatch(wanted.begin(), wanted.end(), found.begin(), found.end());
  const bool inWanted = f == found.end() || (w != wanted.end() && *w < *f);
  const Arrival &first = inWanted ? *w : *f;
  const auto inputOf = [&](auto at, auto end) {
    return at != end && at->target == first.target && at->delay == first.delay
               ? std::to_string(at->input) + " * 2^-15"
               : "none";
  };
  return "neuron " + std::to_string(first.target) + " after " +
         std::to_string(first.delay) + " ticks, wanted " +
         inputOf(w, wanted.end()) + ", found " + inputOf(f, found.end());
}

} // namespace

Error checkCores(const Network &network, const Plan &plan, uint32_t population,
                 const std::vector<Core> &cores) {
  const RingBuffer &buffer = plan.ringBuffers[population];
  std::vector<CoreReader> readers;
  for (const Core &core : cores) {
    Expected<CoreReader> reader =
        CoreReader::create(core.table, core.rows, plan.layout);
    if (!reader)
      return reader.takeError();
    readers.push_back(std::move(*reader));
  }
  for (const Slice &slice : plan.slices)
    for (uint32_t n = 0; n < slice.count; ++n) {
      Expected<std::vector<Arrival>> found =
          done(plan, buffer, cores, readers, slice.keyOf(n));
      if (!found)
        return found.takeError();
      const std::vector<Arrival> wanted =
          meant(network, buffer, slice.population, population, slice.first + n);
      if (*found != wanted)
        return makeError(ErrorKind::Mismatch,
                         "the rows do not hold the synapses of neuron " +
                             std::to_string(slice.first + n) + " of '" +
                             network.populations[slice.population].name +
                             "': to " + differenceOf(wanted, *found),
                         "population '" + network.populations[population].name +
                             "'");
    }
  return Error::success();
}

} // namespace hillock::spinnaker
