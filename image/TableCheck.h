//===- image/TableCheck.h - Rules of CoreTables -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_TABLECHECK_H
#define HILLOCK_IMAGE_TABLECHECK_H

#include "base/Error.h"
#include "image/CoreTables.h"
#include "target/TargetModel.h"

namespace hillock::image {

/// The kinds of error that a broken rule and an exceeded limit have: Internal
/// and Capacity for tables of the compiler, Input for tables from a file.
struct ErrorKinds {
  ErrorKind rule = ErrorKind::Internal;
  ErrorKind limit = ErrorKind::Capacity;
  std::string remedy; ///< of broken rules
};

/// Everything that CoreTables.h and the target ask of a core's tables, apart
/// from the values of single fields. Linear in the size of the tables.
Error checkTables(const CoreTables &tables, const target::TargetModel &target,
                  const ErrorKinds &kinds);

/// "core 5 of chip 0".
std::string coreName(const CoreTables &tables);

} // namespace hillock::image

#endif // HILLOCK_IMAGE_TABLECHECK_H
