//===- backends/int4/Header.h - The C header of an object -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_HEADER_H
#define HILLOCK_BACKENDS_INT4_HEADER_H

#include "backends/int4/Native.h"

namespace hillock::int4 {

std::string headerOf(const ann::IntNetwork &network, const NativeCode &code,
                     const std::string &prefix, const std::string &triple);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_HEADER_H
