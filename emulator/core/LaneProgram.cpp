//===- emulator/core/LaneProgram.cpp - Running lanes ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/LaneProgram.h"
#include "emulator/core/kernels/Kernels.h"
#include "image/ProgramVm.h"
#include <bit>
#include <cstring>

namespace hillock::emu {

LaneArray::LaneArray(size_t count)
    : values(count * sizeof(int32_t)), count(count) {
  std::memset(data(), 0, count * sizeof(int32_t));
}

void drawLanes(const LaneContext &context, int32_t *lanes, uint32_t begin,
               uint32_t n, int32_t instruction) {
  for (uint32_t i = 0; i < n; ++i)
    lanes[i] = image::randomValue(
        image::randomKey(context.seed, context.core, begin + i, context.step),
        size_t(instruction));
}

void LaneProgram::fire(const LaneContext &context, int32_t *const *arrays,
                       uint32_t begin, uint32_t count,
                       std::vector<Fired> &fired) const {
  if (fireIf.scalar && fireIf.value == 0)
    return;
  auto payloadOf = [&](uint32_t i) {
    return payload.scalar ? payload.value : arrays[payload.slot][i];
  };
  if (fireIf.scalar) {
    for (uint32_t i = 0; i < count; ++i)
      fired.push_back({begin + i, payloadOf(i)});
    return;
  }
  const int32_t *condition = arrays[fireIf.slot];
  uint64_t masks[laneBlock / 64];
  uint32_t padded = paddedLanes(count);
  context.kernels->findSet(condition, padded, masks);
  for (uint32_t word = 0; word * 64 < padded; ++word)
    for (uint64_t mask = masks[word]; mask; mask &= mask - 1) {
      uint32_t k = word * 64 + uint32_t(std::countr_zero(mask));
      if (k < count)
        fired.push_back({begin + k, payloadOf(k)});
    }
}

void LaneProgram::callNative(LaneCall &call, const LaneContext &context) const {
  const uint32_t padded = paddedLanes(context.lanes);
  call.states = context.states.data();
  call.params = params.data();
  call.sums = context.sums;
  call.payloads = context.scratch;
  int32_t *masks = context.scratch + (payload.scalar ? 0 : padded);
  call.fires = reinterpret_cast<uint16_t *>(masks);
  call.padded = padded;
  call.seedHash = sm64(context.seed);
  call.coreBits = uint64_t{context.core} << 32;
  call.step = context.step;
  context.native(&call);
}

bool LaneProgram::sameOnAllCores() const {
  const auto varies = [](const int32_t *lanes) { return lanes != nullptr; };
  const auto draws = [](const Operation &op) {
    return op.op == image::Opcode::Random;
  };
  return std::none_of(params.begin(), params.end(), varies) &&
         std::none_of(ops.begin(), ops.end(), draws);
}

void LaneProgram::run(const LaneContext &context,
                      std::vector<Fired> &fired) const {
  // Machine code knows no injected values; they are rare.
  bool injected = false;
  for (const int32_t *port : context.direct)
    injected |= port != nullptr;
  if (context.native && !injected)
    return runNative(context, [&](uint32_t lane, int32_t value) {
      fired.push_back({lane, value});
    });
  int32_t **arrays = context.arrays;
  LaneInputs inputs;
  inputs.context = &context;
  inputs.sums = context.sums;
  inputs.direct = context.direct.data();
  inputs.shift = context.shift;
  for (uint32_t s = 0; s < slots; ++s)
    arrays[s] = context.scratch + size_t(s) * laneBlock;
  for (uint32_t begin = 0; begin < context.lanes; begin += laneBlock) {
    uint32_t count = std::min(laneBlock, context.lanes - begin);
    uint32_t padded = paddedLanes(count);
    for (uint32_t s = 0; s < states; ++s)
      arrays[slots + s] = context.states[s] + begin;
    // Parameters are read only; no operation has one as its destination.
    for (size_t p = 0; p < params.size(); ++p)
      arrays[slots + states + p] =
          params[p] ? const_cast<int32_t *>(params[p]) + begin : nullptr;
    context.kernels->runLanes(ops.data(), ops.size(), inputs, arrays, begin,
                              padded);
    if (fires)
      fire(context, arrays, begin, count, fired);
    for (const StateWrite &w : writes) {
      int32_t *to = context.states[w.state] + begin;
      if (w.value.scalar)
        std::fill(to, to + padded, w.value.value);
      else
        std::memcpy(to, arrays[w.value.slot], padded * sizeof(int32_t));
    }
  }
}

} // namespace hillock::emu
