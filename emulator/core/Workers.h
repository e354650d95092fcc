//===- emulator/core/Workers.h - Threads that stay --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_WORKERS_H
#define HILLOCK_EMULATOR_CORE_WORKERS_H

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace hillock::emu {

/// Runs a job on all workers at once, again and again. The caller is worker 0;
/// the others wait between jobs, first busily, then asleep.
class Workers {
public:
  explicit Workers(unsigned count, std::function<void(unsigned)> job);
  ~Workers();
  Workers(const Workers &) = delete;
  Workers &operator=(const Workers &) = delete;

  unsigned count() const { return static_cast<unsigned>(threads.size()) + 1; }
  /// Returns when every worker is done.
  void run();
  /// Within the job: returns when every worker has come here. What they wrote
  /// before is seen by all.
  void meet();

private:
  void loop(unsigned worker);

  std::function<void(unsigned)> job;
  std::atomic<uint32_t> round{0};
  std::atomic<uint32_t> working{0};
  std::atomic<bool> stop{false};
  alignas(64) std::atomic<uint32_t> arrived{0};
  alignas(64) std::atomic<uint32_t> meeting{0};
  std::vector<std::thread> threads;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_WORKERS_H
