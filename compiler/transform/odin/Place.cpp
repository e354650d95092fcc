//===- compiler/transform/odin/Place.cpp ----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/odin/Place.h"
#include "base/Describe.h"
#include <algorithm>
#include <cmath>

namespace hillock::transform::odin {

namespace {

struct Target {
  uint32_t neuron = 0;
  int32_t weight = 0;
};

class Placer {
public:
  Placer(const RealNetwork &network, const Quantized &numbers,
         const proto::CrossbarRules &rules, const std::string &target)
      : network(network), numbers(numbers), rules(rules), target(target),
        inputs(network.inputSources()),
        neurons(static_cast<uint32_t>(network.neurons.size())) {}

  Expected<Placement> run();

private:
  void collect();
  void findTwins();
  void planDrives();
  Error planInputs();
  Error tooMany(uint64_t needed, uint64_t inputRows) const;
  /// Rows that a source with these targets takes: 1, or 2 with both signs.
  uint32_t rowsOf(const std::vector<Target> &targets) const;
  /// Writes the weights of one sign (0: both) into the row at \p address.
  void fillRow(uint8_t address, const std::vector<Target> &targets, int sign);
  std::vector<PlacedEvent> addRows(const std::vector<Target> &targets);
  bool canBeVirtual(const std::vector<Target> &targets) const;
  uint64_t virtualCycles(const std::vector<Target> &targets) const;
  uint64_t rowCycles(const std::vector<Target> &targets) const;
  void remarkTwins();

