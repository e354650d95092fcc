//===- emulator/core/kernels/KernelsAvx512.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#define HILLOCK_KERNELS kernelsAvx512
#define HILLOCK_KERNELS_SIMD Avx512
#define HILLOCK_KERNELS_NAME "avx512"
#include "emulator/core/kernels/KernelBodies.h"
