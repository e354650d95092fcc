//===- runtime/stream/ReadNmnist.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "runtime/stream/Readers.h"
#include <cmath>

namespace hillock::runtime {

static constexpr size_t eventBytes = 5;
// The camera's marker of a full 13-bit clock (Orchard et al. 2015).
static constexpr uint32_t overflowY = 240;
static constexpr int64_t overflowMicros = 1 << 13;

Expected<std::vector<SensorEvent>> parseNmnist(std::string_view bytes,
                                               const std::string &name) {
  if (bytes.size() % eventBytes != 0)
    return inputError(
        "holds " + describeCount(bytes.size(), "byte") +
            ", which is no multiple of 5 (an event)",
        name + ", offset " +
            std::to_string(bytes.size() - bytes.size() % eventBytes),
        "the file is cut off or no N-MNIST recording");
  std::vector<SensorEvent> events;
  events.reserve(bytes.size() / eventBytes);
  int64_t base = 0;
  for (size_t at = 0; at < bytes.size(); at += eventBytes) {
    auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[at + i]); };
    if (byte(1) == overflowY) {
      base += overflowMicros;
      continue;
    }
    const int64_t micros =
        int64_t{byte(2) & 0x7f} << 16 | int64_t{byte(3)} << 8 | byte(4);
    events.push_back(
        {base + micros, byte(0), byte(1), static_cast<uint8_t>(byte(2) >> 7)});
  }
  if (events.empty())
    return inputError("holds no events", name, "leave the file out");
  return std::move(events);
}

/// (2, H, W) of the camera that the network expects.
static Expected<std::vector<int64_t>> sensorShape(const ReadOptions &options,
                                                  const std::string &name) {
  const std::vector<int64_t> &shape = options.inputShape;
  if (shape.empty())
    return std::vector<int64_t>{2, 34, 34};
  // The decoder's x and y are bytes.
  if (shape.size() == 3 && shape[0] == 2 && shape[1] > 0 && shape[2] > 0 &&
      shape[1] <= 65536 && shape[2] <= 65536)
    return shape;
  if (shape.size() == 1 && shape[0] >= 2 && shape[0] % 2 == 0) {
    const auto side = static_cast<int64_t>(
        std::llround(std::sqrt(static_cast<double>(shape[0] / 2))));
    if (side <= 65536 && 2 * side * side == shape[0])
      return std::vector<int64_t>{2, side, side};
  }
  return inputError("a camera's events need a network input (2, height, "
                    "width), it is " +
                        describeShape(shape),
                    name, "check that model and data belong together");
}

Expected<Stimulus> binEvents(std::span<const SensorEvent> events,
                             const ReadOptions &options,
                             const std::string &name) {
  Expected<std::vector<int64_t>> sensor = sensorShape(options, name);
  if (!sensor)
    return sensor.takeError();
  if (!(options.binMicroseconds > 0 && std::isfinite(options.binMicroseconds)))
    return inputError("the width of a time step is " +
                          std::to_string(options.binMicroseconds) + " us",
                      name, "give a positive number");
  const int64_t height = (*sensor)[1], width = (*sensor)[2];
  const bool nmnist = height == 34 && width == 34;
  const int64_t start = events.empty() ? 0 : events.front().micros;

  Stimulus result;
  result.shape = options.inputShape.empty() ? *sensor : options.inputShape;
  const int64_t limit = stepsFor(options, nmnist ? 300 : maxSteps);
  int64_t lastStep = 0;
  const double whole =
      options.wholeFrames && !events.empty()
          ? std::floor(static_cast<double>(events.back().micros - start) /
                       options.binMicroseconds)
          : static_cast<double>(limit);
  for (size_t i = 0; i < events.size(); ++i) {
    const SensorEvent &event = events[i];
    const std::string where = name + ", event " + std::to_string(i);
    if (event.x >= width || event.y >= height)
      return inputError(
          "x, y = " + std::to_string(event.x) + ", " + std::to_string(event.y) +
              " lies outside of the network's input " + describeShape(*sensor),
          where, "check that model and data belong together");
    if (event.micros < start)
      return inputError("time " + std::to_string(event.micros) +
                            " us lies before the first event's " +
                            std::to_string(start) + " us",
                        where, "sort the recording by time");
    const double bin = std::floor(static_cast<double>(event.micros - start) /
                                  options.binMicroseconds);
    if (bin >= static_cast<double>(limit) || bin >= whole)
      continue;
    const auto step = static_cast<int64_t>(bin);
    lastStep = std::max(lastStep, step);
    result.events.push_back(
        {static_cast<uint32_t>(step),
         static_cast<uint32_t>((event.polarity * height + event.y) * width +
                               event.x),
         1});
  }
  result.steps = options.steps > 0 || nmnist ? limit : lastStep + 1;
  result.normalise(options.merge);
  return std::move(result);
}

Expected<DataSet> readRecording(std::string_view bytes, const std::string &path,
                                const ReadOptions &options) {
  if (options.encode)
    return inputError("holds events, which already have time", path,
                      "leave the encoding out");
  Expected<std::vector<SensorEvent>> events = parseNmnist(bytes, path);
  if (!events)
    return events.takeError();
  Expected<Stimulus> stimulus = binEvents(*events, options, path);
  if (!stimulus)
    return stimulus.takeError();
  DataSet set;
  set.samples.push_back(std::move(*stimulus));
  return std::move(set);
}

} // namespace hillock::runtime
