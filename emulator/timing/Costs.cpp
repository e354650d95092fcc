//===- emulator/timing/Costs.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/timing/Costs.h"
#include "base/AtomicFile.h"
#include <algorithm>
#include <cmath>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <map>
#include <optional>

namespace hillock::emu {

namespace {

/// A cost above this is a mistake in the unit: 1 ms, 1 uJ.
constexpr double maxNs = 1e6, maxPj = 1e6;

constexpr std::array<const char *, 21> eventNames = {
    "accumulate",
    "axon_in",
    "axon_out",
    "hop_chip",
    "hop_local",
    "hop_x",
    "hop_y",
    "link_chip_spike",
    "link_spike",
    "neuron_access",
    "neuron_spike",
    "neuron_update",
    "neuron_update_active",
    "neuron_update_inactive",
    "neuron_update_noise",
    "static_chip",
    "synapse_conv",
    "synapse_dense",
    "synapse_sparse",
    "synaptic_event",
    "synaptic_update",
};

/// N of "barrier_N_tiles" or "barrier_1_tile"; 0 for other names.
uint32_t barrierTiles(const std::string &event) {
  constexpr std::string_view head = "barrier_";
  if (!event.starts_with(head))
    return 0;
  const size_t end = event.find_first_not_of("0123456789", head.size());
  if (end == head.size() || end == std::string::npos || end > head.size() + 6)
    return 0;
  const std::string tail = event.substr(end);
  if (tail != "_tile" && tail != "_tiles")
    return 0;
  return static_cast<uint32_t>(
      std::stoul(event.substr(head.size(), end - head.size())));
}

std::string knownEvents() {
  std::string text;
  for (const char *name : eventNames)
    text += std::string(name) + ", ";
  return text + "barrier_N_tiles";
}

Cost operator+(Cost a, Cost b) { return {a.ps + b.ps, a.fj + b.fj}; }

class Reader {
public:
  Reader(const proto::ParameterSet &set, std::string where)
      : set(set), where(std::move(where)) {}

  Expected<CostTable> read() {
    table.name = set.name();
    table.source = set.source().text();
    for (const proto::Cost &cost : set.cost())
      if (Error error = add(cost))
        return std::move(error);
    std::sort(table.barriers.begin(), table.barriers.end(),
              [](const BarrierCost &a, const BarrierCost &b) {
                return a.tiles < b.tiles;
              });
    if (Error error = neurons())
      return std::move(error);
    synapses();
    table.axonIn = get("axon_in");
    table.axonOut = get("axon_out");
    table.hopLocal = get("hop_local");
    table.hopX = get("hop_x");
    table.hopY = get("hop_y");
    optional("hop_chip", table.hopChip, table.hasHopChip);
    optional("link_spike", table.linkSpike, table.hasLinkSpike);
    optional("link_chip_spike", table.linkChipSpike, table.hasLinkChipSpike);
    return std::move(table);
  }

private:
  Error add(const proto::Cost &cost) {
    const std::string &event = cost.event();
    const double ns = cost.latency_ns(), pj = cost.energy_pj();
    if (!(ns >= 0 && ns <= maxNs && pj >= 0 && pj <= maxPj))
      return inputError("event '" + event + "' costs " + std::to_string(ns) +
                            " ns and " + std::to_string(pj) + " pJ",
                        where, "give 0 to 1 ms and 0 to 1 uJ");
    if (event == "static_chip")
      return power(ns, pj);
    const Cost value = {static_cast<uint64_t>(std::llround(ns * 1000)),
                        static_cast<uint64_t>(std::llround(pj * 1000))};
    if (const uint32_t tiles = barrierTiles(event)) {
      table.barriers.push_back({tiles, value});
      return Error::success();
    }
    if (std::find(eventNames.begin(), eventNames.end(), event) ==
        eventNames.end())
      return inputError("unknown event '" + event + "'", where,
                        "use one of " + knownEvents());
    values[event] = value;
    return Error::success();
  }

  /// pJ a ns are mW.
  Error power(double ns, double pj) {
    if (!(ns > 0))
      return inputError("static_chip costs energy in no time", where,
                        "give energy_pj in latency_ns: 1 pJ in 1 ns is 1 mW");
    table.staticMicrowatts =
        static_cast<uint64_t>(std::llround(1000 * pj / ns));
    return Error::success();
  }

  bool has(const char *event) const { return values.count(event) != 0; }
  Cost get(const char *event) const {
    auto at = values.find(event);
    return at == values.end() ? Cost() : at->second;
  }
  void optional(const char *event, Cost &value, bool &there) const {
    there = has(event);
    value = get(event);
  }

  Error neurons() {
    if (has("neuron_access") &&
        (has("neuron_update_active") || has("neuron_update_inactive")))
      return inputError("neuron_access and neuron_update_active or _inactive "
                        "both say what a compartment costs",
                        where, "keep one account");
    if (has("neuron_access")) {
      table.updateInactive = get("neuron_access");
      table.updateActive = get("neuron_access") + get("neuron_update");
    } else {
      table.updateInactive = get("neuron_update_inactive");
      table.updateActive = get("neuron_update_active");
    }
    table.spike = get("neuron_spike");
    return Error::success();
  }

