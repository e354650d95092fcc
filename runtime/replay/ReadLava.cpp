//===- runtime/replay/ReadLava.cpp - Lava's further processes -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/programs/LibraryPrograms.h"
#include "runtime/replay/JsonRead.h"
#include "runtime/replay/Scenario.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime {

namespace {

using image::SignMode;
using Params = std::map<std::string, int64_t>;

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
  return Error::success();
}

/// The parameters that the program reads, by the names that the file uses. What
/// Lava does not have gets the value that changes nothing.
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
                                   {"reset_offset", "reset_offset", 0},
                                   {"refract_delay", "refract_delay", 1},
                                   {"pos_vm_limit", "pos_vm_limit", 7},
                                   {"neg_vm_limit", "neg_vm_limit", 23}}) {
    Expected<int64_t> value = integerOr(params, name.key, name.fallback);
    if (!value)
      return value.takeError();
    if (neuron.program.paramIndex(name.param) >= 0)
      neuron.params[name.param] = *value;
    else if (*value != 0 && llvm::StringRef(name.param) == "bias_mant")
      return inputError("the dialect's compartment has no bias");
    // Models without these parameters have them built in as 1 and 0.
    else if (llvm::StringRef(name.param) == "ds_offset")
      neuron.params["decay_u"] += *value - 1;
    else if (llvm::StringRef(name.param) == "dm_offset")
      neuron.params["decay_v"] += *value;
  }
  return Error::success();
}

/// Adds up in advance what arrives in each step, as Lava's Dense does: a
/// negative exponent shifts the sum, which no sum of shifted weights equals.
void injectSums(int64_t exponent, Scenario &scenario) {
  size_t steps = 0;
  for (const Scenario::Trace &trace : scenario.traces)
    steps = std::max(steps, trace.expected.size());
  std::vector<int64_t> sums(steps);
  for (const Scenario::Synapse &synapse : scenario.synapses)
    for (int64_t spike : scenario.inputs[synapse.source])
      if (spike >= 0 && uint64_t(spike) + synapse.delay < steps)
        sums[uint64_t(spike) + synapse.delay] += synapse.mantissa;
  for (int64_t &sum : sums)
    sum = (sum >> -exponent) * 64;
  scenario.synapses.clear();
  scenario.inputs.clear();
  scenario.injections.push_back({0, 0, std::move(sums)});
}

/// Where the weights' exponent goes: to a model that takes the sum of the
/// mantissas, else into the synapses. Only Lava shifts a sum.
void setExponent(int64_t exponent, Dialect dialect, Scenario &scenario) {
  bool onSum = scenario.neurons[0].program.paramIndex("weight_exp") >= 0;
  if (onSum)
    scenario.neurons[0].params["weight_exp"] = exponent;
  else if (dialect == Dialect::Lava && exponent < 0)
    return injectSums(exponent, scenario);
  for (Scenario::Synapse &synapse : scenario.synapses) {
    synapse.format.exponentOnSum = onSum;
    synapse.format.weightExp = static_cast<int8_t>(onSum ? 0 : exponent);
  }
}

