//===- emulator/core/kernels/KernelsAvx2.cpp ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#define HILLOCK_KERNELS kernelsAvx2
#define HILLOCK_KERNELS_SIMD Avx2
#define HILLOCK_KERNELS_NAME "avx2"
#include "emulator/core/kernels/KernelBodies.h"
