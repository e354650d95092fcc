//===- dialects/All.h - Every dialect that was built ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_ALL_H
#define HILLOCK_DIALECTS_ALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace hillock {

/// Our dialects and the upstream ones that they use.
void registerAllDialects(mlir::DialectRegistry &registry);

} // namespace hillock

#endif // HILLOCK_DIALECTS_ALL_H
