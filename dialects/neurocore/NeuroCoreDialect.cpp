//===- dialects/neurocore/NeuroCoreDialect.cpp - Registration -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/NeuroCore.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hillock::neurocore;

#include "dialects/neurocore/NeuroCoreDialect.cpp.inc"

#include "dialects/neurocore/NeuroCoreEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/neurocore/NeuroCoreAttrs.cpp.inc"

void NeuroCoreDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/neurocore/NeuroCoreAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/neurocore/NeuroCoreOps.cpp.inc"
      >();
}

LogicalResult
FormatAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   int64_t bits, int64_t exponent, Sign sign,
                   Compression compression, int64_t indexBits,
                   int64_t delayBits, int64_t tagBits, bool onSum) {
  (void)sign, (void)compression, (void)onSum;
  if (bits < 1 || bits > 8)
    return emitError() << "weights have 1 to 8 bits, not " << bits;
  if (exponent < -8 || exponent > 7)
    return emitError() << "exponent " << exponent << " is outside -8..7";
  if (indexBits < 0 || indexBits > 16)
    return emitError() << "an index has 0 to 16 bits, not " << indexBits;
  if (delayBits < 0 || delayBits > 8)
    return emitError() << "a delay has 0 to 8 bits, not " << delayBits;
  if (tagBits < 0 || tagBits > 8)
    return emitError() << "a tag has 0 to 8 bits, not " << tagBits;
  return success();
}
