//===- runtime/stream/Encode.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/stream/Encode.h"
#include "base/Describe.h"
#include "base/FixedPoint.h"
#include "base/Random.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime {

static const char *const encodingNames[] = {"rate", "current", "latency",
                                            "none"};

std::optional<Encoding> parseEncoding(const std::string &name) {
  for (size_t i = 0; i < std::size(encodingNames); ++i)
    if (name == encodingNames[i])
      return static_cast<Encoding>(i);
  return std::nullopt;
}

const char *encodingName(Encoding encoding) {
  return encodingNames[static_cast<int>(encoding)];
}

static void encodeRate(std::span<const double> intensity, uint64_t sample,
                       const EncodeOptions &options, Stimulus &result) {
  const CounterRandom random(options.seed, sample);
  uint64_t counter = 0;
  for (int64_t step = 0; step < options.steps; ++step)
    for (size_t i = 0; i < intensity.size(); ++i, ++counter)
      if (intensity[i] > 0 && random.bernoulliAt(counter, intensity[i]))
        result.events.push_back(
            {static_cast<uint32_t>(step), static_cast<uint32_t>(i), 1});
}

static void encodeCurrent(std::span<const double> intensity,
                          const EncodeOptions &options, Stimulus &result) {
  // Charge in units of 2^-32 of the threshold. Rounded up, so that 1/3 fires
  // in the third step in spite of its last bit; steps < 2^31 such errors do
  // not make a spike too many.
  constexpr uint64_t threshold = uint64_t{1} << 32;
  std::vector<uint64_t> current(intensity.size()), charge(intensity.size());
  for (size_t i = 0; i < intensity.size(); ++i)
    current[i] = static_cast<uint64_t>(
        std::ceil(intensity[i] * static_cast<double>(threshold)));
  for (int64_t step = 0; step < options.steps; ++step)
    for (size_t i = 0; i < intensity.size(); ++i) {
      charge[i] += current[i];
      if (charge[i] < threshold)
        continue;
      charge[i] -= threshold;
      result.events.push_back(
          {static_cast<uint32_t>(step), static_cast<uint32_t>(i), 1});
    }
}

static void encodeLatency(std::span<const double> intensity,
                          const EncodeOptions &options, Stimulus &result) {
  const auto last = static_cast<double>(options.steps - 1);
  for (size_t i = 0; i < intensity.size(); ++i)
    if (intensity[i] > 0)
      result.events.push_back(
          {static_cast<uint32_t>(roundHalfEven((1 - intensity[i]) * last)),
           static_cast<uint32_t>(i), 1});
  result.normalise(Merge::One);
}

static void encodeNone(std::span<const float> image,
                       const EncodeOptions &options, Stimulus &result) {
  for (int64_t step = 0; step < options.steps; ++step)
    for (size_t i = 0; i < image.size(); ++i)
      if (image[i] != 0)
        result.events.push_back(
            {static_cast<uint32_t>(step), static_cast<uint32_t>(i), image[i]});
}

static Error checkOptions(const EncodeOptions &options,
                          const std::string &where) {
  if (options.steps < 1 || options.steps > maxSteps)
    return inputError("cannot be encoded into " +
                          describeCount(magnitude(options.steps), "step"),
                      where, "give a number of steps from 1 on");
  if (options.encoding != Encoding::None &&
      !(options.max > 0 && std::isfinite(options.max)))
    return inputError("the value of full intensity is " +
                          std::to_string(options.max),
                      where, "give --encode-max a positive number");
  return Error::success();
}

Expected<Stimulus> encodeImage(std::span<const float> image,
                               std::vector<int64_t> shape, uint64_t sample,
                               const EncodeOptions &options,
                               const std::string &where) {
  if (Error error = checkOptions(options, where))
    return std::move(error);
  const bool graded = options.encoding == Encoding::None;
  std::vector<double> intensity(graded ? 0 : image.size());
  for (size_t i = 0; i < image.size(); ++i) {
    const float value = image[i];
    if (!std::isfinite(value) || (!graded && value < 0))
      return inputError("element " + std::to_string(i) + " is " +
                            std::to_string(value) + ", which encoding '" +
                            encodingName(options.encoding) + "' cannot express",
                        where,
                        std::isfinite(value)
                            ? "use encoding 'none' for negative values"
                            : "remove it from the data");
    if (!graded)
      intensity[i] = std::min(1.0, double{value} / options.max);
  }

  Stimulus result;
  result.shape = std::move(shape);
  result.steps = options.steps;
  switch (options.encoding) {
  case Encoding::Rate:
    encodeRate(intensity, sample, options, result);
    break;
  case Encoding::Current:
    encodeCurrent(intensity, options, result);
    break;
  case Encoding::Latency:
    encodeLatency(intensity, options, result);
    break;
  case Encoding::None:
    encodeNone(image, options, result);
    break;
  }
  return std::move(result);
}

} // namespace hillock::runtime
