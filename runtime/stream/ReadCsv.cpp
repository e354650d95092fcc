//===- runtime/stream/ReadCsv.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Csv.h"
#include "base/Describe.h"
#include "runtime/stream/Readers.h"
#include <cctype>
#include <cmath>

namespace hillock::runtime {

static int findColumn(const std::vector<std::string> &header,
                      std::span<const char *const> names) {
  for (size_t i = 0; i < header.size(); ++i) {
    std::string text;
    for (char c : header[i])
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (std::find(names.begin(), names.end(), text) != names.end())
      return static_cast<int>(i);
  }
  return -1;
}

/// A whole number in 0 .. limit-1.
static bool toIndex(double value, int64_t limit, uint32_t &index) {
  if (!(value >= 0 && value < static_cast<double>(limit)) ||
      value != std::trunc(value))
    return false;
  index = static_cast<uint32_t>(value);
  return true;
}

namespace {
struct Columns {
  int step = -1, channel = -1, value = -1;
};
} // namespace

static Expected<DataSet> eventList(const CsvTable &table, Columns columns,
                                   const std::string &path,
                                   const ReadOptions &options) {
  if (options.encode)
    return inputError("holds events, which already have time", path,
                      "leave the encoding out");
  Stimulus stimulus;
  stimulus.shape = options.inputShape;
  const int64_t known =
      options.inputShape.empty() ? maxNeurons : stimulus.neurons();
  const int64_t rows = table.values.shape[0], width = table.values.shape[1];
  uint32_t lastStep = 0, lastChannel = 0;
  for (int64_t row = 0; row < rows; ++row) {
    auto field = [&](int column) {
      return table.values.valueAt(row * width + column);
    };
    const std::string where = path + ", event " + std::to_string(row);
    Event event;
    if (!toIndex(field(columns.step), maxSteps, event.step))
      return inputError("time " + std::to_string(field(columns.step)) +
                            " is not a step (0, 1, 2, ...)",
                        where, "convert times to steps");
    if (!toIndex(field(columns.channel), known, event.neuron))
      return inputError("channel " + std::to_string(field(columns.channel)) +
                            " does not exist in the network's input " +
                            describeShape(options.inputShape),
                        where, "channels count from 0 on");
    if (columns.value >= 0)
      event.value = static_cast<float>(field(columns.value));
    if (!std::isfinite(event.value))
      return inputError("the value is not finite", where);
    lastStep = std::max(lastStep, event.step);
    lastChannel = std::max(lastChannel, event.neuron);
    stimulus.events.push_back(event);
  }
  if (stimulus.shape.empty())
    stimulus.shape = {int64_t{lastChannel} + 1};
  stimulus.steps = stepsFor(options, int64_t{lastStep} + 1);
  std::erase_if(stimulus.events, [&](const Event &event) {
    return event.step >= stimulus.steps;
  });
  stimulus.normalise(columns.value >= 0 ? Merge::Sum : options.merge);
  DataSet set;
  set.samples.push_back(std::move(stimulus));
  return std::move(set);
}

Expected<DataSet> readCsvFile(std::string_view bytes, const std::string &path,
                              const ReadOptions &options) {
  static const char *const stepNames[] = {"t", "time", "step", "timestep",
                                          "time_step"};
  static const char *const channelNames[] = {
      "channel", "neuron", "index", "idx", "id", "addr", "address", "unit"};
  static const char *const valueNames[] = {"value", "weight", "payload"};
  Expected<CsvTable> table = parseCsv(bytes, path);
  if (!table)
    return table.takeError();
  const Columns columns = {findColumn(table->header, stepNames),
                           findColumn(table->header, channelNames),
                           findColumn(table->header, valueNames)};
  if (columns.step >= 0 && columns.channel >= 0)
    return eventList(*table, columns, path, options);
  return samplesOfArray(table->values, nullptr, path, options);
}

} // namespace hillock::runtime
