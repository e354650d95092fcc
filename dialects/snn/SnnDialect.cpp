//===- dialects/snn/SnnDialect.cpp - Registration, types, attributes ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/snn/Snn.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hillock::snn;

#include "dialects/snn/SnnDialect.cpp.inc"

#include "dialects/snn/SnnEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/snn/SnnAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/snn/SnnTypes.cpp.inc"

void SnnDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/snn/SnnTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/snn/SnnAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/snn/SnnOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static LogicalResult
verifyShape(llvm::function_ref<InFlightDiagnostic()> emitError,
            ArrayRef<int64_t> shape) {
  if (shape.empty() || shape.size() > 4)
    return emitError() << "a population has 1 to 4 axes, not " << shape.size();
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size <= 0)
      return emitError() << "an axis of a population has size " << size
                         << "; it must be positive";
    if (elements > (int64_t(1) << 31) / size)
      return emitError() << "a population of more than 2^31 neurons";
    elements *= size;
  }
  return success();
}

static LogicalResult
verifyElement(llvm::function_ref<InFlightDiagnostic()> emitError,
              Type element) {
  if (element.isF32() || element.isF64() || element.isSignlessInteger())
    return success();
  return emitError() << "element type " << element
                     << " is neither f32, f64 nor a signless integer";
}

LogicalResult
SpikesType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   ArrayRef<int64_t> shape) {
  return verifyShape(emitError, shape);
}

LogicalResult
GradedType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   ArrayRef<int64_t> shape, Type element) {
  if (failed(verifyShape(emitError, shape)))
    return failure();
  return verifyElement(emitError, element);
}

LogicalResult
CurrentType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                    ArrayRef<int64_t> shape, Type element) {
  if (failed(verifyShape(emitError, shape)))
    return failure();
  return verifyElement(emitError, element);
}

Type SpikesType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false,
                                /*withTrailingX=*/false) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<SpikesType>(loc, parser.getContext(), shape);
}

void SpikesType::print(AsmPrinter &printer) const {
  printer << "<";
  printer.printDimensionList(getShape());
  printer << ">";
}

template <typename T> static Type parseShaped(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element) || parser.parseGreater())
    return {};
  return parser.getChecked<T>(loc, parser.getContext(), shape, element);
}

template <typename T> static void printShaped(AsmPrinter &printer, T type) {
  printer << "<";
  printer.printDimensionList(type.getShape());
  printer << "x" << type.getElement() << ">";
}

Type GradedType::parse(AsmParser &parser) {
  return parseShaped<GradedType>(parser);
}
void GradedType::print(AsmPrinter &printer) const {
  printShaped(printer, *this);
}
Type CurrentType::parse(AsmParser &parser) {
  return parseShaped<CurrentType>(parser);
}
void CurrentType::print(AsmPrinter &printer) const {
  printShaped(printer, *this);
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult
ConventionsAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                        Integrator integrator, Order order, Reset reset,
                        Compare compare, int64_t refractory, bool multi,
                        int64_t clamp) {
  if (refractory < 0)
    return emitError() << "refractory is a number of steps, not " << refractory;
  if (clamp < 0)
    return emitError()
           << "clamp is a multiple of -v_threshold, at least 0, not " << clamp;
  if (multi && reset != Reset::Subtract)
    return emitError() << "several spikes a step need reset = subtract";
  return success();
}

LogicalResult
FormatAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   int64_t bits, int64_t shift, Sign sign) {
  if (bits < 1 || bits > 16)
    return emitError() << "weights have 1 to 16 bits, not " << bits;
  if (shift < -31 || shift > 31)
    return emitError() << "shift " << shift << " is outside -31..31";
  return success();
}
