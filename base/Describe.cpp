//===- base/Describe.cpp --------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

namespace hillock {

std::string withSeparators(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

std::string withSeparators(int64_t value) {
  if (value >= 0)
    return withSeparators(static_cast<uint64_t>(value));
  return "-" + withSeparators(uint64_t{0} - static_cast<uint64_t>(value));
}

std::string describeCount(uint64_t count, const std::string &noun,
                          const std::string &plural) {
  const std::string name =
      count == 1 ? noun : (plural.empty() ? noun + "s" : plural);
  return withSeparators(count) + " " + name;
}

std::string describeBytes(uint64_t bytes) {
  if (bytes < 1024)
    return describeCount(bytes, "byte");
  static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  // 1023.95 would be printed as 1024.0.
  while (value >= 1023.95 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", value, units[unit]);
  return text;
}

std::string describeBits(uint64_t bits) {
  std::string text = describeCount(bits, "bit");
  if (bits >= 8 * 1024)
    text += " (" + describeBytes(bits / 8) + ")";
  return text;
}

std::string describeCore(uint64_t chip, uint64_t tile, uint64_t core) {
  return "core (chip " + std::to_string(chip) + ", tile " +
         std::to_string(tile) + ", core " + std::to_string(core) + ")";
}

std::string describeShape(const std::vector<int64_t> &shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

std::string describeList(const std::vector<std::string> &names, size_t most) {
  if (names.empty())
    return "none";
  const size_t shown = std::min(names.size(), std::max<size_t>(most, 1));
  const size_t hidden = names.size() - shown;
  std::string text = names[0];
  for (size_t i = 1; i < shown; ++i)
    text += (i + 1 == shown && !hidden ? " and " : ", ") + names[i];
  if (hidden)
    text += " and " + withSeparators(static_cast<uint64_t>(hidden)) + " more";
  return text;
}

std::string describeSeconds(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9)
    return "unknown time";
  char text[48];
  if (seconds < 59.95) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
    return text;
  }
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600)
    std::snprintf(text, sizeof text, "%lld min %02lld s", whole / 60,
                  whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld h %02lld min", whole / 3600,
                  whole / 60 % 60);
  return text;
}

/// Optimal string alignment distance in half steps: an edit or a swap of
/// neighbours costs 2, a change of case 1.
static size_t distance(const std::string &a, const std::string &b) {
  const size_t columns = b.size() + 1;
  std::vector<size_t> before(columns), above(columns), row(columns);
  for (size_t j = 0; j < columns; ++j)
    above[j] = 2 * j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = 2 * i;
    for (size_t j = 1; j < columns; ++j) {
      const auto p = static_cast<unsigned char>(a[i - 1]);
      const auto q = static_cast<unsigned char>(b[j - 1]);
      const size_t change =
          p == q ? 0 : (std::tolower(p) == std::tolower(q) ? 1 : 2);
      row[j] = std::min({above[j] + 2, row[j - 1] + 2, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 2);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::optional<std::string>
closestMatch(const std::string &name,
             const std::vector<std::string> &candidates) {
  // Long names come from hostile files, not from fingers.
  constexpr size_t longest = 256;
  if (name.empty() || name.size() > longest)
    return std::nullopt;
  std::optional<std::string> best;
  size_t bestDistance = 0;
  for (const std::string &candidate : candidates) {
    if (candidate.size() > longest)
      continue;
    const size_t length = std::max(name.size(), candidate.size());
    const size_t allowed = 2 * std::max<size_t>(length / 3, 1);
    const size_t found = distance(name, candidate);
    // A distance of the whole length is another word ("a" for "b").
    if (found > allowed || found >= 2 * length)
      continue;
    if (!best || found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

std::string didYouMean(const std::string &name,
                       const std::vector<std::string> &candidates) {
  if (std::optional<std::string> match = closestMatch(name, candidates))
    return "did you mean '" + *match + "'?";
  if (candidates.empty())
    return "";
  return "known are " + describeList(candidates, 10);
}

} // namespace hillock
