//===- runtime/replay/ReadCompartment.cpp - CUBA cases and networks -------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/programs/LibraryPrograms.h"
#include "runtime/replay/JsonRead.h"
#include "runtime/replay/Scenario.h"
#include <cstdlib>

namespace hillock::runtime {

Expected<image::Program> compartmentProgram(Dialect dialect) {
  switch (dialect) {
  case Dialect::Nengo:
    break;
  case Dialect::Lava:
    return libraryProgram("loihi1_compartment_lava");
  case Dialect::Brian2:
    return libraryProgram("loihi1_compartment_brian2");
  }
  return libraryProgram("loihi1_compartment");
}

namespace {

using image::SignMode;
using Params = std::map<std::string, int64_t>;

/// The register that makes vmax = 2^(9 + 2p) - 1 (nengo-loihi
/// builder/discretize.py).
Expected<int64_t> posVmLimit(int64_t vmax) {
  for (int64_t p = 0; p < 8; ++p)
    if (vmax == (int64_t{1} << (9 + 2 * p)) - 1)
      return p;
  return inputError("vmax " + std::to_string(vmax) +
                    " is not 2^(9 + 2p) - 1 for a p in 0..7");
}

/// The register that makes vmin = 1 - 2^n.
Expected<int64_t> negVmLimit(int64_t vmin) {
  for (int64_t n = 0; n < 24; ++n)
    if (vmin == 1 - (int64_t{1} << n))
      return n;
  return inputError("vmin " + std::to_string(vmin) +
                    " is not 1 - 2^n for an n in 0..23");
}

struct Wanted {
  const char *key, *param;
  int64_t fallback;
  bool required;
};

Error readParams(const JsonObject &entry, std::initializer_list<Wanted> wanted,
                 Params &params) {
  for (const Wanted &w : wanted) {
    Expected<int64_t> value = w.required ? integerAt(entry, w.key)
                                         : integerOr(entry, w.key, w.fallback);
    if (!value)
      return value.takeError();
    params[w.param] = *value;
  }
  return Error::success();
}

Error readLimits(const JsonObject &entry, Params &params) {
  Expected<int64_t> vmax = integerOr(entry, "vmax", 8388607);
  if (!vmax)
    return vmax.takeError();
  Expected<int64_t> vmin = integerOr(entry, "vmin", -8388607);
  if (!vmin)
    return vmin.takeError();
  Expected<int64_t> high = posVmLimit(*vmax);
  if (!high)
    return high.takeError();
  Expected<int64_t> low = negVmLimit(*vmin);
  if (!low)
    return low.takeError();
  params["pos_vm_limit"] = *high;
  params["neg_vm_limit"] = *low;
  return Error::success();
}

/// brian2_loihi counts the offset of the current's decay into its parameter.
Expected<Params> brianParams(const JsonObject &entry) {
  Params params;
  for (auto [ours, theirs, offset] :
       {std::tuple("decay_u", "decay_I", 1),
        std::tuple("decay_v", "decay_v", 0),
        std::tuple("vth", "threshold_v_mant", 0),
        std::tuple("refract_delay", "refractory", 0)}) {
    std::string key = std::string(ours) == "vth" ? "vth_mant" : ours;
    bool own = entry.get(key) != nullptr;
    Expected<int64_t> value =
        own ? integerAt(entry, key)
            : integerOr(entry, theirs, std::string(ours) == "refract_delay");
    if (!value)
      return value.takeError();
    params[ours] = *value - (own ? 0 : offset);
  }
  params["ds_offset"] = 1;
  params["dm_offset"] = 0;
  return params;
}

Expected<Scenario::Neuron> readNeuron(const JsonObject &entry,
                                      Dialect dialect) {
  Scenario::Neuron neuron;
  Expected<image::Program> program = compartmentProgram(dialect);
  if (!program)
    return program.takeError();
  neuron.program = std::move(*program);
  if (dialect == Dialect::Brian2) {
    Expected<Params> params = brianParams(entry);
    if (!params)
      return params.takeError();
    neuron.params = std::move(*params);
    return neuron;
  }
  if (Error error = readParams(entry,
                               {{"decay_u", "decay_u", 0, true},
                                {"decay_v", "decay_v", 0, true},
                                {"vth_mant", "vth", 0, true},
                                {"bias_mant", "bias_mant", 0, false},
                                {"bias_exp", "bias_exp", 0, false},
                                {"ds_offset", "ds_offset", 1, false},
                                {"dm_offset", "dm_offset", 0, false}},
                               neuron.params))
    return std::move(error);
  if (dialect == Dialect::Lava) {
    neuron.params["weight_exp"] = 0;
    return neuron;
  }
  if (Error error = readParams(
          entry, {{"refract_delay", "refract_delay", 1, false}}, neuron.params))
    return std::move(error);
  if (Error error = readLimits(entry, neuron.params))
    return std::move(error);
  return neuron;
}

/// Every synapse has a row and so a format of its own sign: eight bits then
/// hold any mantissa without a loss.
image::SynapseFormat ownFormat(int64_t mantissa, int64_t exponent, bool onSum) {
  image::SynapseFormat format;
  format.weightBits = 8;
  format.sign = mantissa < 0 ? SignMode::Inhibitory : SignMode::Excitatory;
  format.weightExp = static_cast<int8_t>(onSum ? 0 : exponent);
  format.compression = image::Compression::Sparse;
  format.exponentOnSum = onSum;
  return format;
}

Error readSynapses(const JsonObject &entry, Dialect dialect,
                   Scenario &scenario) {
  Expected<int64_t> exponent = integerOr(entry, "weight_exp", 0);
  if (!exponent)
    return exponent.takeError();
  if (*exponent < -8 || *exponent > 7)
    return inputError("weight_exp " + std::to_string(*exponent) +
                      " is not in -8..7");
  if (dialect == Dialect::Lava)
    scenario.neurons[0].params["weight_exp"] = *exponent;
  const llvm::json::Array *list = entry.getArray("synapses");
  for (size_t i = 0; list && i < list->size(); ++i) {
    std::string where = "synapse " + std::to_string(i);
    const JsonObject *synapse = (*list)[i].getAsObject();
    if (!synapse)
      return inputError("not an object", where);
    Expected<int64_t> mantissa = integerAt(*synapse, "mant");
    if (!mantissa)
      return mantissa.takeError();
    if (*mantissa < -256 || *mantissa > 255)
      return inputError(
          "mant " + std::to_string(*mantissa) + " is not in -256..255", where);
    auto steps = integers(synapse->getArray("input_spike_steps"), where);
    if (!steps)
      return steps.takeError();
    Scenario::Synapse result;
    result.source = static_cast<uint32_t>(scenario.inputs.size());
    result.mantissa = static_cast<int32_t>(*mantissa);
    result.format = ownFormat(*mantissa, *exponent, dialect == Dialect::Lava);
    if (*mantissa == -256)
      result.format.sign = SignMode::Mixed;
    scenario.synapses.push_back(result);
    scenario.inputs.push_back(std::move(*steps));
  }
  return Error::success();
}

Error readTraces(const JsonObject &trace, uint32_t neuron, Dialect dialect,
                 Scenario &scenario) {
  for (const auto &[key, value] : trace) {
    Scenario::Trace result;
    result.neuron = neuron;
    result.field = key.str();
    result.state = key.str();
    auto expected = integers(value.getAsArray(), "trace '" + key.str() + "'");
    if (!expected)
      return expected.takeError();
    result.expected = std::move(*expected);
    // nengo-loihi records q after its wrap, the emulator shows the sum before
    // it; that the program wraps is seen in u.
    if (key == "q" && dialect == Dialect::Nengo)
      result.wrapBits = 21;
    scenario.traces.push_back(std::move(result));
  }
  // JSON objects have no order of their own here: fix one.
  std::sort(scenario.traces.begin(), scenario.traces.end(),
            [](const auto &a, const auto &b) {
              return std::tie(a.neuron, a.field) < std::tie(b.neuron, b.field);
            });
  return Error::success();
}

/// brian2_loihi's {I, v} with spike times beside them.
Error readBrianTraces(const JsonObject &entry, Scenario &scenario) {
  const JsonObject *trace = entry.getObject("trace");
  const JsonObject &from = trace ? *trace : entry;
  size_t steps = SIZE_MAX;
  for (auto [field, state] : {std::pair("I", "u"), std::pair("v", "v")}) {
    auto values = integers(from.getArray(field), field);
    if (!values)
      return values.takeError();
    // The arrays run a few steps past the recording of the others.
    if (values->size() > 200)
      values->resize(200);
    steps = std::min(steps, values->size());
    scenario.traces.push_back({0, field, state, {}, std::move(*values)});
  }
  const llvm::json::Array *times = from.getArray("spike_times");
  auto list =
      integers(times ? times : entry.getArray("spike_times"), "spike_times");
  if (!list)
    return list.takeError();
  std::vector<int64_t> spikes(steps, 0);
  for (int64_t time : *list)
    if (time >= 0 && uint64_t(time) < steps)
      spikes[size_t(time)] = 1;
  scenario.traces.push_back({0, "spike_times", "s", {}, std::move(spikes)});
  return Error::success();
}

} // namespace

Expected<Scenario> readCompartmentCase(const JsonObject &entry,
                                       Dialect dialect) {
  Scenario scenario;
  scenario.name = textOr(entry, "name", "case");
  Expected<Scenario::Neuron> neuron = readNeuron(entry, dialect);
  if (!neuron)
    return neuron.takeError();
  scenario.neurons.push_back(std::move(*neuron));
  if (Error error = readSynapses(entry, dialect, scenario))
    return std::move(error);
  const JsonObject *trace = entry.getObject("trace");
  bool brianTrace = entry.get("spike_times") ||
                    (trace && (trace->get("I") || trace->get("spike_times")));
  if (brianTrace) {
    if (Error error = readBrianTraces(entry, scenario))
      return std::move(error);
    return scenario;
  }
  if (!trace)
    return inputError("field 'trace' is missing");
  if (Error error = readTraces(*trace, 0, dialect, scenario))
    return std::move(error);
  return scenario;
}

namespace {

/// An effective weight as mantissa * 2^(6 + exponent) with the smallest
/// exponent that holds it.
Expected<Scenario::Synapse> effectiveSynapse(int64_t weight) {
  for (int exponent = -6; exponent <= 7; ++exponent) {
    int64_t unit = int64_t{1} << (6 + exponent);
    // Below 64 an exponent would cut each weight to a multiple of 64.
    if (exponent < 0 || weight % unit != 0)
      continue;
    int64_t mantissa = weight / unit;
    if (mantissa < -255 || mantissa > 255)
      continue;
    Scenario::Synapse synapse;
    synapse.fromInput = false;
    synapse.mantissa = static_cast<int32_t>(mantissa);
    synapse.format = ownFormat(mantissa, exponent, false);
    return synapse;
  }
  return inputError("weight " + std::to_string(weight) +
                    " is not mantissa * 2^(6 + exponent)");
}

} // namespace

Expected<Scenario> readNetwork(const JsonObject &entry, Dialect dialect) {
  Scenario scenario;
  scenario.name = textOr(entry, "name", "network");
  const JsonObject *traces = entry.getObject("trace");
  if (!traces)
    return inputError("field 'trace' is missing");
  std::vector<std::string> names;
  for (const auto &[key, value] : *traces)
    names.push_back(key.str());
  std::sort(names.begin(), names.end());
  for (uint32_t n = 0; n < names.size(); ++n) {
    const JsonObject *own = entry.getObject(names[n]);
    const JsonObject *trace = traces->getObject(names[n]);
    if (!own || !trace)
      return inputError("neuron '" + names[n] + "' has no parameters");
    // What all neurons share stands beside them.
    JsonObject merged(entry);
    for (const auto &[key, value] : *own)
      merged[key] = value;
    Expected<Scenario::Neuron> neuron = readNeuron(merged, dialect);
    if (!neuron)
      return neuron.takeError();
    neuron->name = names[n];
    scenario.neurons.push_back(std::move(*neuron));
    if (Error error = readTraces(*trace, n, dialect, scenario))
      return std::move(error);
  }
  for (uint32_t from = 0; from < names.size(); ++from)
    for (uint32_t to = 0; to < names.size(); ++to) {
      std::string key = "w_" + names[from] + "_to_" + names[to];
      if (!entry.get(key))
        continue;
      Expected<int64_t> weight = integerAt(entry, key);
      if (!weight)
        return weight.takeError();
      Expected<Scenario::Synapse> synapse = effectiveSynapse(*weight);
      if (!synapse)
        return synapse.takeError();
      synapse->source = from;
      synapse->target = to;
      synapse->format.exponentOnSum = dialect == Dialect::Lava;
      scenario.synapses.push_back(*synapse);
    }
  return scenario;
}

} // namespace hillock::runtime
