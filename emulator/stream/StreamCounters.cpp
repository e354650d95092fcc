//===- emulator/stream/StreamCounters.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/StreamCounters.h"

namespace hillock::emu {

void StreamCounters::count(std::span<const FanOut::Sender> senders) {
  constexpr size_t ahead = 16;
  for (size_t s = 0; s < senders.size(); ++s) {
    if (s + ahead < senders.size())
      __builtin_prefetch(delivered.data() + senders[s + ahead].number, 1);
    ++delivered[senders[s].number];
  }
}

std::vector<CoreCounters>
StreamCounters::deal(uint64_t steps, std::span<const Senders> waiting) const {
  const auto owner = [&](uint32_t sender) { // the host's senders come last
    return static_cast<size_t>(std::upper_bound(tables.firstSender.begin(),
                                                tables.firstSender.end(),
                                                sender) -
                               tables.firstSender.begin()) -
           1;
  };
  std::vector<CoreCounters> sum(tables.cores.size() + 1);
  const auto visit = [&](uint32_t sender, uint64_t spikes, bool arrived) {
    const size_t from = owner(sender);
    sum[from].spikes += spikes;
    for (const StreamTables::Worker &worker : tables.workers)
      worker.fanOut.forEachRow(sender, [&](uint32_t lane, uint64_t synapses) {
        sum[from].axonsOut += spikes;
        if (!arrived)
          return;
        CoreCounters &to = sum[worker.coreOf(lane, tables.firstLane)];
        to.axonsIn += spikes;
        to.synapticEvents += spikes * synapses;
      });
  };
  for (uint32_t s = 0; s < delivered.size(); ++s)
    if (delivered[s] > 0)
      visit(s, delivered[s], true);
  for (const Senders &senders : waiting)
    for (const FanOut::Sender &sender : senders)
      visit(sender.number, 1, false);
  sum.resize(tables.cores.size());
  for (size_t c = 0; c < sum.size(); ++c)
    sum[c].updates = steps * tables.cores[c].compartments();
  return sum;
}

} // namespace hillock::emu