  const RealNetwork &network;
  const Quantized &numbers;
  const proto::CrossbarRules &rules;
  const std::string &target;
  const uint32_t inputs, neurons;
  std::vector<std::vector<Target>> fanOut; ///< by source
  std::vector<std::vector<Target>> drives; ///< of sources that always spike
  std::vector<int32_t> driveTimes;
  /// Addresses of a neuron: its own and perhaps its copy's.
  std::vector<std::vector<uint8_t>> copies;
  uint32_t nextRow = 0;
  Placement result;
};

void Placer::collect() {
  fanOut.resize(inputs + neurons);
  for (uint32_t n = 0; n < neurons; ++n) {
    // Two paths between the same neurons share one synapse of the crossbar.
    std::map<uint32_t, int32_t> sums;
    for (const ChipSynapse &synapse : numbers.fanIn[n])
      sums[synapse.source] += synapse.weight;
    for (const auto &[source, weight] : sums)
      if (weight != 0)
        fanOut[source].push_back(
            {n, std::clamp(weight, rules.weight_min(), rules.weight_max())});
  }
}

uint32_t Placer::rowsOf(const std::vector<Target> &targets) const {
  if (targets.empty())
    return 0;
  const bool excites =
      std::any_of(targets.begin(), targets.end(),
                  [](const Target &t) { return t.weight > 0; });
  const bool inhibits =
      std::any_of(targets.begin(), targets.end(),
                  [](const Target &t) { return t.weight < 0; });
  return rules.sign_of_source() && excites && inhibits ? 2 : 1;
}

void Placer::findTwins() {
  copies.resize(neurons);
  uint32_t next = neurons;
  for (uint32_t n = 0; n < neurons; ++n) {
    copies[n].push_back(static_cast<uint8_t>(n));
    if (rowsOf(fanOut[inputs + n]) < 2)
      continue;
    result.twins.push_back({n, static_cast<uint8_t>(next)});
    copies[n].push_back(static_cast<uint8_t>(next++));
  }
  result.sweep = next;
  nextRow = next;
}

/// A drive of d units a step becomes k events of weight a, and one of weight
/// d - k a: two sources that spike in every step.
void Placer::planDrives() {
  int32_t most = 0;
  for (const ChipNeuron &neuron : numbers.neurons)
    most = std::max(most, std::abs(neuron.drive));
  if (most == 0)
    return;
  const int32_t limit = rules.weight_max();
  const int32_t times = most <= limit ? 0 : (most - 1) / limit;
  std::vector<Target> many, once;
  uint32_t cut = 0;
  for (uint32_t n = 0; n < neurons; ++n) {
    const int32_t drive = numbers.neurons[n].drive;
    int32_t each = 0;
    if (times != 0)
      each = std::clamp(
          static_cast<int32_t>(std::lround(static_cast<double>(drive) / times)),
          -limit, limit);
    const int32_t rest = drive - times * each;
    const int32_t kept = std::clamp(rest, -limit, limit);
    cut += kept != rest;
    if (each != 0)
      many.push_back({n, each});
    if (kept != 0)
      once.push_back({n, kept});
  }
  for (const auto &[targets, count] :
       {std::pair(&many, times), std::pair(&once, 1)})
    if (!targets->empty()) {
      drives.push_back(*targets);
      driveTimes.push_back(count);
    }
  result.remarks.push_back(
      "biases are events: " + describeCount(drives.size(), "source") +
      " of the crossbar spike " +
      std::to_string(times + (once.empty() ? 0 : 1)) + " times in every step" +
      (cut ? "; " + describeCount(cut, "bias", "biases") + " had to be cut"
           : ""));
}

bool Placer::canBeVirtual(const std::vector<Target> &targets) const {
  for (const Target &t : targets)
    for (uint8_t address : copies[t.neuron])
      if (address >= rules.virtual_neurons())
        return false;
  return true;
}

uint64_t Placer::virtualCycles(const std::vector<Target> &targets) const {
  uint64_t events = 0;
  for (const Target &t : targets)
    events += copies[t.neuron].size();
  return events * (rules.cycles_per_push() + rules.cycles_per_virtual() + 1);
}

uint64_t Placer::rowCycles(const std::vector<Target> &targets) const {
  const uint64_t swept =
      rules.sweep_is_variable() ? result.sweep : rules.neurons();
  return rowsOf(targets) *
         (swept * rules.cycles_per_neuron() + rules.cycles_per_sweep() +
          rules.cycles_per_push() + 1);
}

void Placer::fillRow(uint8_t address, const std::vector<Target> &targets,
                     int sign) {
  std::vector<int8_t> &row = result.rows[address];
  row.assign(result.sweep, 0);
  for (const Target &t : targets)
    if (sign == 0 || (sign > 0) == (t.weight > 0))
      for (uint8_t at : copies[t.neuron])
        row[at] = static_cast<int8_t>(t.weight);
}

std::vector<PlacedEvent> Placer::addRows(const std::vector<Target> &targets) {
  std::vector<PlacedEvent> events;
  const bool both = rowsOf(targets) == 2;
  for (int sign : both ? std::vector<int>{1, -1} : std::vector<int>{0}) {
    const auto address = static_cast<uint8_t>(nextRow++);
    fillRow(address, targets, sign);
    events.push_back({address, 0});
  }
  return events;
}

Error Placer::tooMany(uint64_t needed, uint64_t inputRows) const {
  const uint64_t over = needed - rules.sources();
  std::string what = "the network needs " + withSeparators(needed) +
                     " addresses: " + describeCount(neurons, "neuron") +
                     (result.twins.empty()
                          ? ""
                          : ", " +
                                describeCount(result.twins.size(),
                                              "second copy", "second copies") +
                                " of neurons with synapses of both signs") +
                     (inputRows != 0 ? ", " + describeCount(inputRows, "row") +
                                           " of inputs and biases"
                                     : "") +
                     "; the chip has " + std::to_string(rules.sources()) +
                     " for neurons and inputs together";
  const Layer *largest = &network.layers.front();
  for (const Layer &layer : network.layers)
    if (layer.size > largest->size)
      largest = &layer;
  std::string remedy = "leave out " + withSeparators(over) +
                       (inputRows != 0 ? " neurons or inputs" : " neurons");
  // Each neuron that is left out may take a copy with it; promise the less.
  if (largest->size > over)
    remedy += ": with " + withSeparators(largest->size - over) +
              " neurons in '" + largest->name + "' it would fit";
  return makeError(ErrorKind::Capacity, what,
                   "network '" + network.name + "' on target '" + target + "'",
                   remedy);
}

Error Placer::planInputs() {
  std::vector<bool> isVirtual(inputs, false);
  uint64_t rows = 0;
  for (const std::vector<Target> &drive : drives)
    rows += rowsOf(drive);
  std::vector<uint32_t> convertible;
  for (uint32_t s = 0; s < inputs; ++s) {
    const bool possible = canBeVirtual(fanOut[s]);
    // An input without synapses (a pruned pixel) sends nothing at all.
    isVirtual[s] = fanOut[s].empty() || (possible && virtualCycles(fanOut[s]) <
                                                         rowCycles(fanOut[s]));
    if (isVirtual[s])
      continue;
    rows += rowsOf(fanOut[s]);
    if (possible)
      convertible.push_back(s);
  }
  // What has the fewest targets loses least when it does without a row.
  std::stable_sort(convertible.begin(), convertible.end(),
                   [&](uint32_t a, uint32_t b) {
                     return fanOut[a].size() < fanOut[b].size();
                   });
  uint64_t forced = 0;
  for (uint32_t s : convertible) {
    if (result.sweep + rows <= rules.sources())
      break;
    isVirtual[s] = true;
    rows -= rowsOf(fanOut[s]);
    ++forced;
  }
  if (result.sweep + rows > rules.sources())
    return tooMany(result.sweep + rows, rows);
  if (forced != 0)
    result.remarks.push_back(
        describeCount(forced, "neuron") +
        " of inputs found no row in the crossbar and send an event for each "
        "synapse");
  result.inputEvents.resize(inputs);
  for (uint32_t s = 0; s < inputs; ++s) {
    if (!isVirtual[s]) {
      result.inputEvents[s] = addRows(fanOut[s]);
      continue;
    }
    for (const Target &t : fanOut[s])
      for (uint8_t address : copies[t.neuron])
        result.inputEvents[s].push_back(
            {address, static_cast<int8_t>(t.weight)});
  }
  for (size_t d = 0; d < drives.size(); ++d)
    for (const PlacedEvent &event : addRows(drives[d]))
      result.always.push_back({event.address, driveTimes[d]});
  return Error::success();
}

void Placer::remarkTwins() {
  if (!rules.sign_of_source())
    return;
  for (const Layer &layer : network.layers) {
    const auto count = std::count_if(
        result.twins.begin(), result.twins.end(), [&](const Twin &twin) {
          return twin.neuron >= layer.first &&
                 twin.neuron < layer.first + layer.size;
        });
    if (count == 0)
      continue;
    const uint64_t cycles = rules.neurons() * rules.cycles_per_neuron();
    result.remarks.push_back(
        layer.location + ": " + std::to_string(count) + " of " +
        describeCount(layer.size, "neuron") +
        " excite and inhibit; a source of the chip does one of both, so each "
        "has a second copy that inhibits: " +
        describeCount(static_cast<uint64_t>(count), "neuron") + " more, and " +
        withSeparators(cycles) + " cycles more for each of their spikes");
  }
  uint64_t doubled = 0;
  for (uint32_t s = 0; s < inputs; ++s)
    doubled += result.inputEvents[s].size() == 2 &&
               result.inputEvents[s].front().weight == 0;
  if (doubled != 0)
    result.remarks.push_back(
        describeCount(doubled, "neuron") +
        " of inputs excite and inhibit: each takes two rows, and sends two "
        "events a spike");
  if (rules.potential_min() == 0)
    result.remarks.push_back("potentials stop at 0 on this chip: inhibition of "
                             "a neuron at rest is lost");
}

Expected<Placement> Placer::run() {
  if (neurons > rules.neurons())
    return tooMany(neurons, 0);
  collect();
  uint64_t twins = 0;
  for (uint32_t n = 0; n < neurons; ++n)
    twins += rowsOf(fanOut[inputs + n]) == 2;
  if (neurons + twins > rules.neurons()) {
    result.twins.resize(twins);
    return tooMany(neurons + twins, 0);
  }
  findTwins();
  planDrives();
  if (Error error = planInputs())
    return std::move(error);
  for (uint32_t n = 0; n < neurons; ++n) {
    const std::vector<Target> &targets = fanOut[inputs + n];
    if (targets.empty())
      continue;
    const bool both = copies[n].size() == 2;
    fillRow(copies[n][0], targets, both ? 1 : 0);
    if (both)
      fillRow(copies[n][1], targets, -1);
  }
  remarkTwins();
  return std::move(result);
}

} // namespace

Expected<Placement> place(const RealNetwork &network,
                          const Quantized &quantized,
                          const proto::CrossbarRules &rules,
                          const std::string &target) {
  return Placer(network, quantized, rules, target).run();
}

} // namespace hillock::transform::odin
