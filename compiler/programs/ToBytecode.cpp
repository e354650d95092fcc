//===- compiler/programs/ToBytecode.cpp - From model to bytecode ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/programs/Programs.h"

#include "base/Describe.h"
#include "dialects/neuron/Library.h"
#include "dialects/neuron/NeuronEval.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include <map>

using namespace hillock;
using namespace hillock::neuron;
using image::Instruction;
using image::Opcode;
namespace arith = mlir::arith;

namespace {
constexpr uint32_t maxRegisters = 256;

class Emitter {
public:
  Expected<image::Program> run(ModelOp model) {
    declare(model);
    findLive(*model.getBody());
    for (mlir::Operation &op : *model.getBody())
      emit(op);
    if (program.registers > maxRegisters)
      return makeError(ErrorKind::Capacity,
                       "the model needs " + std::to_string(program.registers) +
                           " registers, bytecode has " +
                           std::to_string(maxRegisters),
                       "neuron model '" + program.name + "'",
                       "simplify the model, or canonicalize it first");
    return std::move(program);
  }

private:
  // While counting on past the last register, so that an error can say by how
  // much; such code is thrown away.
  using Register = uint32_t;

  void declare(ModelOp model) {
    program.name = model.getSymName().str();
    program.ports = static_cast<uint32_t>(model.getPorts());
    for (StateOp state : model.getBody()->getOps<StateOp>())
      program.states.push_back(
          {state.getId().str(), static_cast<uint32_t>(state.getBits())});
    for (ParamOp param : model.getBody()->getOps<ParamOp>())
      program.params.push_back(param.getId().str());
  }

  // Backward from what acts; uses come after definitions.
  void findLive(mlir::Block &body) {
    for (mlir::Operation &op : llvm::reverse(body)) {
      if (!mlir::isa<WriteOp, FireOp, RandomOp>(op) && !live.contains(&op))
        continue;
      live.insert(&op);
      for (mlir::Value operand : op.getOperands())
        live.insert(operand.getDefiningOp());
    }
  }

  Register define(Opcode opcode, Register a, Register b, int32_t imm) {
    const Register d = program.registers++;
    push(opcode, d, a, b, imm);
    return d;
  }

  void push(Opcode opcode, Register d, Register a, Register b, int32_t imm) {
    program.code.push_back({opcode, static_cast<uint8_t>(d),
                            static_cast<uint8_t>(a), static_cast<uint8_t>(b),
                            imm});
  }

  Register constant(int32_t value) {
    auto [at, isNew] = constants.try_emplace(value);
    if (isNew)
      at->second = define(Opcode::Const, 0, 0, value);
    return at->second;
  }

  // The register of an operand; what only reads is read here, at first use.
  Register use(mlir::Value value) {
    if (auto found = registers.find(value); found != registers.end())
      return found->second;
    const Register made =
        llvm::TypeSwitch<mlir::Operation *, Register>(value.getDefiningOp())
            .Case([&](arith::ConstantOp c) {
              return constant(ruleOf(c)->attribute);
            })
            .Case([&](StateOp s) {
              return define(Opcode::Load, 0, 0,
                            program.stateIndex(s.getId().str()));
            })
            .Case([&](ParamOp p) {
              return define(Opcode::Param, 0, 0,
                            program.paramIndex(p.getId().str()));
            })
            .Case([&](InputOp i) {
              return define(Opcode::Input, 0, 0,
                            static_cast<int32_t>(i.getPort()));
            });
    registers[value] = made;
    return made;
  }

  void emit(mlir::Operation &op) {
    if (!live.contains(&op) ||
        mlir::isa<arith::ConstantOp, StateOp, ParamOp, InputOp>(op))
      return;
    if (auto write = mlir::dyn_cast<WriteOp>(op)) {
      const Register value = use(write.getValue());
      push(Opcode::Write, 0, value, 0, program.stateIndex(write.getId().str()));
    } else if (auto fire = mlir::dyn_cast<FireOp>(op)) {
      const Register condition = use(fire.getCondition());
      const Register payload =
          fire.getPayload() ? use(fire.getPayload()) : constant(1);
      push(Opcode::Fire, 0, condition, payload, 0);
    } else {
      registers[op.getResult(0)] = compute(op);
    }
  }

