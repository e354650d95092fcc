//===- image/Program.cpp --------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/Program.h"
#include "llvm/Support/FormatVariadic.h"
#include <set>

namespace hillock::image {

namespace {

/// What the operands of an operation are, in the order of printing.
enum class Shape {
  Unknown,
  Immediate, // d, imm
  Parameter, // d, imm: index of a parameter
  StateIn,   // d, imm: index of a state
  Port,      // d, imm: index of a port
  StateOut,  // a, imm: index of a state
  Fire,      // a, b
  Binary,    // d, a, b
  Choice,    // d, a, b, imm: register
  Shifted,   // d, a, b, imm: shift
  Width,     // d, a, imm: bits
  Draw,      // d
};

struct Description {
  const char *name = "?";
  Shape shape = Shape::Unknown;
};

Description describe(Opcode op) {
  switch (op) {
  case Opcode::Const:
    return {"const", Shape::Immediate};
  case Opcode::Param:
    return {"param", Shape::Parameter};
  case Opcode::Load:
    return {"load", Shape::StateIn};
  case Opcode::Input:
    return {"input", Shape::Port};
  case Opcode::Write:
    return {"write", Shape::StateOut};
  case Opcode::Fire:
    return {"fire", Shape::Fire};
  case Opcode::Add:
    return {"add", Shape::Binary};
  case Opcode::Sub:
    return {"sub", Shape::Binary};
  case Opcode::Mul:
    return {"mul", Shape::Binary};
  case Opcode::Shl:
    return {"shl", Shape::Binary};
  case Opcode::Shr:
    return {"shr", Shape::Binary};
  case Opcode::And:
    return {"and", Shape::Binary};
  case Opcode::Or:
    return {"or", Shape::Binary};
  case Opcode::Xor:
    return {"xor", Shape::Binary};
  case Opcode::Min:
    return {"min", Shape::Binary};
  case Opcode::Max:
    return {"max", Shape::Binary};
  case Opcode::CmpEq:
    return {"cmpeq", Shape::Binary};
  case Opcode::CmpNe:
    return {"cmpne", Shape::Binary};
  case Opcode::CmpLt:
    return {"cmplt", Shape::Binary};
  case Opcode::CmpLe:
    return {"cmple", Shape::Binary};
  case Opcode::Select:
    return {"select", Shape::Choice};
  case Opcode::Decay:
    return {"decay", Shape::Shifted};
  case Opcode::MulShr:
    return {"mulshr", Shape::Shifted};
  case Opcode::Wrap:
    return {"wrap", Shape::Width};
  case Opcode::Random:
    return {"random", Shape::Draw};
  }
  return {};
}

int indexOf(const auto &list, std::string_view name, auto nameOf) {
  for (size_t i = 0; i < list.size(); ++i)
    if (nameOf(list[i]) == name)
      return static_cast<int>(i);
  return -1;
}

class ProgramChecker {
public:
  explicit ProgramChecker(const Program &program) : p(program) {}

  Error run() {
    if (Error error = header())
      return error;
    for (at = 0; at < p.code.size(); ++at)
      if (Error error = instruction(p.code[at]))
        return error;
    return Error::success();
  }

private:
  Error bad(const std::string &what, bool inCode = true) const {
    std::string place = "program '" + p.name + "'";
    if (inCode)
      place += ", instruction " + std::to_string(at);
    return inputError(what, std::move(place),
                      "the program is damaged: recompile the model");
  }

  Error header();
  Error instruction(const Instruction &i);
  Error reads(unsigned index) const {
    if (index < p.registers && written[index])
      return Error::success();
    return bad("register " + std::to_string(index) +
               " is read before it is written");
  }
  Error writes(unsigned index) {
    if (index >= p.registers)
      return bad("register " + std::to_string(index) + " of " +
                 std::to_string(p.registers));
    if (written[index])
      return bad("register " + std::to_string(index) + " is written twice");
    written[index] = true;
    return Error::success();
  }
  Error inRange(int32_t value, int64_t low, int64_t high,
                const char *what) const {
    if (value >= low && value < high)
      return Error::success();
    return bad(std::string(what) + " " + std::to_string(value) + " is not in " +
               std::to_string(low) + ".." + std::to_string(high - 1));
  }
  Error operands(const Instruction &i, Shape shape);

