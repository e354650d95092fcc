//===- runtime/replay/ReadLearning.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/ReadLearning.h"
#include "runtime/replay/JsonRead.h"
#include <algorithm>

namespace hillock::runtime {

namespace {

using emu::LearningTarget;
using Json = llvm::json::Value;
using JsonObject = llvm::json::Object;
using Matrix = std::vector<std::vector<int64_t>>;
using Names = std::initializer_list<const char *>;

const Json *find(const JsonObject &object, Names names) {
  for (const char *name : names)
    if (const Json *value = object.get(name))
      if (!value->getAsNull())
        return value;
  return nullptr;
}

/// A list of lists; one list stands for a matrix with one row.
Expected<Matrix> readMatrix(const Json &value, const std::string &where) {
  const llvm::json::Array *rows = value.getAsArray();
  if (!rows)
    return inputError("not a list of lists", where);
  Matrix result;
  if (!rows->empty() && !rows->front().getAsArray()) {
    auto row = integers(rows, where);
    if (!row)
      return row.takeError();
    result.push_back(std::move(*row));
    return result;
  }
  for (const Json &row : *rows) {
    auto numbers = integers(row.getAsArray(), where);
    if (!numbers)
      return numbers.takeError();
    if (!result.empty() && numbers->size() != result[0].size())
      return inputError("rows of " + std::to_string(result[0].size()) +
                            " and of " + std::to_string(numbers->size()) +
                            " entries",
                        where);
    result.push_back(std::move(*numbers));
  }
  return result;
}

Matrix transposed(const Matrix &matrix) {
  Matrix result(matrix.empty() ? 0 : matrix[0].size());
  for (const std::vector<int64_t> &row : matrix)
    for (size_t i = 0; i < row.size(); ++i)
      result[i].push_back(row[i]);
  return result;
}

std::string shapeOf(const Matrix &matrix) {
  return std::to_string(matrix.size()) + " x " +
         std::to_string(matrix.empty() ? 0 : matrix[0].size());
}

/// Rasters are recorded by neuron, traces by step; the other way round is read
/// as well when the sizes leave no doubt. Returns [step][neuron].
Expected<Matrix> bySteps(const Json &value, size_t neurons,
                         std::optional<size_t> steps, bool neuronsFirst,
                         const std::string &where) {
  auto matrix = readMatrix(value, where);
  if (!matrix)
    return matrix.takeError();
  size_t rows = matrix->size(), columns = rows ? (*matrix)[0].size() : 0;
  bool asIs = columns == neurons && (!steps || rows == *steps);
  bool turned = rows == neurons && (!steps || columns == *steps);
  if (!asIs && !turned)
    return inputError(shapeOf(*matrix) + " values for " +
                          std::to_string(neurons) + " neurons" +
                          (steps ? " in " + std::to_string(*steps) + " steps"
                                 : std::string()),
                      where);
  if (turned && (neuronsFirst || !asIs))
    return transposed(*matrix);
  return std::move(*matrix);
}

Expected<std::vector<int32_t>> narrow(const std::vector<int64_t> &values,
                                      const std::string &where) {
  std::vector<int32_t> result;
  for (int64_t value : values) {
    if (value < INT32_MIN || value > INT32_MAX)
      return inputError("value " + std::to_string(value) + " is out of range",
                        where);
    result.push_back(static_cast<int32_t>(value));
  }
  return result;
}

/// [post * sources + pre]
Expected<std::vector<int64_t>> readSynapses(const Json &value, size_t targets,
                                            size_t sources,
                                            const std::string &where) {
  std::vector<int64_t> flat;
  if (auto scalar = asInteger(value)) {
    flat.assign(targets * sources, *scalar);
    return flat;
  }
  auto matrix = readMatrix(value, where);
  if (!matrix)
    return matrix.takeError();
  if (matrix->size() != targets ||
      (targets > 0 && (*matrix)[0].size() != sources))
    return inputError(shapeOf(*matrix) + " values for " +
                          std::to_string(targets) + " x " +
                          std::to_string(sources) + " synapses",
                      where);
  for (const std::vector<int64_t> &row : *matrix)
    flat.insert(flat.end(), row.begin(), row.end());
  return flat;
}

//===--- Modes ------------------------------------------------------------===//

Expected<image::SignMode> readSign(const JsonObject &entry) {
  const Json *sign = find(entry, {"sign_mode", "sign"});
  if (!sign)
    return image::SignMode::Mixed;
  if (auto number = asInteger(*sign))
    if (*number >= 1 && *number <= 3)
      return static_cast<image::SignMode>(*number);
  if (auto text = sign->getAsString()) {
    // "SignMode.MIXED" or "mixed"
    llvm::StringRef name =
        text->contains('.') ? text->rsplit('.').second : llvm::StringRef(*text);
    if (name.starts_with_insensitive("mix"))
      return image::SignMode::Mixed;
    if (name.starts_with_insensitive("exc"))
      return image::SignMode::Excitatory;
    if (name.starts_with_insensitive("inh"))
      return image::SignMode::Inhibitory;
  }
  return inputError("field 'sign_mode' is not mixed, excitatory or inhibitory");
}

Expected<emu::GradedSpikes> readGraded(const JsonObject &entry) {
  const Json *mode = find(entry, {"graded_spike_cfg", "graded_spikes"});
  if (!mode)
    return emu::GradedSpikes::Impulse;
  std::optional<int64_t> number = asInteger(*mode);
  if (auto text = mode->getAsString()) {
    static constexpr const char *names[] = {"use_regular_impulse", "overwrite",
                                            "add_with_saturation",
                                            "add_without_saturation"};
    llvm::StringRef name =
        text->contains('.') ? text->rsplit('.').second : llvm::StringRef(*text);
    for (int64_t i = 0; i < 4; ++i)
      if (name.equals_insensitive(names[i]))
        number = i;
  }
  if (!number || *number < 0 || *number > 3)
    return inputError("field 'graded_spike_cfg' is not in 0..3");
  return static_cast<emu::GradedSpikes>(*number);
}

//===--- Random numbers ---------------------------------------------------===//

template <typename T>
Error readNumbers(const JsonObject &randoms, const char *key, size_t count,
                  std::vector<T> &result) {
  std::string where = std::string("randoms '") + key + "'";
  const llvm::json::Array *list = randoms.getArray(key);
  if (!list)
    return inputError("a list of numbers is missing", where);
  if (list->size() != count)
    return inputError(std::to_string(list->size()) + " numbers, not " +
                          std::to_string(count),
                      where);
  for (const Json &value : *list) {
    // A draw of one number may come as a list of one.
    const Json *item = &value;
    while (const llvm::json::Array *inner = item->getAsArray()) {
      if (inner->size() != 1)
        return inputError("more than one number in a step", where);
      item = &inner->front();
    }
    auto number = item->getAsNumber();
    if (!number || !(*number >= 0 && *number <= 256))
      return inputError("entry " + std::to_string(result.size()) +
                            " is not a number in 0..256",
                        where);
    result.push_back(static_cast<T>(*number));
  }
  return Error::success();
}

Error readRandoms(const JsonObject &entry, size_t steps, size_t epochs,
                  emu::RecordedLearningRandom::Numbers &numbers) {
  const JsonObject *randoms = entry.getObject("randoms");
  if (!randoms)
    return inputError("field 'randoms' is missing");
  if (Error error = readNumbers(*randoms, "x_imp", steps, numbers.xImpulse))
    return error;
  if (Error error = readNumbers(*randoms, "x_dec", steps, numbers.xDecay))
    return error;
  if (Error error =
          readNumbers(*randoms, "y_imp_mid", steps, numbers.yImpulseInside))
    return error;
  if (Error error = readNumbers(*randoms, "y_imp", steps, numbers.yImpulse))
    return error;
  if (Error error = readNumbers(*randoms, "y_dec", steps, numbers.yDecay))
    return error;
  return readNumbers(*randoms, "conn", epochs, numbers.synapse);
}

//===--- Expected values --------------------------------------------------===//

Error readTraces(const JsonObject &trace, LearningCase &result) {
  // In the engine's order, so that the first difference is the first cause.
  for (const char *name : {"x1", "x2", "y1", "y2", "y3", "tx", "ty"}) {
    const Json *value = find(trace, {name});
    if (!value)
      continue;
    bool pre = name[0] == 'x' || name[1] == 'x';
    auto values =
        bySteps(*value, pre ? result.config.sources : result.config.targets,
                result.pre.size(), false, "trace '" + std::string(name) + "'");
    if (!values)
      return values.takeError();
    result.traces.push_back({name, std::move(*values)});
  }
  static constexpr const char *known[] = {"x1", "x2", "y1", "y2",
                                          "y3", "tx", "ty", "epochs"};
  std::vector<std::string> unknown;
  for (const auto &[key, value] : trace)
    if (std::find(std::begin(known), std::end(known), key) == std::end(known))
      unknown.push_back(key.str());
  std::sort(unknown.begin(), unknown.end());
  if (!unknown.empty())
    return inputError("key '" + unknown[0] + "' is not understood", "trace");
  return Error::success();
}

Error readEpoch(const JsonObject &entry, const std::string &where,
                LearningCase &result) {
  auto step = integerAt(entry, "t");
  if (!step)
    return inputError(takeText(step.takeError()), where);
  if (*step < 0 || size_t(*step) > result.pre.size() ||
      *step % result.config.rule.epochSteps != 0)
    return inputError("t " + std::to_string(*step) +
                          " is not the last step of an epoch",
                      where);
  LearningCase::Epoch epoch;
  epoch.step = static_cast<uint64_t>(*step);
  struct {
    const char *key, *other;
    LearningTarget target;
  } fields[] = {{"weights", "w", LearningTarget::Weight},
                {"tag_1", "tag1", LearningTarget::Tag},
                {"tag_2", "tag2", LearningTarget::Delay}};
  for (const auto &field : fields)
    if (const Json *value = find(entry, {field.key, field.other})) {
      auto values =
          readSynapses(*value, result.config.targets, result.config.sources,
                       where + " '" + field.key + "'");
      if (!values)
        return values.takeError();
      epoch.matrices.push_back({field.key, field.target, std::move(*values)});
    }
  if (epoch.matrices.empty())
    return inputError("none of weights, tag_1 and tag_2", where);
  result.epochs.push_back(std::move(epoch));
  return Error::success();
}

Error readExpected(const JsonObject &entry, LearningCase &result) {
  const JsonObject *trace = entry.getObject("trace");
  if (!trace)
    return inputError("field 'trace' is missing");
  if (Error error = readTraces(*trace, result))
    return error;
  const llvm::json::Array *epochs = trace->getArray("epochs");
  if (!epochs)
    epochs = entry.getArray("epochs");
  if (!epochs)
    return inputError("field 'epochs' is missing", "trace");
  for (size_t i = 0; i < epochs->size(); ++i) {
    std::string where = "epochs entry " + std::to_string(i);
    const JsonObject *epoch = (*epochs)[i].getAsObject();
    if (!epoch)
      return inputError("not an object", where);
    if (Error error = readEpoch(*epoch, where, result))
      return error;
  }
  if (result.traces.empty() && result.epochs.empty())
    return inputError("there is no trace to compare with");
  return Error::success();
}

//===--- Inputs -----------------------------------------------------------===//

Error readInitial(const JsonObject &entry, LearningCase &result) {
  const Json *w0 = find(entry, {"w0", "weights0", "weights"});
  if (!w0)
    return inputError("field 'w0' is missing");
  auto matrix = readMatrix(*w0, "w0");
  if (!matrix)
    return matrix.takeError();
  if (matrix->empty() || (*matrix)[0].empty())
    return inputError("field 'w0' is empty");
  emu::LearningConfig &config = result.config;
  config.targets = static_cast<uint32_t>(matrix->size());
  config.sources = static_cast<uint32_t>((*matrix)[0].size());
  struct {
    Names keys;
    LearningTarget target;
  } fields[] = {{{"w0", "weights0", "weights"}, LearningTarget::Weight},
                {{"tag_1_0", "tag1_0", "t0", "tag_1"}, LearningTarget::Tag},
                {{"tag_2_0", "tag2_0", "d0", "tag_2"}, LearningTarget::Delay}};
  for (const auto &field : fields)
    if (const Json *value = find(entry, field.keys)) {
      std::string key = *field.keys.begin();
      auto values = readSynapses(*value, config.targets, config.sources, key);
      if (!values)
        return values.takeError();
      auto narrowed = narrow(*values, key);
      if (!narrowed)
        return narrowed.takeError();
      config.initial.of(field.target) = std::move(*narrowed);
    }
  return Error::success();
}

Error readRasters(const JsonObject &entry, LearningCase &result) {
  const Json *pre = find(entry, {"pre"}), *post = find(entry, {"post"});
  if (!pre || !post)
    return inputError(std::string("field '") + (pre ? "post" : "pre") +
                      "' is missing");
  auto sources = bySteps(*pre, result.config.sources, {}, true, "pre");
  if (!sources)
    return sources.takeError();
  auto targets =
      bySteps(*post, result.config.targets, sources->size(), true, "post");
  if (!targets)
    return targets.takeError();
  if (sources->empty())
    return inputError("field 'pre' has no steps");
  result.pre = std::move(*sources);
  result.post = std::move(*targets);
  return Error::success();
}

//===--- Comparison -------------------------------------------------------===//

/// Counts values and keeps the first that differs.
class Comparison {
public:
  Comparison(const LearningCase &scenario, ReplayResult &result)
      : scenario(scenario), result(result), differs(scenario.ruleDifference) {}

