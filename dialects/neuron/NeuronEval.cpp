//===- dialects/neuron/NeuronEval.cpp - What the ops compute --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Written to be read: this is the definition of the dialect's meaning.
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/NeuronEval.h"

#include "base/FixedPoint.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>

using namespace hillock;
using namespace hillock::neuron;
namespace arith = mlir::arith;

//===----------------------------------------------------------------------===//
// Integer functions: x are the operands, k is the attribute
//===----------------------------------------------------------------------===//

// The low 32 bits, as a register holds them.
static int32_t low(int64_t wide) {
  return static_cast<int32_t>(static_cast<uint32_t>(wide));
}
static int64_t wide(int32_t x) { return x; }
static uint32_t bits(int32_t x) { return static_cast<uint32_t>(x); }

static int32_t decay(const int32_t *x, int32_t k) {
  const int64_t kept =
      decayTowardZero(x[0], magnitude(x[1]), static_cast<unsigned>(k));
  return low(x[1] < 0 ? -kept : kept);
}
static int32_t mulShr(const int32_t *x, int32_t k) {
  return low((wide(x[0]) * wide(x[1])) >> k);
}
static int32_t wrapTo(const int32_t *x, int32_t k) {
  return low(wrap(x[0], static_cast<unsigned>(k)));
}
static int32_t saturateTo(const int32_t *x, int32_t) {
  return std::min(std::max(x[0], x[1]), x[2]);
}
static int32_t reset(const int32_t *x, int32_t) { return x[1] ? x[2] : x[0]; }

static int32_t constant(const int32_t *, int32_t k) { return k; }
static int32_t extend(const int32_t *x, int32_t) { return x[0]; }
static int32_t add(const int32_t *x, int32_t) { return low(wide(x[0]) + x[1]); }
static int32_t sub(const int32_t *x, int32_t) { return low(wide(x[0]) - x[1]); }
static int32_t mul(const int32_t *x, int32_t) { return low(wide(x[0]) * x[1]); }
static int32_t shl(const int32_t *x, int32_t) {
  return static_cast<int32_t>(bits(x[0]) << (x[1] & 31));
}
static int32_t shr(const int32_t *x, int32_t) { return x[0] >> (x[1] & 31); }
static int32_t bitAnd(const int32_t *x, int32_t) { return x[0] & x[1]; }
static int32_t bitOr(const int32_t *x, int32_t) { return x[0] | x[1]; }
static int32_t bitXor(const int32_t *x, int32_t) { return x[0] ^ x[1]; }
static int32_t lesser(const int32_t *x, int32_t) {
  return std::min(x[0], x[1]);
}
static int32_t greater(const int32_t *x, int32_t) {
  return std::max(x[0], x[1]);
}
static int32_t select(const int32_t *x, int32_t) { return x[0] ? x[1] : x[2]; }
static int32_t isEqual(const int32_t *x, int32_t) { return x[0] == x[1]; }
static int32_t isOther(const int32_t *x, int32_t) { return x[0] != x[1]; }
static int32_t isLess(const int32_t *x, int32_t) { return x[0] < x[1]; }
static int32_t isAtMost(const int32_t *x, int32_t) { return x[0] <= x[1]; }
static int32_t isMore(const int32_t *x, int32_t) { return x[0] > x[1]; }
static int32_t isAtLeast(const int32_t *x, int32_t) { return x[0] >= x[1]; }

//===----------------------------------------------------------------------===//
// Which op has which function
//===----------------------------------------------------------------------===//

static std::optional<Rule> compareRule(arith::CmpIOp op) {
  switch (op.getPredicate()) {
  case arith::CmpIPredicate::eq:
    return Rule{isEqual};
  case arith::CmpIPredicate::ne:
    return Rule{isOther};
  case arith::CmpIPredicate::slt:
    return Rule{isLess};
  case arith::CmpIPredicate::sle:
    return Rule{isAtMost};
  case arith::CmpIPredicate::sgt:
    return Rule{isMore};
  case arith::CmpIPredicate::sge:
    return Rule{isAtLeast};
  default:
    return std::nullopt;
  }
}

static std::optional<Rule> constantRule(arith::ConstantOp op) {
  auto value = mlir::dyn_cast<mlir::IntegerAttr>(op.getValue());
  if (!value || value.getValue().getBitWidth() > 32)
    return std::nullopt;
  // "true" is 1 here, not the -1 that a signed bit would be.
  return Rule{constant,
              value.getType().isInteger(1)
                  ? static_cast<int32_t>(value.getValue().getZExtValue())
                  : static_cast<int32_t>(value.getValue().getSExtValue())};
}

