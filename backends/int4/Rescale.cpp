//===- backends/int4/Rescale.cpp - Cheaper ways to the same code ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Rescale.h"
#include <algorithm>
#include <cstdlib>
#include <limits>

namespace hillock::int4 {

namespace {

constexpr int64_t most = std::numeric_limits<int32_t>::max();

/// A step of a channel: the least sum (in -largest .. largest + 1) whose stored
/// code is at least \p code.
struct Step {
  int64_t sum = 0, code = 0;
};

class Chooser {
public:
  Chooser(const ann::IntLayer &layer, const Buffer &out, int64_t largest,
          unsigned scaled)
      : layer(layer), zero(out.zero), largest(largest), scaled(scaled) {
    for (const ann::Multiplier &m : layer.multipliers) {
      std::vector<Step> all;
      for (int64_t code = int64_t{layer.low} - out.base + 1;
           code <= int64_t{layer.high} - out.base; ++code)
        all.push_back({firstSum(m, code), code});
      steps.push_back(std::move(all));
    }
  }

  std::optional<Rescale> words(unsigned before) const {
    // Sums have 2^extra times their size when they are multiplied.
    const unsigned extra = scaled - before;
    const int64_t bound = (largest << extra) + 1;
    for (int shift = 30; shift >= 4; --shift) {
      Rescale r;
      r.form = Rescale::Form::Word;
      r.before = before;
      r.shifts = {shift};
      bool fits = true;
      for (size_t i = 0; i < steps.size() && fits; ++i)
        fits = nominal(layer.multipliers[i], shift, extra) < most / bound;
      if (!fits)
        continue;
      for (size_t i = 0; i < steps.size(); ++i)
        if (!addWordChannel(r, i, extra, bound))
          return std::nullopt;
      return r;
    }
    return std::nullopt;
  }

  /// The definition with its lower 32 bits, which do not matter, left out.
  std::optional<Rescale> high() const {
    Rescale r;
    r.form = Rescale::Form::High;
    for (const ann::Multiplier &m : layer.multipliers) {
      const int shift = m.mantissa == 0 ? 1 : m.shift + int(scaled) - 32;
      // The upper word has less than 31 bits.
      if (shift < 1 || shift > 30)
        return std::nullopt;
      const int64_t offset =
          (int64_t{1} << (shift - 1)) + (int64_t{zero} << shift);
      if (std::abs(offset) > most / 2)
        return std::nullopt;
      r.factors.push_back(m.mantissa);
      r.offsets.push_back(static_cast<int32_t>(offset));
      r.shifts.push_back(shift);
    }
    if (std::all_of(r.shifts.begin(), r.shifts.end(),
                    [&](int32_t s) { return s == r.shifts[0]; }))
      r.shifts.resize(1);
    return r;
  }

private:
  int64_t firstSum(const ann::Multiplier &m, int64_t code) const {
    int64_t low = -largest, high = largest + 1;
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      if (zero + ann::scaled(static_cast<int32_t>(middle), m) >= code)
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  }

  /// m / 2^s / 2^extra as a multiple of 2^-shift.
  static int64_t nominal(const ann::Multiplier &m, int shift, unsigned extra) {
    const int down = m.shift + static_cast<int>(extra) - shift;
    if (down <= 0)
      return down < -31 ? most : int64_t{m.mantissa} << -down;
    if (down > 40)
      return 0;
    return (m.mantissa + (int64_t{1} << (down - 1))) >> down;
  }

  /// A line with a whole slope that is on the right side of every step.
  bool addWordChannel(Rescale &r, size_t channel, unsigned extra,
                      int64_t bound) const {
    const int shift = r.shifts[0];
    const int64_t middle = nominal(layer.multipliers[channel], shift, extra);
    for (const int64_t change : {0, 1, -1}) {
      const int64_t factor = middle + change;
      if (factor < 0)
        continue;
      int64_t least = std::numeric_limits<int64_t>::min() / 2;
      int64_t greatest = std::numeric_limits<int64_t>::max() / 2;
      for (const Step &s : steps[channel]) {
        const int64_t level = s.code << shift;
        const int64_t size = int64_t{1} << extra;
        if (s.sum <= largest)
          least = std::max(least, level - s.sum * size * factor);
        if (s.sum > -largest)
          greatest =
              std::min(greatest, level - 1 - (s.sum - 1) * size * factor);
      }
      const int64_t wanted =
          (int64_t{1} << (shift - 1)) + (int64_t{zero} << shift);
      if (least > greatest)
        continue;
      const int64_t offset = std::clamp(wanted, least, greatest);
      if (std::abs(offset) + bound * factor > most)
        continue;
      r.factors.push_back(static_cast<int32_t>(factor));
      r.offsets.push_back(static_cast<int32_t>(offset));
      return true;
    }
    return false;
  }

  const ann::IntLayer &layer;
  int64_t zero, largest;
  unsigned scaled;
  std::vector<std::vector<Step>> steps;
};

} // namespace

Rescale rescaleOf(const ann::IntLayer &layer, const Buffer &out,
                  int64_t largest, unsigned scaled, bool longProducts) {
  Rescale none;
  // Outputs of 32 bits have too many steps to look at.
  if (out.bytes != 1 || largest > most >> (scaled + 1))
    return none;
  const Chooser chooser(layer, out, largest, scaled);
  if (auto r = chooser.words(0))
    return std::move(*r);
  if (scaled)
    if (auto r = chooser.words(scaled))
      return std::move(*r);
  if (longProducts)
    if (auto r = chooser.high())
      return std::move(*r);
  return none;
}

} // namespace hillock::int4
