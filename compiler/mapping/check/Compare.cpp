//===- compiler/mapping/check/Compare.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/check/Compare.h"
#include "base/Describe.h"
#include "compiler/mapping/check/Recover.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/problem/Registers.h"
#include <algorithm>
#include <array>

namespace hillock::mapping {

using image::CoreTables;
using image::FieldValues;

namespace {

class Comparer {
public:
  Comparer(const Network &network, const RecoveredNetwork &recovered)
      : network(network), recovered(recovered), image(recovered.image()),
        registers(network, image.target) {}

  Error run();

private:
  Error differs(const std::string &what, const std::string &where) const {
    return makeError(ErrorKind::Mismatch, what, where,
                     "the image is not what was compiled: recompile, and "
                     "report it if that does not help");
  }
  std::string neuronName(uint32_t population, uint32_t neuron) const {
    return describePopulation(network, population) + ", neuron " +
           std::to_string(neuron);
  }

  Error matchPopulations();
  Error neurons(uint32_t population) const;
  Error set(const FieldValues &is, const FieldValues &meant,
            const std::string &where) const;
  Error own(uint32_t population, uint32_t neuron) const;
  Error unused() const;
  Error delays() const;
  Error ports() const;
  Error outputPort(const Network::Output &output) const;
  Error synapses(uint32_t population);
  Error firstDifference(uint32_t population, uint32_t neuron,
                        const std::vector<RecoveredSynapse> &meant,
                        const std::vector<RecoveredSynapse> &is) const;

