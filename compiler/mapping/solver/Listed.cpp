//===- compiler/mapping/solver/Listed.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Listed.h"
#include "compiler/mapping/solver/WindowCount.h"

namespace hillock::mapping {

namespace {

class ListedConnectivity : public Connectivity {
public:
  void append(uint32_t source, std::vector<Synapse> &list) const override {
    list.insert(list.end(),
                synapses.begin() + static_cast<ptrdiff_t>(first[source]),
                synapses.begin() + static_cast<ptrdiff_t>(first[source + 1]));
  }

  std::vector<Synapse> synapses;
  std::vector<size_t> first = {0};
};

} // namespace

Network listed(const Network &network, const std::vector<ProjectionSize> &sizes,
               uint64_t most) {
  Network result = network;
  for (size_t p = 0; p < result.projections.size(); ++p) {
    Projection &projection = result.projections[p];
    if (sizes[p].synapses > most || isCountable(projection))
      continue;
    most -= sizes[p].synapses;
    auto list = std::make_shared<ListedConnectivity>();
    list->synapses.reserve(sizes[p].synapses);
    const uint32_t sources = network.populations[projection.source].size();
    for (uint32_t n = 0; n < sources; ++n) {
      projection.connectivity->append(n, list->synapses);
      list->first.push_back(list->synapses.size());
    }
    projection.connectivity = std::move(list);
  }
  return result;
}

} // namespace hillock::mapping
