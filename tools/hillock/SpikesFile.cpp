//===- tools/hillock/SpikesFile.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/SpikesFile.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/Npy.h"
#include "tools/hillock/NirDataFile.h"
#include "llvm/Support/Path.h"
#include <cmath>

namespace hillock::tool {

namespace {

// Dense arrays of long runs of large populations are mostly zeros.
constexpr double mostDenseBytes = 4.0 * 1024 * 1024 * 1024;

Expected<NdArray> denseArray(const runtime::SpikeTrain &train, Level level) {
  const int64_t neurons = train.neurons();
  if (4.0 * static_cast<double>(train.steps) * static_cast<double>(neurons) >
      mostDenseBytes)
    return inputError("'" + train.name + "' as a dense array of " +
                          withSeparators(train.steps) + " steps times " +
                          withSeparators(neurons) + " neurons is too large",
                      "--output", "write events into a .csv file");
  std::vector<int64_t> shape = {train.steps};
  shape.insert(shape.end(), train.shape.begin(), train.shape.end());
  const auto fill = [&](auto values) {
    using Value = typename decltype(values)::value_type;
    for (const runtime::Event &event : train.events)
      values[static_cast<size_t>(int64_t{event.step} * neurons +
                                 event.neuron)] +=
          static_cast<Value>(event.value);
    return NdArray::of(shape, values);
  };
  const auto size = static_cast<size_t>(train.steps * neurons);
  return level == Level::Real || train.graded
             ? fill(std::vector<float>(size))
             : fill(std::vector<int32_t>(size));
}

NdArray denseArray(const ProbeTrace &trace, Level level) {
  const std::vector<int64_t> shape = {
      static_cast<int64_t>(trace.values.size()),
      static_cast<int64_t>(trace.neurons.size())};
  std::vector<float> reals;
  std::vector<int32_t> integers;
  for (const std::vector<double> &row : trace.values)
    for (double value : row)
      if (level == Level::Real)
        reals.push_back(static_cast<float>(value));
      else
        integers.push_back(static_cast<int32_t>(value));
  return level == Level::Real ? NdArray::of(shape, reals)
                              : NdArray::of(shape, integers);
}

std::string exact(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string csvText(const LevelResult &result) {
  std::string text = "kind,name,step,neuron,value\n";
  const auto add = [&](const char *kind, const runtime::SpikeTrain &train) {
    for (const runtime::Event &event : train.events)
      text += std::string(kind) + "," + train.name + "," +
              std::to_string(event.step) + "," + std::to_string(event.neuron) +
              "," + exact(event.value) + "\n";
  };
  for (const runtime::SpikeTrain &train : result.outputs)
    add("output", train);
  for (const runtime::SpikeTrain &train : result.populations)
    add("population", train);
  for (const ProbeTrace &probe : result.probes)
    for (size_t t = 0; t < probe.values.size(); ++t)
      for (size_t i = 0; i < probe.neurons.size(); ++i)
        text += "probe," + probe.name + "," + std::to_string(t) + "," +
                std::to_string(probe.neurons[i]) + "," +
                exact(probe.values[t][i]) + "\n";
  return text;
}

Error writeNpzFile(const std::string &path, const LevelResult &result,
                   Level level) {
  NpzArrays arrays;
  const auto add = [&](const std::string &key,
                       const runtime::SpikeTrain &train) -> Error {
    Expected<NdArray> array = denseArray(train, level);
    if (!array)
      return array.takeError();
    arrays[key] = std::move(*array);
    return Error::success();
  };
  for (const runtime::SpikeTrain &train : result.outputs)
    if (Error error = add(train.name, train))
      return error;
  for (const runtime::SpikeTrain &train : result.populations)
    if (Error error = add("population:" + train.name, train))
      return error;
  for (const ProbeTrace &probe : result.probes)
    arrays["probe:" + probe.name] = denseArray(probe, level);
  return writeNpz(path, arrays);
}

} // namespace

Json toJson(const runtime::SpikeTrain &train, bool events) {
  Json list = Json::array();
  const auto number = [](double value) -> Json {
    if (value == std::floor(value) && std::abs(value) < 1e15)
      return static_cast<int64_t>(value);
    return value;
  };
  for (const runtime::Event &event : train.events) {
    if (events)
      list.push_back({event.step, event.neuron, number(event.value)});
  }
  Json sums = Json::array();
  for (double count : train.sums())
    sums.push_back(number(count));
  Json result = {{"name", train.name},
                 {"shape", train.shape},
                 {"graded", train.graded},
                 {"events_total", train.events.size()},
                 {"sums", std::move(sums)}};
  if (events)
    result["events"] = std::move(list);
  return result;
}

Json toJson(const ProbeTrace &trace) {
  return {{"name", trace.name},
          {"population", trace.population},
          {"state", trace.state},
          {"neurons", trace.neurons},
          {"values", trace.values}};
}

Error checkSpikesPath(const std::string &path) {
  const llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".npy" || extension == ".npz" || extension == ".csv" ||
      extension == ".json" || extension == ".nirdata")
    return Error::success();
  return makeError(
      ErrorKind::Usage, "the extension '" + extension.str() + "' is no format",
      "--output " + path, "end it in .npy, .npz, .csv, .json or .nirdata");
}

Error writeSpikes(const std::string &path, const LevelResult &result,
                  Level level, double dtSeconds) {
  const llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".csv")
    return writeFile(path, csvText(result));
  if (extension == ".npz")
    return writeNpzFile(path, result, level);
  if (extension == ".nirdata") {
    Expected<std::string> bytes = nirData(result, level, dtSeconds);
    return bytes ? writeFile(path, *bytes) : bytes.takeError();
  }
  if (extension == ".json") {
    Json document = {{"steps", result.steps}, {"outputs", Json::array()}};
    for (const runtime::SpikeTrain &train : result.outputs)
      document["outputs"].push_back(toJson(train, true));
    for (const runtime::SpikeTrain &train : result.populations)
      document["populations"].push_back(toJson(train, true));
    for (const ProbeTrace &probe : result.probes)
      document["probes"].push_back(toJson(probe));
    return writeFile(
        path,
        document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  if (result.outputs.size() != 1)
    return makeError(ErrorKind::Usage,
                     "the network has " +
                         describeCount(result.outputs.size(), "output") +
                         ", an .npy file holds one array",
                     "--output " + path, "write an .npz file");
  Expected<NdArray> array = denseArray(result.outputs.front(), level);
  if (!array)
    return array.takeError();
  return writeNpy(path, *array);
}

} // namespace hillock::tool
