//===- emulator/core/kernels/Kernels.cpp - Choice of the vector width -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/kernels/Kernels.h"
#include <cstdlib>
#include <string_view>

namespace hillock::emu {

namespace {

constexpr const char *variable = "HILLOCK_SIMD";

bool canRun(Simd simd) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
  if (simd == Simd::Avx2)
    return avx2;
  if (simd == Simd::Avx512)
    return avx2 && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#endif
  return simd == Simd::Scalar;
}

const Kernels *kernelsOf(Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::Avx512)
    return &kernelsAvx512;
  if (simd == Simd::Avx2)
    return &kernelsAvx2;
#endif
  return &kernelsScalar;
}

} // namespace

Expected<const Kernels *> findKernels(Simd simd) {
  const char *asked = simd == Simd::Auto ? std::getenv(variable) : nullptr;
  std::string_view name = asked ? asked : "";
  constexpr Simd widest[] = {Simd::Avx512, Simd::Avx2, Simd::Scalar};
  if (!name.empty()) {
    for (Simd candidate : widest)
      if (name == simdName(candidate))
        simd = candidate;
    if (simd == Simd::Auto)
      return makeError(ErrorKind::Usage,
                       "unknown vector width '" + std::string(name) + "'",
                       variable, "use scalar, avx2 or avx512");
  }
  if (simd == Simd::Auto)
    for (Simd candidate : widest)
      if (canRun(candidate))
        return kernelsOf(candidate);
  if (!canRun(simd))
    return makeError(ErrorKind::Usage,
                     "this processor has no " + std::string(simdName(simd)),
                     name.empty() ? "emulator" : variable,
                     "leave the choice to the emulator");
  return kernelsOf(simd);
}

const char *simdName(Simd simd) {
  switch (simd) {
  case Simd::Auto:
    return "auto";
  case Simd::Scalar:
    return "scalar";
  case Simd::Avx2:
    return "avx2";
  case Simd::Avx512:
    return "avx512";
  }
  return "";
}

} // namespace hillock::emu
