//===- compiler/reference/Trace.cpp - What a run leaves behind ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/reference/Trace.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <algorithm>
#include <cmath>
#include <tuple>

namespace hillock::reference {

int64_t Recording::neurons() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

Signal Recording::at(int64_t step) const {
  Signal values(neurons(), 0.0);
  auto first = std::lower_bound(
      events.begin(), events.end(), step,
      [](const Event &event, int64_t wanted) { return event.step < wanted; });
  for (; first != events.end() && first->step == step; ++first)
    values[first->neuron] = first->value;
  return values;
}

Signal Recording::counts() const {
  Signal sums(neurons(), 0.0);
  for (const Event &event : events)
    sums[event.neuron] += event.value;
  return sums;
}

std::vector<double> Recording::dense() const {
  const int64_t width = neurons();
  std::vector<double> values(steps * width, 0.0);
  for (const Event &event : events)
    values[event.step * width + event.neuron] = event.value;
  return values;
}

static const Recording *find(const std::vector<Recording> &recordings,
                             llvm::StringRef name) {
  auto found = llvm::find_if(
      recordings, [&](const Recording &r) { return r.name == name; });
  return found == recordings.end() ? nullptr : &*found;
}

const Recording *Trace::output(llvm::StringRef name) const {
  return find(outputs, name);
}
const Recording *Trace::probe(llvm::StringRef name) const {
  return find(probes, name);
}

/// Calls \p visit for every place where one of the two is not zero; stops when
/// it says false.
static void visitPairs(const Recording &first, const Recording &second,
                       llvm::function_ref<bool(const Difference &)> visit) {
  auto a = first.events.begin(), b = second.events.begin();
  auto key = [](const Event &e) { return std::tie(e.step, e.neuron); };
  while (a != first.events.end() || b != second.events.end()) {
    const bool hasA = a != first.events.end(), hasB = b != second.events.end();
    const bool takeA = hasA && (!hasB || key(*a) <= key(*b));
    const bool takeB = hasB && (!hasA || key(*b) <= key(*a));
    const Event &place = takeA ? *a : *b;
    if (!visit({place.step, place.neuron, takeA ? a->value : 0.0,
                takeB ? b->value : 0.0}))
      return;
    a += takeA;
    b += takeB;
  }
}

std::optional<Difference> firstDifference(const Recording &first,
                                          const Recording &second,
                                          double tolerance) {
  std::optional<Difference> found;
  visitPairs(first, second, [&](const Difference &pair) {
    // Written so that a NaN counts as a difference.
    if (std::abs(pair.first - pair.second) <= tolerance)
      return true;
    found = pair;
    return false;
  });
  return found;
}

int64_t countDifferences(const Recording &first, const Recording &second,
                         double tolerance) {
  int64_t count = 0;
  visitPairs(first, second, [&](const Difference &pair) {
    count += !(std::abs(pair.first - pair.second) <= tolerance);
    return true;
  });
  return count;
}

std::vector<Event> eventsOf(llvm::ArrayRef<Signal> steps) {
  std::vector<Event> events;
  for (size_t t = 0; t < steps.size(); ++t)
    for (size_t k = 0; k < steps[t].size(); ++k)
      if (steps[t][k] != 0)
        events.push_back(
            {static_cast<int64_t>(t), static_cast<int64_t>(k), steps[t][k]});
  return events;
}

} // namespace hillock::reference
