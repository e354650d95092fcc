//===- tools/hillock/Compare.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Compare.h"
#include <algorithm>

namespace hillock::tool {

namespace {

using Trains = std::vector<runtime::SpikeTrain>;

const runtime::SpikeTrain *find(const Trains &trains, const std::string &name) {
  for (const runtime::SpikeTrain &train : trains)
    if (train.name == name)
      return &train;
  return nullptr;
}

bool before(const runtime::Event &a, const runtime::Event &b) {
  return a.step != b.step ? a.step < b.step : a.neuron < b.neuron;
}

/// Merges two sorted lists; calls \p differ for every place that differs.
template <typename Differ>
void walk(const runtime::SpikeTrain &a, const runtime::SpikeTrain &b,
          const Differ &differ) {
  size_t i = 0, j = 0;
  while (i < a.events.size() || j < b.events.size()) {
    const bool useA =
        j == b.events.size() ||
        (i < a.events.size() && !before(b.events[j], a.events[i]));
    const bool useB =
        i == a.events.size() ||
        (j < b.events.size() && !before(a.events[i], b.events[j]));
    const runtime::Event &at = useA ? a.events[i] : b.events[j];
    const double first = useA ? a.events[i].value : 0;
    const double second = useB ? b.events[j].value : 0;
    if (first != second)
      differ(at, first, second);
    i += useA;
    j += useB;
  }
}

} // namespace

Comparison compareRuns(const LevelResult &a, const LevelResult &b) {
  Comparison result;
  const bool populations = !a.populations.empty() && !b.populations.empty();
  const Trains &left = populations ? a.populations : a.outputs;
  const Trains &right = populations ? b.populations : b.outputs;
  for (const runtime::SpikeTrain &train : right)
    if (!find(left, train.name))
      result.onlySecond.push_back(train.name);
  for (const runtime::SpikeTrain &train : left) {
    const runtime::SpikeTrain *other = find(right, train.name);
    if (!other) {
      result.onlyFirst.push_back(train.name);
      continue;
    }
    ++result.populations;
    result.spikesFirst += train.events.size();
    result.spikesSecond += other->events.size();
    walk(train, *other,
         [&](const runtime::Event &at, double first, double second) {
           ++result.differing;
           if (!result.difference || at.step < result.difference->step)
             result.difference = {train.name, at.step, at.neuron, first,
                                  second};
         });
  }
  return result;
}

} // namespace hillock::tool
