//===- runtime/devices/odin/Host.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/devices/odin/Host.h"
#include <algorithm>

namespace hillock::runtime::odin {

static constexpr uint64_t kNever = ~uint64_t(0);

void Host::reset() {
  pins.reset();
  levels = {};
  phase = Phase::Idle;
  due = kNever;
}

void Host::waitUntil(uint64_t cycle) {
  if (due == now()) {
    levels.aerOutAck = phase == Phase::Ack;
    if (phase == Phase::Ack) {
      phase = Phase::AwaitFall;
    } else {
      phase = Phase::Idle;
      output.release = now();
      due = kNever;
      if (onRelease)
        onRelease(output);
      // The caller may want to wait for something nearer now.
      return;
    }
    due = kNever;
  }
  cycle = std::min(cycle, due);
  if (cycle <= now())
    return;
  pins.clock(levels, cycle - now());
  const OutputPins shown = pins.outputs();
  if (phase == Phase::Idle && shown.aerOutReq) {
    output = {now() - 1, 0, shown.aerOutAddress};
    due = now() + options.outAck;
    phase = Phase::Ack;
    if (onRise)
      onRise(output);
  } else if (phase == Phase::AwaitFall && !shown.aerOutReq) {
    due = now() + options.outRelease;
    phase = Phase::Release;
  }
}

void Host::hold(uint64_t cycles) {
  for (const uint64_t end = now() + cycles; now() < end;)
    waitUntil(end);
}

uint8_t Host::sendFrame(uint64_t bits) {
  const uint64_t half = std::max<uint64_t>(options.sckHalfPeriod, 1);
  // The host listens to the last eight bits of what it reads.
  const unsigned listens = bits >> 39 & 1 ? 32 : 40;
  unsigned bit = 0;
  uint8_t byte = 0;
  while (bit < hillock::odin::kFrameBits) {
    if (levels.sck && bit < listens && quiet()) {
      const unsigned sent =
          pins.shiftBits(levels, bits, bit, listens - bit, half);
      bit += sent;
      if (sent)
        continue;
    }
    levels.sck = false;
    levels.mosi = bits >> (39 - bit) & 1;
    hold(half);
    if (bit >= listens)
      byte = static_cast<uint8_t>(byte << 1 | (pins.outputs().miso ? 1 : 0));
    levels.sck = true;
    hold(half);
    ++bit;
  }
  return byte;
}

void Host::endFrames() { levels.sck = levels.mosi = false; }

bool Host::awaitAck(bool level) {
  const uint64_t end = now() + options.patience;
  while (pins.outputs().aerInAck != level) {
    if (now() >= end)
      return false;
    waitUntil(end);
  }
  return true;
}

std::optional<Host::Input> Host::sendEvent(uint32_t address) {
  Input input;
  levels.aerInAddress = address;
  levels.aerInReq = true;
  const bool answered = awaitAck(true);
  input.rise = now() - 1;
  if (answered && options.inRelease)
    hold(options.inRelease);
  levels.aerInReq = false;
  if (!answered || !awaitAck(false))
    return std::nullopt;
  input.fall = now() - 1;
  return input;
}

} // namespace hillock::runtime::odin