  const Program &p;
  size_t at = 0;
  bool written[256] = {};
  bool fired = false;
  std::set<int32_t> statesWritten;
};

Error ProgramChecker::header() {
  if (p.registers > 256)
    return bad(std::to_string(p.registers) + " registers, not 0..256", false);
  if (p.ports < 1 || p.ports > maxPorts)
    return bad(std::to_string(p.ports) + " ports, not 1.." +
                   std::to_string(maxPorts),
               false);
  if (p.states.size() > 256 || p.params.size() > 256)
    return bad("more than 256 states or parameters", false);
  std::set<std::string> seen;
  for (const Program::State &state : p.states) {
    if (state.name.empty() || !seen.insert(state.name).second)
      return bad("state '" + state.name + "' is empty or named twice", false);
    if (state.bits < 1 || state.bits > 31)
      return bad("state '" + state.name + "' has " +
                     std::to_string(state.bits) + " bits, not 1..31",
                 false);
  }
  seen.clear();
  for (const std::string &param : p.params)
    if (param.empty() || !seen.insert(param).second)
      return bad("parameter '" + param + "' is empty or named twice", false);
  return Error::success();
}

Error ProgramChecker::operands(const Instruction &i, Shape shape) {
  switch (shape) {
  case Shape::Parameter:
    return inRange(i.imm, 0, static_cast<int64_t>(p.params.size()),
                   "parameter");
  case Shape::StateIn:
  case Shape::StateOut:
    return inRange(i.imm, 0, static_cast<int64_t>(p.states.size()), "state");
  case Shape::Port:
    return inRange(i.imm, 0, p.ports, "port");
  case Shape::Shifted:
    return inRange(i.imm, 0, 64, "shift");
  case Shape::Width:
    return inRange(i.imm, 1, 32, "width");
  case Shape::Choice:
    if (Error error = inRange(i.imm, 0, 256, "register"))
      return error;
    return reads(static_cast<unsigned>(i.imm));
  default:
    return Error::success();
  }
}

Error ProgramChecker::instruction(const Instruction &i) {
  const Shape shape = describe(i.op).shape;
  if (shape == Shape::Unknown)
    return bad("unknown operation " +
               std::to_string(static_cast<unsigned>(i.op)));
  const bool readsB = shape == Shape::Fire || shape == Shape::Binary ||
                      shape == Shape::Choice || shape == Shape::Shifted;
  const bool readsA =
      readsB || shape == Shape::StateOut || shape == Shape::Width;
  if (readsA)
    if (Error error = reads(i.a))
      return error;
  if (readsB)
    if (Error error = reads(i.b))
      return error;
  if (Error error = operands(i, shape))
    return error;
  if (shape == Shape::Fire) {
    if (fired)
      return bad("a second fire");
    fired = true;
    return Error::success();
  }
  if (shape == Shape::StateOut)
    return statesWritten.insert(i.imm).second
               ? Error::success()
               : bad("state " + std::to_string(i.imm) + " is written twice");
  return writes(i.d);
}

} // namespace

uint64_t Instruction::encode() const {
  return uint64_t{static_cast<uint8_t>(op)} | uint64_t{d} << 8 |
         uint64_t{a} << 16 | uint64_t{b} << 24 |
         uint64_t{static_cast<uint32_t>(imm)} << 32;
}

Instruction Instruction::decode(uint64_t word) {
  return {static_cast<Opcode>(word & 0xff), static_cast<uint8_t>(word >> 8),
          static_cast<uint8_t>(word >> 16), static_cast<uint8_t>(word >> 24),
          static_cast<int32_t>(word >> 32)};
}

int Program::stateIndex(std::string_view stateName) const {
  return indexOf(states, stateName,
                 [](const State &state) { return state.name; });
}

int Program::paramIndex(std::string_view paramName) const {
  return indexOf(params, paramName,
                 [](const std::string &name) { return name; });
}

Error check(const Program &program) { return ProgramChecker(program).run(); }

std::string print(const Program &program) {
  const auto named = [](const auto &list, int32_t index, auto nameOf) {
    return index >= 0 && static_cast<size_t>(index) < list.size()
               ? nameOf(list[static_cast<size_t>(index)])
               : "?" + std::to_string(index);
  };
  const auto stateName = [&](int32_t index) {
    return named(program.states, index,
                 [](const Program::State &s) { return s.name; });
  };
  std::string text = llvm::formatv(
      "program {0}: {1} registers, {2} port{3}\n", program.name,
      program.registers, program.ports, program.ports == 1 ? "" : "s");
  for (const Program::State &state : program.states)
    text += llvm::formatv("  state {0}: {1} bits and a sign\n", state.name,
                          state.bits);
  for (const std::string &param : program.params)
    text += "  param " + param + "\n";
  for (const Instruction &i : program.code) {
    const Description d = describe(i.op);
    const auto line = [&]() -> std::string {
      switch (d.shape) {
      case Shape::Unknown:
        return llvm::formatv("unknown operation {0}",
                             static_cast<unsigned>(i.op));
      case Shape::Immediate:
      case Shape::Port:
        return llvm::formatv("r{0} = {1} {2}", i.d, d.name, i.imm);
      case Shape::Parameter:
        return llvm::formatv("r{0} = param {1}", i.d,
                             named(program.params, i.imm,
                                   [](const std::string &s) { return s; }));
      case Shape::StateIn:
        return llvm::formatv("r{0} = load {1}", i.d, stateName(i.imm));
      case Shape::StateOut:
        return llvm::formatv("write {0}, r{1}", stateName(i.imm), i.a);
      case Shape::Fire:
        return llvm::formatv("fire r{0}, payload r{1}", i.a, i.b);
      case Shape::Binary:
        return llvm::formatv("r{0} = {1} r{2}, r{3}", i.d, d.name, i.a, i.b);
      case Shape::Choice:
        return llvm::formatv("r{0} = select r{1} ? r{2} : r{3}", i.d, i.imm,
                             i.a, i.b);
      case Shape::Shifted:
        return llvm::formatv("r{0} = {1} r{2}, r{3} >> {4}", i.d, d.name, i.a,
                             i.b, i.imm);
      case Shape::Width:
        return llvm::formatv("r{0} = wrap r{1}, {2} bits", i.d, i.a, i.imm);
      case Shape::Draw:
        return llvm::formatv("r{0} = random", i.d);
      }
      return {};
    };
    text += "  " + line() + "\n";
  }
  return text;
}

} // namespace hillock::image
