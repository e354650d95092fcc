//===- compiler/mapping/problem/PartitionProblem.cpp ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/PartitionProblem.h"
#include "base/Describe.h"
#include "base/Parallel.h"
#include "compiler/mapping/problem/Registers.h"
#include <algorithm>
#include <optional>
#include <set>

namespace hillock::mapping {

uint32_t cxBaseLimit(const target::TargetModel &target, image::AxonType type) {
  const proto::AxonRules &rules = target.proto().axons();
  const proto::Field *field = target.field(proto::AXON_IN, "cx_base");
  const uint64_t held =
      field ? (uint64_t{1} << std::min(field->bits(), 31u)) - 1 : 0;
  const uint64_t most = type == image::AxonType::Discrete
                            ? std::min<uint64_t>(held, rules.cx_base_max())
                            : std::min<uint64_t>(held, rules.cx_base_max()) *
                                  rules.population_cx_base_step();
  return static_cast<uint32_t>(std::min<uint64_t>(most, UINT16_MAX));
}

uint32_t slotsOf(const target::TargetModel &target, image::AxonType type) {
  const proto::AxonRules &rules = target.proto().axons();
  return type == image::AxonType::Discrete ? rules.slots_discrete()
         : type == image::AxonType::Pop16  ? rules.slots_pop16()
                                           : rules.slots_pop32();
}

uint32_t atomsOf(const target::TargetModel &target, image::AxonType type) {
  const proto::AxonRules &rules = target.proto().axons();
  return type == image::AxonType::Discrete ? 1
         : type == image::AxonType::Pop16  ? rules.pop16_atoms()
                                           : rules.pop32_atoms();
}

std::string describePopulation(const Network &network, uint32_t index) {
  const Population &population = network.populations[index];
  return "population '" + population.name + "'" +
         (population.location.empty() ? "" : " (" + population.location + ")");
}

std::string describeProjection(const Network &network, uint32_t index) {
  const Projection &projection = network.projections[index];
  return "projection '" + network.populations[projection.source].name +
         "' -> '" + network.populations[projection.target].name + "'" +
         (projection.location.empty() ? "" : " (" + projection.location + ")");
}

Error PartitionProblem::check(std::vector<ProjectionSize> *sizes) const {
  std::set<std::string> names;
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    const std::string &name = network.populations[p].name;
    if (name.empty() || !names.insert(name).second)
      return inputError("the population's name is empty or used twice",
                        "population " + std::to_string(p) + " ('" + name + "')",
                        "give every population a name of its own");
    if (Error error = checkPopulation(p))
      return error;
  }
  for (uint32_t p = 0; p < network.projections.size(); ++p) {
    ProjectionSize found;
    if (Error error = checkProjection(p, found))
      return error;
    if (sizes)
      sizes->push_back(found);
  }
  for (const Network::Output &output : network.outputs)
    if (output.population >= network.populations.size() ||
        network.populations[output.population].isInput)
      return inputError("an output must be a population of the chip",
                        "output '" + output.name + "'",
                        "read the input from where it comes from");
  return Error::success();
}

namespace {

Error checkValues(const std::string &name, const std::vector<int32_t> &values,
                  const RegisterPlace &place, uint32_t neurons,
                  const std::string &where) {
  if (values.size() != 1 && values.size() != neurons)
    return inputError("'" + name + "' has " + std::to_string(values.size()) +
                          " values for " + describeCount(neurons, "neuron"),
                      where, "give one value, or one a neuron");
  for (size_t n = 0; n < values.size(); ++n)
    if (values[n] < place.min || values[n] > place.max)
      return inputError(
          "'" + name + "' is " + std::to_string(values[n]) + " in neuron " +
              std::to_string(n) + ", but the target holds " +
              std::to_string(place.min) + ".." + std::to_string(place.max),
          where, "rescale the layer or choose another target");
  return Error::success();
}

} // namespace

Error PartitionProblem::checkPopulation(uint32_t index) const {
  const Population &population = network.populations[index];
  const std::string where = describePopulation(network, index);
  int64_t size = 1;
  for (int64_t axis : population.shape)
    if (axis <= 0 || (size *= axis) > (int64_t{1} << 28))
      return inputError("the shape " + describeShape(population.shape) +
                            " is empty or has more than 2^28 neurons",
                        where, "split the layer");
  if (population.isInput)
    return Error::success();
  const auto &runs = target.proto().neuron_program();
  if (population.program.empty() ||
      (!runs.empty() &&
       std::find(runs.begin(), runs.end(), population.program) == runs.end()))
    return inputError("target '" + target.name() +
                          "' does not run neuron program '" +
                          population.program + "'",
                      where,
                      "choose a programmable target; this one runs " +
                          describeList({runs.begin(), runs.end()}));
  for (const auto &[name, values] : population.registers) {
    const auto place = placeOf(target, name);
    if (!place)
      return inputError("target '" + target.name() +
                            "' has no field for parameter '" + name + "'",
                        where, didYouMean(name, registerNames(target)));
    if (Error error = checkValues(name, values, *place, size, where))
      return error;
  }
  for (const auto &[name, values] : population.initial) {
    const bool zero = std::all_of(values.begin(), values.end(),
                                  [](int32_t value) { return value == 0; });
    const auto place = statePlaceOf(target, name);
    if (!place && !zero)
      return inputError("target '" + target.name() + "' cannot set state '" +
                            name + "' at the start",
                        where, "start it at zero");
    if (Error error = checkValues(name, values, place.value_or(RegisterPlace{}),
                                  size, where))
      return error;
  }
  return Error::success();
}

