//===- backends/int4/Module.h - The code of a whole network -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_MODULE_H
#define HILLOCK_BACKENDS_INT4_MODULE_H

#include "backends/int4/Kernel.h"
#include "backends/int4/Layout.h"
#include "base/Error.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include <memory>

namespace hillock::int4 {

/// The network as LLVM IR, by way of MLIR's arith, scf and llvm dialects:
/// PREFIX_run(const int8_t *, int32_t *, void *) and a function a layer.
Expected<std::unique_ptr<llvm::Module>>
makeModule(const ann::IntNetwork &network, const Layout &layout,
           const Machine &machine, const std::string &prefix,
           unsigned addressBits, llvm::LLVMContext &context);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_MODULE_H