  const Network &network;
  const RecoveredNetwork &recovered;
  const image::LoadedImage &image;
  RegisterTable registers;
  std::vector<uint32_t> of;      ///< population to recovered population
  std::vector<uint32_t> inverse; ///< and back
};

Error Comparer::matchPopulations() {
  if (recovered.populations().size() != network.populations.size())
    return differs(
        "it has " +
            describeCount(recovered.populations().size(), "population") +
            " instead of " + std::to_string(network.populations.size()),
        "image");
  inverse.assign(network.populations.size(), UINT32_MAX);
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    const Population &meant = network.populations[p];
    const int64_t found = recovered.find(meant.name);
    if (found < 0 || inverse[static_cast<size_t>(found)] != UINT32_MAX)
      return differs("it is not in the image", describePopulation(network, p));
    of.push_back(static_cast<uint32_t>(found));
    inverse[of[p]] = p;
    const RecoveredPopulation &is = recovered.populations()[of[p]];
    if (is.shape != meant.shape || is.isInput != meant.isInput)
      return differs("its shape is " + describeShape(is.shape) +
                         (is.isInput ? ", an input" : "") + ", not " +
                         describeShape(meant.shape),
                     describePopulation(network, p));
    for (const auto &[name, values] : meant.registers)
      if (!meant.isInput && !placeOf(image.target, name))
        return differs("the image's target has no field '" + name + "'",
                       describePopulation(network, p));
  }
  return Error::success();
}

/// Every field that is meant, and no other but those of structure.
Error Comparer::set(const FieldValues &is, const FieldValues &meant,
                    const std::string &where) const {
  for (const auto &[name, value] : meant) {
    const auto found = is.find(name);
    const int64_t stored = found == is.end() ? 0 : found->second;
    if (stored != value)
      return differs("'" + name + "' is " + std::to_string(stored) + ", not " +
                         std::to_string(value),
                     where);
  }
  for (const auto &[name, value] : is)
    if (!meant.count(name) && name != "delay_bits" && name != "compartments" &&
        value != 0)
      return differs("'" + name + "' is " + std::to_string(value) +
                         ", but the network does not set it",
                     where);
  return Error::success();
}

Error Comparer::own(uint32_t population, uint32_t neuron) const {
  const RecoveredPopulation &at = recovered.populations()[of[population]];
  const Population &meant = network.populations[population];
  const CoreTables &tables = image.cores[at.core[neuron]];
  const uint32_t k = at.compartment[neuron];
  // Both ways: what is meant must be there, what is there must be meant.
  const auto both = [&](const std::map<std::string, std::vector<int32_t>> &is,
                        const auto &wanted, proto::Role role) -> Error {
    const auto check = [&](const std::string &name, int64_t stored,
                           int64_t value) -> Error {
      if (stored == value)
        return Error::success();
      return differs("'" + name + "' is " + std::to_string(stored) + ", not " +
                         std::to_string(value),
                     neuronName(population, neuron));
    };
    const FieldValues standard = standardValues(image.target, role);
    const auto standardOf = [&](const std::string &name) {
      const auto found = standard.find(name);
      return found == standard.end() ? int64_t{0} : found->second;
    };
    for (const auto &[name, value] : wanted) {
      const auto found = is.find(name);
      if (Error error = check(
              name, found == is.end() ? standardOf(name) : found->second[k],
              value))
        return error;
    }
    for (const auto &[name, values] : is)
      if (!wanted.count(name))
        if (Error error = check(name, values[k], standardOf(name)))
          return error;
    return Error::success();
  };
  std::map<std::string, int32_t> fields, states;
  for (const auto &[name, values] : registers.population(population).own)
    fields[name] = valueOf(*values, neuron);
  for (const auto &[name, values] : meant.initial)
    states[name] = valueOf(values, neuron);
  if (Error error = both(tables.compartmentFields, fields, proto::COMPARTMENT))
    return error;
  return both(tables.initialState, states, proto::COMPARTMENT_STATE);
}

Error Comparer::neurons(uint32_t population) const {
  const RecoveredPopulation &at = recovered.populations()[of[population]];
  const Population &meant = network.populations[population];
  const RegisterTable::OfPopulation &sets = registers.population(population);
  using Table = RegisterTable::OfPopulation;
  // Neurons of a layer mostly share profiles: compare each pair once.
  std::array<std::pair<const FieldValues *, uint32_t>, 3> equal = {};
  for (uint32_t n = 0; n < at.core.size(); ++n) {
    const CoreTables &tables = image.cores[at.core[n]];
    const uint32_t k = at.compartment[n];
    if (tables.program >= image.programs.size() ||
        image.programs[tables.program].name != meant.program)
      return differs("its core does not run program '" + meant.program + "'",
                     neuronName(population, n));
    const std::pair<const FieldValues *, uint32_t> parts[] = {
        {&tables.compartmentProfiles[tables.profileOf[k]],
         Table::of(sets.profile, n)},
        {&tables.thresholdProfiles[tables.thresholdOf[k]],
         Table::of(sets.threshold, n)},
        {&tables.config, Table::of(sets.config, n)}};
    for (size_t i = 0; i < equal.size(); ++i) {
      if (equal[i] == parts[i])
        continue;
      if (Error error = set(*parts[i].first, registers.set(parts[i].second),
                            neuronName(population, n)))
        return error;
      equal[i] = parts[i];
    }
    if (Error error = own(population, n))
      return error;
  }
  return Error::success();
}

Error Comparer::unused() const {
  for (uint32_t c = 0; c < image.cores.size(); ++c) {
    const CoreTables &tables = image.cores[c];
    const FieldValues standard =
        standardValues(image.target, proto::COMPARTMENT);
    for (uint32_t k = 0; k < tables.compartments; ++k) {
      if (recovered.isUsed(c, k))
        continue;
      bool inert = tables.outFirst[k] == tables.outFirst[k + 1];
      for (const auto &[name, values] : tables.compartmentFields) {
        const auto found = standard.find(name);
        inert &= values[k] == (found == standard.end() ? 0 : found->second);
      }
      for (const auto &[name, values] : tables.initialState)
        inert &= values[k] == 0;
      if (!inert || k + 1 == tables.compartments)
        return differs("compartment " + std::to_string(k) +
                           " has no neuron, but is in use",
                       "core " + std::to_string(tables.core) + " of chip " +
                           std::to_string(tables.chip));
    }
  }
  return Error::success();
}

/// The ring of accumulators must hold every delay.
Error Comparer::delays() const {
  const proto::DelayRules &rules = image.target.proto().delays();
  for (const CoreTables &tables : image.cores) {
    const auto found = tables.config.find("delay_bits");
    const int64_t bits =
        found == tables.config.end() ? rules.min_delay_bits() : found->second;
    uint32_t longest = 0;
    for (size_t s = 0; s < tables.rows.synapses(); ++s)
      longest = std::max<uint32_t>(longest, tables.rows.delayOf(s));
    const bool legal =
        bits >= rules.min_delay_bits() && bits <= rules.max_delay_bits() &&
        (uint64_t{tables.compartments} << bits) <= rules.accumulator_words();
    if (!legal || (longest > 0 && longest + uint64_t{rules.headroom()} >
                                      (uint64_t{1} << bits)))
      return differs("delay_bits is " + std::to_string(bits) +
                         ", which does not hold a delay of " +
                         std::to_string(longest),
                     "core " + std::to_string(tables.core) + " of chip " +
                         std::to_string(tables.chip));
  }
  return Error::success();
}

Error Comparer::outputPort(const Network::Output &output) const {
  const std::string where = "output '" + output.name + "'";
  const RecoveredPopulation &at =
      recovered.populations()[of[output.population]];
  const proto::Port *port = nullptr;
  for (const proto::Port &candidate : image.proto.io().output())
    if (candidate.name() == output.name)
      port = &candidate;
  if (!port || !std::equal(port->shape().begin(), port->shape().end(),
                           at.shape.begin(), at.shape.end()))
    return differs("it is missing or has another shape", where);
  if (port->lag() != network.populations[output.population].lag)
    return differs(
        "its lag is " + std::to_string(port->lag()) + ", not " +
            std::to_string(network.populations[output.population].lag),
        where);
  const double scale =
      output.state.empty() ? 1 : network.populations[output.population].scale;
  if (port->state() != output.state || port->scale() != scale)
    return differs("it reads '" + port->state() + "' in units of 1/" +
                       std::to_string(port->scale()) + ", not '" +
                       output.state + "' in units of 1/" +
                       std::to_string(scale),
                   where);
  if (static_cast<size_t>(port->core_size()) != at.core.size() ||
      port->index_size() != port->core_size() ||
      port->first_size() != port->core_size() + 1)
    return differs("its lists have other lengths than its neurons", where);
  for (int n = 0; n < port->core_size(); ++n)
    if (port->first(n) != static_cast<uint32_t>(n) ||
        port->core(n) != at.core[static_cast<size_t>(n)] ||
        port->index(n) != at.compartment[static_cast<size_t>(n)])
      return differs("neuron " + std::to_string(n) +
                         " is read from a compartment that is not its own",
                     where);
  return Error::success();
}

Error Comparer::ports() const {
  size_t inputs = 0;
  for (const Population &population : network.populations)
    inputs += population.isInput;
  if (static_cast<size_t>(image.proto.io().input_size()) != inputs ||
      static_cast<size_t>(image.proto.io().output_size()) !=
          network.outputs.size())
    return differs("it has another number of inputs or outputs", "image");
  if (image.proto.io().dt_seconds() != network.dtSeconds)
    return differs("the time step is another", "image");
  for (const Network::Output &output : network.outputs)
    if (Error error = outputPort(output))
      return error;
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    if (const proto::Port *port = recovered.populations()[of[p]].port) {
      const auto &shape = network.populations[p].shape;
      if (!std::equal(port->shape().begin(), port->shape().end(), shape.begin(),
                      shape.end()))
        return differs("the shape of its port is another",
                       describePopulation(network, p));
    }
  return Error::success();
}

Error Comparer::firstDifference(uint32_t population, uint32_t neuron,
                                const std::vector<RecoveredSynapse> &meant,
                                const std::vector<RecoveredSynapse> &is) const {
  size_t i = 0;
  while (i < meant.size() && i < is.size() && meant[i] == is[i])
    ++i;
  const auto text = [&](const std::vector<RecoveredSynapse> &list) {
    if (i >= list.size())
      return std::string("nothing");
    const RecoveredSynapse &s = list[i];
    return "a synapse to neuron " + std::to_string(s.target) + " of '" +
           recovered.populations()[s.population].name + "' with weight " +
           std::to_string(s.mantissa) + " * 2^" +
           std::to_string(6 + s.exponent) + (s.onSum ? " (on the sum)" : "") +
           " and delay " + std::to_string(s.delay);
  };
  return differs("the image has " + text(is) + " where " + text(meant) +
                     " is meant",
                 neuronName(population, neuron));
}

Error Comparer::synapses(uint32_t population) {
  std::vector<Synapse> raw;
  std::vector<RecoveredSynapse> meant, is;
  for (uint32_t n = 0; n < network.populations[population].size(); ++n) {
    meant.clear();
    for (const Projection &projection : network.projections) {
      if (projection.source != population)
        continue;
      raw.clear();
      projection.connectivity->append(n, raw);
      const bool onSum = shiftsSum(network.populations[projection.target]);
      for (const Synapse &s : raw)
        meant.push_back({of[projection.target], s.target, s.delay,
                         projection.weightExp, onSum, s.mantissa});
    }
    canonicalize(meant);
    if (Error error = recovered.outgoing(of[population], n, is))
      return error;
    if (meant != is)
      return firstDifference(population, n, meant, is);
  }
  return Error::success();
}

Error Comparer::run() {
  if (Error error = matchPopulations())
    return error;
  if (Error error = ports())
    return error;
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    if (!network.populations[p].isInput)
      if (Error error = neurons(p))
        return error;
  if (Error error = unused())
    return error;
  if (Error error = delays())
    return error;
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    if (Error error = synapses(p))
      return error;
  return Error::success();
}

} // namespace

Error compare(const Network &network, const image::LoadedImage &image) {
  auto recovered = RecoveredNetwork::create(image);
  if (!recovered)
    return recovered.takeError();
  return Comparer(network, *recovered).run();
}

Error compare(const Network &network, const proto::Image &image) {
  auto loaded = image::load(image, "image");
  if (!loaded)
    return loaded.takeError();
  return compare(network, *loaded);
}

} // namespace hillock::mapping
