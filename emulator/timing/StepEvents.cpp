//===- emulator/timing/StepEvents.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/timing/StepEvents.h"

namespace hillock::emu {

EventCounts &EventCounts::operator+=(const EventCounts &other) {
  updatesInactive += other.updatesInactive;
  updatesActive += other.updatesActive;
  spikes += other.spikes;
  messages += other.messages;
  hopsX += other.hopsX;
  hopsY += other.hopsY;
  hopsChipX += other.hopsChipX;
  hopsChipY += other.hopsChipY;
  axonsIn += other.axonsIn;
  for (size_t kind = 0; kind < synapseKinds; ++kind)
    synapses[kind] += other.synapses[kind];
  return *this;
}

EventCounts EventCounts::operator-(const EventCounts &earlier) const {
  EventCounts since = *this;
  since.updatesInactive -= earlier.updatesInactive;
  since.updatesActive -= earlier.updatesActive;
  since.spikes -= earlier.spikes;
  since.messages -= earlier.messages;
  since.hopsX -= earlier.hopsX;
  since.hopsY -= earlier.hopsY;
  since.hopsChipX -= earlier.hopsChipX;
  since.hopsChipY -= earlier.hopsChipY;
  since.axonsIn -= earlier.axonsIn;
  for (size_t kind = 0; kind < synapseKinds; ++kind)
    since.synapses[kind] -= earlier.synapses[kind];
  return since;
}

void StepOrder::clear() {
  firstFiring.assign(1, 0);
  firstMessage.assign(1, 0);
  firings.clear();
  messages.clear();
  rest.clear();
}

void StepOrder::endCore(const CoreRest &itsRest) {
  rest.push_back(itsRest);
  firstFiring.push_back(static_cast<uint32_t>(firings.size()));
  firstMessage.push_back(static_cast<uint32_t>(messages.size()));
}

} // namespace hillock::emu
