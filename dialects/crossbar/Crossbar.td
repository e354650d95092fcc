//===- dialects/crossbar/Crossbar.td - Entry of TableGen ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_CROSSBAR_CROSSBAR
#define HILLOCK_DIALECTS_CROSSBAR_CROSSBAR

include "dialects/crossbar/CrossbarOps.td"

#endif // HILLOCK_DIALECTS_CROSSBAR_CROSSBAR
