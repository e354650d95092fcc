//===- dialects/neuron/NeuronFolds.cpp - Folds and canonical forms --------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/Neuron.h"

#include "dialects/neuron/NeuronEval.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace hillock::neuron;
using mlir::Attribute;
using mlir::IntegerAttr;
using mlir::OpFoldResult;

static std::optional<int32_t> constantOf(Attribute operand) {
  auto value = mlir::dyn_cast_or_null<IntegerAttr>(operand);
  if (!value || !value.getType().isInteger(32))
    return std::nullopt;
  return static_cast<int32_t>(value.getInt());
}

static IntegerAttr makeConstant(mlir::Operation *op, int32_t value) {
  return IntegerAttr::get(mlir::IntegerType::get(op->getContext(), 32), value);
}

static bool isPowerOfTwo(std::optional<int32_t> x, uint64_t exponent) {
  return x && exponent < 31 && *x == (int32_t{1} << exponent);
}

// The result when all operands are constants, by the op's own rule.
static OpFoldResult foldConstants(mlir::Operation *op,
                                  llvm::ArrayRef<Attribute> operands) {
  llvm::SmallVector<int32_t, 3> values;
  for (Attribute operand : operands) {
    const std::optional<int32_t> value = constantOf(operand);
    if (!value)
      return {};
    values.push_back(*value);
  }
  const Rule rule = *ruleOf(op);
  return makeConstant(op, rule.apply(values.data(), rule.attribute));
}

OpFoldResult DecayOp::fold(FoldAdaptor operands) {
  const std::optional<int32_t> factor = constantOf(operands.getFactor());
  if (factor == 0)
    return makeConstant(*this, 0);
  if (isPowerOfTwo(factor, getShift()))
    return getValue();
  return foldConstants(*this, operands.getOperands());
}

OpFoldResult MulShrOp::fold(FoldAdaptor operands) {
  const std::optional<int32_t> left = constantOf(operands.getLhs());
  const std::optional<int32_t> right = constantOf(operands.getRhs());
  if (left == 0 || right == 0)
    return makeConstant(*this, 0);
  if (isPowerOfTwo(right, getShift()))
    return getLhs();
  if (isPowerOfTwo(left, getShift()))
    return getRhs();
  return foldConstants(*this, operands.getOperands());
}

OpFoldResult WrapOp::fold(FoldAdaptor operands) {
  if (getBits() == 31)
    return getValue();
  // What fits the narrower register fits the wider one.
  if (auto inner = getValue().getDefiningOp<WrapOp>())
    if (inner.getBits() <= getBits())
      return getValue();
  return foldConstants(*this, operands.getOperands());
}

OpFoldResult SaturateOp::fold(FoldAdaptor operands) {
  if (auto inner = getValue().getDefiningOp<SaturateOp>())
    if (inner.getLow() == getLow() && inner.getHigh() == getHigh())
      return getValue();
  return foldConstants(*this, operands.getOperands());
}

OpFoldResult ResetOp::fold(FoldAdaptor operands) {
  if (getValue() == getTo())
    return getValue();
  if (auto condition =
          mlir::dyn_cast_or_null<IntegerAttr>(operands.getCondition()))
    return condition.getValue().isZero() ? getValue() : getTo();
  return {};
}

namespace {
// The outer wrap drops every bit that the inner one kept above it.
struct DropWiderInnerWrap : mlir::OpRewritePattern<WrapOp> {
  using OpRewritePattern::OpRewritePattern;

  mlir::LogicalResult
  matchAndRewrite(WrapOp op, mlir::PatternRewriter &rewriter) const override {
    auto inner = op.getValue().getDefiningOp<WrapOp>();
    if (!inner || inner.getBits() <= op.getBits())
      return rewriter.notifyMatchFailure(op, "no wider wrap inside");
    rewriter.modifyOpInPlace(
        op, [&] { op.getValueMutable().assign(inner.getValue()); });
    return mlir::success();
  }
};
} // namespace

void WrapOp::getCanonicalizationPatterns(mlir::RewritePatternSet &patterns,
                                         mlir::MLIRContext *context) {
  patterns.add<DropWiderInnerWrap>(context);
}
