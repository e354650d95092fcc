//===- emulator/core/LaneCompiler.cpp - Bytecode to lane operations -------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/LaneProgram.h"
#include "image/ProgramVm.h"

namespace hillock::emu {

using image::Instruction;
using image::Opcode;
using Operand = LaneProgram::Operand;
using Operation = LaneProgram::Operation;

namespace {

bool commutes(Opcode op) {
  switch (op) {
  case Opcode::Add:
  case Opcode::Mul:
  case Opcode::And:
  case Opcode::Or:
  case Opcode::Xor:
  case Opcode::Min:
  case Opcode::Max:
  case Opcode::CmpEq:
  case Opcode::CmpNe:
  case Opcode::Decay:
  case Opcode::MulShr:
    return true;
  default:
    return false;
  }
}

} // namespace

/// Three passes: fold constants, drop what no one reads, give the temporaries
/// scratch slots. Temporaries are numbered from `temporaryBase` until then.
class LaneCompiler {
public:
  LaneCompiler(const image::Program &program, std::span<const LaneParam> params)
      : program(program), params(params), values(256) {
    result.states = static_cast<uint32_t>(program.states.size());
    temporaryBase = result.states + params.size();
    for (const LaneParam &param : params)
      result.params.push_back(param.lanes);
  }

  LaneProgram compile() {
    for (; position < program.code.size(); ++position)
      translate(program.code[position]);
    dropUnused();
    writeInPlace();
    assignSlots();
    return std::move(result);
  }

private:
  // Array numbers while compiling: states, parameters, temporaries.
  uint32_t stateArray(int32_t state) const { return uint32_t(state); }
  uint32_t paramArray(int32_t param) const {
    return result.states + uint32_t(param);
  }

  static Operand constant(int32_t value) { return {true, 0, value}; }
  static Operand array(uint32_t index) {
    return {false, static_cast<uint16_t>(index), 0};
  }

  void translate(const Instruction &i) {
    switch (i.op) {
    case Opcode::Const:
      values[i.d] = constant(i.imm);
      break;
    case Opcode::Param: {
      const LaneParam &param = params[size_t(i.imm)];
      values[i.d] =
          param.uniform ? constant(param.value) : array(paramArray(i.imm));
      break;
    }
    case Opcode::Load:
      values[i.d] = array(stateArray(i.imm));
      break;
    case Opcode::Input:
      values[i.d] = emit({i.op, 0, {}, {}, {}, i.imm});
      break;
    case Opcode::Random:
      // A draw is known by its place in the code.
      values[i.d] = emit({i.op, 0, {}, {}, {}, int32_t(position)});
      break;
    case Opcode::Write:
      write(uint16_t(i.imm), values[i.a]);
      break;
    case Opcode::Fire:
      result.fires = true;
      result.fireIf = values[i.a];
      result.payload = values[i.b];
      break;
    default:
      arithmetic(i);
      break;
    }
  }

  void arithmetic(const Instruction &i) {
    Operand a = values[i.a], b = values[i.b];
    if (i.op == Opcode::Select) {
      Operand condition = values[size_t(i.imm)];
      values[i.d] = condition.scalar ? (condition.value ? a : b)
                                     : emit({i.op, 0, a, b, condition, 0});
      return;
    }
    if (i.op == Opcode::Wrap)
      b = constant(0);
    if (a.scalar && b.scalar) {
      values[i.d] = constant(image::evaluate(i.op, a.value, b.value, i.imm));
      return;
    }
    if (a.scalar && commutes(i.op))
      std::swap(a, b);
    if (neutral(i.op, a, b))
      values[i.d] = a;
    else
      values[i.d] = emit({i.op, 0, a, b, {}, i.imm});
  }

  /// x + 0, x - 0, x << 0, x | 0, x ^ 0: nothing to do.
  static bool neutral(Opcode op, const Operand &a, const Operand &b) {
    if (a.scalar || !b.scalar || b.value != 0)
      return false;
    return op == Opcode::Add || op == Opcode::Sub || op == Opcode::Shl ||
           op == Opcode::Shr || op == Opcode::Or || op == Opcode::Xor;
  }

  Operand emit(Operation operation) {
    operation.d = static_cast<uint16_t>(temporaryBase + result.ops.size());
    result.ops.push_back(operation);
    return array(operation.d);
  }

  void write(uint16_t state, Operand value) {
    if (!value.scalar && value.slot == stateArray(state))
      return; // keeps its value
    // Another state's old value must be taken before that state is written.
    if (!value.scalar && value.slot < result.states)
      value = emit({Opcode::Or, 0, value, constant(0), {}, 0});
    result.writes.push_back({state, value});
  }

  static bool reads(const Operation &op, uint32_t index) {
    auto is = [&](const Operand &operand) {
      return !operand.scalar && operand.slot == index;
    };
    bool source = op.op != Opcode::Input && op.op != Opcode::Random;
    return source &&
           (is(op.a) || is(op.b) || (op.op == Opcode::Select && is(op.c)));
  }

