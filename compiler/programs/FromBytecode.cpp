//===- compiler/programs/FromBytecode.cpp - From bytecode to model --------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/programs/Programs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include <limits>

using namespace hillock;
using namespace hillock::neuron;
using image::Instruction;
using image::Opcode;
using mlir::Value;
namespace arith = mlir::arith;

namespace {
class Raiser {
public:
  Raiser(const image::Program &source, mlir::MLIRContext *context)
      : program(source), builder(context), loc(mlir::UnknownLoc::get(context)),
        values(source.registers) {}

  mlir::OwningOpRef<ModelOp> run() {
    mlir::OwningOpRef<ModelOp> model =
        ModelOp::create(builder, loc, program.name, program.ports, nullptr);
    builder.setInsertionPointToStart(&model->getBodyRegion().emplaceBlock());
    for (const auto &state : program.states)
      states.push_back(StateOp::create(builder, loc, builder.getI32Type(),
                                       state.name, state.bits));
    for (const std::string &param : program.params)
      params.push_back(ParamOp::create(builder, loc, builder.getI32Type(),
                                       param,
                                       std::numeric_limits<int32_t>::min(),
                                       std::numeric_limits<int32_t>::max()));
    for (const Instruction &i : program.code)
      raise(i);
    return model;
  }

private:
  static bool isBit(Value value) { return value.getType().isInteger(1); }

  // 0 or 1, whatever its type.
  static bool isTruth(Value value) {
    auto constant = value.getDefiningOp<arith::ConstantIntOp>();
    return isBit(value) ||
           (constant && (constant.value() == 0 || constant.value() == 1));
  }

  Value constant(int32_t value) {
    return arith::ConstantIntOp::create(builder, loc, builder.getI32Type(),
                                        value);
  }

  Value number(uint8_t reg) {
    const Value value = values[reg];
    if (!isBit(value))
      return value;
    return arith::ExtUIOp::create(builder, loc, builder.getI32Type(), value);
  }

  Value condition(uint8_t reg) {
    const Value value = values[reg];
    if (isBit(value))
      return value;
    if (isTruth(value)) {
      const auto known = value.getDefiningOp<arith::ConstantIntOp>().value();
      return arith::ConstantIntOp::create(builder, loc, builder.getI1Type(),
                                          known);
    }
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, value,
                                 constant(0));
  }

  template <typename Op> Value two(const Instruction &i) {
    return Op::create(builder, loc, number(i.a), number(i.b));
  }

  // And, Or, Xor stay conditions when both operands are.
  template <typename Op> Value logic(const Instruction &i) {
    if (!onTruths(i))
      return two<Op>(i);
    return Op::create(builder, loc, condition(i.a), condition(i.b));
  }

  bool onTruths(const Instruction &i) const {
    const Value a = values[i.a], b = values[i.b];
    return isTruth(a) && isTruth(b) && (isBit(a) || isBit(b));
  }

  Value compare(arith::CmpIPredicate predicate, const Instruction &i) {
    return arith::CmpIOp::create(builder, loc, predicate, number(i.a),
                                 number(i.b));
  }

  Value select(const Instruction &i) {
    const Value when = condition(static_cast<uint8_t>(i.imm));
    const bool bits = onTruths(i);
    const Value yes = bits ? condition(i.a) : number(i.a);
    const Value no = bits ? condition(i.b) : number(i.b);
    return arith::SelectOp::create(builder, loc, when, yes, no);
  }

  Value input(int32_t port) {
    Value &value = inputs.try_emplace(port).first->second;
    if (!value)
      value = InputOp::create(builder, loc, builder.getI32Type(), port);
    return value;
  }

  void raise(const Instruction &i) {
    if (i.op == Opcode::Write)
      WriteOp::create(builder, loc, program.states[index(i)].name, number(i.a));
    else if (i.op == Opcode::Fire)
      raiseFire(i);
    else
      values[i.d] = computation(i);
  }

  void raiseFire(const Instruction &i) {
    const Value when = condition(i.a);
    auto payload = values[i.b].getDefiningOp<arith::ConstantIntOp>();
    if (payload && payload.value() == 1)
      FireOp::create(builder, loc, when, Value());
    else
      FireOp::create(builder, loc, when, number(i.b));
  }

  static size_t index(const Instruction &i) {
    return static_cast<size_t>(i.imm);
  }

  Value computation(const Instruction &i) {
    const mlir::Type i32 = builder.getI32Type();
    switch (i.op) {
    case Opcode::Const:
      return constant(i.imm);
    case Opcode::Param:
      return params[index(i)];
    case Opcode::Load:
      return states[index(i)];
    case Opcode::Input:
      return input(i.imm);
    case Opcode::Random:
      return RandomOp::create(builder, loc, i32);
    case Opcode::Select:
      return select(i);
    case Opcode::Decay:
      return DecayOp::create(builder, loc, i32, number(i.a), number(i.b),
                             i.imm);
    case Opcode::MulShr:
      return MulShrOp::create(builder, loc, i32, number(i.a), number(i.b),
                              i.imm);
    case Opcode::Wrap:
      return WrapOp::create(builder, loc, i32, number(i.a), i.imm);
    default:
      return arithmetic(i);
    }
  }

  Value arithmetic(const Instruction &i) {
    switch (i.op) {
    case Opcode::Sub:
      return two<arith::SubIOp>(i);
    case Opcode::Mul:
      return two<arith::MulIOp>(i);
    case Opcode::Shl:
      return two<arith::ShLIOp>(i);
    case Opcode::Shr:
      return two<arith::ShRSIOp>(i);
    case Opcode::And:
      return logic<arith::AndIOp>(i);
    case Opcode::Or:
      return logic<arith::OrIOp>(i);
    case Opcode::Xor:
      return logic<arith::XOrIOp>(i);
    case Opcode::Min:
      return two<arith::MinSIOp>(i);
    case Opcode::Max:
      return two<arith::MaxSIOp>(i);
    case Opcode::CmpEq:
      return compare(arith::CmpIPredicate::eq, i);
    case Opcode::CmpNe:
      return compare(arith::CmpIPredicate::ne, i);
    case Opcode::CmpLt:
      return compare(arith::CmpIPredicate::slt, i);
    case Opcode::CmpLe:
      return compare(arith::CmpIPredicate::sle, i);
    default:
      return two<arith::AddIOp>(i);
    }
  }

  const image::Program &program;
  mlir::OpBuilder builder;
  mlir::Location loc;
  std::vector<Value> values; ///< by register
  std::vector<Value> states, params;
  llvm::DenseMap<int32_t, Value> inputs;
};
} // namespace

Expected<mlir::OwningOpRef<ModelOp>>
programs::fromBytecode(const image::Program &program,
                       mlir::MLIRContext *context) {
  if (Error error = image::check(program))
    return std::move(error);
  context->loadDialect<NeuronDialect>();
  mlir::OwningOpRef<ModelOp> model = Raiser(program, context).run();
  // What bytecode allows and the dialect does not, such as more ports.
  std::string why;
  const mlir::ScopedDiagnosticHandler handler(
      context, [&](mlir::Diagnostic &diagnostic) {
        if (why.empty())
          why = diagnostic.str();
        return mlir::success();
      });
  if (failed(mlir::verify(*model)))
    return inputError("no neuron model has this bytecode: " + why,
                      "program '" + program.name + "'");
  return model;
}
