//===- dialects/interfaces/Evaluation.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/interfaces/Evaluation.h"

#include "dialects/interfaces/Evaluatable.cpp.inc"
