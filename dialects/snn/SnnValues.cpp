//===- dialects/snn/SnnValues.cpp - Numbers in and out of attributes ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/snn/Snn.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace hillock::snn {

ArrayRef<int64_t> shapeOf(Type type) {
  if (auto spikes = dyn_cast<SpikesType>(type))
    return spikes.getShape();
  if (auto graded = dyn_cast<GradedType>(type))
    return graded.getShape();
  return cast<CurrentType>(type).getShape();
}

int64_t elementsOf(Type type) {
  int64_t elements = 1;
  for (int64_t size : shapeOf(type))
    elements *= size;
  return elements;
}

int64_t windowCount(int64_t in, int64_t kernel, int64_t begin, int64_t end,
                    int64_t stride, int64_t dilation) {
  int64_t room = in + begin + end - dilation * (kernel - 1) - 1;
  return room < 0 ? -1 : room / stride + 1;
}

namespace {

/// One element of a raw buffer as a double. Integers are signless: read as
/// signed, but i1 as 0 or 1.
double readElement(const char *data, Type type, int64_t index) {
  auto load = [&](auto zero) {
    auto value = zero;
    std::memcpy(&value, data + index * sizeof(value), sizeof(value));
    return static_cast<double>(value);
  };
  if (type.isF32())
    return load(float());
  if (type.isF64())
    return load(double());
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return load(uint8_t()) != 0;
  case 8:
    return load(int8_t());
  case 16:
    return load(int16_t());
  case 32:
    return load(int32_t());
  default:
    return load(int64_t());
  }
}

} // namespace

double valueAt(ElementsAttr attr, int64_t index) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    Type type = attr.getElementType();
    if (!blob || static_cast<int64_t>(blob->getData().size()) <
                     (index + 1) * ((type.getIntOrFloatBitWidth() + 7) / 8))
      return 0;
    return readElement(blob->getData().data(), type, index);
  }
  auto dense = cast<DenseElementsAttr>(attr);
  if (isa<FloatType>(attr.getElementType())) {
    APFloat value = dense.isSplat() ? dense.getSplatValue<APFloat>()
                                    : *(dense.value_begin<APFloat>() + index);
    bool lost;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
    return value.convertToDouble();
  }
  APInt value = dense.isSplat() ? dense.getSplatValue<APInt>()
                                : *(dense.value_begin<APInt>() + index);
  return static_cast<double>(value.getSExtValue());
}

std::vector<double> valuesOf(ElementsAttr attr) {
  int64_t count = attr.getNumElements();
  if (auto dense = dyn_cast<DenseElementsAttr>(attr); dense && dense.isSplat())
    return std::vector<double>(count, valueAt(attr, 0));
  std::vector<double> values(count);
  if (auto dense = dyn_cast<DenseElementsAttr>(attr);
      dense && dense.getElementType().isF32()) {
    llvm::copy(dense.getValues<float>(), values.begin());
    return values;
  }
  for (int64_t i = 0; i < count; ++i)
    values[i] = valueAt(attr, i);
  return values;
}

namespace {

// Below this many elements a literal is easier to read than a resource.
constexpr size_t literalLimit = 64;

template <typename T>
ElementsAttr makeWeights(MLIRContext *context, ArrayRef<int64_t> shape,
                         std::vector<T> values, Type element, StringRef name) {
  auto type = RankedTensorType::get(shape, element);
  if (values.size() <= literalLimit)
    return DenseElementsAttr::get(type, ArrayRef<T>(values));
  return DenseResourceElementsAttr::get(
      type, name,
      HeapAsmResourceBlob::allocateAndCopyInferAlign(ArrayRef<T>(values)));
}

} // namespace

ElementsAttr weightsAttr(MLIRContext *context, ArrayRef<int64_t> shape,
                         std::vector<float> values, StringRef name) {
  return makeWeights(context, shape, std::move(values),
                     Float32Type::get(context), name);
}

ElementsAttr weightsAttr(MLIRContext *context, ArrayRef<int64_t> shape,
                         std::vector<int16_t> values, StringRef name) {
  return makeWeights(context, shape, std::move(values),
                     IntegerType::get(context, 16), name);
}

} // namespace hillock::snn
