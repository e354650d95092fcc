//===- runtime/replay/ReadLava.cpp - Lava's further processes -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/JsonRead.h"
#include "runtime/replay/Scenario.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime {

namespace {

using image::SignMode;

/// lava utils/weightutils.py: the sign mode that all weights allow.
SignMode signOf(const std::vector<std::vector<int64_t>> &weights) {
  bool positive = false, negative = false;
  for (const auto &row : weights)
    for (int64_t w : row) {
      positive |= w > 0;
      negative |= w < 0;
    }
  return positive && negative ? SignMode::Mixed
         : negative           ? SignMode::Inhibitory
                              : SignMode::Excitatory;
}

Expected<SignMode> readSign(const JsonObject &params,
                            const std::vector<std::vector<int64_t>> &weights) {
  const Json *sign = params.get("sign_mode");
  if (!sign || sign->getAsNull())
    return signOf(weights);
  if (auto number = asInteger(*sign)) {
    if (*number == 0)
      return signOf(weights);
    if (*number >= 1 && *number <= 3)
      return static_cast<SignMode>(*number);
  }
  if (auto text = sign->getAsString()) {
    llvm::StringRef name = text->rsplit('.').second;
    name = name.empty() ? *text : name;
    if (name.starts_with_insensitive("mix"))
      return SignMode::Mixed;
    if (name.starts_with_insensitive("exc"))
      return SignMode::Excitatory;
    if (name.starts_with_insensitive("inh"))
      return SignMode::Inhibitory;
    if (name.starts_with_insensitive("null"))
      return signOf(weights);
  }
  return inputError("sign_mode is not mixed, excitatory or inhibitory");
}

/// lava utils/weightutils.py, truncate_weights: eight bits first, then what
/// does not fit into the field is cut from below; of an inhibitory weight the
/// magnitude is cut.
int64_t truncate(int64_t weight, SignMode sign, int64_t bits) {
  int64_t low = sign == SignMode::Excitatory   ? 0
                : sign == SignMode::Inhibitory ? -255
                                               : -256;
  weight =
      std::clamp<int64_t>(weight, low, sign == SignMode::Inhibitory ? 0 : 255);
  int64_t cut = 8 - bits + (sign == SignMode::Mixed ? 1 : 0);
  if (sign == SignMode::Inhibitory)
    return -((-weight >> cut) << cut);
  return (weight >> cut) * (int64_t{1} << cut);
}

/// A width that the chip has and that holds the mantissas: there is no 7.
uint8_t storedBits(int64_t bits) { return bits == 7 ? 8 : uint8_t(bits); }

Expected<std::vector<std::vector<int64_t>>>
readMatrix(const JsonObject &params, const char *key, bool required) {
  std::vector<std::vector<int64_t>> result;
  const Json *value = params.get(key);
  if (!value && !required)
    return result;
  const llvm::json::Array *rows = value ? value->getAsArray() : nullptr;
  if (!rows)
    return inputError(std::string("params.") + key + " is not a list of lists");
  // One neuron's weights may come as a plain list.
  if (!rows->empty() && !rows->front().getAsArray()) {
    auto row = integers(rows, key);
    if (!row)
      return row.takeError();
    result.push_back(std::move(*row));
    return result;
  }
  for (const Json &row : *rows) {
    auto numbers = integers(row.getAsArray(), key);
    if (!numbers)
      return numbers.takeError();
    result.push_back(std::move(*numbers));
  }
  return result;
}

Error readTrains(const JsonObject &entry, const JsonObject *trains,
                 Scenario &scenario) {
  const llvm::json::Array *inputs = entry.getArray("inputs");
  if (!inputs)
    return inputError("field 'inputs' is missing");
  for (const Json &input : *inputs) {
    if (auto name = input.getAsString()) {
      auto steps = integers(trains ? trains->getArray(*name) : nullptr,
                            "meta.input_trains '" + name->str() + "'");
      if (!steps)
        return steps.takeError();
      scenario.inputs.push_back(std::move(*steps));
      continue;
    }
    // Per-step values: a spike in each step that is not zero.
    auto values = integers(input.getAsArray(), "inputs");
    if (!values)
      return values.takeError();
    std::vector<int64_t> steps;
    for (size_t i = 0; i < values->size(); ++i)
      if ((*values)[i] != 0)
        steps.push_back(int64_t(i) + 1);
    scenario.inputs.push_back(std::move(steps));
  }
  return Error::success();
}

struct DenseWeights {
  std::vector<std::vector<int64_t>> weights, delays;
  int64_t bits = 8, exponent = 0;
  SignMode sign = SignMode::Mixed;
};

Expected<DenseWeights> readDense(const JsonObject &params) {
  DenseWeights dense;
  auto weights = readMatrix(params, "weights", true);
  if (!weights)
    return weights.takeError();
  auto delays = readMatrix(params, "delays", false);
  if (!delays)
    return delays.takeError();
  dense.weights = std::move(*weights);
  dense.delays = std::move(*delays);
  for (auto [key, to, low, high] :
       {std::tuple("num_weight_bits", &dense.bits, 1, 8),
        std::tuple("weight_exp", &dense.exponent, -8, 7)}) {
    Expected<int64_t> value = integerOr(params, key, *to);
    if (!value)
      return value.takeError();
    if (*value < low || *value > high)
      return inputError(std::string("params.") + key + " is " +
                        std::to_string(*value) + ", not in " +
                        std::to_string(low) + ".." + std::to_string(high));
    *to = *value;
  }
  Expected<SignMode> sign = readSign(params, dense.weights);
  if (!sign)
    return sign.takeError();
  dense.sign = *sign;
  return dense;
}

Error addDense(const DenseWeights &dense, Scenario &scenario) {
  if (dense.weights.size() != 1)
    return inputError("params.weights has " +
                      std::to_string(dense.weights.size()) +
                      " neurons, one is known how to compare");
  size_t count = dense.weights[0].size();
  if (count != scenario.inputs.size())
    return inputError(std::to_string(count) + " weights for " +
                      std::to_string(scenario.inputs.size()) + " inputs");
  for (size_t k = 0; k < count; ++k) {
    Scenario::Synapse synapse;
    synapse.source = static_cast<uint32_t>(k);
    int64_t weight = truncate(dense.weights[0][k], dense.sign, dense.bits);
    synapse.mantissa = static_cast<int32_t>(weight);
    synapse.format.weightBits = storedBits(dense.bits);
    synapse.format.sign = dense.sign;
    synapse.format.exponentOnSum = true;
    if (!dense.delays.empty()) {
      if (dense.delays.size() != 1 || dense.delays[0].size() != count)
        return inputError("params.delays does not match params.weights");
      int64_t delay = dense.delays[0][k];
      if (delay < 0 || delay > 63)
        return inputError("delay " + std::to_string(delay) +
                          " is not in 0..63");
      synapse.delay = static_cast<uint32_t>(delay);
      synapse.format.delayBits = 6;
    }
    scenario.synapses.push_back(synapse);
  }
  scenario.neurons[0].params["weight_exp"] = dense.exponent;
  return Error::success();
}

/// The parameters that the program reads, by the names that the file uses.
Error readLifParams(const JsonObject &params, Scenario::Neuron &neuron) {
  struct Name {
    const char *param, *key;
    int64_t fallback;
  };
  for (const Name &name :
       std::initializer_list<Name>{{"decay_u", "decay_u", 0},
                                   {"decay_v", "decay_v", 0},
                                   {"bias_mant", "bias_mant", 0},
                                   {"bias_exp", "bias_exp", 0},
                                   {"ds_offset", "ds_offset", 1},
                                   {"dm_offset", "dm_offset", 0},
                                   {"vth", "vth_mant", 10},
                                   {"vth_hi", "vth_hi_mant", 10},
                                   {"vth_lo", "vth_lo_mant", -10},
                                   {"reset_interval", "reset_interval", 1},
                                   {"reset_offset", "reset_offset", 0}}) {
    if (neuron.program.paramIndex(name.param) < 0)
      continue;
    Expected<int64_t> value = integerOr(params, name.key, name.fallback);
    if (!value)
      return value.takeError();
    neuron.params[name.param] = *value;
  }
  return Error::success();
}

Error readLif(const JsonObject &entry, const JsonObject &params,
              const JsonObject *trains, image::Program program,
              Scenario &scenario) {
  scenario.neurons[0].program = std::move(program);
  if (Error error = readLifParams(params, scenario.neurons[0]))
    return error;
  if (Error error = readTrains(entry, trains, scenario))
    return error;
  Expected<DenseWeights> dense = readDense(params);
  if (!dense)
    return dense.takeError();
  return addDense(*dense, scenario);
}

/// Values a step that reach the neuron without a synapse.
Error readValues(const JsonObject &entry, Scenario &scenario) {
  const Json *inputs = entry.get("inputs");
  auto add = [&](const Json *from, uint32_t port) -> Error {
    const llvm::json::Array *list = from ? from->getAsArray() : nullptr;
    if (list && list->size() == 1 && list->front().getAsArray())
      list = list->front().getAsArray();
    auto values = integers(list, "inputs");
    if (!values)
      return values.takeError();
    scenario.injections.push_back({0, port, std::move(*values)});
    return Error::success();
  };
  if (const JsonObject *parts = inputs ? inputs->getAsObject() : nullptr) {
    if (Error error = add(parts->get("real"), 0))
      return error;
    return add(parts->get("imag"), 1);
  }
  return add(inputs, 0);
}

Error readSigmaDelta(const std::string &kind, const JsonObject &params,
                     Scenario::Neuron &neuron) {
  int64_t spikeExp = 0, stateExp = 0, cumulative = 0, vth = 0, bias = 0;
  for (auto [key, to, low, high] :
       {std::tuple("spike_exp", &spikeExp, int64_t{0}, int64_t{24}),
        std::tuple("state_exp", &stateExp, int64_t{0}, int64_t{24}),
        std::tuple("cum_error", &cumulative, int64_t{0}, int64_t{1}),
        std::tuple("vth", &vth, int64_t{0}, int64_t{INT32_MAX}),
        std::tuple("bias", &bias, int64_t{INT32_MIN}, int64_t{INT32_MAX})}) {
    Expected<int64_t> value = integerOr(params, key, 0);
    if (!value)
      return value.takeError();
    if (*value < low || *value > high)
      return inputError(std::string("params.") + key + " is " +
                        std::to_string(*value));
    *to = *value;
  }
  int64_t scale = int64_t{1} << std::min<int64_t>(spikeExp + stateExp, 30);
  if (vth * scale > INT32_MAX || std::abs(bias * scale) > INT32_MAX)
    return inputError("vth or bias does not fit 32 bits in the state's scale");
  std::string mode = textOr(params, "act_mode", "relu");
  llvm::StringRef modeName(mode);
  bool unit = modeName.contains_insensitive("unit") ||
              (params.getInteger("act_mode").value_or(1) == 0);
  neuron.program = kind == "Delta"
                       ? programs::delta(cumulative != 0)
                       : programs::sigmaDelta(!unit, cumulative != 0);
  if (kind == "Delta")
    neuron.params["in_shift"] = spikeExp + stateExp;
  else
    neuron.params["bias"] = bias * scale;
  neuron.params["vth"] = vth * scale;
  neuron.params["out_shift"] = stateExp;
  return Error::success();
}

/// sin and cos of the turn a step, truncated as lava proc/rf/models.py does.
Error readResonator(bool izhikevich, const JsonObject &params,
                    Scenario::Neuron &neuron) {
  Expected<int64_t> stateExp = integerOr(params, "state_exp", 0);
  if (!stateExp)
    return stateExp.takeError();
  Expected<int64_t> decayBits = integerOr(params, "decay_bits", 12);
  if (!decayBits)
    return decayBits.takeError();
  if (*decayBits < 1 || *decayBits > 24 || *stateExp < 0 || *stateExp > 24)
    return inputError("params.decay_bits or state_exp is out of range");
  double period = params.getNumber("period").value_or(10);
  double alpha = params.getNumber("alpha").value_or(0.07);
  double keep = (1 - alpha) * std::ldexp(1.0, int(*decayBits));
  double turn = 2 * std::acos(-1.0) / period;
  Expected<int64_t> sin =
      integerOr(params, "sin_decay", int64_t(keep * std::sin(turn)));
  if (!sin)
    return sin.takeError();
  Expected<int64_t> cos =
      integerOr(params, "cos_decay", int64_t(keep * std::cos(turn)));
  if (!cos)
    return cos.takeError();
  double vth = params.getNumber("vth").value_or(1);
  Expected<int64_t> scaled = integerOr(
      params, "vth_scaled", int64_t(vth * std::ldexp(1.0, int(*stateExp))));
  if (!scaled)
    return scaled.takeError();
  neuron.program = programs::resonator(izhikevich, int(*decayBits));
  neuron.params = {{"sin_decay", *sin},
                   {"cos_decay", *cos},
                   {"in_shift", *stateExp},
                   {"vth", *scaled}};
  return Error::success();
}

Error readDirect(const std::string &kind, const JsonObject &entry,
                 const JsonObject &params, Scenario &scenario) {
  Scenario::Neuron &neuron = scenario.neurons[0];
  if (Error error = readValues(entry, scenario))
    return error;
  if (kind == "Delta" || kind == "SigmaDelta")
    return readSigmaDelta(kind, params, neuron);
  if (kind == "RF" || kind == "RF_IZ")
    return readResonator(kind == "RF_IZ", params, neuron);
  if (kind == "Sigma") {
    neuron.program = programs::sigma();
    return Error::success();
  }
  if (kind == "GradedVec" || kind == "GradedReluVec") {
    neuron.program = programs::gradedVec(kind == "GradedReluVec");
    Expected<int64_t> vth = integerOr(params, "vth", 1);
    if (!vth)
      return vth.takeError();
    neuron.params["vth"] = *vth;
    return Error::success();
  }
  return inputError("no program for processes of kind '" + kind + "'");
}

Error readTraces(const JsonObject &entry, Scenario &scenario) {
  const JsonObject *trace = entry.getObject("trace");
  if (!trace)
    return inputError("field 'trace' is missing");
  for (const auto &[key, value] : *trace) {
    auto expected = integers(value.getAsArray(), "trace '" + key.str() + "'");
    if (!expected)
      return expected.takeError();
    std::string state = key == "s_out" ? "s" : key.str();
    scenario.traces.push_back({0, key.str(), state, {}, std::move(*expected)});
  }
  std::sort(scenario.traces.begin(), scenario.traces.end(),
            [](const auto &a, const auto &b) { return a.field < b.field; });
  return Error::success();
}

Error readProcess(const std::string &kind, const JsonObject &entry,
                  const JsonObject &params, const JsonObject *trains,
                  Scenario &scenario) {
  if (kind == "LIF")
    return readLif(entry, params, trains, programs::lavaLif(), scenario);
  if (kind == "LIFReset")
    return readLif(entry, params, trains, programs::lavaLifReset(), scenario);
  if (kind == "TernaryLIF")
    return readLif(entry, params, trains, programs::ternaryLif(), scenario);
  return readDirect(kind, entry, params, scenario);
}

} // namespace

Expected<Scenario> readLavaExtra(const JsonObject &entry,
                                 const JsonObject *trains) {
  Scenario scenario;
  scenario.name = textOr(entry, "name", "extra");
  scenario.neurons.resize(1);
  const JsonObject none;
  const JsonObject *params = entry.getObject("params");
  params = params ? params : &none;
  std::string full = textOr(entry, "kind", "");
  // "LIF+Dense": the connection only matters through its weights and delays.
  std::string kind = full.substr(0, full.find('+'));
  if (Error error = readProcess(kind, entry, *params, trains, scenario))
    return std::move(error);
  if (Error error = readTraces(entry, scenario))
    return std::move(error);
  return scenario;
}

} // namespace hillock::runtime
