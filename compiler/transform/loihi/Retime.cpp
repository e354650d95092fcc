//===- compiler/transform/loihi/Retime.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Retime.h"
#include <algorithm>
#include <optional>

namespace hillock::transform {

namespace {

/// Longest paths with weights 1 - delay (Bellman-Ford). Returns an edge on a
/// cycle of positive weight, or nothing when the lags are found.
std::optional<uint32_t> relax(uint32_t nodes,
                              const std::vector<TimedEdge> &edges,
                              const std::vector<bool> &skip,
                              std::vector<int64_t> &lag) {
  lag.assign(nodes, 0);
  std::vector<int64_t> parent(nodes, -1);
  int64_t last = -1;
  for (uint32_t round = 0; round <= nodes; ++round) {
    last = -1;
    for (uint32_t e = 0; e < edges.size(); ++e) {
      const TimedEdge &edge = edges[e];
      if (skip[e] || lag[edge.to] >= lag[edge.from] + 1 - edge.delay)
        continue;
      lag[edge.to] = lag[edge.from] + 1 - edge.delay;
      parent[edge.to] = e;
      last = e;
    }
    if (last < 0)
      return std::nullopt;
  }
  // Walk back far enough to stand on the cycle, then take its edge with the
  // largest delay: that is the recurrent one.
  uint32_t node = edges[last].to;
  for (uint32_t i = 0; i < nodes; ++i)
    node = edges[parent[node]].from;
  uint32_t start = node;
  uint32_t best = static_cast<uint32_t>(parent[node]);
  do {
    uint32_t e = static_cast<uint32_t>(parent[node]);
    if (edges[e].delay > edges[best].delay ||
        (edges[e].delay == edges[best].delay && e < best))
      best = e;
    node = edges[e].from;
  } while (node != start);
  return best;
}

} // namespace

Lags retime(uint32_t nodes, const std::vector<TimedEdge> &edges) {
  Lags result;
  std::vector<bool> skip(edges.size(), false);
  while (std::optional<uint32_t> edge = relax(nodes, edges, skip, result.lag)) {
    skip[*edge] = true;
    result.stretched.push_back(*edge);
  }
  // What the final lags allow after all is not stretched.
  std::erase_if(result.stretched, [&](uint32_t e) {
    const TimedEdge &edge = edges[e];
    return edge.delay + result.lag[edge.to] - result.lag[edge.from] >= 1;
  });
  std::sort(result.stretched.begin(), result.stretched.end());
  return result;
}

} // namespace hillock::transform
