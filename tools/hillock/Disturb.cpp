//===- tools/hillock/Disturb.cpp - Inputs made worse ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Disturb.h"
#include "base/Random.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace hillock::tool {

void Disturbance::apply(std::vector<float> &x,
                        const std::vector<int64_t> &shape, uint64_t sample,
                        uint64_t seed) const {
  const CounterRandom random(seed, sample);
  for (size_t i = 0; sigma > 0 && i < x.size(); ++i) {
    // Box and Muller: one normal number of two uniform ones.
    const double radius = std::sqrt(-2 * std::log(1 - random.uniformAt(2 * i)));
    x[i] += static_cast<float>(
        sigma * radius *
        std::cos(2 * std::numbers::pi * random.uniformAt(2 * i + 1)));
  }
  if (width == 0 || shape.size() < 2)
    return;
  const int64_t rows = shape[shape.size() - 2], columns = shape.back();
  const int64_t h = std::min(height, rows), w = std::min(width, columns);
  const auto top =
      static_cast<int64_t>(random.at(0) % static_cast<uint64_t>(rows - h + 1));
  const auto left = static_cast<int64_t>(
      random.at(1) % static_cast<uint64_t>(columns - w + 1));
  for (size_t plane = 0; plane < x.size();
       plane += static_cast<size_t>(rows * columns))
    for (int64_t r = top; r < top + h; ++r)
      std::fill_n(x.begin() + static_cast<int64_t>(plane) + r * columns + left,
                  w, 0.0f);
}

double Disturbance::coverage(const std::vector<int64_t> &shape) const {
  if (shape.size() < 2)
    return 0;
  const int64_t rows = shape[shape.size() - 2], columns = shape.back();
  return static_cast<double>(std::min(height, rows) *
                             std::min(width, columns)) /
         static_cast<double>(rows * columns);
}

Expected<WindowSize> parseWindow(const std::string &text,
                                 const std::string &option) {
  WindowSize size;
  const auto [w, h] = llvm::StringRef(text).split('x');
  constexpr int64_t most = 1 << 20;
  if (!llvm::to_integer(w, size.width, 10) ||
      !llvm::to_integer(h, size.height, 10) || size.width < 1 ||
      size.height < 1 || size.width > most || size.height > most)
    return makeError(ErrorKind::Usage, "'" + text + "' is no window", option,
                     "write WIDTHxHEIGHT, as in 7x7");
  return size;
}

namespace {

constexpr size_t mostRuns = 100;

Error tooMany(const std::string &text, const std::string &option) {
  return makeError(ErrorKind::Usage,
                   "'" + text + "' is more than " + std::to_string(mostRuns) +
                       " evaluations",
                   option, "choose a larger step");
}

Error noNoise(const std::string &text) {
  return makeError(ErrorKind::Usage, "'" + text + "' is no noise", "--noise",
                   "write gaussian:SIGMA, gaussian:SIGMA,SIGMA,.. or "
                   "gaussian:FIRST:LAST:STEP");
}

bool positive(llvm::StringRef text, double &value) {
  return llvm::to_float(text, value) && value > 0 && std::isfinite(value);
}

/// Steps of a sweep may end in rounding errors.
std::string shortest(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// A sigma, or a sweep of them.
Expected<std::vector<double>> sigmas(llvm::StringRef part,
                                     const std::string &text) {
  llvm::SmallVector<llvm::StringRef> fields;
  part.split(fields, ':');
  double first = 0, last = 0, step = 0;
  if (fields.size() == 1 && positive(fields[0], first))
    return std::vector<double>{first};
  if (fields.size() != 3 || !positive(fields[0], first) ||
      !positive(fields[1], last) || !positive(fields[2], step) || last < first)
    return noNoise(text);
  const double count = std::floor((last - first) / step * (1 + 1e-12)) + 1;
  if (count > mostRuns)
    return tooMany(text, "--noise");
  std::vector<double> result;
  for (double i = 0; i < count; ++i)
    result.push_back(first + i * step);
  return std::move(result);
}

/// A window, or a sweep of them.
Expected<std::vector<WindowSize>> windows(llvm::StringRef part,
                                          const std::string &text) {
  const std::string option = "--occlude";
  llvm::SmallVector<llvm::StringRef> fields;
  part.split(fields, ':');
  Expected<WindowSize> first = parseWindow(fields[0].str(), option);
  if (!first)
    return first.takeError();
  if (fields.size() == 1)
    return std::vector<WindowSize>{*first};
  int64_t step = 0;
  if (fields.size() != 3 || !llvm::to_integer(fields[2], step, 10) || step < 1)
    return makeError(ErrorKind::Usage, "'" + text + "' is no sweep", option,
                     "write FIRST:LAST:STEP, as in 2x2:14x14:4");
  Expected<WindowSize> last = parseWindow(fields[1].str(), option);
  if (!last)
    return last.takeError();
  std::vector<WindowSize> result;
  for (WindowSize size = *first;
       size.width <= last->width && size.height <= last->height;
       size.width += step, size.height += step) {
    if (result.size() == mostRuns)
      return tooMany(text, option);
    result.push_back(size);
  }
  if (result.empty())
    return makeError(ErrorKind::Usage, "'" + text + "' ends before it begins",
                     option, "write FIRST:LAST:STEP, as in 2x2:14x14:4");
  return std::move(result);
}

} // namespace

Expected<std::vector<Disturbance>>
parseDisturbances(const std::vector<std::string> &noise,
                  const std::vector<std::string> &occlude) {
  std::vector<Disturbance> result;
  for (const std::string &text : noise) {
    llvm::StringRef rest = text;
    if (!rest.consume_front("gaussian:"))
      return noNoise(text);
    llvm::SmallVector<llvm::StringRef> parts;
    rest.split(parts, ',');
    for (const llvm::StringRef part : parts) {
      Expected<std::vector<double>> list = sigmas(part, text);
      if (!list)
        return list.takeError();
      for (const double sigma : *list)
        result.push_back({"noise gaussian:" + shortest(sigma), sigma, 0, 0});
    }
  }
  for (const std::string &text : occlude) {
    llvm::SmallVector<llvm::StringRef> parts;
    llvm::StringRef(text).split(parts, ',');
    for (const llvm::StringRef part : parts) {
      Expected<std::vector<WindowSize>> list = windows(part, text);
      if (!list)
        return list.takeError();
      for (const auto &[width, height] : *list)
        result.push_back(
            {"occlude " + std::to_string(width) + "x" + std::to_string(height),
             0, width, height});
    }
  }
  if (result.size() > mostRuns)
    return tooMany(std::to_string(result.size()) + " disturbances",
                   "--noise and --occlude");
  return std::move(result);
}

} // namespace hillock::tool