  void dropUnused() {
    std::vector<bool> used(temporaryBase + result.ops.size());
    auto use = [&](const Operand &operand) {
      if (!operand.scalar)
        used[operand.slot] = true;
    };
    for (const auto &w : result.writes)
      use(w.value);
    if (result.fires) {
      use(result.fireIf);
      use(result.payload);
    }
    std::vector<Operation> kept;
    for (size_t i = result.ops.size(); i-- > 0;) {
      const Operation &op = result.ops[i];
      if (!used[op.d])
        continue;
      if (op.op != Opcode::Input && op.op != Opcode::Random) {
        use(op.a);
        use(op.b);
        if (op.op == Opcode::Select)
          use(op.c);
      }
      kept.push_back(op);
    }
    result.ops.assign(kept.rbegin(), kept.rend());
  }

  void rename(uint16_t from, uint16_t to) {
    auto change = [&](Operand &operand) {
      if (!operand.scalar && operand.slot == from)
        operand.slot = to;
    };
    for (Operation &op : result.ops) {
      if (op.d == from)
        op.d = to;
      change(op.a);
      change(op.b);
      change(op.c);
    }
    for (auto &w : result.writes)
      change(w.value);
    change(result.fireIf);
    change(result.payload);
  }

  /// Lets an operation put a state's new value where it belongs, when nobody
  /// needs the old one any more.
  void writeInPlace() {
    std::vector<LaneProgram::StateWrite> left;
    std::vector<LaneProgram::StateWrite> all = result.writes;
    for (size_t w = 0; w < all.size(); ++w) {
      Operand value = all[w].value;
      bool inPlace = !value.scalar && value.slot >= temporaryBase;
      size_t at = 0;
      while (inPlace && result.ops[at].d != value.slot)
        ++at;
      for (size_t i = at + 1; inPlace && i < result.ops.size(); ++i)
        inPlace = !reads(result.ops[i], all[w].state);
      if (inPlace && result.fires)
        for (const Operand &operand : {result.fireIf, result.payload})
          inPlace &= operand.scalar || operand.slot != all[w].state;
      if (!inPlace) {
        left.push_back(all[w]);
        continue;
      }
      rename(value.slot, all[w].state);
      // A second state with the same new value copies it from the first.
      for (size_t k = 0; k < all.size(); ++k)
        if (!all[k].value.scalar && all[k].value.slot == value.slot)
          all[k].value.slot = all[w].state;
      for (auto &copy : left)
        if (!copy.value.scalar && copy.value.slot == value.slot)
          copy.value.slot = all[w].state;
    }
    result.writes = std::move(left);
  }

  /// A slot is free again after its last reader; slots come first in the
  /// final numbering.
  void assignSlots() {
    size_t count = result.ops.size();
    std::vector<size_t> last(65536, 0);
    auto note = [&](const Operand &operand, size_t at) {
      if (!operand.scalar)
        last[operand.slot] = at;
    };
    for (size_t i = 0; i < count; ++i) {
      note(result.ops[i].a, i);
      note(result.ops[i].b, i);
      note(result.ops[i].c, i);
    }
    for (const auto &w : result.writes)
      note(w.value, count);
    note(result.fireIf, count);
    note(result.payload, count);

    std::vector<uint32_t> slotOf(65536, 0);
    std::vector<uint32_t> freeSlots;
    for (size_t i = 0; i < count; ++i) {
      Operation &op = result.ops[i];
      // Free first: an operation may write over what it alone still reads.
      for (const Operand *o : {&op.a, &op.b, &op.c})
        if (!o->scalar && o->slot >= temporaryBase && last[o->slot] == i) {
          freeSlots.push_back(slotOf[o->slot]);
          last[o->slot] = count + 1; // once only
        }
      if (op.d < temporaryBase)
        continue;
      if (freeSlots.empty())
        freeSlots.push_back(result.slots++);
      slotOf[op.d] = freeSlots.back();
      freeSlots.pop_back();
    }
    renumber(slotOf);
  }

  void renumber(const std::vector<uint32_t> &slotOf) {
    auto final = [&](uint16_t slot) {
      return static_cast<uint16_t>(slot >= temporaryBase ? slotOf[slot]
                                                         : slot + result.slots);
    };
    auto change = [&](Operand &operand) {
      if (!operand.scalar)
        operand.slot = final(operand.slot);
    };
    for (Operation &op : result.ops) {
      op.d = final(op.d);
      change(op.a);
      change(op.b);
      change(op.c);
    }
    for (auto &w : result.writes)
      change(w.value);
    change(result.fireIf);
    change(result.payload);
  }

  const image::Program &program;
  std::span<const LaneParam> params;
  std::vector<Operand> values;
  size_t temporaryBase = 0, position = 0;
  LaneProgram result;
};

LaneProgram LaneProgram::compile(const image::Program &program,
                                 std::span<const LaneParam> params) {
  return LaneCompiler(program, params).compile();
}

} // namespace hillock::emu
