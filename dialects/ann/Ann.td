//===- dialects/ann/Ann.td - All of the dialect ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
include "dialects/ann/AnnBase.td"
include "dialects/ann/AnnOps.td"