  Error run() {
    auto engine = emu::LearningEngine::create(
        scenario.config,
        std::make_shared<emu::RecordedLearningRandom>(scenario.randoms));
    if (!engine)
      return engine.takeError();
    compareEpoch(*engine);
    for (size_t i = 0; i < scenario.pre.size(); ++i) {
      auto payloads = narrow(scenario.pre[i], "pre");
      if (!payloads)
        return payloads.takeError();
      std::vector<uint8_t> fired;
      for (int64_t value : scenario.post[i])
        fired.push_back(value != 0);
      if (Error error = engine->step(*payloads, fired))
        return error;
      for (const LearningCase::Trace &trace : scenario.traces)
        compareTrace(*engine, trace, i);
      compareEpoch(*engine);
    }
    finish();
    return Error::success();
  }

private:
  void compareTrace(const emu::LearningEngine &engine,
                    const LearningCase::Trace &trace, size_t i) {
    for (size_t n = 0; n < trace.expected[i].size(); ++n) {
      int64_t got = 0;
      if (trace.field == "tx")
        got = engine.preSpikeTimes()[n];
      else if (trace.field == "ty")
        got = engine.postSpikeTimes()[n];
      for (size_t t = 0; t < emu::traceNames.size(); ++t)
        if (trace.field == emu::traceNames[t])
          got = engine.trace(static_cast<emu::TraceIndex>(t))[n];
      compare(trace.field + "[" + std::to_string(n) + "]", i + 1,
              trace.expected[i][n], got);
    }
  }