  void synapses() {
    static constexpr std::array<const char *, synapseKinds> names = {
        "synapse_dense", "synapse_sparse", "synapse_conv"};
    for (size_t kind = 0; kind < synapseKinds; ++kind)
      table.synapse[kind] =
          get(has(names[kind]) ? names[kind] : "synaptic_event") +
          get("accumulate");
  }

  const proto::ParameterSet &set;
  std::string where;
  CostTable table;
  std::map<std::string, Cost, std::less<>> values;
};

} // namespace

Cost CostTable::barrierBelow(uint32_t tiles) const {
  Cost cost = barriers.empty() ? Cost() : barriers.front().cost;
  for (const BarrierCost &entry : barriers)
    if (entry.tiles <= tiles)
      cost = entry.cost;
  return cost;
}

Cost CostTable::barrierAbove(uint32_t tiles) const {
  for (const BarrierCost &entry : barriers)
    if (entry.tiles >= tiles)
      return entry.cost;
  return barriers.empty() ? Cost() : barriers.back().cost;
}

Expected<CostTable> CostTable::create(const proto::ParameterSet &set,
                                      const std::string &where) {
  return Reader(set, where + ", parameter set '" + set.name() + "'").read();
}

namespace {

/// Text format's messages go into one string.
class Collector : public google::protobuf::io::ErrorCollector {
public:
  void AddError(int line, int column, const std::string &message) override {
    if (text.empty())
      text = "line " + std::to_string(line + 1) + ":" +
             std::to_string(column + 1) + ": " + message;
  }
  std::string text;
};

class Chooser {
public:
  explicit Chooser(const target::TargetModel &target)
      : sets(target.proto().timing_and_energy()),
        where("target '" + target.name() + "'") {}

  Error all() {
    for (const proto::ParameterSet &set : sets)
      if (Error error = add(set, where))
        return error;
    return Error::success();
  }

  Error named(const std::string &name) {
    if (name == "all")
      return all();
    if (isParameterFile(name))
      return file(name);
    std::string known;
    for (const proto::ParameterSet &set : sets) {
      if (set.name() == name)
        return add(set, where);
      known += (known.empty() ? "" : ", ") + set.name();
    }
    return makeError(ErrorKind::Usage, "no parameter set '" + name + "'", where,
                     (known.empty() ? "the target has none, give"
                                    : "choose from " + known + ", or give") +
                         std::string(" a file of your own (FILE.textproto)"));
  }

  Expected<std::vector<CostTable>> take() {
    if (tables.empty())
      return makeError(ErrorKind::Usage, "the target has no times and energies",
                       where, "give a set of your own (FILE.textproto)");
    return std::move(tables);
  }

private:
  Error add(const proto::ParameterSet &set, const std::string &from) {
    for (const CostTable &table : tables)
      if (table.name == set.name())
        return makeError(ErrorKind::Usage,
                         "two parameter sets are called '" + set.name() + "'",
                         from, "name each once, and sets of your own anew");
    Expected<CostTable> table = CostTable::create(set, from);
    if (!table)
      return table.takeError();
    tables.push_back(std::move(*table));
    return Error::success();
  }

  Error file(const std::string &path) {
    auto read = readParameterFile(path);
    if (!read)
      return read.takeError();
    for (const proto::ParameterSet &set : *read)
      if (Error error = add(set, path))
        return error;
    return Error::success();
  }

  const google::protobuf::RepeatedPtrField<proto::ParameterSet> &sets;
  std::string where;
  std::vector<CostTable> tables;
};

} // namespace

bool isParameterFile(std::string_view name) {
  return name.ends_with(".textproto");
}

Expected<std::vector<proto::ParameterSet>>
readParameterFile(const std::string &path) {
  Expected<std::string> text = readFile(path);
  if (!text)
    return text.takeError();
  proto::Target target;
  Collector problems;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&problems);
  if (!parser.ParseFromString(*text, &target))
    return inputError("is no list of parameter sets: " + problems.text, path,
                      "write timing_and_energy { name: \"mine\" cost { .. } }");
  std::vector<proto::ParameterSet> sets(target.timing_and_energy().begin(),
                                        target.timing_and_energy().end());
  target.clear_timing_and_energy();
  if (target.ByteSizeLong() != 0)
    return inputError("has more than timing_and_energy entries", path,
                      "a chip's description is for --target");
  if (sets.empty())
    return inputError("has no timing_and_energy entry", path,
                      "write timing_and_energy { name: \"mine\" cost { .. } }");
  for (const proto::ParameterSet &set : sets)
    if (set.name().empty())
      return inputError("has a set without a name", path,
                        "give one: every figure carries it");
  return sets;
}

Expected<std::vector<CostTable>>
costTables(const target::TargetModel &target,
           const std::vector<std::string> &names) {
  Chooser chooser(target);
  if (names.empty())
    if (Error error = chooser.all())
      return std::move(error);
  for (const std::string &name : names)
    if (Error error = chooser.named(name))
      return std::move(error);
  return chooser.take();
}

} // namespace hillock::emu
