//===- base/Parallel.cpp --------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Parallel.h"
#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

namespace hillock {

unsigned defaultThreads() {
  return std::max(1u, std::thread::hardware_concurrency());
}

void parallelChunks(
    int64_t begin, int64_t end, unsigned threads,
    const std::function<void(int64_t, int64_t, unsigned)> &body) {
  if (begin >= end)
    return;
  const auto count = static_cast<uint64_t>(end) - static_cast<uint64_t>(begin);
  const uint64_t chunks =
      std::min<uint64_t>(threads ? threads : defaultThreads(), count);
  // The first count % chunks chunks get one index more.
  const uint64_t size = count / chunks, longer = count % chunks;
  auto first = [&](uint64_t chunk) {
    return begin + static_cast<int64_t>(chunk * size + std::min(chunk, longer));
  };

  std::vector<std::thread> workers;
  workers.reserve(chunks - 1);
  uint64_t started = 1;
  try {
    for (; started < chunks; ++started)
      workers.emplace_back([&, chunk = started] {
        body(first(chunk), first(chunk + 1), static_cast<unsigned>(chunk));
      });
  } catch (const std::system_error &) {
    // Out of threads: the caller does the rest.
  }
  body(first(0), first(1), 0);
  for (uint64_t chunk = started; chunk < chunks; ++chunk)
    body(first(chunk), first(chunk + 1), static_cast<unsigned>(chunk));
  for (std::thread &worker : workers)
    worker.join();
}

} // namespace hillock
