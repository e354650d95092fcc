//===- image/ProgramBuilder.h - A small assembler ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes neuron bytecode from C++: for replays, tests and tools that have no
// compiler at hand. Values are registers that are written once.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_PROGRAMBUILDER_H
#define HILLOCK_IMAGE_PROGRAMBUILDER_H

#include "image/Program.h"
#include <map>
#include <utility>

namespace hillock::image {

class ProgramBuilder {
public:
  /// A register of the program that is being built.
  struct Value {
    uint8_t reg = 0;
  };

  explicit ProgramBuilder(std::string name, uint32_t ports = 1) {
    program.name = std::move(name);
    program.ports = ports;
  }

  Value constant(int32_t value) {
    auto [at, isNew] = constants.try_emplace(value);
    if (isNew)
      at->second = define(Opcode::Const, {}, {}, value);
    return at->second;
  }
  Value param(const std::string &name) {
    auto [at, isNew] = params.try_emplace(name);
    if (isNew) {
      program.params.push_back(name);
      at->second = define(Opcode::Param, {}, {},
                          static_cast<int32_t>(program.params.size()) - 1);
    }
    return at->second;
  }
  /// Declares a state of \p bits value bits and reads it.
  Value state(const std::string &name, uint32_t bits) {
    program.states.push_back({name, bits});
    return define(Opcode::Load, {}, {},
                  static_cast<int32_t>(program.states.size()) - 1);
  }
  Value input(int32_t port = 0) { return define(Opcode::Input, {}, {}, port); }
  Value random() { return define(Opcode::Random, {}, {}, 0); }

  /// Any two-operand instruction (Add .. CmpLe).
  Value op(Opcode opcode, Value a, Value b) { return define(opcode, a, b, 0); }
  Value add(Value a, Value b) { return op(Opcode::Add, a, b); }
  Value sub(Value a, Value b) { return op(Opcode::Sub, a, b); }
  Value shl(Value a, Value b) { return op(Opcode::Shl, a, b); }
  Value shr(Value a, Value b) { return op(Opcode::Shr, a, b); }
  Value both(Value a, Value b) { return op(Opcode::And, a, b); }
  Value either(Value a, Value b) { return op(Opcode::Or, a, b); }
  Value min(Value a, Value b) { return op(Opcode::Min, a, b); }
  Value max(Value a, Value b) { return op(Opcode::Max, a, b); }
  Value equal(Value a, Value b) { return op(Opcode::CmpEq, a, b); }
  Value notEqual(Value a, Value b) { return op(Opcode::CmpNe, a, b); }
  Value less(Value a, Value b) { return op(Opcode::CmpLt, a, b); }
  Value lessEqual(Value a, Value b) { return op(Opcode::CmpLe, a, b); }
  Value select(Value condition, Value a, Value b) {
    return define(Opcode::Select, a, b, condition.reg);
  }
  Value decay(Value a, Value b, int32_t shift) {
    return define(Opcode::Decay, a, b, shift);
  }
  Value mulShr(Value a, Value b, int32_t shift) {
    return define(Opcode::MulShr, a, b, shift);
  }
  Value wrap(Value a, int32_t bits) {
    return define(Opcode::Wrap, a, {}, bits);
  }
  Value abs(Value a) { return max(a, sub(constant(0), a)); }

  /// \p name must have been declared by state().
  void write(std::string_view name, Value value) {
    program.code.push_back(
        {Opcode::Write, 0, value.reg, 0, program.stateIndex(name)});
  }
  void fire(Value condition, Value payload) {
    program.code.push_back({Opcode::Fire, 0, condition.reg, payload.reg, 0});
  }

  /// The program so far; one with too many registers does not pass check().
  Program take() { return std::move(program); }

private:
  Value define(Opcode opcode, Value a, Value b, int32_t imm) {
    Value d{static_cast<uint8_t>(program.registers++)};
    program.code.push_back({opcode, d.reg, a.reg, b.reg, imm});
    return d;
  }

  Program program;
  std::map<int32_t, Value> constants;
  std::map<std::string, Value> params;
};

} // namespace hillock::image

#endif // HILLOCK_IMAGE_PROGRAMBUILDER_H
