//===- runtime/stream/Stimulus.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/stream/Stimulus.h"
#include "base/NdArray.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace hillock::runtime {

static bool before(const Event &a, const Event &b) {
  return a.step != b.step ? a.step < b.step : a.neuron < b.neuron;
}

int64_t Stimulus::neurons() const {
  int64_t count = 0;
  return elementCount(shape, count) ? count : 0;
}

bool Stimulus::isBinary() const {
  return std::all_of(events.begin(), events.end(),
                     [](const Event &event) { return event.value == 1; });
}

std::span<const Event> Stimulus::eventsAt(int64_t step) const {
  auto first = std::lower_bound(
      events.begin(), events.end(), step,
      [](const Event &event, int64_t wanted) { return event.step < wanted; });
  auto last = std::upper_bound(
      first, events.end(), step,
      [](int64_t wanted, const Event &event) { return wanted < event.step; });
  return {first, last};
}

void Stimulus::normalise(Merge merge) {
  // By value as well: sums of floats must not depend on the order of arrival.
  if (!std::is_sorted(events.begin(), events.end(), before))
    std::sort(events.begin(), events.end(), [](const Event &a, const Event &b) {
      return before(a, b) || (!before(b, a) && a.value < b.value);
    });
  size_t kept = 0;
  for (size_t i = 0; i < events.size();) {
    Event merged = events[i];
    size_t next = i + 1;
    for (; next < events.size() && !before(events[i], events[next]); ++next)
      merged.value += events[next].value;
    // Sums of huge values saturate instead of becoming infinite.
    constexpr float largest = std::numeric_limits<float>::max();
    merged.value = std::clamp(merged.value, -largest, largest);
    if (merge == Merge::One)
      merged.value = 1;
    i = next;
    if (merged.value != 0)
      events[kept++] = merged;
  }
  events.resize(kept);
}

Error Stimulus::check() const {
  auto bad = [](size_t index, const char *what) {
    return makeError(ErrorKind::Internal, what,
                     "stimulus, event " + std::to_string(index));
  };
  const int64_t count = neurons();
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].step >= steps)
      return bad(i, "step is outside of the stimulus");
    if (events[i].neuron >= count)
      return bad(i, "neuron is outside of the shape");
    if (!std::isfinite(events[i].value) || events[i].value == 0)
      return bad(i, "value is not finite or 0");
    if (i && !before(events[i - 1], events[i]))
      return bad(i, "events are not in order");
  }
  return Error::success();
}

std::vector<float> Stimulus::toDense() const {
  const int64_t count = neurons();
  std::vector<float> dense(static_cast<size_t>(steps * count), 0.0f);
  for (const Event &event : events)
    dense[static_cast<size_t>(event.step * count + event.neuron)] = event.value;
  return dense;
}

Stimulus Stimulus::fromDense(std::vector<int64_t> shape, DenseView view) {
  Stimulus result;
  result.shape = std::move(shape);
  result.steps = view.steps;
  for (int64_t step = 0; step < view.steps; ++step)
    for (int64_t neuron = 0; neuron < view.neurons; ++neuron)
      if (const float value = view.at(step, neuron); value != 0)
        result.events.push_back({static_cast<uint32_t>(step),
                                 static_cast<uint32_t>(neuron), value});
  return result;
}

} // namespace hillock::runtime
