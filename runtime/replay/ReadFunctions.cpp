//===- runtime/replay/ReadFunctions.cpp - Tables of single functions ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tables recorded from nengo-loihi's builder/discretize.py and block.py.
// What happens on the chip (decay, wrap, weights) goes through an image and the
// emulator like any case; what a host computes is computed here.
//
//===----------------------------------------------------------------------===//
#include "image/Pack.h"
#include "image/ProgramBuilder.h"
#include "runtime/replay/JsonRead.h"
#include "runtime/replay/Scenario.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime {

namespace {

using Builder = image::ProgramBuilder;
using Row = std::map<std::string, int64_t>;

Expected<std::vector<Row>> readRows(const JsonObject &functions,
                                    llvm::StringRef table,
                                    std::initializer_list<const char *> keys) {
  std::vector<Row> rows;
  const llvm::json::Array *list = functions.getArray(table);
  for (size_t i = 0; list && i < list->size(); ++i) {
    const JsonObject *entry = (*list)[i].getAsObject();
    std::string where = table.str() + " row " + std::to_string(i + 1);
    if (!entry)
      return inputError("not an object", where);
    Row row;
    for (const char *key : keys) {
      Expected<int64_t> value = integerAt(*entry, key);
      if (!value)
        return inputError(takeText(value.takeError()), where);
      row[key] = *value;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Runs a scenario of its own and books it as part of one table.
Error runPart(const Scenario &scenario, ReplayResult &result) {
  ReplayResult part;
  if (Error error = runScenario(scenario, {}, part))
    return error;
  result.values += part.values;
  result.differences.insert(result.differences.end(), part.differences.begin(),
                            part.differences.end());
  return Error::success();
}

void countTable(size_t rows, size_t fields, ReplayResult &result) {
  if (rows == 0)
    return;
  ++result.cases;
  result.fields += fields;
}

/// decay_int: y = sgn(x) (|x| (4096 - offset - decay) >> 12).
Error compareDecay(const JsonObject &functions, ReplayResult &result) {
  auto rows = readRows(functions, "decay_int", {"x", "decay", "offset", "y"});
  if (!rows)
    return rows.takeError();
  std::map<std::pair<int64_t, int64_t>, Scenario> groups;
  for (const Row &row : *rows) {
    int64_t decay = row.at("decay"), offset = row.at("offset");
    Scenario &scenario = groups[{decay, offset}];
    if (scenario.neurons.empty()) {
      Builder b("decay_int");
      auto kept =
          b.sub(b.sub(b.constant(4096), b.param("offset")), b.param("decay"));
      b.fire(b.constant(1), b.decay(b.input(), kept, 12));
      scenario.name = "decay_int decay " + std::to_string(decay) + " offset " +
                      std::to_string(offset);
      scenario.neurons.push_back(
          {"", b.take(), {{"decay", decay}, {"offset", offset}}});
      scenario.injections.push_back({0, 0, {}});
      scenario.traces.push_back({0, "y", "s", {}, {}});
    }
    scenario.injections[0].values.push_back(row.at("x"));
    scenario.traces[0].expected.push_back(row.at("y"));
  }
  for (const auto &[key, scenario] : groups)
    if (Error error = runPart(scenario, result))
      return error;
  countTable(rows->size(), 1, result);
  return Error::success();
}

/// overflow_signed: y is x wrapped to bits and a sign.
Error compareOverflow(const JsonObject &functions, ReplayResult &result) {
  auto rows =
      readRows(functions, "overflow_signed", {"x", "bits", "y", "overflowed"});
  if (!rows)
    return rows.takeError();
  std::map<int64_t, Scenario> groups;
  for (const Row &row : *rows) {
    int64_t bits = row.at("bits");
    if (bits < 0 || bits > 31)
      return inputError("bits " + std::to_string(bits) + " is not in 0..31",
                        "overflow_signed");
    Scenario &scenario = groups[bits];
    if (scenario.neurons.empty()) {
      Builder b("overflow_signed");
      b.state("overflowed", 1);
      auto x = b.input(), y = b.wrap(x, int32_t(bits));
      b.write("overflowed", b.notEqual(x, y));
      b.fire(b.constant(1), y);
      scenario.name = "overflow_signed bits " + std::to_string(bits);
      scenario.neurons.push_back({"", b.take(), {}});
      scenario.injections.push_back({0, 0, {}});
      scenario.traces = {{0, "y", "s", {}, {}},
                         {0, "overflowed", "overflowed", {}, {}}};
    }
    scenario.injections[0].values.push_back(row.at("x"));
    scenario.traces[0].expected.push_back(row.at("y"));
    scenario.traces[1].expected.push_back(row.at("overflowed"));
  }
  for (const auto &[key, scenario] : groups)
    if (Error error = runPart(scenario, result))
      return error;
  countTable(rows->size(), 2, result);
  return Error::success();
}

/// The mantissa that nengo-loihi stores (builder/discretize.py,
/// discretize_weights): rounded half to even to the field's steps and clipped;
/// when the exponent leaves fewer steps than the field has, rounded and clipped
/// once more. The chip's own shift does the rest.
int64_t storedMantissa(double weight, int64_t shift, int64_t exponent) {
  double limit = std::ldexp(1.0, int(8 - shift)) - 1;
  double steps = std::nearbyint(std::ldexp(weight, -int(shift)));
  steps = std::clamp(steps, -limit, limit);
  int lost = -int(shift + exponent);
  if (lost > 0) {
    steps = std::ldexp(std::nearbyint(std::ldexp(steps, -lost)), lost);
    steps = std::clamp(steps, -limit, limit);
  }
  return int64_t(steps) * (int64_t{1} << shift);
}

/// One table row: weight k spikes in step k + 1, its effect is q a step later.
Expected<Scenario> weightScenario(const JsonObject &entry,
                                  const std::string &where) {
  Row row;
  for (const char *key :
       {"real_bits", "fanout_type", "weight_exp", "shift_bits"}) {
    Expected<int64_t> value = integerAt(entry, key);
    if (!value)
      return inputError(takeText(value.takeError()), where);
    row[key] = *value;
  }
  image::SynapseFormat format;
  format.weightBits = static_cast<uint8_t>(row["real_bits"]);
  format.sign = static_cast<image::SignMode>(row["fanout_type"]);
  format.weightExp = static_cast<int8_t>(row["weight_exp"]);
  if (row["real_bits"] < 1 || row["real_bits"] > 8 || row["fanout_type"] < 1 ||
      row["fanout_type"] > 3 || row["weight_exp"] < -8 || row["weight_exp"] > 7)
    return inputError("real_bits, fanout_type or weight_exp is out of range",
                      where);
  if (format.shiftBits() != row["shift_bits"])
    return inputError("shift_bits is " + std::to_string(row["shift_bits"]) +
                          ", the format has " +
                          std::to_string(format.shiftBits()),
                      where);
  auto expected = integers(entry.getArray("w_out"), where + ": w_out");
  if (!expected)
    return expected.takeError();
  const llvm::json::Array *weights = entry.getArray("w_in");
  if (!weights || weights->size() != expected->size())
    return inputError("w_in and w_out do not match", where);
  Scenario scenario;
  scenario.name = where;
  Builder b("sum");
  b.state("sum", 31);
  b.write("sum", b.input());
  scenario.neurons.push_back({"", b.take(), {}});
  std::vector<int64_t> trace = {0};
  for (size_t k = 0; k < weights->size(); ++k) {
    auto weight = (*weights)[k].getAsNumber();
    if (!weight || std::fabs(*weight) > 256)
      return inputError("a weight is not a number in -256..256", where);
    Scenario::Synapse synapse;
    synapse.source = static_cast<uint32_t>(k);
    synapse.mantissa = static_cast<int32_t>(
        storedMantissa(*weight, row["shift_bits"], row["weight_exp"]));
    synapse.format = format;
    // The recording puts negative weights into excitatory formats, too, which
    // only a format of their sign can hold.
    if (synapse.mantissa < 0 && format.sign == image::SignMode::Excitatory)
      synapse.format.sign = image::SignMode::Inhibitory;
    scenario.synapses.push_back(synapse);
    scenario.inputs.push_back({int64_t(k) + 1});
    trace.push_back((*expected)[k]);
  }
  scenario.traces.push_back({0, "w_out", "sum", {}, std::move(trace)});
  return scenario;
}

Error compareWeights(const JsonObject &functions, ReplayResult &result) {
  const llvm::json::Array *list = functions.getArray("discretize_weights");
  for (size_t i = 0; list && i < list->size(); ++i) {
    std::string where = "discretize_weights row " + std::to_string(i + 1);
    const JsonObject *entry = (*list)[i].getAsObject();
    if (!entry)
      return inputError("not an object", where);
    Expected<Scenario> scenario = weightScenario(*entry, where);
    if (!scenario)
      return scenario.takeError();
    if (Error error = runPart(*scenario, result))
      return error;
  }
  countTable(list ? list->size() : 0, 1, result);
  return Error::success();
}

void compareValue(const std::string &table, const std::string &field,
                  size_t row, int64_t expected, int64_t got,
                  ReplayResult &result) {
  ++result.values;
  bool known = !result.differences.empty() &&
               result.differences.back().caseName == table;
  if (expected != got && !known)
    result.differences.push_back({table, field, row + 1, expected, got});
}

/// bias_to_manexp: the smallest exponent whose mantissa is at most 4095.
Error compareBias(const JsonObject &functions, ReplayResult &result) {
  auto rows = readRows(functions, "bias_to_manexp", {"bias", "man", "exp"});
  if (!rows)
    return rows.takeError();
  for (size_t i = 0; i < rows->size(); ++i) {
    const Row &row = (*rows)[i];
    int64_t bias = row.at("bias"), exponent = 0;
    while (exponent < 40 &&
           std::abs(double(bias)) > std::ldexp(4095.0, int(exponent)))
      ++exponent;
    int64_t mantissa =
        int64_t(std::nearbyint(std::ldexp(double(bias), -int(exponent))));
    compareValue("bias_to_manexp", "man", i, row.at("man"), mantissa, result);
    compareValue("bias_to_manexp", "exp", i, row.at("exp"), exponent, result);
  }
  countTable(rows->size(), 2, result);
  return Error::success();
}

Error compareRowBits(const JsonObject &functions, ReplayResult &result) {
  auto rows = readRows(functions, "bits_per_axon",
                       {"compression", "idx_bits_field", "weight_bits_field",
                        "n_weights", "bits"});
  if (!rows)
    return rows.takeError();
  Expected<target::TargetModel> loihi = target::findTarget("loihi");
  if (!loihi)
    return loihi.takeError();
  const proto::SynapsePacking &packing = loihi->proto().synapse_packing();
  for (size_t i = 0; i < rows->size(); ++i) {
    const Row &row = (*rows)[i];
    int64_t index = row.at("idx_bits_field"),
            bits = row.at("weight_bits_field");
    if (index < 0 || index >= packing.index_bits_of_code_size() || bits < 0 ||
        bits >= packing.weight_bits_of_code_size() || row.at("n_weights") < 0)
      return inputError("a code that the target does not have",
                        "bits_per_axon row " + std::to_string(i + 1));
    image::SynapseFormat format;
    format.compression = row.at("compression") == 3
                             ? image::Compression::Dense
                             : image::Compression::Sparse;
    format.indexBits =
        static_cast<uint8_t>(packing.index_bits_of_code(int(index)));
    format.weightBits =
        static_cast<uint8_t>(packing.weight_bits_of_code(int(bits)));
    uint64_t got =
        image::rowBits(format, uint64_t(row.at("n_weights")), *loihi);
    compareValue("bits_per_axon", "bits", i, row.at("bits"), int64_t(got),
                 result);
  }
  countTable(rows->size(), 1, result);
  return Error::success();
}

} // namespace

Error compareFunctions(const JsonObject &functions, ReplayResult &result) {
  for (auto compare : {compareDecay, compareOverflow, compareWeights,
                       compareBias, compareRowBits})
    if (Error error = compare(functions, result))
      return error;
  for (const auto &[key, value] : functions) {
    llvm::StringRef name = key;
    if (name != "decay_int" && name != "overflow_signed" &&
        name != "discretize_weights" && name != "bias_to_manexp" &&
        name != "bits_per_axon")
      result.skipped.push_back(name.str() + ": no such function is known");
  }
  std::sort(result.skipped.begin(), result.skipped.end());
  return Error::success();
}

} // namespace hillock::runtime