  Register compute(mlir::Operation &op) {
    return llvm::TypeSwitch<mlir::Operation *, Register>(&op)
        .Case([&](RandomOp) { return define(Opcode::Random, 0, 0, 0); })
        // An i1 is 0 or 1 in its register.
        .Case([&](arith::ExtUIOp e) { return use(e.getIn()); })
        .Case([&](DecayOp d) { return two(Opcode::Decay, d, d.getShift()); })
        .Case([&](MulShrOp m) { return two(Opcode::MulShr, m, m.getShift()); })
        .Case([&](WrapOp w) {
          return define(Opcode::Wrap, use(w.getValue()), 0,
                        static_cast<int32_t>(w.getBits()));
        })
        .Case([&](SaturateOp s) {
          const Register x = use(s.getValue()), low = use(s.getLow());
          const Register raised = define(Opcode::Max, x, low, 0);
          return define(Opcode::Min, raised, use(s.getHigh()), 0);
        })
        .Case([&](ResetOp r) {
          return select(r.getCondition(), r.getTo(), r.getValue());
        })
        .Case([&](arith::SelectOp s) {
          return select(s.getCondition(), s.getTrueValue(), s.getFalseValue());
        })
        .Case([&](arith::CmpIOp c) { return compare(c); })
        .Default([&](mlir::Operation *o) { return two(plain(o), o, 0); });
  }

  Register two(Opcode opcode, mlir::Operation *op, uint64_t imm) {
    const Register a = use(op->getOperand(0)), b = use(op->getOperand(1));
    return define(opcode, a, b, static_cast<int32_t>(imm));
  }

  Register select(mlir::Value condition, mlir::Value yes, mlir::Value no) {
    const Register a = use(yes), b = use(no);
    return define(Opcode::Select, a, b, static_cast<int32_t>(use(condition)));
  }

  Register compare(arith::CmpIOp op) {
    switch (op.getPredicate()) {
    case arith::CmpIPredicate::eq:
      return compare(Opcode::CmpEq, op.getLhs(), op.getRhs());
    case arith::CmpIPredicate::ne:
      return compare(Opcode::CmpNe, op.getLhs(), op.getRhs());
    case arith::CmpIPredicate::slt:
      return compare(Opcode::CmpLt, op.getLhs(), op.getRhs());
    case arith::CmpIPredicate::sle:
      return compare(Opcode::CmpLe, op.getLhs(), op.getRhs());
    case arith::CmpIPredicate::sgt:
      return compare(Opcode::CmpLt, op.getRhs(), op.getLhs());
    default: // sge; the verifier lets no other through
      return compare(Opcode::CmpLe, op.getRhs(), op.getLhs());
    }
  }

  Register compare(Opcode opcode, mlir::Value left, mlir::Value right) {
    const Register a = use(left), b = use(right);
    return define(opcode, a, b, 0);
  }

  static Opcode plain(mlir::Operation *op) {
    return llvm::TypeSwitch<mlir::Operation *, Opcode>(op)
        .Case([](arith::AddIOp) { return Opcode::Add; })
        .Case([](arith::SubIOp) { return Opcode::Sub; })
        .Case([](arith::MulIOp) { return Opcode::Mul; })
        .Case([](arith::ShLIOp) { return Opcode::Shl; })
        .Case([](arith::ShRSIOp) { return Opcode::Shr; })
        .Case([](arith::AndIOp) { return Opcode::And; })
        .Case([](arith::OrIOp) { return Opcode::Or; })
        .Case([](arith::XOrIOp) { return Opcode::Xor; })
        .Case([](arith::MinSIOp) { return Opcode::Min; })
        .Case([](arith::MaxSIOp) { return Opcode::Max; });
  }

  image::Program program;
  llvm::DenseMap<mlir::Value, Register> registers;
  llvm::DenseSet<mlir::Operation *> live;
  std::map<int32_t, Register> constants;
};
} // namespace

Expected<image::Program> programs::toBytecode(ModelOp model) {
  return Emitter().run(model);
}

Expected<image::Program> programs::libraryProgram(llvm::StringRef name) {
  if (library::text(name).empty())
    return inputError("there is no neuron model '" + name.str() +
                          "' in the library",
                      {}, didYouMean(name.str(), library::names()));
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  const mlir::OwningOpRef<ModelOp> model = library::parse(&context, name);
  if (!model)
    return makeError(ErrorKind::Internal, "the model does not parse",
                     "neuron model '" + name.str() + "'");
  return toBytecode(model.get());
}