/// Sources from which on several threads look at them.
static constexpr uint32_t manySources = 10000;

Error PartitionProblem::checkProjection(uint32_t index,
                                        ProjectionSize &found) const {
  const Projection &projection = network.projections[index];
  const auto count = network.populations.size();
  if (projection.source >= count || projection.target >= count ||
      network.populations[projection.target].isInput ||
      !projection.connectivity)
    return inputError("it has no connectivity, an unknown end, or leads to an "
                      "input",
                      "projection " + std::to_string(index));
  const std::string where = describeProjection(network, index);
  const Population &to = network.populations[projection.target];
  const image::SynapseFormat format{.weightBits = projection.weightBits,
                                    .weightExp = projection.weightExp,
                                    .sign = projection.sign};
  const proto::SynapsePacking &packing = target.proto().synapse_packing();
  if (!target.weightCode(projection.weightBits) ||
      projection.weightExp < packing.weight_exponent_min() ||
      projection.weightExp > packing.weight_exponent_max())
    return inputError("target '" + target.name() + "' has no weights of " +
                          std::to_string(projection.weightBits) +
                          " bits with exponent " +
                          std::to_string(projection.weightExp),
                      where, "choose another width or scale");
  if (shiftsSum(to) && to.registers.at("weight_exp") !=
                           std::vector<int32_t>{projection.weightExp})
    return inputError("the exponent " + std::to_string(projection.weightExp) +
                          " is not the one by which the target shifts the sum",
                      where, "give all inputs of a neuron one exponent");
  const int low = format.minMantissa(), high = format.maxMantissa();
  const int step = 1 << format.shiftBits();
  const uint32_t longest = target.maxDelay(1), size = to.size();
  const auto bad = [&](uint32_t n, const Synapse &s) {
    const std::string place = where + ", synapse " + std::to_string(n) +
                              " -> " + std::to_string(s.target);
    if (s.target >= size)
      return inputError("there are only " + describeCount(size, "neuron"),
                        place);
    if (s.mantissa == 0 || s.mantissa < low || s.mantissa > high ||
        (s.mantissa & (step - 1)) != 0)
      return inputError("mantissa " + std::to_string(s.mantissa) +
                            " is zero or not a multiple of " +
                            std::to_string(step) + " in " +
                            std::to_string(low) + ".." + std::to_string(high),
                        place, "quantize to the projection's width");
    return inputError("a delay of " + std::to_string(s.delay) +
                          " steps; the target can do " +
                          std::to_string(longest),
                      place, "shorten delays or the time step");
  };
  // Each thread has a part of the sources; the first bad synapse is told.
  struct Share {
    std::vector<uint32_t> incoming;
    uint64_t synapses = 0;
    std::optional<std::pair<uint32_t, Synapse>> bad;
  };
  const uint32_t sources = network.populations[projection.source].size();
  std::vector<Share> shares(sources < manySources ? 1 : defaultThreads());
  parallelChunks(0, sources, static_cast<unsigned>(shares.size()),
                 [&](int64_t begin, int64_t end, unsigned chunk) {
                   Share &mine = shares[chunk];
                   mine.incoming.resize(size);
                   std::vector<Synapse> synapses;
                   for (auto n = static_cast<uint32_t>(begin); n < end; ++n) {
                     synapses.clear();
                     projection.connectivity->append(n, synapses);
                     mine.synapses += synapses.size();
                     for (const Synapse &s : synapses) {
                       const bool weight =
                           s.mantissa != 0 && s.mantissa >= low &&
                           s.mantissa <= high && (s.mantissa & (step - 1)) == 0;
                       if (s.target >= size || !weight || s.delay > longest) {
                         mine.bad = {n, s};
                         return;
                       }
                       ++mine.incoming[s.target];
                     }
                   }
                 });
  std::vector<uint32_t> incoming(size);
  for (const Share &share : shares) {
    if (share.bad)
      return bad(share.bad->first, share.bad->second);
    found.synapses += share.synapses;
    for (size_t n = 0; n < share.incoming.size(); ++n)
      incoming[n] += share.incoming[n];
  }
  found.mostIn = *std::max_element(incoming.begin(), incoming.end());
  return Error::success();
}

} // namespace hillock::mapping
