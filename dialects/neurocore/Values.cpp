//===- dialects/neurocore/Values.cpp - Lists of integers ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/Values.h"
#include "dialects/neurocore/NeuroCore.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace hillock::neurocore {

bool detail::copyElements(ElementsAttr attr, size_t elementBytes, char *out) {
  if (!attr.getElementType().isInteger(static_cast<unsigned>(8 * elementBytes)))
    return false;
  const size_t count = static_cast<size_t>(attr.getNumElements());
  ArrayRef<char> data;
  bool splat = false;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      data = blob->getData();
  } else if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
    data = dense.getRawData();
    splat = dense.isSplat() && count > 0;
  }
  if (data.size() < (splat ? 1 : count) * elementBytes)
    return false;
  if (!splat) {
    if (count > 0)
      std::memcpy(out, data.data(), count * elementBytes);
    return true;
  }
  for (size_t i = 0; i < count; ++i)
    std::memcpy(out + i * elementBytes, data.data(), elementBytes);
  return true;
}

ElementsAttr detail::makeList(MLIRContext *context, const char *data,
                              size_t count, size_t elementBytes, size_t align,
                              StringRef name) {
  auto type = RankedTensorType::get(
      {static_cast<int64_t>(count)},
      IntegerType::get(context, static_cast<unsigned>(8 * elementBytes)));
  ArrayRef<char> bytes(data, count * elementBytes);
  bool uniform = true;
  for (size_t i = 1; i < count && uniform; ++i)
    uniform = std::memcmp(data, data + i * elementBytes, elementBytes) == 0;
  if (uniform && count > 0)
    return DenseElementsAttr::getFromRawBuffer(type,
                                               bytes.take_front(elementBytes));
  if (count <= NeuroCoreDialect::literalLimit)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  return DenseResourceElementsAttr::get(
      type, name, HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, align));
}

LogicalResult checkList(Operation *op, ElementsAttr attr, StringRef name,
                        unsigned bits, std::optional<int64_t> size) {
  if (attr.getShapedType().getRank() != 1 ||
      !attr.getElementType().isInteger(bits))
    return op->emitOpError() << name << " is a " << attr.getType()
                             << ", expected a list of i" << bits;
  if (size && attr.getNumElements() != *size)
    return op->emitOpError() << name << " has " << attr.getNumElements()
                             << " elements, expected " << *size;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    const int64_t bytes = attr.getNumElements() * (bits / 8);
    if (!blob || static_cast<int64_t>(blob->getData().size()) != bytes)
      return op->emitOpError()
             << name << ": resource '" << resource.getRawHandle().getKey()
             << "' has " << (blob ? blob->getData().size() : 0)
             << " bytes of data, expected " << bytes;
  } else if (!isa<DenseElementsAttr>(attr)) {
    return op->emitOpError() << name << " is neither a literal nor a resource";
  }
  return success();
}

} // namespace hillock::neurocore
