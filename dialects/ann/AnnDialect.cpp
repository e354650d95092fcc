//===- dialects/ann/AnnDialect.cpp - Types, levels, numbers ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/ann/Ann.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace hillock;
using namespace hillock::ann;

#include "dialects/ann/AnnDialect.cpp.inc"

#include "dialects/ann/AnnEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/ann/AnnAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/ann/AnnTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/ann/AnnOps.cpp.inc"

void AnnDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/ann/AnnTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/ann/AnnAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/ann/AnnOps.cpp.inc"
      >();
}

LogicalResult LogType::verify(function_ref<InFlightDiagnostic()> emitError,
                              int64_t base, ArrayAttr scales) {
  if (base != 2 && base != 4)
    return emitError() << "the base of a logarithmic weight is 2 or 4, not "
                       << base;
  if (!scales || scales.empty())
    return emitError() << "logarithmic weights need a scale";
  for (Attribute attr : scales) {
    auto scale = dyn_cast<FloatAttr>(attr);
    if (!scale || !(scale.getValueAsDouble() > 0) ||
        std::isinf(scale.getValueAsDouble()))
      return emitError() << "a scale is positive and finite, not " << attr;
  }
  return success();
}

std::vector<double> LogType::scaleValues() const {
  std::vector<double> values;
  for (Attribute attr : getScales())
    values.push_back(cast<FloatAttr>(attr).getValueAsDouble());
  return values;
}

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

/// Why a value of this type is out of place; null: it is not.
static const char *misfit(Level level, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return "is no tensor of static shape";
  Type element = tensor.getElementType();
  switch (level) {
  case Level::Real:
    return element.isF32() ? nullptr : "is not f32, as at the real level";
  case Level::Quantized:
    return isa<quant::UniformQuantizedType>(element)
               ? nullptr
               : "has no quantized element type, as at the quantized level";
  case Level::Integer:
    if (isa<FloatType>(element) || isa<quant::QuantizedType>(element))
      return "is a real number behind the input of the integer level";
    return element.isSignlessInteger(2) || element.isSignlessInteger(4) ||
                   element.isSignlessInteger(8) || element.isSignlessInteger(32)
               ? nullptr
               : "is none of i2, i4, i8 and i32";
  }
  return nullptr;
}

static LogicalResult verifyOp(Operation &op, Level level) {
  if (isa<InputOp>(op)) {
    const char *why = misfit(Level::Real, op.getResult(0).getType());
    return why ? op.emitOpError("input ") << why : success();
  }
  if (isa<QuantizeOp>(op) && level == Level::Real)
    return op.emitOpError("is out of place at the real level");
  for (Value operand : op.getOperands()) {
    const bool enters = operand.getDefiningOp<InputOp>() != nullptr;
    if (enters && !isa<QuantizeOp>(op) && level != Level::Real)
      return op.emitOpError("reads the real input; only ann.quantize may, ")
             << "below the real level";
    if (enters)
      continue;
    if (const char *why = misfit(level, operand.getType()))
      return op.emitOpError("operand ") << operand.getType() << " " << why;
  }
  for (Value result : op.getResults())
    if (const char *why = misfit(level, result.getType()))
      return op.emitOpError("result ") << result.getType() << " " << why;
  if (level != Level::Real && isa<SoftmaxOp, ArgMaxOp>(op))
    return op.emitOpError("is for the real level only");
  const bool clamped = op.hasAttr("clamp_low") || op.hasAttr("clamp_high");
  if (level == Level::Integer && clamped)
    return op.emitOpError("clamps to real numbers at the integer level");
  if (level == Level::Integer)
    if (auto weights = op.getAttrOfType<ElementsAttr>("weights"))
      if (!weights.getElementType().isSignlessInteger(8))
        return op.emitOpError("has weights of type ")
               << weights.getElementType() << " at the integer level";
  return success();
}

LogicalResult NetworkOp::verifyRegions() {
  int inputs = 0, outputs = 0;
  for (Operation &op : getBody().front()) {
    if (op.getDialect() != (*this)->getDialect())
      return op.emitOpError("is out of place in an ann.network");
    inputs += isa<InputOp>(op);
    outputs += isa<OutputOp>(op);
    if (failed(verifyOp(op, getLevel())))
      return failure();
  }
  if (inputs != 1 || outputs != 1)
    return emitOpError("has ") << inputs << " inputs and " << outputs
                               << " outputs; it needs one of each";
  return success();
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

template <typename T> static Type elementType(MLIRContext *context) {
  if constexpr (std::is_same_v<T, float>)
    return Float32Type::get(context);
  else if constexpr (std::is_same_v<T, double>)
    return Float64Type::get(context);
  else
    return IntegerType::get(context, 8 * sizeof(T));
}

template <typename T>
ElementsAttr ann::elementsAttr(MLIRContext *context, ArrayRef<int64_t> shape,
                               ArrayRef<T> values, StringRef name) {
  auto type = RankedTensorType::get(shape, elementType<T>(context));
  // Below this many elements a literal is easier to read than a resource.
  if (values.size() <= 64)
    return DenseElementsAttr::get(type, values);
  return DenseResourceElementsAttr::get(
      type, name, HeapAsmResourceBlob::allocateAndCopyInferAlign(values));
}

template ElementsAttr ann::elementsAttr(MLIRContext *, ArrayRef<int64_t>,
                                        ArrayRef<float>, StringRef);
template ElementsAttr ann::elementsAttr(MLIRContext *, ArrayRef<int64_t>,
                                        ArrayRef<double>, StringRef);
template ElementsAttr ann::elementsAttr(MLIRContext *, ArrayRef<int64_t>,
                                        ArrayRef<int8_t>, StringRef);
template ElementsAttr ann::elementsAttr(MLIRContext *, ArrayRef<int64_t>,
                                        ArrayRef<int32_t>, StringRef);

template <typename T>
static std::optional<std::vector<double>> readBlob(ArrayRef<char> data,
                                                   size_t count) {
  if (data.size() < count * sizeof(T))
    return std::nullopt;
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

std::optional<std::vector<double>> ann::elementsOf(ElementsAttr attr) {
  const auto count = static_cast<size_t>(attr.getNumElements());
  Type type = attr.getElementType();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return std::nullopt;
    if (type.isF32())
      return readBlob<float>(blob->getData(), count);
    if (type.isF64())
      return readBlob<double>(blob->getData(), count);
    if (type.isSignlessInteger(8))
      return readBlob<int8_t>(blob->getData(), count);
    if (type.isSignlessInteger(32))
      return readBlob<int32_t>(blob->getData(), count);
    return std::nullopt;
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense)
    return std::nullopt;
  std::vector<double> values;
  values.reserve(count);
  if (isa<FloatType>(type))
    for (APFloat value : dense.getValues<APFloat>()) {
      bool lost;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      values.push_back(value.convertToDouble());
    }
  else
    for (const APInt &value : dense.getValues<APInt>())
      values.push_back(static_cast<double>(value.getSExtValue()));
  return values;
}