static std::optional<Rule> arithRule(mlir::Operation *op) {
  using Maybe = std::optional<Rule>;
  return llvm::TypeSwitch<mlir::Operation *, Maybe>(op)
      .Case([](arith::ConstantOp c) { return constantRule(c); })
      .Case([](arith::CmpIOp c) { return compareRule(c); })
      .Case([](arith::AddIOp) { return Rule{add}; })
      .Case([](arith::SubIOp) { return Rule{sub}; })
      .Case([](arith::MulIOp) { return Rule{mul}; })
      .Case([](arith::ShLIOp) { return Rule{shl}; })
      .Case([](arith::ShRSIOp) { return Rule{shr}; })
      .Case([](arith::AndIOp) { return Rule{bitAnd}; })
      .Case([](arith::OrIOp) { return Rule{bitOr}; })
      .Case([](arith::XOrIOp) { return Rule{bitXor}; })
      .Case([](arith::MinSIOp) { return Rule{lesser}; })
      .Case([](arith::MaxSIOp) { return Rule{greater}; })
      .Case([](arith::SelectOp) { return Rule{select}; })
      .Case([](arith::ExtUIOp) { return Rule{extend}; })
      .Default([](mlir::Operation *) { return std::nullopt; });
}

std::optional<Rule> neuron::ruleOf(mlir::Operation *op) {
  using Maybe = std::optional<Rule>;
  const auto k = [](uint64_t x) { return static_cast<int32_t>(x); };
  return llvm::TypeSwitch<mlir::Operation *, Maybe>(op)
      .Case([&](DecayOp d) { return Rule{decay, k(d.getShift())}; })
      .Case([&](MulShrOp m) { return Rule{mulShr, k(m.getShift())}; })
      .Case([&](WrapOp w) { return Rule{wrapTo, k(w.getBits())}; })
      .Case([](SaturateOp) { return Rule{saturateTo}; })
      .Case([](ResetOp) { return Rule{reset}; })
      .Default([](mlir::Operation *other) { return arithRule(other); });
}

llvm::StringRef neuron::allowedArith() {
  return "arith.addi, subi, muli, shli, shrsi, andi, ori, xori, minsi, maxsi, "
         "cmpi (eq, ne, slt, sle, sgt, sge), select, constant and extui";
}

//===----------------------------------------------------------------------===//
// evaluate()
//===----------------------------------------------------------------------===//

static int32_t number(Frame &frame, mlir::Value value) {
  return static_cast<int32_t>(frame.get(value).front());
}

static void setNumber(Frame &frame, mlir::Value value, int32_t x) {
  frame.set(value, Signal{static_cast<double>(x)});
}

static Error evaluateByRule(mlir::Operation *op, Frame &frame) {
  const std::optional<Rule> rule = ruleOf(op);
  if (!rule)
    return makeError(ErrorKind::Internal,
                     "no evaluation of '" + op->getName().getStringRef().str() +
                         "' in a neuron model");
  int32_t operands[3] = {};
  for (auto [i, value] : llvm::enumerate(op->getOperands()))
    operands[i] = number(frame, value);
  setNumber(frame, op->getResult(0), rule->apply(operands, rule->attribute));
  return Error::success();
}

// What the outside gives for this op in this step.
static Error evaluateFromOutside(mlir::Operation *op, Frame &frame) {
  Expected<Signal> given = frame.input(op);
  if (!given)
    return given.takeError();
  if (given->size() != 1)
    return makeError(ErrorKind::Internal,
                     "expected one number for '" +
                         op->getName().getStringRef().str() + "', got " +
                         std::to_string(given->size()));
  frame.set(op->getResult(0), std::move(*given));
  return Error::success();
}

static ModelState &stateOfModel(mlir::Operation *op, Frame &frame) {
  return frame.state<ModelState>(op->getParentOp());
}

Error ModelOp::evaluate(Frame &frame) {
  for (mlir::Operation &op : *getBody()) {
    auto own = mlir::dyn_cast<EvaluatableOpInterface>(op);
    if (Error error = own ? own.evaluate(frame) : evaluateByRule(&op, frame))
      return error;
  }
  auto &state = frame.state<ModelState>(getOperation());
  for (const auto &[name, value] : state.next)
    state.now[name] = value;
  state.next.clear();
  return Error::success();
}

Error StateOp::evaluate(Frame &frame) {
  setNumber(frame, getResult(), stateOfModel(*this, frame).now[getId().str()]);
  return Error::success();
}

Error WriteOp::evaluate(Frame &frame) {
  stateOfModel(*this, frame).next[getId().str()] = number(frame, getValue());
  return Error::success();
}

Error FireOp::evaluate(Frame &frame) {
  const bool fired = number(frame, getCondition()) != 0;
  const int32_t payload = getPayload() ? number(frame, getPayload()) : 1;
  frame.record(*this, fired ? Signal{1.0, static_cast<double>(payload)}
                            : Signal{0.0, 0.0});
  return Error::success();
}

Error ParamOp::evaluate(Frame &frame) {
  return evaluateFromOutside(*this, frame);
}
Error InputOp::evaluate(Frame &frame) {
  return evaluateFromOutside(*this, frame);
}
Error RandomOp::evaluate(Frame &frame) {
  return evaluateFromOutside(*this, frame);
}
Error DecayOp::evaluate(Frame &frame) { return evaluateByRule(*this, frame); }
Error MulShrOp::evaluate(Frame &frame) { return evaluateByRule(*this, frame); }
Error WrapOp::evaluate(Frame &frame) { return evaluateByRule(*this, frame); }
Error SaturateOp::evaluate(Frame &frame) {
  return evaluateByRule(*this, frame);
}
Error ResetOp::evaluate(Frame &frame) { return evaluateByRule(*this, frame); }
