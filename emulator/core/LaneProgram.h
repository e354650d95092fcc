//===- emulator/core/LaneProgram.h - Bytecode over many lanes ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A neuron program prepared for one core: what is the same for all compartments
// is folded into constants, what is left runs as one tight loop an instruction
// over blocks of compartments ("lanes"). The results are those of the scalar
// definition in image/Program.h, bit for bit.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_LANEPROGRAM_H
#define HILLOCK_EMULATOR_CORE_LANEPROGRAM_H

#include "base/HugeArray.h"
#include "image/Program.h"
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace hillock::emu {

/// Lanes that one pass over the instructions advances: few enough that all
/// temporaries stay in the first-level cache.
constexpr uint32_t laneBlock = 256;
/// Arrays of lanes are padded to a multiple of this.
constexpr uint32_t lanePadding = 16;
constexpr uint32_t paddedLanes(uint32_t lanes) {
  return (lanes + lanePadding - 1) / lanePadding * lanePadding;
}

/// An array of 32-bit lanes, aligned for the widest vectors, zero at first.
class LaneArray {
public:
  LaneArray() = default;
  explicit LaneArray(size_t count);
  int32_t *data() { return values.as<int32_t>(); }
  const int32_t *data() const { return values.as<int32_t>(); }
  size_t size() const { return count; }
  explicit operator bool() const { return bool(values); }

private:
  HugeArray values;
  size_t count = 0;
};

/// The value of a parameter on a core: one for all lanes, or one each.
struct LaneParam {
  bool uniform = true;
  int32_t value = 0;
  const int32_t *lanes = nullptr; ///< padded, 64-byte aligned
};

/// A compartment that fired.
struct Fired {
  uint32_t compartment;
  int32_t payload;
};

struct Kernels;

/// What machine code made for a LaneProgram works on: padded lanes, of which it
/// advances all. Its layout is known to emulator/jit.
struct LaneCall {
  int32_t *const *states;
  const int32_t *const *params; ///< null where the value is uniform
  const int32_t *sums;          ///< of port 0; other ports are 0
  uint16_t *fires;              ///< bit i % 16 of word i / 16: lane i fires
  int32_t *payloads;            ///< written unless the payload is a constant
  uint64_t padded;
  uint64_t seedHash; ///< sm64(seed)
  uint64_t coreBits; ///< core << 32
  uint64_t step;
};
using LaneFunction = void (*)(const LaneCall *);

/// What a step of one core works on.
struct LaneContext {
  LaneFunction native = nullptr;    ///< of this program and shift, or null
  const Kernels *kernels = nullptr; ///< findKernels()
  int32_t *scratch = nullptr;       ///< scratchSlots() * laneBlock values
  int32_t **arrays = nullptr;       ///< room for arraysNeeded() pointers
  std::span<int32_t *const> states;
  const int32_t *sums = nullptr; ///< synaptic sums of port 0, before the shift
  uint32_t shift = 0;
  /// By port: values added past the synapses; null when there are none.
  std::span<const int32_t *const> direct;
  uint32_t lanes = 0;
  uint64_t seed = 0;
  uint32_t core = 0;
  uint64_t step = 1;
};

class LaneProgram {
public:
  /// \p program must have passed image::check(); \p params has its order.
  static LaneProgram compile(const image::Program &program,
                             std::span<const LaneParam> params);

  uint32_t scratchSlots() const { return slots; }
  size_t arraysNeeded() const { return slots + states + params.size(); }
  /// Spikes, if any, have the payload 1.
  bool firesOne() const {
    return !fires || (payload.scalar && payload.value == 1);
  }
  /// Scratch that machine code needs, in 32-bit values.
  size_t nativeScratch(uint32_t lanes) const {
    return paddedLanes(lanes) * (payload.scalar ? 1 : 2);
  }
  /// Operations left after folding, for tests and reports.
  size_t operations() const { return ops.size(); }

  /// True when lanes of several cores that lie side by side can be advanced as
  /// one by the machine code: no parameter that differs by lane, no Random,
  /// which asks for the core.
  bool sameOnAllCores() const;
  /// Advances all lanes by the machine code of \p context, whose scratch has
  /// nativeScratch(lanes) values, without injected values. Calls visit(lane,
  /// payload) of each that fires, in rising order.
  template <typename Visit>
  void runNative(const LaneContext &context, Visit visit) const;

  /// Advances all lanes one step; appends those that fire in rising order.
  void run(const LaneContext &context, std::vector<Fired> &fired) const;

  /// An operand of an operation: a constant, or an index into the table of
  /// arrays (scratch slots, then states, then parameters).
  struct Operand {
    bool scalar = true;
    uint16_t slot = 0;
    int32_t value = 0;
  };
  struct Operation {
    image::Opcode op;
    uint16_t d = 0;
    Operand a, b, c;
    int32_t imm = 0;
  };
  struct StateWrite {
    uint16_t state;
    Operand value;
  };

  // What code generators read. Slots: scratch, then states, then parameters.
  const std::vector<Operation> &code() const { return ops; }
  const std::vector<StateWrite> &stateWrites() const { return writes; }
  uint32_t stateCount() const { return states; }
  size_t paramCount() const { return params.size(); }
  bool canFire() const { return fires; }
  const Operand &fireOperand() const { return fireIf; }
  const Operand &payloadOperand() const { return payload; }

private:
  friend class LaneCompiler;
  void callNative(LaneCall &call, const LaneContext &context) const;
  void fire(const LaneContext &context, int32_t *const *arrays, uint32_t begin,
            uint32_t count, std::vector<Fired> &fired) const;

  std::vector<Operation> ops;
  std::vector<StateWrite> writes; ///< copies that are left at the end
  std::vector<const int32_t *> params;
  bool fires = false;
  Operand fireIf, payload;
  uint32_t slots = 0, states = 0;
};

template <typename Visit>
void LaneProgram::runNative(const LaneContext &context, Visit visit) const {
  LaneCall call;
  callNative(call, context);
  for (uint32_t begin = 0; fires && begin < context.lanes; begin += 64) {
    uint64_t mask = 0;
    const uint64_t bytes = std::min<uint64_t>(call.padded - begin, 64) / 8;
    std::memcpy(&mask, call.fires + begin / 16, bytes);
    if (context.lanes - begin < 64)
      mask &= (uint64_t{1} << (context.lanes - begin)) - 1;
    for (; mask; mask &= mask - 1) {
      const uint32_t k = begin + static_cast<uint32_t>(std::countr_zero(mask));
      visit(k, payload.scalar ? payload.value : call.payloads[k]);
    }
  }
}

/// Makes machine code of lane programs (emulator/jit). Serves several threads.
class LaneCodegen {
public:
  virtual ~LaneCodegen() = default;
  /// Code for \p program with synaptic sums shifted left by \p shift, valid as
  /// long as the generator; null when it makes none for this one.
  virtual LaneFunction generate(const LaneProgram &program, uint32_t shift) = 0;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_LANEPROGRAM_H
