//===- emulator/core/CoreLevels.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/CoreLevels.h"
#include <algorithm>

namespace hillock::emu {

namespace {

/// Strongly connected components (Tarjan 1972), without recursion. A component
/// is numbered after all that it sends to.
class Components {
public:
  explicit Components(const std::vector<std::vector<uint32_t>> &targets)
      : targets(targets), order(targets.size(), unseen), low(targets.size()),
        component(targets.size(), unseen) {
    for (uint32_t c = 0; c < targets.size(); ++c)
      if (order[c] == unseen)
        visit(c);
  }
  std::vector<uint32_t> take() { return std::move(component); }

private:
  static constexpr uint32_t unseen = UINT32_MAX;
  struct Frame {
    uint32_t core;
    size_t next; ///< target to look at
  };

  void enter(uint32_t core) {
    order[core] = low[core] = seen++;
    open.push_back(core);
    path.push_back({core, 0});
  }

  void visit(uint32_t first) {
    enter(first);
    while (!path.empty()) {
      Frame &frame = path.back();
      const uint32_t core = frame.core;
      if (frame.next == targets[core].size()) {
        leave(core);
        continue;
      }
      const uint32_t to = targets[core][frame.next++];
      if (order[to] == unseen)
        enter(to);
      else if (component[to] == unseen)
        low[core] = std::min(low[core], order[to]);
    }
  }

  void leave(uint32_t core) {
    path.pop_back();
    if (!path.empty())
      low[path.back().core] = std::min(low[path.back().core], low[core]);
    if (low[core] != order[core])
      return;
    for (uint32_t of = unseen; of != core; open.pop_back())
      component[of = open.back()] = found;
    ++found;
  }

  const std::vector<std::vector<uint32_t>> &targets;
  std::vector<uint32_t> order, low, component, open;
  std::vector<Frame> path;
  uint32_t seen = 0, found = 0;
};

} // namespace

CoreLevels CoreLevels::find(const std::vector<std::vector<uint32_t>> &targets) {
  CoreLevels result;
  result.component = Components(targets).take();
  const auto cores = static_cast<uint32_t>(targets.size());
  std::vector<uint32_t> sorted(cores), levelOf(cores, 0);
  for (uint32_t c = 0; c < cores; ++c)
    sorted[c] = c;
  std::stable_sort(sorted.begin(), sorted.end(), [&](uint32_t a, uint32_t b) {
    return result.component[a] > result.component[b];
  });
  for (uint32_t c : sorted) {
    const uint32_t from = result.component[c];
    for (uint32_t to : targets[c])
      if (uint32_t other = result.component[to]; other != from)
        levelOf[other] = std::max(levelOf[other], levelOf[from] + 1);
  }
  for (uint32_t c = 0; c < cores; ++c) {
    result.level.push_back(levelOf[result.component[c]]);
    result.count = std::max(result.count, result.level.back() + 1);
  }
  return result;
}

} // namespace hillock::emu
