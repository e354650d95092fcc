//===- base/HugeArray.cpp -------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/HugeArray.h"
#include <algorithm>
#include <new>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace hillock {

namespace {
/// A large page of the usual hosts, and a cache line.
constexpr size_t hugeBytes = size_t(2) << 20, lineBytes = 64;
} // namespace

void HugeArray::Release::operator()(char *pointer) const {
  ::operator delete[](pointer, std::align_val_t(alignment));
}

HugeArray::HugeArray(size_t bytes) {
  bytes = (std::max<size_t>(bytes, 1) + lineBytes - 1) / lineBytes * lineBytes;
  const size_t alignment = bytes >= hugeBytes ? hugeBytes : lineBytes;
  memory = {
      static_cast<char *>(::operator new[](bytes, std::align_val_t(alignment))),
      Release{alignment}};
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (bytes >= hugeBytes)
    (void)madvise(memory.get(), bytes / hugeBytes * hugeBytes, MADV_HUGEPAGE);
#endif
}

} // namespace hillock