Error readLif(const JsonObject &entry, const JsonObject &params,
              const JsonObject *trains, Expected<image::Program> program,
              Dialect dialect, Scenario &scenario) {
  if (!program)
    return program.takeError();
  Params &values = scenario.neurons[0].params;
  scenario.neurons[0].program = std::move(*program);
  if (Error error = readLifParams(params, scenario.neurons[0]))
    return error;
  if (dialect != Dialect::Lava && values.count("bias_exp") &&
      values["bias_exp"] < 0)
    return inputError("bias_exp is " + std::to_string(values["bias_exp"]) +
                      ", only Lava shifts a bias right");
  if (values.count("reset_offset") && values["reset_interval"] < 1)
    return inputError("params.reset_interval is " +
                      std::to_string(values["reset_interval"]));
  if (values.count("reset_offset"))
    values["reset_offset"] %= values["reset_interval"];
  if (Error error = readTrains(entry, trains, scenario))
    return error;
  Expected<DenseWeights> dense = readDense(params);
  if (!dense)
    return dense.takeError();
  if (Error error = addDense(*dense, scenario))
    return error;
  setExponent(dense->exponent, dialect, scenario);
  return Error::success();
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

/// A program under the names that Lava gives its parameters.
Error readSigmaDelta(const JsonObject &params, Scenario::Neuron &neuron) {
  struct Range {
    const char *key;
    int64_t low, high;
  };
  for (const Range &range :
       std::initializer_list<Range>{{"spike_exp", 0, 24},
                                    {"state_exp", 0, 24},
                                    {"cum_error", 0, 1},
                                    {"vth", 0, INT32_MAX},
                                    {"bias", INT32_MIN, INT32_MAX}}) {
    if (neuron.program.paramIndex(range.key) < 0)
      continue;
    Expected<int64_t> value = integerOr(params, range.key, 0);
    if (!value)
      return value.takeError();
    if (*value < range.low || *value > range.high)
      return inputError(std::string("params.") + range.key + " is " +
                        std::to_string(*value));
    neuron.params[range.key] = *value;
  }
  int64_t scale = neuron.params["spike_exp"] + neuron.params["state_exp"];
  bool biased = neuron.program.paramIndex("bias") >= 0;
  int64_t bias = biased ? neuron.params["bias"] : 0;
  if (scale > 30 || (neuron.params["vth"] << scale) > INT32_MAX ||
      (std::abs(bias) << scale) > INT32_MAX)
    return inputError("vth or bias does not fit 32 bits in the state's scale");
  if (neuron.program.paramIndex("relu") < 0)
    return Error::success();
  std::string mode = textOr(params, "act_mode", "relu");
  bool unit = llvm::StringRef(mode).contains_insensitive("unit") ||
              (params.getInteger("act_mode").value_or(1) == 0);
  neuron.params["relu"] = unit ? 0 : 1;
  return Error::success();
}

/// A threshold that is no integer before it is scaled: the scale goes to the
/// inputs instead of into the program.
void scaleInputs(int64_t exponent, Scenario &scenario) {
  for (Scenario::Injection &injection : scenario.injections)
    for (int64_t &value : injection.values)
      value = int64_t(static_cast<int32_t>(value)) * (int64_t{1} << exponent);
}

/// sin and cos of the turn a step, truncated as lava proc/rf/models.py does.
Error readResonator(const JsonObject &params, Scenario &scenario) {
  Expected<int64_t> stateExp = integerOr(params, "state_exp", 0);
  if (!stateExp)
    return stateExp.takeError();
  Expected<int64_t> decayBits = integerOr(params, "decay_bits", 12);
  if (!decayBits)
    return decayBits.takeError();
  // The program has factors of 12 bits; those with fewer become such exactly.
  if (*decayBits < 1 || *decayBits > 12 || *stateExp < 0 || *stateExp > 24)
    return inputError("params.decay_bits is not in 1..12 or state_exp not in "
                      "0..24");
  double period = params.getNumber("period").value_or(10);
  double alpha = params.getNumber("alpha").value_or(0.07);
  double keep = (1 - alpha) * std::ldexp(1.0, int(*decayBits));
  double turn = 2 * std::acos(-1.0) / period;
  Scenario::Neuron &neuron = scenario.neurons[0];
  for (auto [key, fallback] :
       {std::pair("sin_decay", int64_t(keep * std::sin(turn))),
        std::pair("cos_decay", int64_t(keep * std::cos(turn)))}) {
    Expected<int64_t> value = integerOr(params, key, fallback);
    if (!value)
      return value.takeError();
    neuron.params[key] = *value * (int64_t{1} << (12 - *decayBits));
  }
  double vth = params.getNumber("vth").value_or(1);
  Expected<int64_t> scaled = integerOr(
      params, "vth_scaled", int64_t(vth * std::ldexp(1.0, int(*stateExp))));
  if (!scaled)
    return scaled.takeError();
  bool whole = *scaled % (int64_t{1} << *stateExp) == 0;
  if (!whole)
    scaleInputs(*stateExp, scenario);
  neuron.params["state_exp"] = whole ? *stateExp : 0;
  neuron.params["vth"] = whole ? *scaled >> *stateExp : *scaled;
  return Error::success();
}

/// The integrator saturates where the 24 bits end that Lava declares for sigma;
/// Lava's arrays go on. Such a sum is no difference of the neurons: refused.
Error readSigma(Scenario &scenario) {
  constexpr int64_t most = (1 << 23) - 1;
  int64_t sum = 0;
  for (int64_t value : scenario.injections[0].values) {
    sum += static_cast<int32_t>(value);
    if (std::abs(sum) > most)
      return inputError("the inputs add up to " + std::to_string(sum) +
                        ", sigma has 24 bits (at most " + std::to_string(most) +
                        ")");
  }
  scenario.neurons[0].params["bias"] = 0;
  return Error::success();
}

/// Processes that take their values without a synapse.
Error readDirect(const std::string &kind, const JsonObject &entry,
                 const JsonObject &params, Scenario &scenario) {
  const std::pair<const char *, const char *> models[] = {
      {"Delta", "delta"},
      {"SigmaDelta", "sigma_delta"},
      {"Sigma", "i"},
      {"RF", "rf"},
      {"RF_IZ", "rf_iz"},
      {"GradedVec", "graded_vec"},
      {"GradedReluVec", "graded_relu_vec"}};
  auto model = std::find_if(std::begin(models), std::end(models),
                            [&](const auto &m) { return kind == m.first; });
  if (model == std::end(models))
    return inputError("no program for processes of kind '" + kind + "'");
  Expected<image::Program> program = libraryProgram(model->second);
  if (!program)
    return program.takeError();
  Scenario::Neuron &neuron = scenario.neurons[0];
  neuron.program = std::move(*program);
  if (Error error = readValues(entry, scenario))
    return error;
  if (kind == "Delta" || kind == "SigmaDelta")
    return readSigmaDelta(params, neuron);
  if (kind == "RF" || kind == "RF_IZ")
    return readResonator(params, scenario);
  if (kind == "Sigma")
    return readSigma(scenario);
  Expected<int64_t> vth = integerOr(params, "vth", 1);
  if (!vth)
    return vth.takeError();
  neuron.params["vth"] = *vth;
  return Error::success();
}

/// What the model calls a variable of Lava's process. Those of GradedVec hold
/// nothing from one step to the next, so the model has no state for it.
std::string stateOf(const std::string &kind, llvm::StringRef variable) {
  if (variable == "s_out")
    return "s";
  if (kind.starts_with("RF") && variable == "real")
    return "re";
  if (kind.starts_with("RF") && variable == "imag")
    return "im";
  if (kind == "Sigma" && variable == "sigma")
    return "v";
  if (kind.starts_with("Graded") && variable == "v")
    return "";
  return variable.str();
}

Error readTraces(const std::string &kind, const JsonObject &entry,
                 Scenario &scenario) {
  const JsonObject *trace = entry.getObject("trace");
  if (!trace)
    return inputError("field 'trace' is missing");
  for (const auto &[key, value] : *trace) {
    auto expected = integers(value.getAsArray(), "trace '" + key.str() + "'");
    if (!expected)
      return expected.takeError();
    scenario.traces.push_back(
        {0, key.str(), stateOf(kind, key), {}, std::move(*expected)});
  }
  std::sort(scenario.traces.begin(), scenario.traces.end(),
            [](const auto &a, const auto &b) { return a.field < b.field; });
  return Error::success();
}

Error readProcess(const std::string &kind, const JsonObject &entry,
                  const JsonObject &params, const JsonObject *trains,
                  Dialect dialect, Scenario &scenario) {
  if (kind == "LIF")
    return readLif(entry, params, trains, compartmentProgram(dialect), dialect,
                   scenario);
  if (kind == "LIFReset")
    return readLif(entry, params, trains, libraryProgram("lif_reset"),
                   Dialect::Lava, scenario);
  if (kind == "TernaryLIF")
    return readLif(entry, params, trains, libraryProgram("ternary_lif"),
                   Dialect::Lava, scenario);
  return readDirect(kind, entry, params, scenario);
}

} // namespace

Expected<Scenario> readLavaExtra(const JsonObject &entry,
                                 const JsonObject *trains, Dialect dialect) {
  Scenario scenario;
  scenario.name = textOr(entry, "name", "extra");
  scenario.neurons.resize(1);
  const JsonObject none;
  const JsonObject *params = entry.getObject("params");
  params = params ? params : &none;
  std::string full = textOr(entry, "kind", "");
  // "LIF+Dense": the connection only matters through its weights and delays.
  std::string kind = full.substr(0, full.find('+'));
  if (Error error = readTraces(kind, entry, scenario))
    return std::move(error);
  if (Error error =
          readProcess(kind, entry, *params, trains, dialect, scenario))
    return std::move(error);
  return scenario;
}

} // namespace hillock::runtime
