//===- emulator/core/kernels/KernelsScalar.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#define HILLOCK_KERNELS kernelsScalar
#define HILLOCK_KERNELS_SIMD Scalar
#define HILLOCK_KERNELS_NAME "scalar"
#include "emulator/core/kernels/KernelBodies.h"
