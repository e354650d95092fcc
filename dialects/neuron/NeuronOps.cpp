//===- dialects/neuron/NeuronOps.cpp - Verifiers --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/Neuron.h"

#include "dialects/neuron/NeuronEval.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringMap.h"
#include <limits>

using namespace hillock::neuron;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

#define GET_OP_CLASSES
#include "dialects/neuron/NeuronOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Names of results
//===----------------------------------------------------------------------===//

void StateOp::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {
  setName(getResult(), getId());
}
void ParamOp::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {
  setName(getResult(), getId());
}
void InputOp::getAsmResultNames(mlir::OpAsmSetValueNameFn setName) {
  setName(getResult(), "input" + std::to_string(getPort()));
}

//===----------------------------------------------------------------------===//
// Single ops
//===----------------------------------------------------------------------===//

static LogicalResult checkWithin(mlir::Operation *op, llvm::StringRef what,
                                 int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high)
    return success();
  return op->emitOpError() << what << " must be " << low << " to " << high
                           << ", is " << value;
}

LogicalResult StateOp::verify() {
  if (getId().empty())
    return emitOpError("needs a name");
  return checkWithin(*this, "bits", static_cast<int64_t>(getBits()), 1, 31);
}

LogicalResult ParamOp::verify() {
  constexpr int64_t least = std::numeric_limits<int32_t>::min();
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (getId().empty())
    return emitOpError("needs a name");
  const auto low = static_cast<int64_t>(getLow());
  const auto high = static_cast<int64_t>(getHigh());
  if (failed(checkWithin(*this, "lower end of the range", low, least, most)) ||
      failed(checkWithin(*this, "upper end of the range", high, least, most)))
    return failure();
  if (low > high)
    return emitOpError("range of '")
           << getId() << "' is empty: " << low << " to " << high;
  return success();
}

LogicalResult DecayOp::verify() {
  return checkWithin(*this, "shift", static_cast<int64_t>(getShift()), 0, 62);
}
LogicalResult MulShrOp::verify() {
  return checkWithin(*this, "shift", static_cast<int64_t>(getShift()), 0, 62);
}
LogicalResult WrapOp::verify() {
  return checkWithin(*this, "bits", static_cast<int64_t>(getBits()), 0, 31);
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

namespace {
// Gathers what a body declares and does, and refuses contradictions. A note
// shows the other end of a conflict.
class BodyCheck {
public:
  explicit BodyCheck(ModelOp model)
      : ports(static_cast<int64_t>(model.getPorts())) {}

  LogicalResult run(mlir::Block &body) {
    for (mlir::Operation &op : body)
      if (failed(check(op)))
        return failure();
    for (WriteOp write : body.getOps<WriteOp>())
      if (failed(checkWrite(write)))
        return failure();
    return success();
  }

private:
  using Names = llvm::StringMap<mlir::Operation *>;

  LogicalResult check(mlir::Operation &op) {
    if (auto state = mlir::dyn_cast<StateOp>(op))
      return declare(states, &op, "state", state.getId());
    if (auto param = mlir::dyn_cast<ParamOp>(op))
      return declare(params, &op, "parameter", param.getId());
    if (auto input = mlir::dyn_cast<InputOp>(op))
      return checkInput(input);
    if (mlir::isa<FireOp>(op)) {
      if (fire)
        return twice(&op, fire, "is the second of its model: it fires once");
      fire = &op;
      return success();
    }
    if (mlir::isa<WriteOp, RandomOp>(op))
      return success();
    return checkComputation(op);
  }

  static LogicalResult twice(mlir::Operation *op, mlir::Operation *first,
                             const llvm::Twine &message) {
    auto diagnostic = op->emitOpError(message);
    diagnostic.attachNote(first->getLoc()) << "the first is here";
    return diagnostic;
  }

  static LogicalResult declare(Names &names, mlir::Operation *op,
                               llvm::StringRef kind, llvm::StringRef name) {
    auto [entry, isNew] = names.try_emplace(name, op);
    if (isNew)
      return success();
    return twice(op, entry->second,
                 "declares " + kind + " '" + name + "' a second time");
  }

  LogicalResult checkInput(InputOp input) {
    const auto port = static_cast<int64_t>(input.getPort());
    if (port < 0 || port >= ports)
      return input.emitOpError()
             << "port " << port << " does not exist: the model has ports 0 to "
             << ports - 1;
    return declare(inputs, input, "port", std::to_string(port));
  }

  LogicalResult checkWrite(WriteOp write) {
    if (!states.contains(write.getId()))
      return write.emitOpError()
             << "writes '" << write.getId()
             << "', which no neuron.state of this model declares";
    return declare(writes, write, "the next value of", write.getId());
  }

  static LogicalResult checkComputation(mlir::Operation &op) {
    if (!ruleOf(&op))
      return op.emitOpError(
                 "is not allowed in a neuron model: allowed are the ops of "
                 "the neuron dialect and ")
             << allowedArith();
    return checkTypes(op);
  }

  // Conditions are i1 and go through and/or/xor, select and extui only; the
  // rest of arith reads i1 as 0 and -1, a trap that is closed here.
  static LogicalResult checkTypes(mlir::Operation &op) {
    const bool onConditions =
        mlir::isa<mlir::arith::AndIOp, mlir::arith::OrIOp, mlir::arith::XOrIOp,
                  mlir::arith::SelectOp, mlir::arith::ExtUIOp, ResetOp>(op);
    for (mlir::Type type : op.getOperandTypes())
      if (!type.isInteger(32) && !(type.isInteger(1) && onConditions))
        return op.emitOpError("operand of type ")
               << type << " in a neuron model: expected i32"
               << (onConditions ? " or i1" : "");
    for (mlir::Type type : op.getResultTypes())
      if (!type.isInteger(32) && !type.isInteger(1))
        return op.emitOpError("result of type ")
               << type << " in a neuron model: expected i32 or i1";
    return checkShift(op);
  }

  static LogicalResult checkShift(mlir::Operation &op) {
    llvm::APInt distance;
    if (!mlir::isa<mlir::arith::ShLIOp, mlir::arith::ShRSIOp>(op) ||
        !mlir::matchPattern(op.getOperand(1), mlir::m_ConstantInt(&distance)))
      return success();
    return checkWithin(&op, "shift", distance.getSExtValue(), 0, 31);
  }

  int64_t ports;
  Names states, params, inputs, writes;
  mlir::Operation *fire = nullptr;
};
} // namespace

LogicalResult ModelOp::verifyRegions() {
  if (failed(checkWithin(*this, "ports", static_cast<int64_t>(getPorts()), 1,
                         maxPorts)))
    return failure();
  return BodyCheck(*this).run(*getBody());
}