  void compareEpoch(const emu::LearningEngine &engine) {
    size_t sources = scenario.config.sources;
    for (const LearningCase::Epoch &epoch : scenario.epochs)
      if (epoch.step == engine.time())
        for (const auto &matrix : epoch.matrices)
          for (size_t k = 0; k < matrix.expected.size(); ++k)
            compare(matrix.field + "[" + std::to_string(k / sources) + "][" +
                        std::to_string(k % sources) + "]",
                    epoch.step, matrix.expected[k],
                    engine.synapses().of(matrix.target)[k]);
  }

  void compare(std::string field, uint64_t step, int64_t expected,
               int64_t got) {
    ++result.values;
    if (expected != got && !differs)
      differs = ReplayDifference{{}, std::move(field), step, expected, got};
  }

  void finish() {
    ++result.cases;
    result.fields += scenario.traces.size();
    if (!scenario.epochs.empty())
      result.fields += scenario.epochs[0].matrices.size();
    if (!differs)
      return;
    differs->caseName = scenario.name;
    result.differences.push_back(*differs);
  }

  const LearningCase &scenario;
  ReplayResult &result;
  std::optional<ReplayDifference> differs;
};

} // namespace

bool isLearningCase(const JsonObject &entry) {
  return entry.get("product_series") || entry.get("rule");
}

Expected<LearningCase> readLearningCase(const JsonObject &entry) {
  LearningCase result;
  result.name = textOr(entry, "name", "?");
  auto rule = readLearningRule(entry, result.ruleDifference);
  if (!rule)
    return rule.takeError();
  result.config.rule = std::move(*rule);
  auto sign = readSign(entry);
  if (!sign)
    return sign.takeError();
  result.config.sign = *sign;
  auto graded = readGraded(entry);
  if (!graded)
    return graded.takeError();
  result.config.graded = *graded;
  if (Error error = readInitial(entry, result))
    return std::move(error);
  if (Error error = readRasters(entry, result))
    return std::move(error);
  size_t steps = result.pre.size();
  if (Error error = readRandoms(
          entry, steps, steps / result.config.rule.epochSteps, result.randoms))
    return std::move(error);
  if (Error error = readExpected(entry, result))
    return std::move(error);
  return result;
}

Error compareLearning(const JsonObject &entry, ReplayResult &result) {
  Expected<LearningCase> scenario = readLearningCase(entry);
  if (!scenario)
    return scenario.takeError();
  return Comparison(*scenario, result).run();
}

} // namespace hillock::runtime
