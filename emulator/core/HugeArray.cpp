//===- emulator/core/HugeArray.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/HugeArray.h"
#include <algorithm>
#include <new>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace hillock::emu {

namespace {
/// A large page of the usual hosts.
constexpr size_t hugeBytes = size_t(2) << 20;
} // namespace

void HugeArray::Release::operator()(char *pointer) const {
  ::operator delete[](pointer, std::align_val_t(hugeBytes));
}

HugeArray::HugeArray(size_t bytes) {
  bytes = (std::max<size_t>(bytes, 1) + 63) / 64 * 64;
  memory.reset(static_cast<char *>(
      ::operator new[](bytes, std::align_val_t(hugeBytes))));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (bytes >= hugeBytes)
    (void)madvise(memory.get(), bytes / hugeBytes * hugeBytes, MADV_HUGEPAGE);
#endif
}

} // namespace hillock::emu
